// The other client, kept from the network: its markets come from files, and what it would send is kept instead of sent.

import { readFileSync } from "node:fs";
import ccxt from "ccxt";

export const KEY = "testApiKey0123456789";
export const SECRET = "testApiSecret9876543210";
export const TIME = 1700000000000;

class Kept extends Error {}

/** A client of the product's class whose clock stands still; `prepare` may turn it to the test network. */
export async function makeClient(product, prepare = () => {}) {
  const { id, path, types } = product.client;
  const market = JSON.parse(readFileSync(new URL(`markets/${product.name.replace(" ", "_")}.json`, import.meta.url)));
  const answers = { [path]: market, ...product.client.answers };
  const kept = [];
  const client = new ccxt[id]({ apiKey: KEY, secret: SECRET, enableRateLimit: false });
  client.milliseconds = client.nonce = () => TIME;
  client.has.fetchCurrencies = false;
  Object.assign(client.options, { recvWindow: product.window, fetchMarkets: { types } }, product.client.options);
  client.fetch = async (url, method, headers, body) => {
    const answer = answers[new URL(url).pathname];
    if (answer !== undefined) return answer;
    kept.push({ method, url, headers: headers ?? {}, body: body ?? "" });
    throw new Kept(url);
  };
  prepare(client);
  await client.loadMarkets();
  kept.length = 0;
  return { client, kept };
}

/** The requests that `ask` makes, up to the first whose answer matters; an error of the client's own is thrown on. */
export async function capture({ client, kept }, ask) {
  kept.length = 0;
  try {
    await ask(client);
  } catch (error) {
    if (!(error instanceof Kept)) throw error;
  }
  if (kept.length === 0) throw new Error("nothing was asked");
  return kept[0];
}
