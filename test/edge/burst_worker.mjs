// The Worker with one more path: /test/refused tells what venues have refused.

import worker, { Lane } from "./parts.mjs";

const refused = [];
const send = globalThis.fetch;
globalThis.fetch = async (request, init) => {
  const answer = await send(request, init);
  const body = await answer.clone().text();
  if (/"code":-?[1-9]/.test(body.slice(0, 200))) refused.push(`${request.method} ${request.url} ${body}`);
  return answer;
};

export default {
  ...worker,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/test/refused") return Response.json(refused);
    return worker.fetch(request, env, ctx);
  },
};

export { Lane };
