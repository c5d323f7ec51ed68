// `make run-edge`: the Worker on workerd with a paper laboratory, an alert to paste, and a stand-in for Cloudflare's
// API in front of its D1, so that the command line reaches it as it would a deployed one. Ctrl-C ends it.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { paper, root, startLab, startWorker } from "./stand.mjs";

/** Serves D1's file, read-only. What it prints names the account: settings of the command line. */
async function startApi(folder) {
  const ledgers = `${folder}/d1/miniflare-D1DatabaseObject`;
  const file = readdirSync(ledgers).find((name) => name.endsWith(".sqlite") && !name.startsWith("metadata"));
  const child = spawn("python3", [`${root}test/cloudflare/api.py`, "--d1", `hoox-ledger=${ledgers}/${file}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { line, stop: () => child.kill() };
}

const lab = await startLab();
const key = process.env.HOOX_WEBHOOK_KEY ?? `hxk_${randomBytes(32).toString("base64url")}`;
const token = randomBytes(32).toString("hex");
const folder = mkdtempSync(`${tmpdir()}/hoox-run-edge-`);
const edge = await startWorker({
  folder,
  port: Number(process.env.HOOX_EDGE_PORT ?? 8787),
  settings: {
    ...paper(lab, key),
    HOOX_OPERATOR_TOKEN: token,
    HOOX_LOG_LEVEL: process.env.HOOX_LOG_LEVEL ?? "warn",
  },
});

const api = await startApi(folder);

const alert = { apiKey: key, exchange: "binance", action: "LONG", symbol: "BTCUSDT", quantity: "0.01" };
console.log(`The Worker listens on ${edge.url} and trades on paper. An alert to paste:

curl -sS ${edge.url}webhook -H 'Content-Type: application/json' -d '${JSON.stringify(alert)}'

The command line reaches it with --remote, in another terminal:

${api.line} \\
  HOOX_WORKER_URL=${edge.url.origin} HOOX_OPERATOR_TOKEN=${token}
build/hoox db query 'SELECT symbol, side, status, executed_quantity FROM orders' --remote
`);

// New orders as they reach the ledger in D1.
const find =
  "SELECT created_ms AS n, symbol, side, status, executed_quantity, average_price FROM orders WHERE created_ms > ?1 " +
  "ORDER BY created_ms";
let seen = 0;
const watch = setInterval(async () => {
  const { results } = await edge.db.prepare(find).bind(seen).all();
  for (const { n, symbol, side, status, executed_quantity, average_price } of results) {
    console.log(`ledger: ${side} ${executed_quantity} ${symbol} at ${average_price}: ${status}`);
    seen = n;
  }
}, 500);

async function stop() {
  clearInterval(watch);
  api.stop();
  await edge.stop();
  rmSync(folder, { recursive: true, force: true });
  await lab.stop();
}
// In place of miniflare's own, which end the process before everything is stopped.
for (const name of ["SIGTERM", "SIGINT"]) process.removeAllListeners(name).once(name, stop);
lab.ended.then(() => process.exit(0));
