// The edge's figures: what a signal costs on workerd in time and in everything Cloudflare counts, as one JSON object.
//
// Usage: node bench/edge.mjs        (after `make edge-tests`)

import { readFileSync, writeFileSync } from "node:fs";
import { paper, root, startLab, startWorker } from "../test/edge/stand.mjs";

const KEY = "hxk_the-bench-uses-this-key-and-no-other-000000";
const TOKEN = "the-bench's-operator";
const SIGNALS = 200;
const AT_ONCE = 16;
const HEALTH_MS = 3000;
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];
const TICKS_PER_S = 100;

/** Seconds of CPU and KiB of memory of the workerd that this process started last. */
function usage() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  const ids = children.filter((id) => id && readFileSync(`/proc/${id}/comm`, "utf8").trim() === "workerd");
  const id = ids.at(-1);
  const fields = readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  const [, rss] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"));
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, rss: Number(rss) };
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

/** Everything for one way of having instances: from the pool, or a new one for each request. */
async function measure(parts) {
  const lab = await startLab();
  const plenty = { usdtBalance: "1000000000", ordersPer10s: 1000000, ordersPerMinute: 1000000 };
  await lab.ask("POST", "/lab/settings", plenty);
  const edge = await startWorker({
    main: "edge_worker.mjs",
    modules: { "edge_worker.mjs": "bench/edge_worker.mjs", "parts.mjs": parts, "hoox.wasm": "build/edge/hoox.wasm" },
    settings: { ...paper(lab, KEY), HOOX_LOG_LEVEL: "error", HOOX_OPERATOR_TOKEN: TOKEN },
  });
  const limit = { method: "PUT", body: "100000/1", headers: { Authorization: `Bearer ${TOKEN}` } };
  await fetch(new URL("/v1/kv/webhook:rate_limit", edge.url), limit);
  const began = performance.now();
  await fetch(new URL("/health", edge.url));
  const coldMs = performance.now() - began;
  for (let i = 0; i < 6; i++) await send(edge.url, i);
  const healthRps = await healthPerSecond(edge.url);
  await fetch(new URL("/bench/reset", edge.url));
  const before = usage();
  const times = [];
  for (let i = 0; i < SIGNALS; i++) times.push(await send(edge.url, 100 + i));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const after = usage();
  const counts = await (await fetch(new URL("/bench/counts", edge.url))).json();
  await edge.stop();
  await lab.stop();
  times.sort((a, b) => a - b);
  const each = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / SIGNALS]));
  return {
    coldMs,
    healthRps,
    signalMsP50: times[SIGNALS / 2],
    signalMsP99: times[Math.floor(SIGNALS * 0.99)],
    cpuMsPerSignal: ((after.cpu - before.cpu) * 1000) / SIGNALS,
    rssKib: after.rss,
    instances: counts.instances,
    each,
  };
}

const parts = readFileSync(`${root}build/edge-test/parts.mjs`, "utf8");
writeFileSync(`${root}build/edge-test/parts_fresh.mjs`, parts.replace("const IDLE_MAX = 64;", "const IDLE_MAX = 0;"));
console.log(
  JSON.stringify({
    pool: await measure("build/edge-test/parts.mjs"),
    fresh: await measure("build/edge-test/parts_fresh.mjs"),
  }),
);
