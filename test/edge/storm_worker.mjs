// The Worker with one more path: /test/evict?lane=... makes that lane's object die where it stands, as the platform
// may.

import worker, { Lane as Base } from "./parts.mjs";

export class Lane extends Base {
  async evict() {
    this.ctx.abort("evicted by the test");
  }
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname !== "/test/evict") return worker.fetch(request, env, ctx);
    await env.LANE.getByName(url.searchParams.get("lane")).evict().catch(() => {});
    return new Response("gone");
  },
};
