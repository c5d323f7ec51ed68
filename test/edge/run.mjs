// `make run-edge`: the Worker on workerd with a paper laboratory, and an alert to paste. Ctrl-C ends it.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { start } from "./stand.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const labPort = await freePort();
const lab = spawn(`${root}build/hoox`, ["lab", "--listen", `127.0.0.1:${labPort}`], { stdio: "ignore" });
const key = process.env.HOOX_WEBHOOK_KEY ?? `hxk_${randomBytes(32).toString("base64url")}`;
const { runtime, url, db } = await start({
  port: Number(process.env.HOOX_EDGE_PORT ?? 8787),
  settings: {
    HOOX_BINANCE_FUTURES_URL: `http://127.0.0.1:${labPort}`,
    BINANCE_API_KEY: "paper-key",
    BINANCE_API_SECRET: "paper-secret",
    HOOX_WEBHOOK_KEY: key,
  },
});

const alert = { apiKey: key, exchange: "binance", action: "LONG", symbol: "BTCUSDT", quantity: "0.01" };
console.log(`The Worker listens on ${url} and trades on paper. An alert to paste:

curl -sS ${url}webhook -H 'Content-Type: application/json' -d '${JSON.stringify(alert)}'
`);

// New orders as they reach the ledger in D1.
let seen = 0;
const watch = setInterval(async () => {
  const { results } = await db
    .prepare("SELECT rowid AS n, symbol, side, status, executed_quantity, average_price FROM orders WHERE rowid > ?1")
    .bind(seen)
    .all();
  for (const { n, symbol, side, status, executed_quantity, average_price } of results) {
    console.log(`ledger: ${side} ${executed_quantity} ${symbol} at ${average_price}: ${status}`);
    seen = n;
  }
}, 500);

async function stop() {
  clearInterval(watch);
  await runtime.dispose();
  lab.kill();
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
lab.on("exit", stop);
