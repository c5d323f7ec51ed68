#include "core/base/sha256.h"

#define BLOCK_LEN 64

/* FIPS 180-4 section 4.2.2. */
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate_right(uint32_t value, unsigned count) {
    return value >> count | value << (32 - count);
}

static uint32_t load_be32(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static void store_be32(uint8_t *b, uint32_t value) {
    b[0] = (uint8_t)(value >> 24);
    b[1] = (uint8_t)(value >> 16);
    b[2] = (uint8_t)(value >> 8);
    b[3] = (uint8_t)value;
}

static void expand_block(const uint8_t *block, uint32_t schedule[64]) {
    for (size_t i = 0; i < 16; i++) schedule[i] = load_be32(block + 4 * i);
    for (size_t i = 16; i < 64; i++) {
        uint32_t a = schedule[i - 15];
        uint32_t b = schedule[i - 2];
        uint32_t small0 = rotate_right(a, 7) ^ rotate_right(a, 18) ^ (a >> 3);
        uint32_t small1 = rotate_right(b, 17) ^ rotate_right(b, 19) ^ (b >> 10);
        schedule[i] = schedule[i - 16] + small0 + schedule[i - 7] + small1;
    }
}

/* FIPS 180-4 section 6.2.2; s[0..7] are its working variables a..h. */
static void add_block(uint32_t state[8], const uint8_t *block) {
    uint32_t schedule[64];
    uint32_t s[8];
    expand_block(block, schedule);
    for (size_t i = 0; i < 8; i++) s[i] = state[i];
    for (size_t i = 0; i < 64; i++) {
        uint32_t big1 = rotate_right(s[4], 6) ^ rotate_right(s[4], 11) ^ rotate_right(s[4], 25);
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t t1 = s[7] + big1 + choice + round_constants[i] + schedule[i];
        uint32_t big0 = rotate_right(s[0], 2) ^ rotate_right(s[0], 13) ^ rotate_right(s[0], 22);
        uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        s[7] = s[6];
        s[6] = s[5];
        s[5] = s[4];
        s[4] = s[3] + t1;
        s[3] = s[2];
        s[2] = s[1];
        s[1] = s[0];
        s[0] = t1 + big0 + majority;
    }
    for (size_t i = 0; i < 8; i++) state[i] += s[i];
}

void hx_sha256_init(struct hx_sha256 *hash) {
    *hash = (struct hx_sha256){
        .state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void hx_sha256_add(struct hx_sha256 *hash, const void *data, size_t len) {
    const uint8_t *in = data;
    size_t fill = (size_t)(hash->len_total % BLOCK_LEN);
    hash->len_total += len;
    if (fill > 0) {
        size_t part = len < BLOCK_LEN - fill ? len : BLOCK_LEN - fill;
        hx_mem_copy(hash->block + fill, in, part);
        if (fill + part < BLOCK_LEN) return;
        add_block(hash->state, hash->block);
        in += part;
        len -= part;
    }
    for (; len >= BLOCK_LEN; len -= BLOCK_LEN, in += BLOCK_LEN) add_block(hash->state, in);
    hx_mem_copy(hash->block, in, len);
}

void hx_sha256_finish(struct hx_sha256 *hash, uint8_t out[HX_SHA256_LEN]) {
    static const uint8_t padding[BLOCK_LEN] = {0x80};
    uint64_t bits = hash->len_total * 8;
    size_t fill = (size_t)(hash->len_total % BLOCK_LEN);
    uint8_t len_field[8];
    store_be32(len_field, (uint32_t)(bits >> 32));
    store_be32(len_field + 4, (uint32_t)bits);
    hx_sha256_add(hash, padding, fill < 56 ? 56 - fill : 120 - fill);
    hx_sha256_add(hash, len_field, sizeof len_field);
    for (size_t i = 0; i < 8; i++) store_be32(out + 4 * i, hash->state[i]);
}

void hx_sha256(hx_str data, uint8_t out[HX_SHA256_LEN]) {
    struct hx_sha256 hash;
    hx_sha256_init(&hash);
    hx_sha256_add(&hash, data.data, data.len);
    hx_sha256_finish(&hash, out);
}

void hx_hmac_sha256(hx_str key, hx_str data, uint8_t out[HX_SHA256_LEN]) {
    uint8_t pad[BLOCK_LEN] = {0};
    uint8_t inner[HX_SHA256_LEN];
    struct hx_sha256 hash;
    if (key.len > BLOCK_LEN) {
        hx_sha256(key, pad);
    } else {
        hx_mem_copy(pad, key.data, key.len);
    }
    for (size_t i = 0; i < BLOCK_LEN; i++) pad[i] ^= 0x36;
    hx_sha256_init(&hash);
    hx_sha256_add(&hash, pad, BLOCK_LEN);
    hx_sha256_add(&hash, data.data, data.len);
    hx_sha256_finish(&hash, inner);
    for (size_t i = 0; i < BLOCK_LEN; i++) pad[i] ^= 0x36 ^ 0x5c;
    hx_sha256_init(&hash);
    hx_sha256_add(&hash, pad, BLOCK_LEN);
    hx_sha256_add(&hash, inner, sizeof inner);
    hx_sha256_finish(&hash, out);
}
