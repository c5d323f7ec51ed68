// Goal: an instance serves one request at a time, and one that trapped takes nobody along. Method: requests that keep a
// pattern on the C stack over several suspensions, many at once, with some among them that trap.

import assert from "node:assert/strict";
import test from "node:test";
import { fetchAnew, startWorker } from "./stand.mjs";

const AT_ONCE = 40;
const ROUNDS = 15;
let edge;

test.before(async () => {
  edge = await startWorker({
    main: "pool_worker.mjs",
    modules: {
      "pool_worker.mjs": "test/edge/pool_worker.mjs",
      "parts.mjs": "build/edge-test/parts.mjs",
      "hoox.wasm": "build/edge-test/contract.wasm",
    },
    settings: { HOOX_LOG_LEVEL: "error" },
  });
});

test.after(() => edge?.stop());

const get = (path) => fetchAnew(new URL(path, edge.url));
const counts = async () => (await get("/test/counts")).json();

/** Rounds of requests at once, of which those traps that `isTrap` says. Returns how many did. */
async function storm(isTrap) {
  let trapped = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const make = (_, i) => ({ mark: `r${round}n${i}x${i * 7919}`, trap: isTrap(i) });
    const wanted = Array.from({ length: AT_ONCE }, make);
    const answers = await Promise.all(wanted.map(({ mark, trap }) => get(`/pool/${trap ? "trap" : "stack"}?${mark}`)));
    for (const [i, answer] of answers.entries()) {
      const body = await answer.text();
      if (wanted[i].trap) {
        assert.equal(answer.status, 503);
        trapped++;
      } else {
        assert.equal(answer.status, 200, body);
        assert.equal(body, wanted[i].mark);
      }
    }
  }
  return trapped;
}

test("requests at once each keep their stack, and instances are used again", async () => {
  await storm(() => false);
  const { made, discarded, inFlight } = await counts();
  assert.equal(discarded, 0);
  assert.equal(inFlight, 0);
  assert.ok(made <= AT_ONCE, `${made} instances for ${AT_ONCE} requests at once`);
});

test("a trap ends its own request and its own instance", async () => {
  const before = await counts();
  const trapped = await storm((i) => i % 5 === 1);
  assert.ok(trapped > 0);
  const after = await counts();
  assert.equal(after.discarded - before.discarded, trapped);
  assert.equal(after.inFlight, 0);
  assert.equal(after.idle, after.made - after.discarded);
});

test("an instance is never entered twice at once", async () => {
  assert.match(await (await get("/test/twice")).text(), /entered twice/);
});
