// Goal: every venue is traded on, each with its own address and key, testnets included and apart. Method: one Worker
// beside all laboratories; the owner has the exchanges asked, then an alert goes to each product of each; every
// laboratory holds the orders that were meant for it and no others.

import assert from "node:assert/strict";
import test from "node:test";
import { accounts, fetchAnew, laboratoryOf, paper, patient, startLab, startWorker } from "./stand.mjs";

const KEY = "hxk_the-venues'-tests-use-this-key-000000000000";
const TOKEN = "the-owner-of-the-venues'-tests";
const nameOf = (account) => `${laboratoryOf(account)} ${account.market}`;
let lab;
let edge;

test.before(async () => {
  lab = await startLab();
  const settings = { ...paper(lab, KEY), ...patient, HOOX_OPERATOR_TOKEN: TOKEN, HOOX_LOG_LEVEL: "error" };
  edge = await startWorker({ settings });
});

test.after(async () => {
  await edge?.stop();
  await lab?.stop();
});

test("the exchanges answer and take the Worker's keys", async () => {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const { venues } = await (await fetchAnew(new URL("/v1/venues", edge.url), { headers })).json();
  const seen = venues.map(({ exchange, market, test: isTest, reachable }) => ({ exchange, market, isTest, reachable }));
  assert.deepEqual(
    seen,
    accounts.map(({ exchange, market, isTest }) => ({ exchange, market, isTest, reachable: true })),
  );
  const problems = venues.flatMap((venue) => venue.problems);
  assert.deepEqual(problems.filter((problem) => /refuses|does not answer/.test(problem)), []);
});

for (const account of accounts) {
  test(`an alert is filled at ${nameOf(account)}`, async () => {
    const { exchange, market, isTest } = account;
    const signal = { apiKey: KEY, exchange, market, test: isTest, symbol: "BTCUSDT", action: "LONG", quantity: "0.01" };
    const body = JSON.stringify({ ...signal, idempotencyKey: nameOf(account) });
    const answer = await fetchAnew(new URL("/webhook", edge.url), { method: "POST", body });
    const said = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(said));
    assert.equal(said.status, "filled", JSON.stringify(said));
  });
}

test("every laboratory has its own orders and no others", async () => {
  for (const name of new Set(accounts.map(laboratoryOf))) {
    const orders = await lab.at[name].list("/lab/orders");
    const wanted = accounts.filter((account) => laboratoryOf(account) === name).map(({ market }) => market);
    assert.deepEqual(orders.map(({ product }) => product).sort(), wanted, name);
  }
});

const tested = accounts.filter(({ isTest }) => isTest).map(({ exchange, market }) => `${exchange} ${market}`);
for (const { exchange, market } of accounts) {
  if (tested.includes(`${exchange} ${market}`)) continue;
  test(`${exchange} ${market} has no testnet, and says so`, async () => {
    const signal = { apiKey: KEY, exchange, market, test: true, symbol: "BTCUSDT", action: "LONG", quantity: "0.01" };
    const answer = await fetchAnew(new URL("/webhook", edge.url), { method: "POST", body: JSON.stringify(signal) });
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).error.code, "TEST_TRADING_UNSUPPORTED");
  });
}
