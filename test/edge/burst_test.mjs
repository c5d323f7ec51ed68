// Goal: lanes that live in one isolate keep a venue's limits together. Method: alerts for several symbols at once where
// the fewest orders are allowed, four in two seconds; all get filled, and the venue refuses none for being too many.

import assert from "node:assert/strict";
import test from "node:test";
import { paper, startLab, startWorker } from "./stand.mjs";

const KEY = "hxk_the-burst-uses-this-key-and-no-other-000000";
const QUANTITIES = { BTCUSDT: "0.01", ETHUSDT: "0.1", SOLUSDT: "1", DOGEUSDT: "100", "1000PEPEUSDT": "1000" };
const FILLED_WITHIN_MS = 60_000;
const ALERTS = 15;
let lab;
let edge;

test.before(async () => {
  lab = await startLab();
  edge = await startWorker({
    main: "burst_worker.mjs",
    modules: {
      "burst_worker.mjs": "test/edge/burst_worker.mjs",
      "parts.mjs": "build/edge-test/parts.mjs",
      "hoox.wasm": "build/edge/hoox.wasm",
    },
    settings: { ...paper(lab, KEY), HOOX_LOG_LEVEL: "error" },
  });
});

test.after(async () => {
  await edge?.stop();
  await lab?.stop();
});

async function alert(_, number) {
  const [symbol, quantity] = Object.entries(QUANTITIES)[number % 5];
  const signal = { apiKey: KEY, exchange: "mexc", action: "LONG", symbol, quantity, idempotencyKey: `burst-${number}` };
  const answer = await fetch(new URL("/webhook", edge.url), { method: "POST", body: JSON.stringify(signal) });
  assert.ok([200, 202].includes(answer.status), await answer.text());
}

test("a burst over five symbols is worked off without a refusal", { timeout: 120_000 }, async () => {
  await Promise.all(Array.from({ length: ALERTS }, alert));
  const filled = async () => (await lab.at.mexc.list("/lab/orders")).filter(({ status }) => status === "FILLED").length;
  for (const end = Date.now() + FILLED_WITHIN_MS; (await filled()) < ALERTS; ) {
    assert.ok(Date.now() < end, `${await filled()} filled`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.deepEqual(await (await fetch(new URL("/test/refused", edge.url))).json(), []);
});
