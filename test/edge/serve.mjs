// The Worker on workerd as a server like `hoox serve`: the same settings from the environment, data under HOOX_DATA, a
// control socket for the command line, and the ledger where the command line looks for it. For tests.

import { existsSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { accounts, askStub, fetchAnew, startWorker } from "./stand.mjs";

const CRON_MS = 60_000;
const prefixes = ["HOOX_", "TELEGRAM_", ...accounts.map(({ exchange }) => `${exchange.toUpperCase()}_`)];
const data = process.env.HOOX_DATA;
const [, port] = /:(\d+)$/.exec(process.env.HOOX_LISTEN);
const token = randomBytes(32).toString("hex");
const settings = Object.entries(process.env).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)));

const edge = await startWorker({
  port: Number(port),
  folder: `${data}/edge`,
  settings: { ...Object.fromEntries(settings), HOOX_OPERATOR_TOKEN: token },
});

// D1's file is the ledger that `hoox db query` reads.
const folder = `${data}/edge/d1/miniflare-D1DatabaseObject`;
const file = readdirSync(folder).find((name) => name.endsWith(".sqlite") && !name.startsWith("metadata"));
if (!existsSync(`${data}/hoox.db`)) symlinkSync(`${folder}/${file}`, `${data}/hoox.db`);

const lanes = await edge.runtime.getDurableObjectNamespace("LANE");
const registry = lanes.getByName("registry");

/** D1 follows the lanes within moments; whoever compares it with the venue wants to know that it has. */
async function flush() {
  for (const lane of await askStub(() => registry.lanes())) await askStub(() => lanes.getByName(lane).flush());
}

async function forward(request, body) {
  const answer = await fetchAnew(new URL(request.url, edge.url), {
    method: request.method,
    headers: { Authorization: `Bearer ${token}` },
    body: body.length > 0 ? body : undefined,
  });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}

async function control(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url !== "/edge/flush") return forward(request, Buffer.concat(chunks));
  await flush();
  return { status: 200, body: Buffer.from("{}") };
}

const socket = createServer((request, response) => {
  control(request).then(
    ({ status, body }) => response.writeHead(status, { "Content-Length": body.length }).end(body),
    (error) => response.writeHead(503).end(String(error)),
  );
});

// workerd has no clock of its own for crons. The first comes at once, as after a deployment.
const worker = await edge.runtime.getWorker();
const cron = () => worker.scheduled({ cron: "* * * * *" }).catch((error) => console.log(String(error)));
const clock = setInterval(cron, CRON_MS);

async function stop() {
  clearInterval(clock);
  socket.close();
  await edge.stop();
  process.exit(0);
}
// In place of miniflare's own, which end the process before everything is stopped.
for (const name of ["SIGTERM", "SIGINT"]) process.removeAllListeners(name).once(name, stop);

// Last: whoever finds the socket may use everything above.
rmSync(`${data}/hoox.sock`, { force: true });
socket.listen(`${data}/hoox.sock`);
cron();
