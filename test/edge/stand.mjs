// The built Worker on workerd, with everything it is bound to simulated on this machine by miniflare; and a laboratory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";

// Miniflare asks for a property of a binding in another thread and sleeps until it is told of the answer. That thread
// notes the answer down first and wakes this one after. Held up in between, it wakes the question that came next, which
// has no answer yet: miniflare fails an assertion. So a sleeper goes back to sleep while its value has not changed.
const wait = Atomics.wait;
Atomics.wait = (array, index, value, ...more) => {
  for (;;) {
    const outcome = wait(array, index, value, ...more);
    if (outcome !== "ok" || Atomics.load(array, index) !== value) return outcome;
  }
};

export const root = fileURLToPath(new URL("../../", import.meta.url));
const { compatibility_date, compatibility_flags } = JSON.parse(readFileSync(`${root}build/edge/wrangler.jsonc`));

/** Every product of every venue, live and where there is one on its testnet. */
export const accounts = Object.entries(JSON.parse(readFileSync(`${root}test/venues.json`))).flatMap(
  ([name, { url, testnet_url }]) => {
    const [exchange, market] = name.split(":");
    const live = { exchange, market, isTest: false, url };
    return testnet_url === undefined ? [live] : [live, { ...live, isTest: true, url: testnet_url }];
  },
);
export const laboratoryOf = ({ exchange, isTest }) => (isTest ? `${exchange} testnet` : exchange);
const LABORATORIES = [...new Set([false, true].flatMap((isTest) =>
  accounts.filter((account) => account.isTest === isTest).map(laboratoryOf)))];
const consumer = { maxBatchSize: 10, maxBatchTimeout: 1 };

/** `settings` become the Worker's variables and secrets. `modules` (name to file) take the place of built ones, or add
 *  to them; `main` names the first. With `folder` everything is kept there. `more` are miniflare's own options. */
function optionsOf({ settings, port = 0, folder, main = "worker.mjs", modules, more = {} }) {
  const files = modules ?? { "worker.mjs": "build/edge/worker.mjs", "hoox.wasm": "build/edge/hoox.wasm" };
  const names = [main, ...Object.keys(files).filter((name) => name !== main)];
  const kept = folder && {
    d1Persist: `${folder}/d1`,
    kvPersist: `${folder}/kv`,
    durableObjectsPersist: `${folder}/do`,
  };
  return {
    rootPath: root,
    modules: names.map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: `${root}${name}`,
      contents: readFileSync(`${root}${files[name]}`),
    })),
    compatibilityDate: compatibility_date,
    compatibilityFlags: compatibility_flags,
    cf: false,
    host: "127.0.0.1",
    port,
    log: new Log(LogLevel.WARN),
    bindings: settings,
    d1Databases: { DB: "hoox" },
    kvNamespaces: { CONFIG_KV: "hoox" },
    durableObjects: { LANE: { className: "Lane", useSQLite: true } },
    queueProducers: { TRADE_QUEUE: "trade-execution", TRADE_DLQ: "trade-execution-dlq" },
    queueConsumers: {
      "trade-execution": { ...consumer, maxRetries: 10, deadLetterQueue: "trade-execution-dlq" },
      "trade-execution-dlq": consumer,
    },
    ...kept,
    ...more,
  };
}

/** Statement by statement, as `wrangler d1 migrations apply` would. Does nothing when it has been done. */
async function migrate(db) {
  const done = await db.prepare("SELECT name FROM sqlite_master WHERE name = 'signals'").first();
  if (done !== null) return;
  const files = readdirSync(`${root}schema`).filter((name) => name.endsWith(".sql"));
  await db.exec("CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)");
  for (const file of files.sort()) {
    await db.prepare("INSERT INTO d1_migrations (name) VALUES (?1)").bind(file).run();
    const text = readFileSync(`${root}schema/${file}`, "utf8").replace(/--.*$/gm, "");
    const statements = text.split(";").map((sql) => sql.trim());
    await db.batch(statements.filter((sql) => sql !== "").map((sql) => db.prepare(sql)));
  }
}

const keys = (venue, word) => ({ [`${venue}_API_KEY`]: `${word}-key`, [`${venue}_API_SECRET`]: `${word}-secret` });

/** What a Worker needs to trade with the laboratories: every address, key and secret that an adapter asks for. */
export const paper = ({ urls }, key) => {
  const settings = accounts.map((account) => ({
    [account.url]: urls[laboratoryOf(account)],
    ...(account.isTest
      ? keys(`${account.exchange.toUpperCase()}_TESTNET`, "paper-testnet")
      : keys(account.exchange.toUpperCase(), "paper")),
  }));
  return Object.assign({}, ...settings, { HOOX_WEBHOOK_KEY: key });
};

/** fetch() on a connection of its own. One that is kept may be closed by the other side, as having been idle for too
 *  long, just when a test that was held up asks again. */
export const fetchAnew = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, Connection: "close" } });

/** The same for what goes through miniflare's stubs (bindings, the Worker itself), which keep their connections: asked
 *  again where one was lost. For questions that may come twice. */
export async function askStub(ask) {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 5 || error.message !== "fetch failed") throw error;
    }
  }
}

/** Settings for tests that want the answer, however busy the machine is: the venue gets the time it needs, and whoever
 *  asked is answered when it has answered. */
export const patient = { HOOX_REPLY_BUDGET_MS: "45000", HOOX_VENUE_TIMEOUT_MS: "20000" };

export async function startWorker(given) {
  const runtime = new Miniflare(optionsOf(given));
  const url = await runtime.ready;
  const db = await runtime.getD1Database("DB");
  await migrate(db);
  return { runtime, url, db, stop: () => runtime.dispose() };
}

/** The addresses that `hoox lab` prints, a name and an address on each line. */
async function readUrls(child) {
  const urls = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, url] = /^([a-z ]+) (http:\S+)$/.exec(line) ?? [];
    if (name !== undefined) urls[name] = url;
    if (LABORATORIES.every((wanted) => urls[wanted] !== undefined)) return urls;
  }
  throw new Error(`the laboratories did not start: ${JSON.stringify(urls)}`);
}

/** The control API of one laboratory. */
function control(url) {
  const ask = async (method, path, value) => {
    const body = value === undefined ? undefined : JSON.stringify(value);
    const answer = await fetchAnew(url + path, { method, body, headers: { "Content-Type": "application/json" } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return { rows: await answer.json(), next: answer.headers.get("x-lab-next") };
  };
  const list = async (path) => {
    const all = [];
    for (let from = "0"; from !== null; ) {
      const { rows, next } = await ask("GET", `${path}?from=${from}&limit=1000`);
      all.push(...rows);
      from = next;
    }
    return all;
  };
  return { url, ask, list };
}

/** The paper venues, as `hoox lab` runs them, in a process of its own. What is asked and listed is the first one's;
 *  `at` has the others by name. */
export async function startLab() {
  const free = LABORATORIES.map(() => "127.0.0.1:0").join(",");
  const child = spawn(`${root}build/hoox`, ["lab", "--listen", free], { stdio: ["ignore", "pipe", "ignore"] });
  const urls = await readUrls(child);
  child.stdout.resume();
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill();
    await ended;
  };
  const at = Object.fromEntries(LABORATORIES.map((name) => [name, control(urls[name])]));
  return { ...at[LABORATORIES[0]], at, urls, stop, ended };
}
