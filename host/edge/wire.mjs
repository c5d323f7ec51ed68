// What crosses between worker.mjs and the instance (host/edge/wire.h): little-endian integers and strings.

const METHODS = ["", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
const EVENT = { HTTP: 0, SIGNAL: 1, LANE_DUE: 2, TICK: 3 };
const VALUE = { NULL: 0, INT: 1, TEXT: 2, BLOB: 3 };
const EVENT_SIZE_MAX = 96 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const decodeText = (bytes, at, len) => decoder.decode(bytes.subarray(at, at + len));

/** Reads what the instance wrote, from `at` on. References lead anywhere in its memory; texts and bytes are copies. */
export class Reader {
  constructor(bytes, at, view = viewOf(bytes)) {
    this.bytes = bytes;
    this.view = view;
    this.at = at;
  }
  u32() {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  i32() {
    this.at += 4;
    return this.view.getInt32(this.at - 4, true);
  }
  i64() {
    this.at += 8;
    return this.view.getBigInt64(this.at - 8, true);
  }
  number() {
    return Number(this.i64());
  }
  blob() {
    const len = this.u32();
    this.at += len;
    return this.bytes.slice(this.at - len, this.at);
  }
  text() {
    const len = this.u32();
    this.at += len;
    return decodeText(this.bytes, this.at - len, len);
  }
  referredBlob() {
    const from = this.u32();
    return this.bytes.slice(from, from + this.u32());
  }
  referredText() {
    const from = this.u32();
    return decodeText(this.bytes, from, this.u32());
  }
}

/** Writes into `bytes` between `at` and `end`. What does not fit sets `full` and is left out. */
export class Writer {
  constructor(bytes, at = 0, end = bytes.length, view = viewOf(bytes)) {
    this.bytes = bytes;
    this.view = view;
    this.start = at;
    this.at = at;
    this.end = end;
    this.full = false;
  }
  get length() {
    return this.at - this.start;
  }
  room(len) {
    if (this.full || this.at + len > this.end) this.full = true;
    else this.at += len;
    return !this.full;
  }
  u32(value) {
    if (this.room(4)) this.view.setUint32(this.at - 4, value, true);
    return this;
  }
  i64(value) {
    if (this.room(8)) this.view.setBigInt64(this.at - 8, BigInt(value), true);
    return this;
  }
  blob(bytes) {
    this.u32(bytes.length);
    if (this.room(bytes.length)) this.bytes.set(bytes, this.at - bytes.length);
    return this;
  }
  text(text) {
    return this.blob(encoder.encode(text));
  }
  headers(list) {
    this.u32(list.length);
    for (const [name, value] of list) this.text(name).text(value);
    return this;
  }
}

// Written from one end to the other without an await, and copied out: clearing a fresh one each time would cost more.
const scratch = new Uint8Array(EVENT_SIZE_MAX);

/** An event as bytes; null when it is larger than an instance takes. */
export function encodeEvent(event) {
  const out = new Writer(scratch);
  out.u32(event.kind);
  out.u32(Math.max(0, METHODS.indexOf(event.method ?? "")));
  out.u32(0);
  out.u32(event.fromOperator ? 1 : 0);
  out.i64(event.receivedMs ?? 0);
  out.text(event.path ?? "");
  out.text(event.query ?? "");
  out.text(event.peer ?? "");
  out.text("");
  out.text("");
  out.text(event.lane ?? "");
  out.headers(event.headers ?? []);
  out.blob(event.body ?? new Uint8Array(0));
  return out.full ? null : out.bytes.slice(0, out.length);
}

export function encodeReply(status, headers, body) {
  const bytes = encoder.encode(body);
  return new Writer(new Uint8Array(bytes.length + 1024)).u32(status).headers(headers).blob(bytes).bytes;
}

export function decodeReply(bytes) {
  const reader = new Reader(bytes, 0);
  const status = reader.u32();
  const headers = [];
  for (let count = reader.u32(); count > 0; count--) headers.push([reader.text(), reader.text()]);
  return { status, headers, body: reader.blob() };
}

// By where it lies in the module: its text is a constant of the core's.
const constants = new Map();

/** The text of a statement, rewritten: the runtime binds every JavaScript number as a REAL, so integers are cast back.
 *  `integers` has the bit of each parameter that is one. */
class Constant {
  constructor(text) {
    this.text = text;
    this.isSelect = /^\s*SELECT/i.test(text);
    this.cast = new Map();
  }
  with(integers) {
    let text = this.cast.get(integers);
    if (text === undefined) {
      const isInteger = (number) => Math.floor(integers / 2 ** (number - 1)) % 2 === 1;
      const cast = (found, number) => (number && isInteger(number) ? `CAST(${found} AS INTEGER)` : found);
      text = this.text.replace(/'[^']*'|\?(\d+)/g, cast);
      this.cast.set(integers, text);
    }
    return text;
  }
}

function readConstant(reader) {
  const at = reader.u32();
  const len = reader.u32();
  let constant = constants.get(at);
  if (constant === undefined || constant.text.length !== len) {
    constant = new Constant(decodeText(reader.bytes, at, len));
    constants.set(at, constant);
  }
  return constant;
}

/** { text, values, isSelect, expect }: integers travel as text where a double would lose digits. */
export function decodeStatement(reader) {
  const constant = readConstant(reader);
  const expect = reader.i32();
  const count = reader.u32();
  const values = [];
  let integers = 0;
  for (let i = 0; i < count; i++) {
    const type = reader.u32();
    let value = null;
    if (type === VALUE.INT) {
      const exact = reader.i64();
      value = Number(exact);
      if (!Number.isSafeInteger(value)) value = exact.toString();
      integers += 2 ** i;
    } else if (type === VALUE.TEXT) {
      value = reader.referredText();
    } else if (type === VALUE.BLOB) {
      value = reader.referredBlob();
    }
    values.push(value);
  }
  return { text: constant.with(integers), values, isSelect: constant.isSelect, expect };
}

function encodeValue(out, value) {
  if (value === null) out.u32(VALUE.NULL);
  else if (typeof value === "string") out.u32(VALUE.TEXT).text(value);
  else if (typeof value === "bigint" || Number.isInteger(value)) out.u32(VALUE.INT).i64(value);
  else if (typeof value === "number") out.u32(VALUE.TEXT).text(String(value));
  else out.u32(VALUE.BLOB).blob(new Uint8Array(value)); // An ArrayBuffer in a lane, a list of numbers from D1.
}

/** Rows are arrays of what the runtime gives for values, with a bigint for an integer that a number can't hold. */
export function encodeRows(out, rows, columnCount) {
  out.u32(rows.length).u32(columnCount);
  for (const row of rows) {
    for (const value of row) encodeValue(out, value);
  }
}

export { EVENT, METHODS };
