// What runs inside the Worker's own isolate, by samples through workerd's inspector. The other parts of the same
// process (D1's, KV's and the queues' simulation, the HTTP server) have isolates of their own or none.

import { once } from "node:events";
import WebSocket from "ws";

const WORKER = "core:user:"; // As miniflare calls the only Worker of a stand.
const OURS = /\.mjs$|^wasm:/;
const RESTING = ["(idle)", "(root)"];

/** A stand started with `more: { inspectorPort: 0 }`. */
export async function openProfiler(runtime) {
  const { host } = await runtime.getInspectorURL();
  const list = await (await fetch(`http://${host}/json`)).json();
  const socket = new WebSocket(list.find(({ id }) => id === WORKER).webSocketDebuggerUrl);
  const waiting = new Map();
  socket.on("message", (data) => {
    const { id, result, error } = JSON.parse(data);
    waiting.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
  });
  await once(socket, "open");
  let last = 0;
  const ask = (method, params = {}) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await ask("Profiler.enable");
  return {
    async start(intervalUs) {
      await ask("Profiler.setSamplingInterval", { interval: intervalUs });
      await ask("Profiler.start");
    },
    async stop() {
      return count((await ask("Profiler.stop")).profile);
    },
    close: () => socket.terminate(),
  };
}

/** Samples of what the Worker is made of (JavaScript and WebAssembly); of the runtime's part of its work (SQL, D1's
 *  client, memory); and `within(name)`, those with a function of that name on the stack. */
function count({ nodes, samples }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const frames = (id) => {
    const list = [];
    for (let at = id; at !== undefined; at = parents.get(at)) list.push(byId.get(at).callFrame);
    return list;
  };
  const busy = samples.map(frames).filter(([top]) => !RESTING.includes(top.functionName));
  const ours = busy.filter(([top]) => OURS.test(top.url)).length;
  const within = (name) => busy.filter((stack) => stack.some(({ functionName }) => functionName === name)).length;
  return { ours, runtime: busy.length - ours, within };
}
