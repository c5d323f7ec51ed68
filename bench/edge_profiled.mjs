// The Worker as it is, with one more path: /bench/burn keeps the processor busy, so that samples can be weighed.

import worker, { Lane } from "./parts.mjs";

function burn(rounds) {
  let mixed = 1;
  for (let i = 0; i < rounds; i++) mixed = Math.imul(mixed ^ i, 0x9e3779b1) >>> 0;
  return mixed;
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname !== "/bench/burn") return worker.fetch(request, env, ctx);
    return new Response(String(burn(Number(url.searchParams.get("rounds")))));
  },
};

export { Lane };
