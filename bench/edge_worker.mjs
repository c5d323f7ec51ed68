// The Worker with counters at everything that Cloudflare bills: /bench/counts reads them, /bench/reset clears them.

import worker, { Lane as Base, pool } from "./parts.mjs";

const COUNTED = ["workerRequests", "objectRequests", "objectRowsWritten", "objectRowsRead", "ledgerRowsWritten",
  "ledgerRowsRead", "kvReads", "kvWrites", "queueOperations", "venueRequests"];
const zero = () => Object.fromEntries(COUNTED.map((name) => [name, 0]));
let counts = zero();

function countingSql(sql) {
  return {
    exec(text, ...values) {
      const cursor = sql.exec(text, ...values);
      // The runtime counts while rows are taken, so they are taken at once.
      const rows = [...cursor.raw()];
      counts.objectRowsWritten += cursor.rowsWritten;
      counts.objectRowsRead += cursor.rowsRead;
      const names = cursor.columnNames;
      const objects = () => rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])));
      return { columnNames: names, raw: () => rows.values(), toArray: objects, one: () => objects()[0] };
    },
  };
}

function countingDb(db) {
  return {
    prepare: (text) => db.prepare(text),
    async batch(statements) {
      const results = await db.batch(statements);
      for (const { meta } of results) {
        counts.ledgerRowsWritten += meta.rows_written;
        counts.ledgerRowsRead += meta.rows_read;
      }
      return results;
    },
  };
}

const countingKv = (kv) => ({
  get: (...args) => (counts.kvReads++, kv.get(...args)),
  put: (...args) => (counts.kvWrites++, kv.put(...args)),
});

// A message is written, read and deleted: three operations.
const countingQueue = (queue) => ({ send: (...args) => ((counts.queueOperations += 3), queue.send(...args)) });

const send = globalThis.fetch;
globalThis.fetch = (...args) => (counts.venueRequests++, send(...args));

function counting(env) {
  const queue = countingQueue(env.TRADE_QUEUE);
  return { ...env, DB: countingDb(env.DB), CONFIG_KV: countingKv(env.CONFIG_KV), TRADE_QUEUE: queue };
}

export class Lane extends Base {
  constructor(ctx, env) {
    super(ctx, counting(env));
    ctx.blockConcurrencyWhile(async () => {
      this.sql = countingSql(this.sql);
      this.store.sql = this.sql;
      this.publisher.sql = this.sql;
    });
    const setAlarm = ctx.storage.setAlarm.bind(ctx.storage);
    ctx.storage.setAlarm = (time) => (counts.objectRowsWritten++, setAlarm(time));
  }
}

for (const name of ["handle", "wake", "tick", "deadLetter", "adopt", "alarm", "register", "noteBusy", "watch"]) {
  Lane.prototype[name] = function (...args) {
    counts.objectRequests++;
    return Base.prototype[name].apply(this, args);
  };
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/bench/reset") counts = zero();
    if (pathname.startsWith("/bench/")) return Response.json({ ...counts, instances: pool.made });
    counts.workerRequests++;
    return worker.fetch(request, counting(env), ctx);
  },
};
