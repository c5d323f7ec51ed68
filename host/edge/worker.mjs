// The Worker: what comes in by HTTP, by queue and by clock, handed to the core. No rule of trading lives here.

import { createHash, timingSafeEqual } from "node:crypto";
import { Call, KvView, Memo } from "./call.mjs";
import { KV_DOCUMENT, Lane, REGISTRY } from "./lane.mjs";
import { log } from "./port.mjs";
import { pool } from "./pool.mjs";
import { D1Store } from "./store.mjs";
import { EVENT, decodeReply, encodeEvent } from "./wire.mjs";

const BODY_MAX = 64 * 1024;
const KEYS_FRESH_MS = 20_000; // With KV_CACHE_S below a minute: what the port promises.
const KV_CACHE_S = 30;
const ENV_KEY = "keys:webhook:env";
const RETRY_S = 30;

const memo = new Memo();
let keys = { at: -Infinity, entries: new Map() };

const digest = (text) => createHash("sha256").update(text).digest();

/** The setting is a ready-made key: only its digest is shown to the core, and it goes when the setting goes. */
function withEnvKey(entries, env) {
  const map = new Map(entries);
  map.delete(ENV_KEY);
  if (typeof env.HOOX_WEBHOOK_KEY === "string" && env.HOOX_WEBHOOK_KEY !== "") {
    map.set(ENV_KEY, JSON.stringify({ digest: digest(env.HOOX_WEBHOOK_KEY).toString("hex"), created: 0, expires: 0 }));
  }
  return map;
}

async function cachedKeys(env) {
  if (Date.now() - keys.at > KEYS_FRESH_MS) {
    const stored = await env.CONFIG_KV.get(KV_DOCUMENT, { type: "json", cacheTtl: KV_CACHE_S });
    keys = { at: Date.now(), entries: withEnvKey(stored ?? [], env) };
  }
  return keys.entries;
}

class WorkerPlace {
  constructor(env, entries) {
    this.env = env;
    this.store = new D1Store(env.DB);
    this.memo = memo;
    this.kv = new KvView(entries, (key, value) => this.putKey(key, value));
  }
  isHere() {
    return false;
  }
  laneCall(lane, event) {
    return this.env.LANE.getByName(lane).handle(lane, event);
  }
  queueSend(lane, due) {
    const delaySeconds = Math.max(0, Math.ceil((due - Date.now()) / 1000));
    this.ctx.waitUntil(this.env.TRADE_QUEUE.send({ lane, due }, { delaySeconds }));
  }
  async putKey(key, value) {
    const err = await this.env.LANE.getByName(REGISTRY).putShared(key, value);
    keys.at = -Infinity;
    if (value === null) this.kv.entries.delete(key);
    else this.kv.entries.set(key, value);
    return err;
  }
}

function isOperator(request, env) {
  const token = env.HOOX_OPERATOR_TOKEN;
  const given = request.headers.get("Authorization") ?? "";
  if (typeof token !== "string" || token === "" || !given.startsWith("Bearer ")) return false;
  return timingSafeEqual(digest(given.slice(7)), digest(token));
}

/** At most one byte more than the core takes, so that it can tell what is too large. */
async function readBody(request) {
  const declared = request.headers.get("Content-Length");
  if (declared !== null && Number(declared) <= BODY_MAX) return new Uint8Array(await request.arrayBuffer());
  const body = new Uint8Array(BODY_MAX + 1);
  let length = 0;
  for await (const chunk of request.body ?? []) {
    const piece = chunk.subarray(0, body.length - length);
    body.set(piece, length);
    length += piece.length;
    if (length === body.length) break;
  }
  return body.subarray(0, length);
}

function refuse(status, code, message) {
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store", "Retry-After": "1" };
  const body = { success: false, requestId: crypto.randomUUID(), error: { code, message } };
  return new Response(JSON.stringify(body), { status, headers });
}

async function serve(request, env, ctx) {
  const url = new URL(request.url);
  const fromOperator = url.pathname.startsWith("/v1/") && isOperator(request, env);
  const event = encodeEvent({
    kind: EVENT.HTTP,
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: [...request.headers].filter(([name]) => name !== "authorization"),
    peer: fromOperator ? "" : (request.headers.get("CF-Connecting-IP") ?? ""),
    fromOperator,
    body: await readBody(request),
  });
  if (event === null) return refuse(431, "TOO_LARGE", "the headers are too large");
  // The operator sees what is stored; everybody else what is cached.
  const stored = fromOperator ? await env.LANE.getByName(REGISTRY).shared() : null;
  const place = new WorkerPlace(env, fromOperator ? withEnvKey(stored, env) : await cachedKeys(env));
  place.ctx = ctx;
  const call = new Call(place);
  const done = pool.run("worker", call, event);
  ctx.waitUntil(done.catch(() => {}));
  const reply = await Promise.race([done, call.early]);
  if (reply === null) return refuse(503, "OVERLOADED", "too many requests in progress; try again");
  const { status, headers, body } = decodeReply(reply);
  const isTyped = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (!isTyped) headers.push(["Content-Type", "application/json"]);
  return new Response(body, { status, headers });
}

export default {
  async fetch(request, env, ctx) {
    try {
      return await serve(request, env, ctx);
    } catch (error) {
      log(env, 3, "", "a request failed", String(error));
      return refuse(503, "UNAVAILABLE", "the request could not be worked on; send it again");
    }
  },

  /** Messages are wake-ups: what is due is in the lane's rows, so losing, doubling or reordering them is harmless. */
  async queue(batch, env) {
    const isDead = batch.queue.endsWith("-dlq");
    await Promise.all(
      batch.messages.map(async (message) => {
        try {
          const lane = env.LANE.getByName(message.body.lane);
          await (isDead ? lane.deadLetter(message.body.lane) : lane.wake(message.body.lane));
          message.ack();
        } catch (error) {
          log(env, 3, "", "a lane could not be woken", String(error));
          message.retry({ delaySeconds: RETRY_S });
        }
      }),
    );
  },

  async scheduled(_controller, env) {
    await env.LANE.getByName(REGISTRY).watch();
  },
};

export { Lane };
