// One request, as the port's adapters see it: where its rows, keys and memos are, and whom to answer early.

import { ERR } from "./generated.mjs";

const MEMO_BYTES_MAX = 4 * 1024 * 1024;
const MEMO_VALUE_MAX = 8 * 1024;
const COUNTERS_MAX = 4096;
const SLEEP_STEP_MAX_MS = 2 ** 31 - 1;

/** Volatile memory shared by the requests of one place. May forget anything. */
export class Memo {
  values = new Map();
  bytes = 0;
  counters = new Map();

  get(key) {
    return this.values.get(key);
  }

  drop(key) {
    const old = this.values.get(key);
    if (old === undefined) return;
    this.bytes -= key.length + old.length;
    this.values.delete(key);
  }

  put(key, value) {
    this.drop(key);
    if (value.length > MEMO_VALUE_MAX) return;
    this.values.set(key, value);
    this.bytes += key.length + value.length;
    for (const oldest of this.values.keys()) {
      if (this.bytes <= MEMO_BYTES_MAX) break;
      this.drop(oldest);
    }
  }

  count(key, add, windowMs) {
    const window = Math.floor(Date.now() / windowMs);
    if (!this.counters.has(key) && this.counters.size >= COUNTERS_MAX) this.counters.clear();
    const counter = this.counters.get(key);
    const sum = (counter?.window === window ? counter.sum : 0) + add;
    this.counters.set(key, { window, sum });
    return sum;
  }
}

// What the core remembers of a venue and its limits is the same for all lanes, so objects that happen to live in one
// isolate share it, as requests of a native process do. Everything else that a lane remembers dies with its object.
const COMMON = /^(clock|spent|turns|rules|missed):/;
const common = new Memo();

export class LaneMemo extends Memo {
  get(key) {
    return COMMON.test(key) ? common.get(key) : super.get(key);
  }
  put(key, value) {
    if (COMMON.test(key)) common.put(key, value);
    else super.put(key, value);
  }
}

/** Keys and values as a request sees them: `entries` is a Map, `write` makes a change durable. */
export class KvView {
  constructor(entries, write) {
    this.entries = entries;
    this.write = write;
  }
  get(key) {
    return this.entries.get(key);
  }
  list(prefix) {
    return [...this.entries].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  }
  put(key, value) {
    return this.write(key, value);
  }
}

/** First come, first served, one holder per name. */
export class Gates {
  waiting = new Map();

  /** True once it is held; false when `until` settled first. */
  async lock(name, until) {
    const queue = this.waiting.get(name);
    if (queue === undefined) {
      this.waiting.set(name, []);
      return true;
    }
    return new Promise((resolve) => {
      const turn = () => resolve(true);
      queue.push(turn);
      until.then(() => {
        const place = queue.indexOf(turn);
        if (place < 0) return;
        queue.splice(place, 1);
        resolve(false);
      });
    });
  }

  unlock(name) {
    const next = this.waiting.get(name).shift();
    if (next === undefined) this.waiting.delete(name);
    else next();
  }
}

/** `place` gives: env, store, kv, memo, gates, isHere(lane), laneCall(lane, event), queueSend(lane, due). */
export class Call {
  constructor(place) {
    this.env = place.env;
    this.store = place.store;
    this.kv = place.kv;
    this.memo = place.memo;
    this.place = place;
    this.held = null;
    this.timer = null;
    this.early = new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  isHere(lane) {
    return this.place.isHere(lane);
  }
  laneCall(lane, event) {
    return this.place.laneCall(lane, event);
  }
  queueSend(lane, due) {
    this.place.queueSend(lane, due);
  }

  async sleep(until) {
    do {
      const left = Math.min(Math.max(0, until - Date.now()), SLEEP_STEP_MAX_MS);
      await new Promise((resolve) => setTimeout(resolve, left));
    } while (Date.now() < until);
    return 0;
  }

  /** Whoever has been answered already does not wait on: the signal is durable, whoever holds the lane works it off,
   *  and memory for waiting is short. */
  async lock(lane) {
    if (this.place.gates === undefined) return ERR.BROKEN_HOST;
    if (!(await this.place.gates.lock(lane, this.early))) return ERR.LIMIT_TIME;
    this.held = lane;
    return 0;
  }

  unlock() {
    const lane = this.held;
    this.held = null;
    if (lane !== null) this.place.gates.unlock(lane);
  }

  replyBy(at, reply) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.answer(reply), Math.max(0, at - Date.now()));
  }

  /** The request is over, however it ended: a lane it still holds goes to the next in line. */
  end() {
    clearTimeout(this.timer);
    this.unlock();
  }
}
