// How each venue wants requests signed: the text, and where the signature stands. Each is proven on the other client's
// own request before it judges ours.

import { createHmac } from "node:crypto";

const SIGNATURE = "signature=";

/** Case matters in no header's name. */
export function header(request, name) {
  const found = Object.keys(request.headers).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : String(request.headers[found]);
}

function query(request) {
  const at = request.url.indexOf("?");
  return at < 0 ? "" : request.url.slice(at + 1);
}

/** Query, then body, nothing between; the signature is the last parameter of either. */
function appended(request) {
  const parts = [query(request), request.body];
  let signature;
  const text = parts.map((part) => {
    const at = part.lastIndexOf(SIGNATURE);
    if (at < 0) return part;
    signature = part.slice(at + SIGNATURE.length);
    return part.slice(0, Math.max(0, at - 1));
  });
  return { text: text.join(""), signature };
}

/** Time, key and window before the query or the body; the signature is a header. */
function bybit(request) {
  const before = ["X-BAPI-TIMESTAMP", "X-BAPI-API-KEY", "X-BAPI-RECV-WINDOW"].map((name) => header(request, name));
  const payload = request.method === "POST" ? request.body : query(request);
  return { text: before.join("") + payload, signature: header(request, "X-BAPI-SIGN") };
}

/** Key and time before the query or the body; the signature is a header. */
function contract(request) {
  const payload = request.method === "POST" ? request.body : query(request);
  const before = header(request, "ApiKey") + header(request, "Request-Time");
  return { text: before + payload, signature: header(request, "Signature") };
}

export const schemes = { appended, bybit, contract };

/** What is wrong with a request's signature; undefined: nothing. `signed`: the text that the sender says it signed. */
export function findFault(scheme, request, secret, signed) {
  const { text, signature } = schemes[scheme](request);
  if (signature === undefined) return "it bears no signature";
  if (signed !== undefined && signed !== text) return `signed was '${signed}', to be signed is '${text}'`;
  const wanted = createHmac("sha256", secret).update(text).digest("hex");
  return signature === wanted ? undefined : `the signature over '${text}' is ${wanted}, not ${signature}`;
}
