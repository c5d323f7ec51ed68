// Goal: what the owner does by hand reaches every lane, and D1 is a copy that can be made again. Method: the Worker
// with a laboratory, spoken to as the command line would with --remote.

import assert from "node:assert/strict";
import test from "node:test";
import { askStub, fetchAnew, paper, patient, startLab, startWorker } from "./stand.mjs";

const KEY = "hxk_the-operator's-tests-use-this-key-0000000000";
const TOKEN = "the-operator's-own-token";
let lab;
let edge;
let lanes;

test.before(async () => {
  lab = await startLab();
  const settings = { HOOX_OPERATOR_TOKEN: TOKEN, HOOX_RETRY_SCHEDULE: "1", HOOX_LOG_LEVEL: "error" };
  edge = await startWorker({ settings: { ...paper(lab, KEY), ...patient, ...settings } });
  lanes = await edge.runtime.getDurableObjectNamespace("LANE");
});

test.after(async () => {
  await edge?.stop();
  await lab?.stop();
});

async function ask(method, path, body, token = TOKEN) {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetchAnew(new URL(path, edge.url), { method, body, headers });
  return { status: answer.status, body: await answer.json() };
}

async function alert(symbol, key, quantity = "0.1") {
  const signal = { apiKey: KEY, exchange: "binance", action: "LONG", symbol, quantity, idempotencyKey: key };
  const answer = await fetchAnew(new URL("/webhook", edge.url), { method: "POST", body: JSON.stringify(signal) });
  return { status: answer.status, body: await answer.json() };
}

async function rows(sql) {
  const all = await askStub(() => lanes.getByName("registry").lanes());
  for (const lane of all) await askStub(() => lanes.getByName(lane).flush());
  return (await askStub(() => edge.db.prepare(sql).all())).results;
}

async function waitFor(sql, value) {
  for (const end = Date.now() + 120_000; ; ) {
    const seen = Object.values((await rows(sql))[0] ?? {})[0];
    if (seen === value) return;
    assert.ok(Date.now() < end, `${sql}: ${seen}, expected ${value}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("commands need the operator's token", async () => {
  assert.equal((await ask("GET", "/v1/manifest")).status, 200);
  assert.equal((await ask("GET", "/v1/manifest", undefined, "guess")).status, 404);
  assert.equal((await fetchAnew(new URL("/v1/manifest", edge.url))).status, 404);
});

test("the kill switch holds in a lane that is open and in one that is new, once the command has returned", async () => {
  assert.equal((await alert("BTCUSDT", "before")).status, 200);
  const began = Date.now();
  assert.equal((await ask("PUT", "/v1/kv/trade:kill_switch", "reduce")).status, 200);
  assert.ok(Date.now() - began < 30_000); // It does not wait for the copies in KV, which take a minute.
  for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
    const answer = await alert(symbol, `during-${symbol}`);
    assert.equal(answer.status, 403, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, "KILL_SWITCH");
  }
  assert.equal((await ask("PUT", "/v1/kv/trade:kill_switch", "off")).status, 200);
  assert.equal((await alert("ETHUSDT", "after")).status, 200);
});

test("a failed signal is tried again by hand, in its lane", async () => {
  await lab.ask("POST", "/lab/faults", { kind: "maintenance", match: "order", count: 2 });
  assert.equal((await alert("SOLUSDT", "again", "1")).status, 202);
  await waitFor("SELECT status FROM signals WHERE idempotency_key = 'again'", "failed");
  const [{ id }] = await rows("SELECT id FROM signals WHERE idempotency_key = 'again'");
  const answer = await ask("POST", `/v1/queue/${id}/retry`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await waitFor("SELECT status FROM signals WHERE idempotency_key = 'again'", "filled");
  assert.equal((await ask("POST", `/v1/queue/${id}/retry`)).status, 409);
});

test("D1 can be made again from the lanes", async () => {
  const everything = "SELECT * FROM signals ORDER BY id";
  const before = (await rows(everything)).map(({ seq, ...row }) => row);
  const fills = await rows("SELECT * FROM fills ORDER BY venue_trade_id, symbol");
  assert.ok(before.length >= 5 && fills.length >= 3);
  await edge.db.batch(["signals", "orders", "fills", "trades"].map((table) => edge.db.prepare(`DELETE FROM ${table}`)));
  for (const lane of await lanes.getByName("registry").lanes()) await lanes.getByName(lane).republish();
  assert.deepEqual((await rows(everything)).map(({ seq, ...row }) => row), before);
  assert.deepEqual(await rows("SELECT * FROM fills ORDER BY venue_trade_id, symbol"), fills);
});

test("a batch older than what D1 has from that lane changes nothing", async () => {
  const marks = "name LIKE 'edge:published:%'";
  const stored = await rows(`SELECT name, value FROM meta WHERE ${marks}`);
  assert.ok(stored.length >= 3);
  await edge.db.prepare(`UPDATE meta SET value = '1000000000' WHERE ${marks}`).run();
  const before = (await rows("SELECT count(*) AS n FROM signals"))[0].n;
  assert.equal((await alert("BTCUSDT", "unseen")).status, 200);
  assert.equal((await rows("SELECT count(*) AS n FROM signals"))[0].n, before);
  const restore = (row) => edge.db.prepare("UPDATE meta SET value = ?2 WHERE name = ?1").bind(row.name, row.value);
  await edge.db.batch(stored.map(restore));
  await lanes.getByName("live:BTCUSDT").republish();
  assert.equal((await rows("SELECT count(*) AS n FROM signals"))[0].n, before + 1);
});

test("a dead letter is told to the owner and changes nothing else", async () => {
  const before = await rows("SELECT status, count(*) AS n FROM signals GROUP BY status ORDER BY status");
  const worker = await edge.runtime.getWorker();
  const body = { lane: "live:BTCUSDT", due: Date.now() };
  const outcome = await worker.queue("trade-execution-dlq", [{ id: "d1", timestamp: new Date(), attempts: 1, body }]);
  assert.deepEqual(outcome.explicitAcks, ["d1"]);
  const told = await rows("SELECT payload FROM outbox WHERE subject = 'live:BTCUSDT'");
  assert.equal(told.length, 1);
  assert.equal(JSON.parse(told[0].payload).kind, "dead_letter");
  assert.deepEqual(await rows("SELECT status, count(*) AS n FROM signals GROUP BY status ORDER BY status"), before);
});
