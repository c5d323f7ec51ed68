/* Identifiers: UUIDv7 for signals and requests, client order ids for orders. */
#ifndef HX_CORE_BASE_ID_H
#define HX_CORE_BASE_ID_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/time.h"

#define HX_UUID_LEN 36
#define HX_CLIENT_ORDER_ID_LEN 22
#define HX_LEG_MAX 15

typedef struct {
    uint8_t bytes[16];
} hx_uuid;

/* RFC 9562 section 5.7: 48-bit milliseconds (asserted), version 7, variant 10, the rest from `random`. */
hx_uuid hx_uuid_make_v7(hx_time now, const uint8_t random[10]);
void hx_uuid_add_to(struct hx_buf *buf, hx_uuid id); /* Lower-case, hyphenated, 36 characters. */
/* The hyphenated form, either case, any version. REJECT_SYNTAX. */
HX_MUST_USE hx_err hx_uuid_parse(hx_str text, hx_uuid *out);

/* The client order id of one leg (0..HX_LEG_MAX) of a signal: base64url of the signal's UUID with the version
 * nibble replaced by the leg. Injective, 22 characters of [A-Za-z0-9_-], valid on every venue, and it can be read
 * back, so an order seen at the venue names its signal. Time-ordered as the UUID is, which keeps indexes local.
 * The signal's UUID must be of version 7 (asserted): another's version nibble would be lost. */
void hx_client_order_id_add_to(struct hx_buf *buf, hx_uuid signal, uint32_t leg);
/* REJECT_SYNTAX when it is not one of ours. */
HX_MUST_USE hx_err hx_client_order_id_parse(hx_str text, hx_uuid *signal, uint32_t *leg);

#endif
