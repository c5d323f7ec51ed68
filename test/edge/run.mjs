// `make run-edge`: the Worker on workerd with a paper laboratory, and an alert to paste. Ctrl-C ends it.

import { randomBytes } from "node:crypto";
import { paper, startLab, startWorker } from "./stand.mjs";

const lab = await startLab();
const key = process.env.HOOX_WEBHOOK_KEY ?? `hxk_${randomBytes(32).toString("base64url")}`;
const edge = await startWorker({
  port: Number(process.env.HOOX_EDGE_PORT ?? 8787),
  settings: {
    ...paper(lab, key),
    HOOX_LOG_LEVEL: process.env.HOOX_LOG_LEVEL ?? "warn",
  },
});

const alert = { apiKey: key, exchange: "binance", action: "LONG", symbol: "BTCUSDT", quantity: "0.01" };
console.log(`The Worker listens on ${edge.url} and trades on paper. An alert to paste:

curl -sS ${edge.url}webhook -H 'Content-Type: application/json' -d '${JSON.stringify(alert)}'
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
  await edge.stop();
  await lab.stop();
}
// In place of miniflare's own, which end the process before everything is stopped.
for (const name of ["SIGTERM", "SIGINT"]) process.removeAllListeners(name).once(name, stop);
lab.ended.then(() => process.exit(0));
