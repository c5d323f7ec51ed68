// From a lane's rows to the ledger in D1: triggers note which rows changed, and a pump writes their present state there
// with idempotent upserts. Nothing is forgotten before D1 has it, and everything can be written again (markAll).

import { createHash } from "node:crypto";
// Table to { key, left, numbered }: the columns that make a row the same row in D1; those that D1 numbers itself; and
// whether the key is a number that the lane gave out, before which the lane's own number is put.
import { PUBLISHED } from "./generated.mjs";

const CHANGES_MAX = 400; // Read at once.
const PUMPED_ROWS_MAX = 40; // Written in one transaction: D1 allows 50 statements for an invocation on the free plan.
const ID_STEP = 2 ** 32;
// What follows a signal within moments (its notice) goes to D1 with it.
const PUMP_DELAY_MS = 100;

function triggersOf(table) {
  const key = PUBLISHED[table].key.map((column) => `NEW.${column}`).join(", ");
  const trigger = (event) =>
    `DROP TRIGGER IF EXISTS publish_${table}_${event};\n` +
    `CREATE TRIGGER publish_${table}_${event} AFTER ${event.toUpperCase()} ON ${table} BEGIN ` +
    `INSERT INTO publish (source, key) VALUES ('${table}', json_array(${key})); END;`;
  return `${trigger("insert")}\n${trigger("update")}`;
}

// A number must not come back: D1 uses it to tell an old batch from a new one. So the last row always stays, and the
// next one gets a number above it; what AUTOINCREMENT does costs a second written row for each.
const PUBLISH_SQL = `
CREATE TABLE IF NOT EXISTS publish (number INTEGER PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL);
${Object.keys(PUBLISHED).map(triggersOf).join("\n")}`;

/** Batches reach D1 in any order when an object dies with one under way, so a batch older than the last one written has
 *  no effect: it is told by its number, which D1 keeps per lane. */
function upsert(db, table, row, mark) {
  const { key, left } = PUBLISHED[table];
  const columns = Object.keys(row).filter((column) => !left.includes(column));
  const others = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`);
  const places = columns.map((_, i) => `?${i + 3}`).join(", ");
  const sql =
    `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${places} WHERE NOT EXISTS ` +
    "(SELECT 1 FROM meta WHERE name = ?1 AND CAST(value AS INTEGER) > CAST(?2 AS INTEGER)) " +
    `ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${others.join(", ")}`;
  return db.prepare(sql).bind(mark.name, mark.number, ...columns.map((column) => row[column]));
}

export class Publisher {
  constructor(storage, db) {
    this.sql = storage.sql;
    this.db = db;
    this.done = 0; // Up to this number D1 has everything. A new object does not know, and sends the last row again.
    this.pumping = null;
    this.again = false;
    this.isDue = false;
  }

  /** Triggers of another schema noted other keys: then they are made anew, and every row is published again. */
  setUp(known) {
    const version = createHash("sha256").update(PUBLISH_SQL).digest("hex");
    if (known === version) return version;
    this.sql.exec(PUBLISH_SQL);
    this.sql.exec("DELETE FROM publish WHERE number < (SELECT max(number) FROM publish)");
    this.markAll();
    return version;
  }

  markAll() {
    for (const [table, { key }] of Object.entries(PUBLISHED)) {
      this.sql.exec(`INSERT INTO publish (source, key) SELECT '${table}', json_array(${key.join(", ")}) FROM ${table}`);
    }
  }

  find(table, key) {
    const where = PUBLISHED[table].key.map((column, i) => `${column} = json_extract(?1, '$[${i}]')`).join(" AND ");
    return this.sql.exec(`SELECT * FROM ${table} WHERE ${where}`, key).toArray()[0];
  }

  isBehind() {
    return this.sql.exec("SELECT coalesce(max(number), 0) AS last FROM publish").one().last > this.done;
  }

  pumpSoon(ctx, lane, complain) {
    if (this.isDue) return;
    this.isDue = true;
    const pump = () => {
      this.isDue = false;
      return this.pump(lane);
    };
    const pause = new Promise((resolve) => setTimeout(resolve, PUMP_DELAY_MS));
    ctx.waitUntil(pause.then(pump).catch(complain));
  }

  /** Everything noted so far, unless a pump runs already: that one goes on until nothing is left. */
  async pump(lane) {
    this.again = true;
    if (this.pumping === null) {
      this.pumping = this.pumpAll(lane).finally(() => {
        this.pumping = null;
      });
    }
    return this.pumping;
  }

  async pumpAll(lane) {
    while (this.again) {
      this.again = false;
      while (await this.pumpSome(lane));
    }
  }

  /** What changed first, as one batch. True when there is more. */
  async pumpSome(lane) {
    const noted = "SELECT number, source, key FROM publish WHERE number > ?1 ORDER BY number LIMIT ?2";
    const changes = this.sql.exec(noted, this.done, CHANGES_MAX).toArray();
    if (changes.length === 0) return false;
    const rows = new Map();
    let last = this.done;
    for (const { number, source, key } of changes) {
      const name = `${source} ${key}`;
      if (!rows.has(name)) {
        if (rows.size >= PUMPED_ROWS_MAX) break;
        rows.set(name, { source, row: this.find(source, key) });
      }
      last = number;
    }
    await this.db.batch(this.write(rows.values(), { name: `edge:published:${lane}`, number: last }, lane));
    this.done = last;
    this.sql.exec("DELETE FROM publish WHERE number < ?1", last);
    return changes.length === CHANGES_MAX || last < changes.at(-1).number;
  }

  write(rows, mark, lane) {
    const statements = [];
    for (const { source, row } of rows) {
      if (row === undefined) continue;
      if (PUBLISHED[source].numbered) row.id += lane * ID_STEP;
      statements.push(upsert(this.db, source, row, mark));
    }
    const note =
      "INSERT INTO meta (name, value) VALUES (?1, CAST(CAST(?2 AS INTEGER) AS TEXT)) " +
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(meta.value AS INTEGER) < CAST(?2 AS INTEGER)";
    statements.push(this.db.prepare(note).bind(mark.name, mark.number));
    return statements;
  }
}
