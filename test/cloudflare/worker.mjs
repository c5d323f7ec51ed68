// The Worker on workerd with a laboratory, for workerd.py: prints one line with its address and D1's file, and ends
// when its standard input does.

import { readdirSync } from "node:fs";
import { paper, startLab, startWorker } from "../edge/stand.mjs";

const { HOOX_DATA, HOOX_WEBHOOK_KEY, HOOX_OPERATOR_TOKEN } = process.env;
const lab = await startLab();
const folder = `${HOOX_DATA}/edge`;
const settings = { ...paper(lab, HOOX_WEBHOOK_KEY), HOOX_OPERATOR_TOKEN, HOOX_LOG_LEVEL: "error" };
const edge = await startWorker({ folder, settings });
const ledgers = `${folder}/d1/miniflare-D1DatabaseObject`;
const file = readdirSync(ledgers).find((name) => name.endsWith(".sqlite") && !name.startsWith("metadata"));
console.log(JSON.stringify({ url: edge.url.href, ledger: `${ledgers}/${file}` }));

process.stdin.resume().on("end", async () => {
  await edge.stop();
  await lab.stop();
  process.exit(0);
});
