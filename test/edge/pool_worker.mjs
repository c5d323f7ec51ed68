// The Worker with two more paths: what the pool has counted, and an attempt to enter one instance twice.

import worker, { EVENT, Instance, Lane, encodeEvent, pool } from "./parts.mjs";

const nowhere = {
  env: { HOOX_LOG_LEVEL: "error" },
  sleep: () => new Promise((resolve) => setTimeout(() => resolve(0), 5)),
};

async function enterTwice() {
  const instance = new Instance();
  const event = encodeEvent({ kind: EVENT.HTTP, method: "GET", path: "/pool/stack", query: "abc" });
  const first = instance.run(nowhere, event);
  const second = await instance.run(nowhere, event).then(
    () => "it was let in",
    (error) => error.message,
  );
  await first;
  return second;
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/test/twice") return new Response(await enterTwice());
    if (pathname !== "/test/counts") return worker.fetch(request, env, ctx);
    const { made, discarded, inFlight, idle } = pool;
    return Response.json({ made, discarded, inFlight: inFlight.worker.size, idle: idle.length });
  },
};

export { Lane };
