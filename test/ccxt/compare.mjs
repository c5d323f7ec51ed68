// What hoox would send for an intent, compared with what the current ccxt would: method, host, path, headers, every
// parameter, and the signature by one and the same rule for both. differences.json lists what differs and why; what is
// not listed fails, and so does what is listed and no longer differs.
//
// Usage: node test/ccxt/compare.mjs [PRODUCT]      (from the root of the tree, after `make build`; needs no network)
//        node test/ccxt/compare.mjs PRODUCT --show   prints both requests of every intent

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KEY, SECRET, TIME, capture, makeClient } from "./client.mjs";
import { products } from "./products.mjs";
import { compare, properties } from "./request.mjs";
import { findFault } from "./scheme.mjs";

const HOOX = process.env.HOOX ?? "build/hoox";
const BECAUSE_LENGTH_MIN = 30;
const RULED = new Set(["order", "query", "cancel", "fills", "position", "leverage", "marginMode", "setting", "stop",
  "stopQuery", "stopHistory", "stopCancel"]);
/** What is compared besides intents. */
const BESIDES = ["rules", "test network"].map((name) => ({ name, intent: { kind: name } }));
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const [only, flag] = process.argv.slice(2);
let passed = 0, failed = 0;

function tell(name, faults) {
  if (faults.length === 0) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAIL ${name}`);
  for (const fault of faults) console.log(`     ${fault}`);
}

/** Runs hoox with an environment of its own. Its document; of a refusal, { error }. */
function hoox(...args) {
  const env = { PATH: process.env.PATH, HOOX_DATA: here("no-such-directory") };
  try {
    return JSON.parse(execFileSync(HOOX, ["venue", ...args, "--json"], { env, encoding: "utf8" }));
  } catch (error) {
    if (error.stdout === undefined || error.stdout === "") throw error;
    return JSON.parse(error.stdout);
  }
}

const show = (value) => (value === null ? "nothing" : JSON.stringify(value));

/** The rows of differences.json as one entry for each product, intent and field. */
function expand(rows) {
  const listed = new Map();
  const faults = [];
  rows.forEach((row, i) => {
    const product = products.find(({ name }) => name === row.product);
    const because = row.because ?? "";
    if (product === undefined) faults.push(`row ${i + 1}: no product '${row.product}'`);
    if (because.length < BECAUSE_LENGTH_MIN) faults.push(`row ${i + 1}: 'because' does not say why`);
    for (const selector of product === undefined ? [] : [row.intents].flat()) {
      const names = [...product.intents, ...BESIDES]
        .filter(({ name, intent }) => selector === "*" || selector === name || selector === intent.kind)
        .map(({ name }) => name);
      if (names.length === 0) faults.push(`row ${i + 1}: no intent '${selector}'`);
      for (const name of names) {
        const key = JSON.stringify([row.product, name, row.field]);
        if (listed.has(key)) faults.push(`row ${i + 1}: ${key} is listed twice`);
        listed.set(key, { ...row, seen: false });
      }
    }
  });
  tell("differences.json", faults);
  return listed;
}

/** What of the differences is not listed, or is listed otherwise. */
function unlisted(listed, product, name, differences) {
  const faults = [];
  for (const { field, hoox, ccxt } of differences) {
    const row = listed.get(JSON.stringify([product.name, name, field]));
    if (row !== undefined) row.seen = true;
    if (row !== undefined && row.hoox === hoox && row.ccxt === ccxt) continue;
    const known = row === undefined ? "not listed" : `listed with hoox ${show(row.hoox)}, ccxt ${show(row.ccxt)}`;
    faults.push(`${field}: hoox ${show(hoox)}, ccxt ${show(ccxt)} (${known})`);
  }
  return faults;
}

/** How both read the venue's description of the symbol: tick, steps and limits as numbers. */
function compareRules(listed, product, made, rules) {
  const market = made.client.market(product.pair);
  const { precision, limits } = market;
  const number = (text) => Number(text);
  const ours = {
    base: rules.baseAsset, quote: rules.quoteAsset, tradable: rules.tradable, tick: number(rules.tick),
    step: number(rules.step), "quantity min": number(rules.quantityMin), "quantity max": number(rules.quantityMax),
    "notional min": number(rules.notionalMin), "contract size": number(rules.contractSize),
  };
  const zero = (value) => value ?? 0;
  /* hoox counts base units where the venue counts contracts. */
  const units = (value) => (product.counts ? number((zero(value) * market.contractSize).toFixed(12)) : zero(value));
  const theirs = {
    base: market.base, quote: market.quote, tradable: market.active, tick: precision.price,
    step: units(precision.amount), "quantity min": units(limits.amount.min), "quantity max": units(limits.amount.max),
    "notional min": zero(limits.cost.min), "contract size": product.counts ? market.contractSize : 0,
  };
  tell(`${product.name}: rules`, unlisted(listed, product, "rules", compare(ours, theirs)));
}

function ask(product, intent, rules) {
  const [venue, market] = product.name.split(" ");
  const whole = RULED.has(intent.kind) ? { ...intent, rules } : intent;
  const signing = ["--time", String(TIME), "--key", KEY, "--secret", SECRET];
  return hoox("request", venue, market, JSON.stringify(whole), ...signing);
}

/** What is wrong with the pair of requests for an intent. */
async function findFaults(listed, product, made, rules, { name, intent, ask: askThem, isPublic }) {
  const ours = ask(product, intent, rules);
  if (ours.error !== undefined) return [`hoox: ${ours.error.message}`];
  const theirs = await capture(made, askThem).catch((error) => error);
  if (theirs instanceof Error) return [`ccxt: ${theirs.message}`];
  if (flag === "--show") console.log(`${product.name}: ${name}`, properties(ours), properties(theirs));
  const faults = unlisted(listed, product, name, compare(properties(ours), properties(theirs)));
  if (isPublic) return faults;
  const theirFault = findFault(product.scheme, theirs, SECRET);
  const ourFault = findFault(product.scheme, ours, SECRET, ours.signed);
  if (theirFault !== undefined) faults.push(`ccxt's own signature does not fit the rule: ${theirFault}`);
  if (ourFault !== undefined) faults.push(`hoox: ${ourFault}`);
  return faults;
}

/** Where the venue's test network is, by the one question that needs no key. */
async function compareTestNetwork(listed, product) {
  const [venue, market] = product.name.split(" ");
  const name = "test network", title = `${product.name}: ${name}`;
  const ours = hoox("request", venue, market, JSON.stringify({ kind: "time" }), "--test");
  if (product.testNetwork === null) {
    return tell(title, ours.error?.code === "TEST_TRADING_UNSUPPORTED" ? [] : ["hoox knows one, we know none"]);
  }
  if (ours.error !== undefined) return tell(title, [`hoox: ${ours.error.message}`]);
  const made = await makeClient(product, product.testNetwork);
  const theirs = await capture(made, (client) => client.fetchTime());
  tell(title, unlisted(listed, product, name, compare(properties(ours), properties(theirs))));
}

async function compareProduct(listed, product) {
  const [venue, market] = product.name.split(" ");
  const reply = here(`markets/${product.name.replace(" ", "_")}.json`);
  const read = hoox("parse", venue, market, "rules", reply, "--symbol", "BTCUSDT");
  if (read.rules === undefined) return tell(`${product.name}: rules`, [JSON.stringify(read)]);
  const made = await makeClient(product);
  compareRules(listed, product, made, read.rules);
  await compareTestNetwork(listed, product);
  for (const one of product.intents) {
    tell(`${product.name}: ${one.name}`, await findFaults(listed, product, made, read.rules, one));
  }
}

const listed = expand(JSON.parse(readFileSync(here("differences.json"), "utf8")));
const wanted = products.filter(({ name }) => only === undefined || name === only);
if (wanted.length === 0) {
  console.log(`no product '${only}'; there are: ${products.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
for (const product of wanted) await compareProduct(listed, product);
const gone = [...listed].filter(([, row]) => !row.seen && wanted.some(({ name }) => name === row.product));
tell("listed differences still exist", gone.map(([key]) => `${key} differs no longer`));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
