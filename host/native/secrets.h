/* Secrets: the only place that holds them, and the only one that uses them.
 *
 * Values live in locked pages that are left out of core dumps and wiped at release. Nothing here returns a value. */
#ifndef HX_HOST_NATIVE_SECRETS_H
#define HX_HOST_NATIVE_SECRETS_H

#include "core/app/setting.h"
#include "core/base/str.h"

#define HX_SECRETS_MAX 32
#define HX_SECRET_LEN_MAX 1024

struct hx_secrets;

/* By name alone: …_SECRET, …_TOKEN, …_PASSWORD, …_PASSPHRASE and …_KEY, except the venues' API keys, which travel in
 * a header and identify more than they prove (BINANCE_API_KEY and its like). */
bool hx_secrets_is_name(hx_str name);

struct hx_secrets *hx_secrets_make(void); /* NULL: no memory. */
void hx_secrets_release(struct hx_secrets *secrets);

/* Copies; the caller wipes its own. A later value replaces an earlier one, an empty one leaves none. False: too many or
 * too long. */
bool hx_secrets_put(struct hx_secrets *secrets, hx_str name, hx_str value);
bool hx_secrets_has(struct hx_secrets *secrets, hx_str name);
bool hx_secrets_list(const struct hx_secrets *secrets, size_t index, hx_str *name); /* False at the end. */
/* Whether the value is one that the setting may have; also when there is none. */
bool hx_secrets_check(struct hx_secrets *secrets, const struct hx_setting_info *info);

/* HMAC-SHA-256 (RFC 2104) as 64 hex digits. False: no such secret. */
bool hx_secrets_sign(struct hx_secrets *secrets, hx_str name, hx_str text, char hex[64]);
/* SHA-256 of the value as 64 hex digits. False: no such secret. */
bool hx_secrets_digest(struct hx_secrets *secrets, hx_str name, char hex[64]);

/* Overwrites with '*' every occurrence of a secret of at least 8 bytes: the last net under the log. */
void hx_secrets_scrub(const struct hx_secrets *secrets, char *text, size_t len);

#endif
