// Instances of the core. Each serves one request at a time: two suspended requests in one would share the C stack.

import module from "./hoox.wasm";
import { adapters } from "./port.mjs";

const IDLE_MAX = 64;
// Per kind of caller, because a worker request holds its instance while it waits for one in its lane.
const IN_FLIGHT_MAX = { worker: 64, lane: 96 };
const LOST_MS = 300_000;

export class Instance {
  constructor() {
    this.call = null;
    const { exports } = new WebAssembly.Instance(module, { host: adapters(this) });
    this.bytes = new Uint8Array(exports.memory.buffer); // Memory is fixed, so these views stay valid.
    this.view = new DataView(exports.memory.buffer);
    this.eventAt = exports.hx_edge_event();
    this.eventSize = exports.hx_edge_event_size();
    this.exchangeAt = exports.hx_edge_exchange();
    this.exchangeEnd = this.exchangeAt + exports.hx_edge_exchange_size();
    this.idAt = exports.hx_edge_request_id();
    this.sink = exports.hx_edge_sink;
    this.enter = WebAssembly.promising(exports.hx_edge_handle);
  }

  get requestId() {
    return String.fromCharCode(...this.bytes.subarray(this.idAt, this.idAt + 36));
  }

  /** Runs one event to its end. Rejects when the core trapped: then this instance must not be used again. */
  async run(call, event) {
    if (this.call !== null) throw new Error("an instance was entered twice at once");
    if (event.length > this.eventSize) throw new Error("the event is larger than the instance takes");
    this.call = call;
    this.bytes.set(event, this.eventAt);
    const len = await this.enter(event.length);
    if (this.broken) throw new Error(this.broken);
    if (len === 0) throw new Error("no reply");
    const reply = this.bytes.slice(this.exchangeAt, this.exchangeAt + len);
    this.call = null;
    return reply;
  }
}

export class Pool {
  idle = [];
  // Calls by the time they began. One whose object or caller went away may never end: no instance comes back from it.
  inFlight = { worker: new Map(), lane: new Map() };
  made = 0;
  discarded = 0;

  hasRoom(kind) {
    const calls = this.inFlight[kind];
    if (calls.size < IN_FLIGHT_MAX[kind]) return true;
    for (const [call, began] of calls) {
      if (Date.now() - began > LOST_MS) calls.delete(call);
    }
    return calls.size < IN_FLIGHT_MAX[kind];
  }

  /** Gives up the calls of an object that is no more. */
  forget(id) {
    for (const call of this.inFlight.lane.keys()) {
      if (call.place.id === id) this.inFlight.lane.delete(call);
    }
  }

  /** The reply's bytes; null when too many requests are in progress. Rejects when the core trapped. */
  async run(kind, call, event) {
    if (!this.hasRoom(kind)) return null;
    this.inFlight[kind].set(call, Date.now());
    try {
      const instance = this.idle.pop() ?? this.make();
      call.instance = instance;
      const reply = await instance.run(call, event);
      // Only here: whatever rejected, trapped or never ended left its stack behind and is not used again.
      if (this.idle.length < IDLE_MAX) this.idle.push(instance);
      return reply;
    } catch (error) {
      this.discarded++;
      throw error;
    } finally {
      this.inFlight[kind].delete(call);
      call.end();
    }
  }

  make() {
    this.made++;
    return new Instance();
  }
}

export const pool = new Pool();
