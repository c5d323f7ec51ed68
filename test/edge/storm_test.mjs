// Goal: no order is doubled and none is lost, whatever dies or repeats (I1, I2, I4, I7). Method: 500 signals, 64 at a
// time, each sent again until it is answered, while objects are evicted at random, queue messages come twice and late,
// and the venue executes orders but loses its answers. Then laboratory and D1 are compared to the last digit.

import assert from "node:assert/strict";
import test from "node:test";
import { askStub, fetchAnew, paper, startLab, startWorker } from "./stand.mjs";

const SIGNALS = 500;
const AT_ONCE = 64;
const EVICTIONS_MIN = 20;
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];
const KEY = "hxk_the-storm-uses-this-key-and-no-other-000000";
const TOKEN = "the-storm's-operator";
const FINAL_WITHIN_MS = 900_000; // They go at the pace of the venue, and of the machine.

/** Small, fast and seeded, so that a storm can be had again (mulberry32's constants). */
function makeRandom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = makeRandom(Number(process.env.STORM_SEED ?? 1));
const pick = (list) => list[Math.floor(random() * list.length)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let lab;
let edge;
let lanes;

test.before(async () => {
  lab = await startLab();
  await lab.ask("POST", "/lab/settings", { usdtBalance: "100000000", ordersPer10s: 1000000, ordersPerMinute: 1000000 });
  edge = await startWorker({
    main: "storm_worker.mjs",
    modules: {
      "storm_worker.mjs": "test/edge/storm_worker.mjs",
      "parts.mjs": "build/edge-test/parts.mjs",
      "hoox.wasm": "build/edge/hoox.wasm",
    },
    settings: {
      ...paper(lab, KEY),
      HOOX_OPERATOR_TOKEN: TOKEN,
      HOOX_RETRY_SCHEDULE: "1,1,2,2,5",
      HOOX_LOG_LEVEL: "error",
    },
  });
  lanes = await edge.runtime.getDurableObjectNamespace("LANE");
  await put("webhook:rate_limit", "100000/1");
});

test.after(async () => {
  await edge?.stop();
  await lab?.stop();
});

async function put(key, value) {
  const url = new URL(`/v1/kv/${key}`, edge.url);
  const answer = await fetchAnew(url, { method: "PUT", body: value, headers: { Authorization: `Bearer ${TOKEN}` } });
  assert.equal(answer.status, 200, await answer.text());
}

function makeSignal(number) {
  const action = pick(["LONG", "LONG", "SHORT", "CLOSE"]);
  const quantity = action === "CLOSE" ? "100" : String(1 + Math.floor(random() * 9));
  const symbol = pick(SYMBOLS);
  return { apiKey: KEY, exchange: "binance", idempotencyKey: `storm-${number}`, symbol, action, quantity };
}

/** As TradingView would: again after a 5xx or a broken connection, and while the signal is worked on. Returns the last
 * status. Another 409 is an end: an exit came while the entry waited. */
async function send(signal, answers) {
  for (;;) {
    const body = JSON.stringify(signal);
    const answer = await fetchAnew(new URL("/webhook", edge.url), { method: "POST", body }).catch(() => null);
    const status = answer?.status ?? 0;
    const text = (await answer?.text().catch(() => "")) ?? "";
    const isWorkedOn = status === 409 && text.includes('"IN_PROGRESS"');
    answers[status] = (answers[status] ?? 0) + 1;
    if (status > 0 && status < 500 && !isWorkedOn) return status;
    await pause(50 + random() * 200);
  }
}

/** Until `isOver`, and often enough: evictions and queue messages that nobody sent, some of them twice. */
async function disturb(isOver) {
  const worker = await edge.runtime.getWorker();
  let evictions = 0;
  let messages = 0;
  while (!isOver() || evictions < EVICTIONS_MIN) {
    await pause(random() * 400);
    const lane = `live:${pick(SYMBOLS)}`;
    if (random() < 0.5) {
      await fetchAnew(new URL(`/test/evict?lane=${lane}`, edge.url)).catch(() => {});
      evictions++;
    }
    const message = { timestamp: new Date(), attempts: 1, body: { lane, due: Date.now() - 1000 } };
    const copies = 1 + Math.floor(random() * 3);
    const batch = Array.from({ length: copies }, (_, i) => ({ id: `m${messages + i}`, ...message }));
    await askStub(() => worker.queue("trade-execution", batch)).catch(() => {});
    messages += batch.length;
  }
  return { evictions, messages };
}

async function flushed() {
  const all = await askStub(() => lanes.getByName("registry").lanes());
  for (const lane of all) await askStub(() => lanes.getByName(lane).flush());
}

async function rows(sql) {
  return (await askStub(() => edge.db.prepare(sql).all())).results;
}

async function waitUntilFinal() {
  const worker = await edge.runtime.getWorker();
  const end = Date.now() + FINAL_WITHIN_MS;
  for (;;) {
    await askStub(() => worker.scheduled({ cron: "* * * * *" }));
    await flushed();
    const open = await rows("SELECT idempotency_key, status, message FROM signals WHERE finished_ms IS NULL");
    if (open.length === 0) return;
    assert.ok(Date.now() < end, `not final: ${JSON.stringify(open.slice(0, 5))}`);
    await pause(1000);
  }
}

/** Decimals as text, whatever zeros they end in. */
const plain = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
const byKey = ([a], [b]) => (a < b ? -1 : 1);
const table = (list, key, value) => new Map(list.map((row) => [key(row), value(row)]).sort(byKey));

async function compare() {
  const orders = await lab.list("/lab/orders");
  assert.deepEqual(orders.filter(({ placements }) => placements !== 1), [], "placed more than once");
  const placed = "SELECT client_order_id, executed_quantity FROM orders WHERE venue_order_id <> ''";
  assert.deepEqual(
    table(await rows(placed), (row) => row.client_order_id, (row) => plain(row.executed_quantity)),
    table(orders, (order) => order.clientOrderId, (order) => plain(order.executedQty)),
  );
  const fills = "SELECT venue_trade_id, client_order_id, quantity, price, fee FROM fills";
  assert.deepEqual(
    table(
      await rows(fills),
      (row) => row.venue_trade_id,
      (row) => `${row.client_order_id} ${plain(row.quantity)} ${plain(row.price)} ${plain(row.fee)}`,
    ),
    table(
      await lab.list("/lab/fills"),
      (fill) => fill.tradeId,
      (fill) => `${fill.clientOrderId} ${plain(fill.qty)} ${plain(fill.price)} ${plain(fill.commission)}`,
    ),
  );
  const positions = "SELECT symbol, quantity FROM positions WHERE quantity <> '0'";
  const held = (await lab.list("/lab/positions")).filter(({ positionAmt }) => plain(positionAmt) !== "0");
  assert.deepEqual(
    table(await rows(positions), (row) => row.symbol, (row) => plain(row.quantity)),
    table(held, (row) => row.symbol, (row) => plain(row.positionAmt)),
  );
  return orders.length;
}

test("500 signals, 64 at a time, with evictions, duplicates and lost replies", { timeout: 1_800_000 }, async (t) => {
  await lab.ask("POST", "/lab/faults", [
    { kind: "drop_reply", match: "order", count: -1, probability: 60 },
    { kind: "drop_request", match: "order", count: -1, probability: 30 },
    { kind: "drop_reply", match: "query", count: -1, probability: 60 },
  ]);
  const waiting = Array.from({ length: SIGNALS }, (_, number) => makeSignal(number));
  const answers = {};
  const accepted = [];
  let over = false;
  const disturbing = disturb(() => over);
  const caller = async () => {
    for (let signal = waiting.shift(); signal !== undefined; signal = waiting.shift()) {
      const status = await send(signal, answers);
      if (status >= 200 && status < 300) accepted.push(signal.idempotencyKey);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  over = true;
  const disturbed = await disturbing;
  await lab.ask("DELETE", "/lab/faults");
  await waitUntilFinal();
  const known = new Set((await rows("SELECT idempotency_key FROM signals")).map((row) => row.idempotency_key));
  assert.deepEqual(accepted.filter((key) => !known.has(key)), [], "accepted and lost");
  const orders = await compare();
  t.diagnostic(JSON.stringify({ orders, accepted: accepted.length, answers, ...disturbed }));
  assert.ok(orders >= 100 && accepted.length >= 300, "that tests nothing");
});
