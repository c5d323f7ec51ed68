// Goal: lanes that live in one isolate keep a venue's limits together. Method: alerts for several symbols at once where
// the fewest orders are allowed, four in two seconds; all get filled, and the venue refuses none for being too many.
// The venue counts what it gets round to: where it or the Worker was held up meanwhile, a refusal says nothing, and the
// test is begun anew.

import assert from "node:assert/strict";
import test from "node:test";
import { fetchAnew, paper, patient, startLab, startWorker } from "./stand.mjs";

const KEY = "hxk_the-burst-uses-this-key-and-no-other-000000";
const QUANTITIES = { BTCUSDT: "0.01", ETHUSDT: "0.1", SOLUSDT: "1", DOGEUSDT: "100", "1000PEPEUSDT": "1000" };
const FILLED_WITHIN_MS = 300_000;
const HELD_UP_MS = 500; // Well within the margin that hoox leaves.
const TRIES = 5;
const ALERTS = 15;
let lab;
let edge;

async function start() {
  lab = await startLab();
  edge = await startWorker({
    main: "burst_worker.mjs",
    modules: {
      "burst_worker.mjs": "test/edge/burst_worker.mjs",
      "parts.mjs": "build/edge-test/parts.mjs",
      "hoox.wasm": "build/edge/hoox.wasm",
    },
    settings: { ...paper(lab, KEY), ...patient, HOOX_LOG_LEVEL: "error" },
  });
}

async function stop() {
  await edge?.stop();
  await lab?.stop();
}

async function alert(_, number) {
  const [symbol, quantity] = Object.entries(QUANTITIES)[number % 5];
  const signal = { apiKey: KEY, exchange: "mexc", action: "LONG", symbol, quantity, idempotencyKey: `burst-${number}` };
  const answer = await fetchAnew(new URL("/webhook", edge.url), { method: "POST", body: JSON.stringify(signal) });
  assert.ok([200, 202].includes(answer.status), await answer.text());
}

const refused = async () => (await fetchAnew(new URL("/test/refused", edge.url))).json();

/** Asks both for a sign of life all the time; `stop` says for how long the slowest answer kept it waiting. */
function watch() {
  let over = false;
  let slowest = 0;
  const watching = (async () => {
    for (let last = performance.now(); !over; ) {
      await Promise.all([refused(), lab.at.mexc.ask("GET", "/lab/state")]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      slowest = Math.max(slowest, performance.now() - last);
      last = performance.now();
    }
  })();
  return async () => {
    over = true;
    await watching;
    return slowest;
  };
}

/** What the venue refused; null where that says nothing. */
async function burst() {
  const stopWatching = watch();
  await Promise.all(Array.from({ length: ALERTS }, alert));
  const filled = async () => (await lab.at.mexc.list("/lab/orders")).filter(({ status }) => status === "FILLED").length;
  for (const end = Date.now() + FILLED_WITHIN_MS; (await filled()) < ALERTS; ) {
    assert.ok(Date.now() < end, `${await filled()} filled`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const wasHeldUp = (await stopWatching()) > HELD_UP_MS;
  const all = await refused();
  return wasHeldUp && all.length > 0 ? null : all;
}

test("a burst over five symbols is worked off without a refusal", async () => {
  let seen = null;
  for (let tries = 0; tries < TRIES && seen === null; tries++) {
    await start();
    seen = await burst().finally(stop);
  }
  assert.deepEqual(seen, [], "null: the machine stood still again and again");
});
