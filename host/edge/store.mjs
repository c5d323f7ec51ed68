// The two stores behind db_batch and db_query: a lane's own SQLite, and D1 for what runs outside of a lane.

import { ERR } from "./generated.mjs";

const QUERY_ROWS_MAX = 20000;
const EXPECT_ANY = -1;

class Failed extends Error {
  constructor(err, failed) {
    super("the batch is undone");
    this.err = err;
    this.failed = failed;
  }
}

const isInexact = (value) => typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
const areExact = (rows) => !rows.some((row) => row.some(isInexact));

/** Integers beyond 2^53 were read inexactly: the same rows again, integers as text beside their types. */
function exactly(text, columnCount) {
  const names = Array.from({ length: columnCount }, (_, i) => `c${i}`);
  const exact = (c) => `typeof(${c}), CASE typeof(${c}) WHEN 'integer' THEN CAST(${c} AS TEXT) ELSE ${c} END`;
  const columns = names.map(exact);
  return `WITH q(${names.join(", ")}) AS (${text}) SELECT ${columns.join(", ")} FROM q`;
}

function fromExact(row) {
  const values = [];
  for (let i = 0; i < row.length; i += 2) values.push(row[i] === "integer" ? BigInt(row[i + 1]) : row[i + 1]);
  return values;
}

function errorOf(error) {
  const text = String(error?.message ?? error);
  if (/UNIQUE constraint failed/.test(text)) return ERR.CONFLICT_KEY;
  if (/constraint failed/.test(text)) return ERR.REJECT_INPUT;
  return ERR.BROKEN_STORE;
}

/** The lane's SQLite, whose statements are synchronous. `beforeWrite` runs before each batch, with no await between:
 *  what it writes becomes durable together with the batch. */
export class LaneStore {
  constructor(storage, beforeWrite) {
    this.storage = storage;
    this.sql = storage.sql;
    this.beforeWrite = beforeWrite;
  }

  /** What changes rows returns one for each: that is how many it changed itself, without what triggers did. */
  apply({ text, values, isSelect, expect }, index) {
    const counts = expect !== EXPECT_ANY && !isSelect;
    let rows;
    try {
      rows = [...this.sql.exec(counts ? `${text} RETURNING 1` : text, ...values).raw()];
    } catch (error) {
      throw new Failed(errorOf(error), index);
    }
    const changes = isSelect ? 0 : rows.length;
    if (expect !== EXPECT_ANY && changes !== expect) throw new Failed(ERR.CONFLICT_CONDITION, index);
  }

  async batch(statements) {
    this.beforeWrite();
    try {
      this.storage.transactionSync(() => statements.forEach((statement, index) => this.apply(statement, index)));
    } catch (error) {
      if (error instanceof Failed) return error;
      return { err: ERR.BROKEN_STORE };
    }
    try {
      await this.storage.sync();
      return { err: 0 };
    } catch {
      return { err: ERR.UNKNOWN_STORE };
    }
  }

  query({ text, values }) {
    try {
      const cursor = this.sql.exec(text, ...values);
      const columnCount = cursor.columnNames.length;
      const rows = [];
      for (const row of cursor.raw()) {
        if (rows.length >= QUERY_ROWS_MAX) return { err: ERR.LIMIT_COUNT };
        rows.push(row);
      }
      if (areExact(rows)) return { err: 0, rows, columnCount };
      const exact = [...this.sql.exec(exactly(text, columnCount), ...values).raw()];
      return { err: 0, rows: exact.map(fromExact), columnCount };
    } catch {
      return { err: ERR.BROKEN_STORE };
    }
  }
}

/** D1: one batch is one transaction, whose statements can't see each other's results; so a condition is a statement of
 *  its own that fails, and names itself, when the one before it changed another number of rows. */
export class D1Store {
  constructor(db) {
    this.db = db;
  }

  async batch(statements) {
    const prepared = [];
    statements.forEach(({ text, values, expect }, index) => {
      prepared.push(this.db.prepare(text).bind(...values));
      if (expect === EXPECT_ANY) return;
      const guard = `json_extract('{}', 'unmet:${index}:' || changes())`;
      prepared.push(this.db.prepare(`SELECT CASE WHEN changes() <> ${expect} THEN ${guard} END`));
    });
    try {
      await this.db.batch(prepared);
      return { err: 0 };
    } catch (error) {
      const unmet = /unmet:(\d+):/.exec(String(error?.message));
      if (unmet) return { err: ERR.CONFLICT_CONDITION, failed: Number(unmet[1]) };
      const err = errorOf(error);
      if (err === ERR.BROKEN_STORE) return { err: ERR.UNKNOWN_STORE };
      return { err, failed: statements.length === 1 ? 0 : await this.findFailing(statements) };
    }
  }

  /** D1 does not say which statement met the constraint: so more and more of them are tried, and undone by a last one
   *  that always fails. */
  async findFailing(statements) {
    const undo = this.db.prepare("SELECT json_extract('{}', 'undone:' || changes())");
    const tried = [];
    for (const { text, values } of statements) {
      tried.push(this.db.prepare(text).bind(...values));
      const problem = await this.db.batch([...tried, undo]).catch((error) => String(error?.message));
      if (/constraint failed/.test(problem)) break;
    }
    return tried.length - 1;
  }

  async query({ text, values }) {
    try {
      const [names, ...rows] = await this.db.prepare(text).bind(...values).raw({ columnNames: true });
      const columnCount = names.length;
      if (rows.length >= QUERY_ROWS_MAX) return { err: ERR.LIMIT_COUNT };
      if (areExact(rows)) return { err: 0, rows, columnCount };
      const exact = await this.db.prepare(exactly(text, columnCount)).bind(...values).raw();
      return { err: 0, rows: exact.map(fromExact), columnCount };
    } catch {
      return { err: ERR.BROKEN_STORE };
    }
  }
}
