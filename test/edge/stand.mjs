// The built Worker on workerd, with everything it is bound to simulated on this machine by miniflare.

import { Log, LogLevel, Miniflare } from "miniflare";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { compatibility_date, compatibility_flags } = JSON.parse(readFileSync(`${root}build/edge/wrangler.jsonc`));

const consumer = { maxBatchSize: 10, maxBatchTimeout: 1 };

/** `settings` become the Worker's variables and secrets. `modules` (path to file) takes the place of built files, or
 *  adds to them; `main` names the first. */
export function options({ settings, port = 0, folder, main = "worker.mjs", modules = {}, more = {}, quiet = false }) {
  const files = { "worker.mjs": "build/edge/worker.mjs", "hoox.wasm": "build/edge/hoox.wasm", ...modules };
  const names = [main, ...Object.keys(files).filter((name) => name !== main)];
  return {
    rootPath: root,
    modules: names.map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: `${root}build/edge/${name}`,
      contents: readFileSync(`${root}${files[name]}`),
    })),
    compatibilityDate: compatibility_date,
    compatibilityFlags: compatibility_flags,
    cf: false,
    host: "127.0.0.1",
    port,
    log: new Log(quiet ? LogLevel.ERROR : LogLevel.WARN),
    bindings: settings,
    d1Databases: { DB: "hoox" },
    kvNamespaces: { CONFIG_KV: "hoox" },
    durableObjects: { LANE: { className: "Lane", useSQLite: true } },
    queueProducers: { TRADE_QUEUE: "trade-execution", TRADE_DLQ: "trade-execution-dlq" },
    queueConsumers: {
      "trade-execution": { ...consumer, maxRetries: 10, deadLetterQueue: "trade-execution-dlq" },
      "trade-execution-dlq": consumer,
    },
    ...(folder === undefined
      ? {}
      : { d1Persist: `${folder}/d1`, kvPersist: `${folder}/kv`, durableObjectsPersist: `${folder}/objects` }),
    ...more,
  };
}

/** Statement by statement, as `wrangler d1 migrations apply` would. Does nothing when it has been done. */
export async function migrate(db) {
  const done = await db.prepare("SELECT name FROM sqlite_master WHERE name = 'signals'").first();
  if (done !== null) return;
  for (const file of readdirSync(`${root}schema`).filter((name) => name.endsWith(".sql")).sort()) {
    const text = readFileSync(`${root}schema/${file}`, "utf8").replace(/--.*$/gm, "");
    const statements = text.split(";").map((sql) => sql.trim()).filter((sql) => sql !== "");
    await db.batch(statements.map((sql) => db.prepare(sql)));
  }
}

export async function start(given) {
  const runtime = new Miniflare(options(given));
  const url = await runtime.ready;
  const db = await runtime.getD1Database("DB");
  await migrate(db);
  return { runtime, url, db };
}
