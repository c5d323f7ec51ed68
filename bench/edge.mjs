// The edge's figures: what a signal costs on workerd in time and in everything Cloudflare counts, as one JSON object.
//
// Usage: node bench/edge.mjs        (after `make edge-tests`)

import { readFileSync, writeFileSync } from "node:fs";
import { openProfiler } from "../test/edge/profile.mjs";
import { paper, root, startLab, startWorker } from "../test/edge/stand.mjs";

const KEY = "hxk_the-bench-uses-this-key-and-no-other-000000";
const TOKEN = "the-bench's-operator";
const SIGNALS = 200;
const AT_ONCE = 16;
const HEALTH_MS = 3000;
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];
const TICKS_PER_S = 100;
const SAMPLE_US = 500;
const LONE_SIGNALS = 20;
const LONE_MS = 300;
const WARM_UP = 30; // All below what the venue takes in ten seconds.
const BURN_ROUNDS = 1_000_000_000;

/** The workerd that this process started last: its id, seconds of CPU and KiB of memory. */
function usage() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  const ids = children.filter((id) => id && readFileSync(`/proc/${id}/comm`, "utf8").trim() === "workerd");
  const id = ids.at(-1);
  const fields = readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  const [, rss] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"));
  return { id, cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, rss: Number(rss) };
}

/** Milliseconds that the thread which runs all isolates was on a processor. */
function threadMs({ id }) {
  return Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}

async function healthPerSecond(url) {
  const end = Date.now() + HEALTH_MS;
  let count = 0;
  const caller = async () => {
    while (Date.now() < end) {
      await (await fetch(new URL("/health", url))).arrayBuffer();
      count++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  return Math.round((count * 1000) / HEALTH_MS);
}

async function send(url, number) {
  const signal = { apiKey: KEY, exchange: "binance", action: "LONG", symbol: SYMBOLS[number % 3], quantity: "1" };
  const body = JSON.stringify({ ...signal, idempotencyKey: `bench-${number}` });
  const began = performance.now();
  const answer = await fetch(new URL("/webhook", url), { method: "POST", body });
  const { status } = await answer.json();
  if (status !== "filled") throw new Error(`${answer.status} ${status}`);
  return performance.now() - began;
}

async function startRich(modules, more) {
  const lab = await startLab();
  const plenty = { usdtBalance: "1000000000", ordersPer10s: 1000000, ordersPerMinute: 1000000 };
  await lab.ask("POST", "/lab/settings", plenty);
  const settings = { ...paper(lab, KEY), HOOX_LOG_LEVEL: "error", HOOX_OPERATOR_TOKEN: TOKEN };
  const main = Object.keys(modules)[0];
  const all = { ...modules, "hoox.wasm": "build/edge/hoox.wasm" };
  const edge = await startWorker({ main, modules: all, settings, more });
  const limit = { method: "PUT", body: "100000/1", headers: { Authorization: `Bearer ${TOKEN}` } };
  await fetch(new URL("/v1/kv/webhook:rate_limit", edge.url), limit);
  const stop = async () => {
    await edge.stop();
    await lab.stop();
  };
  return { url: edge.url, runtime: edge.runtime, stop };
}

/** Milliseconds of CPU that a signal takes in the Worker's own isolate: of its own code, and of the runtime on its
 *  behalf. What one sample is worth is measured beside it, because on a busy machine some are lost. */
async function profile(parts) {
  const modules = { "edge_profiled.mjs": "bench/edge_profiled.mjs", "parts.mjs": parts };
  const edge = await startRich(modules, { inspectorPort: 0 });
  const profiler = await openProfiler(edge.runtime);
  for (let i = 0; i < WARM_UP; i++) await send(edge.url, i);
  await profiler.start(SAMPLE_US);
  const before = threadMs(usage());
  await fetch(new URL(`/bench/burn?rounds=${BURN_ROUNDS}`, edge.url));
  const burnt = threadMs(usage()) - before;
  for (let i = 0; i < SIGNALS; i++) await send(edge.url, 100 + i);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { ours, runtime, within } = await profiler.stop();
  profiler.close();
  await edge.stop();
  const burns = within("burn");
  const perSignal = burnt / burns / SIGNALS;
  return { codeMs: (ours - burns) * perSignal, runtimeMs: runtime * perSignal };
}

/** What a signal costs that has the lane to itself: those that follow each other closely share their way to D1. */
async function countLone(url) {
  await fetch(new URL("/bench/reset", url));
  for (let i = 0; i < LONE_SIGNALS; i++) {
    await send(url, 1000 + i);
    await new Promise((resolve) => setTimeout(resolve, LONE_MS));
  }
  const { instances, ...counts } = await (await fetch(new URL("/bench/counts", url))).json();
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / LONE_SIGNALS]));
}

/** Everything for one way of having instances: from the pool, or a new one for each request. */
async function measure(parts) {
  const edge = await startRich({ "edge_worker.mjs": "bench/edge_worker.mjs", "parts.mjs": parts });
  const began = performance.now();
  await fetch(new URL("/health", edge.url));
  const coldMs = performance.now() - began;
  for (let i = 0; i < 6; i++) await send(edge.url, i);
  const healthRps = await healthPerSecond(edge.url);
  const before = usage();
  const times = [];
  for (let i = 0; i < SIGNALS; i++) times.push(await send(edge.url, 100 + i));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const after = usage();
  const { instances } = await (await fetch(new URL("/bench/counts", edge.url))).json();
  const each = await countLone(edge.url);
  await edge.stop();
  times.sort((a, b) => a - b);
  return {
    coldMs,
    healthRps,
    signalMsP50: times[SIGNALS / 2],
    signalMsP99: times[Math.floor(SIGNALS * 0.99)],
    processCpuMs: ((after.cpu - before.cpu) * 1000) / SIGNALS,
    rssKib: after.rss,
    instances,
    each,
  };
}

const pooled = "build/edge-test/parts.mjs";
const fresh = "build/edge-test/parts_fresh.mjs";
const text = readFileSync(`${root}${pooled}`, "utf8");
writeFileSync(`${root}${fresh}`, text.replace("const IDLE_MAX = 64;", "const IDLE_MAX = 0;"));
const result = {};
for (const [name, parts] of Object.entries({ pool: pooled, fresh })) {
  result[name] = { ...(await measure(parts)), cpu: await profile(parts) };
}
console.log(JSON.stringify(result));
