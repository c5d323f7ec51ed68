// The port's operations as the instance imports them: decode, do, encode. None ever throws or rejects into the core;
// what goes wrong is a number of core/base/err.def.

import { createHmac } from "node:crypto";
import { API_KEYS, ERR } from "./generated.mjs";
import { METHODS, Reader, Writer, decodeStatement, decodeText, encodeRows } from "./wire.mjs";

const HERE = -1; // lane_call: the lane lives in this object; the instance handles the event itself.
const LEVELS = ["debug", "info", "warn", "error", "notice"];
const SETTING_PREFIXES = ["HOOX_", "TELEGRAM_", ...API_KEYS.map((name) => name.slice(0, name.indexOf("_") + 1))];
const SECRET_ENDINGS = ["_SECRET", "_TOKEN", "_PASSWORD", "_PASSPHRASE", "_KEY"];
const SCRUBBED_LENGTH_MIN = 8;

/** The rule of the native host (host/native/secrets.h): the ending decides, except for what venues call an API key. */
export function isSecret(name) {
  return !API_KEYS.includes(name) && SECRET_ENDINGS.some((ending) => name.endsWith(ending));
}

const known = new WeakMap(); // What an environment's settings were found to be.

function lookUp(env) {
  let found = known.get(env);
  if (found === undefined) {
    const texts = Object.entries(env).filter(([, value]) => typeof value === "string");
    const ours = ([name]) => !isSecret(name) && SETTING_PREFIXES.some((prefix) => name.startsWith(prefix));
    const long = ([name, value]) => isSecret(name) && value.length >= SCRUBBED_LENGTH_MIN;
    found = { settings: new Map(texts.filter(ours)), secrets: texts.filter(long).map(([, value]) => value) };
    known.set(env, found);
  }
  return found;
}

export function log(env, level, requestId, message, detail) {
  const least = LEVELS.indexOf((env.HOOX_LOG_LEVEL ?? "info").toLowerCase());
  if (level < (least < 0 ? 1 : least)) return;
  const entry = { time: new Date().toISOString(), level: LEVELS[level], request: requestId, message, detail };
  let line = JSON.stringify(entry);
  for (const secret of lookUp(env).secrets) line = line.replaceAll(secret, "*".repeat(secret.length));
  console.log(line);
}

/** A fetch of an answer within its bounds. Whatever fails after the request was handed over is unknown. */
async function exchange(request, timeoutMs, lengthMax, onChunk) {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(request, { signal, redirect: "manual" });
    const toSink = onChunk !== null && response.ok;
    const chunks = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > lengthMax) return { err: ERR.UNKNOWN_OUTCOME };
      if (toSink) onChunk(chunk);
      else chunks.push(chunk);
    }
    return { err: 0, status: response.status, headers: [...response.headers], chunks: toSink ? [] : chunks, length };
  } catch {
    return { err: signal.aborted ? ERR.UNKNOWN_TIMEOUT : ERR.UNKNOWN_OUTCOME };
  }
}

function readCall(reader) {
  const call = { url: reader.referredText() + reader.referredText(), method: METHODS[reader.u32()] };
  call.timeoutMs = reader.number();
  call.sendByMs = reader.number();
  call.lengthMax = reader.number();
  call.hasSink = reader.u32() === 1;
  call.headers = [];
  for (let count = reader.u32(); count > 0; count--) call.headers.push([reader.referredText(), reader.referredText()]);
  call.body = reader.referredBlob();
  return call;
}

function makeRequest(call) {
  const bodyless = call.method === "GET" || call.method === "HEAD" || call.body.length === 0;
  const init = { method: call.method, headers: call.headers, redirect: "manual", cache: "no-store" };
  return new Request(call.url, bodyless ? init : { ...init, body: call.body });
}

/** All imports of one instance. `instance.call` is the request it serves: see Call in call.mjs. */
export function adapters(instance) {
  const textAt = (at, len) => decodeText(instance.bytes, at, len);
  const result = () => new Writer(instance.bytes, instance.exchangeAt, instance.exchangeEnd, instance.view);
  const argument = () => new Reader(instance.bytes, instance.exchangeAt, instance.view);
  const giveText = (text) => {
    if (text === undefined) return ERR.ABSENT_KEY;
    return result().text(text).full ? ERR.LIMIT_ARENA : 0;
  };

  const giveRows = ({ err, rows, columnCount }) => {
    if (err !== 0) return err;
    const out = result();
    encodeRows(out, rows, columnCount);
    return out.full ? ERR.LIMIT_ARENA : 0;
  };

  const sinkChunk = (chunk) => {
    const size = instance.exchangeEnd - instance.exchangeAt;
    for (let at = 0; at < chunk.length; at += size) {
      const piece = chunk.subarray(at, at + size);
      instance.bytes.set(piece, instance.exchangeAt);
      try {
        instance.sink(piece.length);
      } catch (error) {
        instance.broken = String(error);
        throw error;
      }
    }
  };

  const suspending = {
    sleep: (until) => instance.call.sleep(Number(until)),

    db_batch: async () => {
      const reader = argument();
      const statements = [];
      for (let count = reader.u32(); count > 0; count--) statements.push(decodeStatement(reader));
      const { err, failed } = await instance.call.store.batch(statements);
      result().u32(failed ?? 0);
      return err;
    },

    db_query: () => {
      const found = instance.call.store.query(decodeStatement(argument()));
      return found instanceof Promise ? found.then(giveRows) : giveRows(found);
    },

    kv_put: (keyAt, keyLen, at, len) => instance.call.kv.put(textAt(keyAt, keyLen), textAt(at, len)),
    kv_delete: (at, len) => instance.call.kv.put(textAt(at, len), null),
    lane_lock: (at, len) => instance.call.lock(textAt(at, len)),

    lane_call: async (laneAt, laneLen, len) => {
      const lane = textAt(laneAt, laneLen);
      if (instance.call.isHere(lane)) return HERE;
      const event = instance.bytes.slice(instance.exchangeAt, instance.exchangeAt + len);
      const reply = await instance.call.laneCall(lane, event);
      if (reply === null) return ERR.BUSY_OVERLOADED;
      if (reply.length > instance.exchangeEnd - instance.exchangeAt) return ERR.LIMIT_SIZE;
      instance.bytes.set(reply, instance.exchangeAt);
      return 0;
    },

    // A Worker can't open a connection ahead of its request; the runtime keeps those that stand.
    http_prepare: () => 0,

    http_send: async () => {
      const call = readCall(argument());
      let request;
      try {
        request = makeRequest(call);
      } catch {
        return ERR.BUSY_NOT_SENT;
      }
      if (call.sendByMs > 0 && Date.now() > call.sendByMs) return ERR.BUSY_NOT_SENT;
      const answer = await exchange(request, call.timeoutMs, call.lengthMax, call.hasSink ? sinkChunk : null);
      if (answer.err !== 0) return answer.err;
      const out = result().u32(answer.status).headers(answer.headers);
      const body = new Uint8Array(answer.chunks.length === 0 ? 0 : answer.length);
      let at = 0;
      for (const chunk of answer.chunks) {
        body.set(chunk, at);
        at += chunk.length;
      }
      return out.blob(body).full ? ERR.UNKNOWN_OUTCOME : 0;
    },
  };

  const immediate = {
    now: () => BigInt(Date.now()),
    random: (at, len) => void crypto.getRandomValues(instance.bytes.subarray(at, at + len)),
    log: (level, at, len, detailAt, detailLen) =>
      log(instance.call.env, level, instance.requestId, textAt(at, len), textAt(detailAt, detailLen)),
    trace: (op, sequence, done, err) => void instance.call.trace?.(op, sequence, done === 1, err),
    setting: (at, len) => giveText(lookUp(instance.call.env).settings.get(textAt(at, len))),
    kv_get: (at, len) => giveText(instance.call.kv.get(textAt(at, len))),

    kv_list: (at, len) => {
      const entries = instance.call.kv.list(textAt(at, len));
      const out = result().u32(entries.length);
      for (const [key, value] of entries) out.text(key).text(value);
      return out.full ? ERR.LIMIT_ARENA : 0;
    },

    memo_get: (at, len) => giveText(instance.call.memo.get(textAt(at, len))),
    memo_put: (keyAt, keyLen, at, len) => instance.call.memo.put(textAt(keyAt, keyLen), textAt(at, len)),
    memo_count: (at, len, add, windowMs) =>
      BigInt(instance.call.memo.count(textAt(at, len), Number(add), Number(windowMs))),
    queue_send: (at, len, due) => instance.call.queueSend(textAt(at, len), Number(due)),
    lane_unlock: () => instance.call.unlock(),
    // No connection outlives a request here: nothing is ever sent this way.
    socket_prepare: () => ERR.BUSY_NOT_SENT,
    socket_ask: () => ERR.BUSY_NOT_SENT,

    sign: (nameAt, nameLen, at, len) => {
      const secret = instance.call.env[textAt(nameAt, nameLen)];
      if (typeof secret !== "string" || secret === "") return ERR.ABSENT_KEY;
      return giveText(createHmac("sha256", secret).update(instance.bytes.subarray(at, at + len)).digest("hex"));
    },

    reply_by: (at, len) =>
      instance.call.replyBy(Number(at), instance.bytes.slice(instance.exchangeAt, instance.exchangeAt + len)),
  };

  const failed = (name, error) => {
    log(instance.call.env, 3, instance.requestId, `${name} failed`, String(error));
    return name === "http_send" ? ERR.UNKNOWN_OUTCOME : ERR.BROKEN_HOST;
  };
  const wrapped = {};
  for (const [name, adapter] of Object.entries(suspending)) {
    // What is no promise is handed back without suspending.
    wrapped[name] = new WebAssembly.Suspending((...args) => {
      try {
        const done = adapter(...args);
        return done instanceof Promise ? done.catch((error) => failed(name, error)) : done;
      } catch (error) {
        return failed(name, error);
      }
    });
  }
  return { ...wrapped, ...immediate };
}
