// The Durable Object: one per lane, which holds that lane's rows and runs the core on them. One more, the registry,
// knows the lanes and holds the keys that all of them must read strongly.

import { DurableObject } from "cloudflare:workers";
import { Call, Gates, KvView, LaneMemo } from "./call.mjs";
import { ERR, MIGRATIONS } from "./generated.mjs";
import { log } from "./port.mjs";
import { pool } from "./pool.mjs";
import { Publisher } from "./publish.mjs";
import { LaneStore } from "./store.mjs";
import { EVENT, encodeEvent } from "./wire.mjs";

const REGISTRY = "registry";
const KV_DOCUMENT = "manifest"; // The one key of CONFIG_KV: all keys in one value cost one read and one write.
// An object with unfinished rows wakes up after so long, whatever became of its timers: first, then again and again.
const NET_MS = 30_000;
const ROUND_MS = 60_000;
const TIMERS_MS_MAX = 20_000; // Later wake-ups are left to the alarm, which outlives the object.
const QUEUED_MS_MIN = 10_000;
const PRUNE_MS = 6 * 3_600_000;
const DUES_MAX = 1000;

const EDGE_SQL = `
CREATE TABLE IF NOT EXISTS edge_lanes (
    lane TEXT PRIMARY KEY, number INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 0, busy INTEGER NOT NULL DEFAULT 0
);`;

export class Lane extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.id = ctx.id.toString();
    pool.forget(this.id);
    this.sql = ctx.storage.sql;
    this.store = new LaneStore(ctx.storage, () => this.beginWork());
    this.memo = new LaneMemo();
    this.gates = new Gates();
    this.dues = new Map();
    this.working = new Map();
    this.timer = null;
    this.timerAt = Infinity;
    this.alarmAt = Infinity;
    this.noted = false;
    this.flushing = Promise.resolve();
    ctx.blockConcurrencyWhile(async () => {
      this.publisher = new Publisher(ctx.storage, env.DB);
      this.migrate();
      this.lane = this.meta("edge:lane");
      this.entries = new Map([...this.sql.exec("SELECT key, value FROM kv").raw()]);
      this.kv = new KvView(this.entries, (key, value) => this.putKey(key, value));
      this.alarmAt = (await ctx.storage.getAlarm()) ?? Infinity;
    });
  }

  migrate() {
    this.ctx.storage.transactionSync(() => {
      this.sql.exec("CREATE TABLE IF NOT EXISTS edge_schema (version INTEGER NOT NULL)");
      const { version } = this.sql.exec("SELECT coalesce(max(version), 0) AS version FROM edge_schema").one();
      for (const { number, sql } of MIGRATIONS.filter((migration) => migration.number > version)) {
        this.sql.exec(sql);
        this.sql.exec("INSERT INTO edge_schema (version) VALUES (?1)", number);
      }
      this.sql.exec(EDGE_SQL);
      this.setMeta("edge:publish", this.publisher.setUp(this.meta("edge:publish")));
    });
  }

  meta(name) {
    return [...this.sql.exec("SELECT value FROM meta WHERE name = ?1", name).raw()][0]?.[0] ?? null;
  }

  setMeta(name, value) {
    if (this.meta(name) === String(value)) return;
    this.sql.exec("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", name, String(value));
  }

  // A place for calls (call.mjs).

  isHere(lane) {
    return lane === this.lane;
  }

  laneCall(lane, event) {
    return this.env.LANE.getByName(lane).handle(lane, event);
  }

  queueSend(lane, due) {
    const key = `${due} ${lane}`;
    // Forgetting is allowed: the alarm finds what is due in the rows.
    if (this.dues.has(key) || this.dues.size >= DUES_MAX) return;
    this.dues.set(key, { lane, due });
    const delay = due - Date.now();
    if (delay > TIMERS_MS_MAX) this.wakeBy(due);
    else this.startTimer(due);
    if (delay >= QUEUED_MS_MIN && this.isRetry(due)) this.enqueue(due, delay);
  }

  /** A signal that waits for its next try gets a message of its own; other wake-ups are not worth a queue's price. */
  isRetry(due) {
    const sql = "SELECT 1 FROM signals WHERE finished_ms IS NULL AND due_ms = CAST(?1 AS INTEGER) LIMIT 1";
    return this.sql.exec(sql, due).toArray().length > 0;
  }

  enqueue(due, delay) {
    const sent = this.env.TRADE_QUEUE?.send({ lane: this.lane, due }, { delaySeconds: Math.ceil(delay / 1000) });
    this.ctx.waitUntil(Promise.resolve(sent).catch((error) => this.complain("no queue message", error)));
  }

  startTimer(due) {
    if (due >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = due;
    this.timer = setTimeout(() => this.deliverDue(), Math.max(0, due - Date.now()));
  }

  deliverDue() {
    clearTimeout(this.timer);
    this.timerAt = Infinity;
    const now = Date.now();
    const lanes = new Set();
    for (const [key, { lane, due }] of this.dues) {
      if (due > now) continue;
      this.dues.delete(key);
      lanes.add(lane);
    }
    for (const lane of lanes) this.ctx.waitUntil(this.workOff(lane));
    let next = Infinity;
    for (const { due } of this.dues.values()) next = Math.min(next, due);
    if (next - now <= TIMERS_MS_MAX) this.startTimer(next);
    else if (next < Infinity) this.wakeBy(next);
  }

  /** The alarm rings at `time` or before. Set with what is written right before or after it, or not at all. */
  wakeBy(time) {
    if (this.alarmAt <= time) return;
    this.alarmAt = time;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(time).catch((error) => this.complain("no alarm", error)));
  }

  /** Rows are about to change: from here on the alarm, and behind it the registry, see to it that they get finished. */
  beginWork() {
    this.wakeBy(Date.now() + NET_MS);
    if (!this.noted) this.note(true);
  }

  note(busy) {
    this.noted = busy;
    const noted = this.env.LANE.getByName(REGISTRY).noteBusy(this.lane, busy);
    this.ctx.waitUntil(noted.catch((error) => this.complain("the registry was not told", error)));
  }

  complain(message, error) {
    log(this.env, 2, "", message, String(error));
  }

  // What others ask of a lane. All of these are called by name from other objects and from the Worker.

  /** Runs an event of this lane; the reply's bytes, or null when too much is in progress. */
  async handle(lane, event) {
    await this.open(lane);
    const call = new Call(this);
    const done = this.finish(pool.run("lane", call, event));
    this.ctx.waitUntil(done.catch(() => {}));
    return Promise.race([done, call.early]);
  }

  /** A queue message, or whoever else thinks that something is due. */
  async wake(lane) {
    await this.open(lane);
    await this.workOff(lane);
  }

  async tick(lane) {
    await this.open(lane);
    await this.run({ kind: EVENT.TICK });
  }

  /** A message about this lane could not be delivered in time: the owner is told, and the lane looked at. */
  async deadLetter(lane) {
    await this.open(lane);
    const now = Date.now();
    const message = "wake-ups of this lane got lost; it is looked at now";
    const payload = JSON.stringify({ kind: "dead_letter", lane, message });
    const insert = "INSERT INTO outbox (kind, subject, payload, due_ms, created_ms) VALUES ('notify', ?1, ?2, ?3, ?3)";
    this.sql.exec(insert, lane, payload, now);
    this.wakeBy(now + NET_MS);
    await this.run({ kind: EVENT.TICK });
  }

  /** Returns when D1 has everything that was here when it was called. */
  async flush() {
    await this.publisher.pump(this.number());
  }

  /** Everything once more: rebuilds D1's copy of this lane. */
  async republish() {
    this.publisher.markAll();
    await this.flush();
  }

  /** The keys as of `version`; what is older than what is here is ignored. */
  async adopt(version, entries) {
    if (version < Number(this.meta("edge:kv_version") ?? -1)) return;
    this.ctx.storage.transactionSync(() => {
      this.sql.exec("DELETE FROM kv");
      for (const [key, value] of entries) {
        this.sql.exec("INSERT INTO kv (key, value, updated_ms) VALUES (?1, ?2, ?3)", key, value, Date.now());
      }
      this.setMeta("edge:kv_version", version);
    });
    this.entries.clear();
    for (const [key, value] of entries) this.entries.set(key, value);
    await this.ctx.storage.sync();
  }

  /** The first request of a lane's life makes it known to the registry and takes over the keys from there. */
  async open(lane) {
    if (this.lane === lane) return;
    if (this.lane !== null) throw new Error(`this object is ${this.lane}, not ${lane}`);
    if (this.opening === undefined) this.opening = this.join(lane);
    try {
      await this.opening;
    } finally {
      this.opening = undefined;
    }
  }

  async join(lane) {
    const { number, version, entries } = await this.env.LANE.getByName(REGISTRY).register(lane);
    await this.adopt(version, entries);
    this.setMeta("edge:number", number);
    this.setMeta("edge:lane", lane);
    this.lane = lane;
  }

  /** Given by the registry, once and for all. */
  number() {
    this.known ??= this.meta("edge:number");
    return Number(this.known ?? 0);
  }

  async putKey(key, value) {
    return this.env.LANE.getByName(REGISTRY).putShared(key, value);
  }

  // Running events.

  /** Wake-ups that come while one is at work become one more after it. */
  async workOff(lane) {
    if (this.working.has(lane)) {
      this.working.set(lane, true);
      return;
    }
    do {
      this.working.set(lane, false);
      await this.run({ kind: EVENT.LANE_DUE, lane });
    } while (this.working.get(lane));
    this.working.delete(lane);
  }

  async run(event) {
    try {
      const call = new Call(this);
      const reply = await this.finish(pool.run("lane", call, encodeEvent(event)));
      if (reply === null && event.kind === EVENT.LANE_DUE) this.queueSend(event.lane, Date.now() + 50);
    } catch (error) {
      this.complain("an event of this lane failed", error);
    }
  }

  /** Once an event is done its rows go to the ledger. One that trapped is recovered from the rows. */
  async finish(running) {
    try {
      return await running;
    } catch (error) {
      this.queueSend(this.lane, Date.now() + 1000);
      throw error;
    } finally {
      this.publisher.pumpSoon(this.ctx, this.number(), (error) => this.complain("rows wait for D1", error));
    }
  }

  async alarm() {
    this.alarmAt = Infinity;
    try {
      if (this.lane === REGISTRY) await this.flushKeys();
      else if (this.lane !== null) await this.round();
    } catch (error) {
      this.complain("the alarm's round failed", error);
      this.wakeBy(Date.now() + 5000);
    }
  }

  async round() {
    this.deliverDue();
    const before = this.unfinished();
    if (before.rows || before.claims) await this.run({ kind: EVENT.TICK });
    await this.flush().catch((error) => this.complain("rows wait for D1", error));
    const after = this.unfinished();
    if (after.rows || after.publish || this.dues.size > 0) {
      this.wakeBy(Date.now() + ROUND_MS);
      return;
    }
    this.note(false);
    if (after.claims) this.wakeBy(Date.now() + PRUNE_MS);
  }

  unfinished() {
    const [rows, claims] = [
      ...this.sql
        .exec(
          "SELECT EXISTS (SELECT 1 FROM signals WHERE finished_ms IS NULL) OR " +
            "EXISTS (SELECT 1 FROM orders WHERE finished_ms IS NULL) OR " +
            "EXISTS (SELECT 1 FROM outbox WHERE finished_ms IS NULL), " +
            "EXISTS (SELECT 1 FROM claims)",
        )
        .raw(),
    ][0];
    return { rows: rows === 1, publish: this.publisher.isBehind(), claims: claims === 1 };
  }

  // The registry.

  async register(lane) {
    this.beRegistry();
    const insert =
      "INSERT INTO edge_lanes (lane, number, version) " +
      "SELECT ?1, coalesce(max(number), 0) + 1, CAST(?2 AS INTEGER) FROM edge_lanes WHERE true " +
      "ON CONFLICT (lane) DO UPDATE SET version = excluded.version";
    this.sql.exec(insert, lane, this.version());
    const { number } = this.sql.exec("SELECT number FROM edge_lanes WHERE lane = ?1", lane).one();
    return { number, version: this.version(), entries: [...this.entries] };
  }

  beRegistry() {
    if (this.lane === REGISTRY) return;
    if (this.lane !== null) throw new Error("this object is a lane, not the registry");
    this.setMeta("edge:lane", REGISTRY);
    this.lane = REGISTRY;
  }

  version() {
    return Number(this.meta("edge:kv_version") ?? 0);
  }

  async shared() {
    this.beRegistry();
    return [...this.entries];
  }

  /** Durable here, then in every lane, then in CONFIG_KV. A lane that can't be told keeps the change uncertain. */
  async putShared(key, value) {
    this.beRegistry();
    const entries = new Map(this.entries);
    if (value === null) entries.delete(key);
    else entries.set(key, value);
    await this.adopt(this.version() + 1, [...entries]);
    this.wakeBy(Date.now() + 1000);
    return (await this.flushKeys()) ? 0 : ERR.UNKNOWN_STORE;
  }

  /** One after the other, so that CONFIG_KV ends with the newest. */
  async flushKeys() {
    this.flushing = this.flushing.then(() => this.flushKeysOnce());
    return this.flushing;
  }

  /** Brings lanes and CONFIG_KV up to date; what fails is tried again by the alarm. True when no lane is behind. */
  async flushKeysOnce() {
    const version = this.version();
    const entries = [...this.entries];
    const find = "SELECT lane FROM edge_lanes WHERE version < CAST(?1 AS INTEGER)";
    const behind = [...this.sql.exec(find, version).raw()];
    const tell = async ([lane]) => {
      await this.env.LANE.getByName(lane).adopt(version, entries);
      const update = "UPDATE edge_lanes SET version = CAST(?2 AS INTEGER) WHERE lane = ?1 AND version < ?2";
      this.sql.exec(update, lane, version);
    };
    const told = await Promise.allSettled(behind.map(tell));
    const reached = told.every(({ status }) => status === "fulfilled");
    let stored = Number(this.meta("edge:kv_stored") ?? 0) >= version;
    if (!stored) {
      try {
        await this.env.CONFIG_KV.put(KV_DOCUMENT, JSON.stringify(entries));
        this.setMeta("edge:kv_stored", version);
        stored = true;
      } catch (error) {
        this.complain("CONFIG_KV was not written", error);
      }
    }
    if (!reached || !stored) this.wakeBy(Date.now() + 2000);
    return reached;
  }

  async noteBusy(lane, busy) {
    const update = "UPDATE edge_lanes SET busy = CAST(?2 AS INTEGER) WHERE lane = ?1 AND busy <> ?2";
    this.sql.exec(update, lane, busy ? 1 : 0);
  }

  /** The watchdog behind the alarms, once a minute: lanes that have unfinished rows look at them. */
  async watch() {
    this.beRegistry();
    const busy = [...this.sql.exec("SELECT lane FROM edge_lanes WHERE busy = 1").raw()];
    const told = await Promise.allSettled(busy.map(([lane]) => this.env.LANE.getByName(lane).tick(lane)));
    for (const { status, reason } of told) {
      if (status === "rejected") this.complain("a lane can't be woken", reason);
    }
    return busy.length;
  }

  async lanes() {
    this.beRegistry();
    return [...this.sql.exec("SELECT lane FROM edge_lanes ORDER BY number").raw()].map(([lane]) => lane);
  }
}

export { KV_DOCUMENT, REGISTRY };
