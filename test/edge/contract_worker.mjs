// The contract's cases run where the core runs: /lane/... inside a Durable Object, /worker/... in the Worker with D1.

import worker, { EVENT, Lane, decodeReply, encodeEvent } from "./parts.mjs";

const LANE = "contract:a"; // The contract's own: it calls, locks and wakes this lane.

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const [, place, path] = /^\/(\w+)(\/.*)$/.exec(url.pathname);
    if (place === "worker") return worker.fetch(new Request(new URL(path, url)), env, ctx);
    const event = encodeEvent({ kind: EVENT.HTTP, method: "GET", path });
    const { status, body } = decodeReply(await env.LANE.getByName(LANE).handle(LANE, event));
    return new Response(body, { status });
  },
};

export { Lane };
