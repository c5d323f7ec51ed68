// Requests taken apart, and what two of them differ in.

const SIGNATURES = ["signature", "x-bapi-sign"];

/** JSON values under their paths: {"a":[{"b":1}]} is {"a[0].b": 1}. */
function flatten(value, path, out) {
  if (value === null || typeof value !== "object") {
    out[path] = value;
  } else if (Array.isArray(value)) {
    value.forEach((element, i) => flatten(element, `${path}[${i}]`, out));
  } else {
    for (const [name, member] of Object.entries(value)) flatten(member, path === "" ? name : `${path}.${name}`, out);
  }
  return out;
}

function fromForm(text) {
  return Object.fromEntries(text.split("&").filter((pair) => pair !== "").map((pair) => {
    const at = pair.indexOf("=");
    return [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))];
  }));
}

function fromBody(body) {
  const isJson = body.startsWith("{") || body.startsWith("[");
  return isJson ? flatten(JSON.parse(body), "", {}) : fromForm(body);
}

/** Every property by which a request can differ from another, by name. */
export function properties(request) {
  const url = new URL(request.url);
  const query = fromForm(url.search.slice(1));
  const body = fromBody(request.body);
  const out = { method: request.method, host: url.host, path: url.pathname };
  const places = [];
  for (const [place, parameters] of [["query", query], ["body", body]]) {
    for (const name of SIGNATURES) delete parameters[name];
    if (Object.keys(parameters).length > 0) places.push(place);
    for (const [name, value] of Object.entries(parameters)) out[`parameter ${name}`] = value;
  }
  out.place = places.length === 0 ? null : places.join(" and ");
  for (const [name, value] of Object.entries(request.headers)) {
    if (!SIGNATURES.includes(name.toLowerCase())) out[`header ${name.toLowerCase()}`] = String(value);
  }
  return out;
}

/** [{ field, hoox, ccxt }], absent values as null. Numbers and text of the same digits differ: venues care. */
export function compare(a, b) {
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return fields
    .map((field) => ({ field, hoox: a[field] ?? null, ccxt: b[field] ?? null }))
    .filter(({ hoox, ccxt }) => hoox !== ccxt);
}
