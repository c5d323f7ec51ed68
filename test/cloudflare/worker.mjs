// The Worker on workerd with a laboratory, for workerd.py: prints one line with its address and D1's file. For each
// line of its standard input, a statement as a JSON text, it prints what D1 says; it ends when that input does.

import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { paper, patient, startLab, startWorker } from "../edge/stand.mjs";

const { HOOX_DATA, HOOX_WEBHOOK_KEY, HOOX_OPERATOR_TOKEN } = process.env;
const lab = await startLab();
const folder = `${HOOX_DATA}/edge`;
const settings = { ...paper(lab, HOOX_WEBHOOK_KEY), ...patient, HOOX_OPERATOR_TOKEN, HOOX_LOG_LEVEL: "error" };
const edge = await startWorker({ folder, settings });
const ledgers = `${folder}/d1/miniflare-D1DatabaseObject`;
const file = readdirSync(ledgers).find((name) => name.endsWith(".sqlite") && !name.startsWith("metadata"));
console.log(JSON.stringify({ url: edge.url.href, ledger: `${ledgers}/${file}` }));

for await (const line of createInterface({ input: process.stdin })) {
  const said = await edge.db
    .prepare(JSON.parse(line))
    .all()
    .then(
      ({ results }) => ({ results }),
      (error) => ({ error: String(error) }),
    );
  console.log(JSON.stringify(said));
}
await edge.stop();
await lab.stop();
process.exit(0);
