/* Secret hygiene: what is stored, logged or quoted goes through here first (I8). Pure. */
#ifndef HX_CORE_ADMIT_REDACT_H
#define HX_CORE_ADMIT_REDACT_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/str.h"

#define HX_REDACTED "[redacted]"

/* True for a member name whose value is a secret by its name: apiKey, secret, passphrase, token, key, signature,
 * password, authorization, X-MBX-APIKEY and the like, in any case and with or without - and _. */
bool hx_redact_is_secret_name(hx_str name);

/* Every occurrence of `secret` replaced by HX_REDACTED; also inside longer words. An empty secret changes nothing.
 * LIMIT_ARENA. */
HX_MUST_USE hx_err hx_redact_text(struct hx_arena *arena, hx_str text, hx_str secret, hx_str *out);

/* The document as compact JSON with the value of every secret name, at any depth, replaced by "[redacted]", and every
 * occurrence of `secret` (the presented key; may be empty) inside other strings too. For the stored body of a signal.
 * LIMIT_ARENA. */
HX_MUST_USE hx_err hx_redact_json(struct hx_arena *arena, const struct hx_json *root, hx_str secret, hx_str *out);

#endif
