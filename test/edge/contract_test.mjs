// Goal: the edge keeps the port's contract. Method: the contract's own cases, linked into the module in place of the
// application, each as one event, inside a lane's object and in the Worker itself, against a laboratory.

import { readFileSync } from "node:fs";
import test from "node:test";
import assert from "node:assert/strict";
import { fetchAnew, startLab, startWorker } from "./stand.mjs";

const source = readFileSync(new URL("../../port/contract/contract.c", import.meta.url), "utf8");
const listed = [...source.matchAll(/\{\{"(\/contract\/[\w-]+)", (\d+), /g)];
const cases = listed.map(([, path, status]) => [path, Number(status)]);
// Lanes exist, and are woken, in their objects only.
const laneCases = ["/contract/lane-exclusive", "/contract/queue-each", "/contract/lane-call"];

const stands = {};

/** A Worker and a laboratory for each place: some cases look at what earlier ones left. */
async function start() {
  const lab = await startLab();
  const edge = await startWorker({
    main: "contract_worker.mjs",
    modules: {
      "contract_worker.mjs": "test/edge/contract_worker.mjs",
      "parts.mjs": "build/edge-test/parts.mjs",
      "hoox.wasm": "build/edge-test/contract.wasm",
    },
    settings: {
      HOOX_BINANCE_FUTURES_URL: lab.url,
      HOOX_BINANCE_SPOT_URL: lab.url,
      HOOX_CONTRACT_SETTING: "plain",
      HOOX_CONTRACT_SECRET: "key",
      HOOX_CONTRACT_CONNECTS_BLINDLY: "1",
      HOOX_CONTRACT_HAS_NO_SOCKETS: "1",
      HOOX_LOG_LEVEL: "error",
    },
  });
  return { lab, edge };
}

test.before(async () => {
  for (const place of ["lane", "worker"]) stands[place] = await start();
});

test.after(async () => {
  for (const { lab, edge } of Object.values(stands)) {
    await edge.stop();
    await lab.stop();
  }
});

test("there are cases", () => assert.ok(cases.length >= 23));

for (const place of ["lane", "worker"]) {
  for (const [path, status] of cases) {
    if (place === "worker" && laneCases.includes(path)) continue;
    test(`${place} ${path}`, async () => {
      const answer = await fetchAnew(new URL(`/${place}${path}`, stands[place].edge.url));
      assert.equal(answer.status, status, await answer.text());
    });
  }
}
