/* Named webhook keys: what a caller puts into the body of an alert to prove that the owner sent it.
 *
 * A key is 32 random bytes, written "hxk_" + base64url (47 characters), shown once and stored as its SHA-256:
 * kv entry keys:webhook:<name> = {"digest":hex,"created":ms,"expires":ms or 0,"previous":{"digest":hex,"expires":ms}}.
 * 256 random bits need no slow hash. `previous` is the key before a rotation, valid until its `expires`.
 *
 * The name "env" is the host's: it keeps that entry equal to the digest of the secret HOOX_WEBHOOK_KEY while that is
 * set, so that the secret itself stays outside of the core. */
#ifndef HX_CORE_ADMIT_KEYS_H
#define HX_CORE_ADMIT_KEYS_H

#include "core/base/err.h"
#include "core/base/sha256.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "port/host.h"

#define HX_KEY_NAME_LEN_MAX 32
#define HX_KEY_PLAIN_LEN 47
#define HX_KEY_LEN_ADVISED 16 /* At least, of a key that the owner made up; its most is HX_SIGNAL_KEY_LEN_MAX. */
#define HX_KEYS_MAX 64
#define HX_KEYS_PREFIX "keys:webhook:"
#define HX_KEY_ENV_NAME "env"

struct hx_key_info {
    hx_str name;
    bool valid; /* False: the stored entry can't be read. It admits nobody; revoke it. */
    hx_time created_ms;
    hx_time expires_ms; /* 0: never. */
    bool has_previous;
    hx_time previous_expires_ms;
};

/* 1..32 characters of a-z 0-9 -. "env" is the host's. REJECT_INPUT. */
HX_MUST_USE hx_err hx_key_name_check(hx_str name);

/* May suspend. Makes and stores a key; *plain (arena) is its only copy. REJECT_INPUT (name), CONFLICT_KEY (exists:
 * rotate or revoke it), LIMIT_COUNT, store errors. */
HX_MUST_USE hx_err hx_keys_generate(struct hx_req *req, hx_str name, hx_str *plain);
/* May suspend. The new key is *plain; the old one works for overlap_ms more (0: not at all), the one before it no
 * longer. REJECT_INPUT (name, negative overlap), ABSENT_KEY, BROKEN_CONFIG (entry unreadable), store errors. */
HX_MUST_USE hx_err hx_keys_rotate(struct hx_req *req, hx_str name, int64_t overlap_ms, hx_str *plain);
/* May suspend. The key and its predecessor stop working. REJECT_INPUT, ABSENT_KEY, store errors. */
HX_MUST_USE hx_err hx_keys_revoke(struct hx_req *req, hx_str name);
/* May suspend. Ends the key at `expires_ms` (0: never). REJECT_INPUT, ABSENT_KEY, BROKEN_CONFIG, store errors. */
HX_MUST_USE hx_err hx_keys_set_expiry(struct hx_req *req, hx_str name, hx_time expires_ms);
/* All keys by name, without anything secret; *out in the arena. LIMIT_ARENA, LIMIT_COUNT, store errors. */
HX_MUST_USE hx_err hx_keys_list(struct hx_req *req, const struct hx_key_info **out, uint32_t *count);

/* Whether `presented` is a key that is valid at `now`; *name (arena) says which. Every digest is compared, each in
 * constant time, whatever the others said. ABSENT_KEY when it is none (or empty); LIMIT_ARENA, store errors: then
 * nobody is admitted. */
HX_MUST_USE hx_err hx_keys_check(struct hx_req *req, hx_str presented, hx_time now, hx_str *name);

/* The digest as it is stored: 64 lower-case hex digits. */
void hx_key_add_digest(struct hx_buf *buf, hx_str plain);

#endif
