/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), for fingerprints, hashed keys and the laboratory's
 * signature checks. Signing with live secrets is the host's `sign` operation, not this. */
#ifndef HX_CORE_BASE_SHA256_H
#define HX_CORE_BASE_SHA256_H

#include "core/base/str.h"

#define HX_SHA256_LEN 32

struct hx_sha256 {
    uint32_t state[8];
    uint64_t len_total;
    uint8_t block[64];
};

void hx_sha256_init(struct hx_sha256 *hash);
void hx_sha256_add(struct hx_sha256 *hash, const void *data, size_t len);
void hx_sha256_finish(struct hx_sha256 *hash, uint8_t out[HX_SHA256_LEN]);
void hx_sha256(hx_str data, uint8_t out[HX_SHA256_LEN]);
void hx_hmac_sha256(hx_str key, hx_str data, uint8_t out[HX_SHA256_LEN]);

#endif
