#define _GNU_SOURCE

#include "host/native/secrets.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/mman.h>

#define NAME_LEN_MAX 64
#define SCRUB_LEN_MIN 8

struct secret {
    char name[NAME_LEN_MAX];
    size_t name_len;
    char value[HX_SECRET_LEN_MAX];
    size_t value_len;
};

struct hx_secrets {
    size_t count;
    struct secret list[HX_SECRETS_MAX];
};

bool hx_secrets_is_name(hx_str name) {
    const hx_str identifiers[] = {HX_STR("BINANCE_API_KEY"), HX_STR("BYBIT_API_KEY"), HX_STR("MEXC_API_KEY")};
    for (size_t i = 0; i < sizeof(identifiers) / sizeof(identifiers[0]); i++) {
        if (hx_str_equal(name, identifiers[i])) return false;
    }
    const hx_str endings[] = {HX_STR("_SECRET"), HX_STR("_TOKEN"), HX_STR("_PASSWORD"), HX_STR("_PASSPHRASE"),
                              HX_STR("_KEY")};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (hx_str_ends_with(name, endings[i])) return true;
    }
    return false;
}

struct hx_secrets *hx_secrets_make(void) {
    struct hx_secrets *secrets =
        mmap(NULL, sizeof(*secrets), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (secrets == MAP_FAILED) return NULL;
    (void)madvise(secrets, sizeof(*secrets), MADV_DONTDUMP);
    return secrets;
}

void hx_secrets_release(struct hx_secrets *secrets) {
    if (secrets == NULL) return;
    explicit_bzero(secrets, sizeof(*secrets));
    (void)munmap(secrets, sizeof(*secrets));
}

static const struct secret *find(const struct hx_secrets *secrets, hx_str name) {
    for (size_t i = 0; i < secrets->count; i++) {
        const struct secret *secret = &secrets->list[i];
        if (hx_str_equal(hx_str_make(secret->name, secret->name_len), name)) return secret;
    }
    return NULL;
}

bool hx_secrets_put(struct hx_secrets *secrets, hx_str name, hx_str value) {
    if (name.len > NAME_LEN_MAX || value.len > HX_SECRET_LEN_MAX) return false;
    const struct secret *known = find(secrets, name);
    size_t index = known == NULL ? secrets->count : (size_t)(known - secrets->list);
    if (index >= HX_SECRETS_MAX) return false;
    struct secret *secret = &secrets->list[index];
    /* Locked piece by piece, as used: the limit on locked memory may be small, and a failure is only less protection.
     */
    (void)mlock(secret, sizeof(*secret));
    explicit_bzero(secret, sizeof(*secret));
    memcpy(secret->name, name.data, name.len);
    secret->name_len = name.len;
    if (value.len > 0) memcpy(secret->value, value.data, value.len);
    secret->value_len = value.len;
    if (index == secrets->count) secrets->count++;
    return true;
}

bool hx_secrets_has(const struct hx_secrets *secrets, hx_str name) {
    return find(secrets, name) != NULL;
}

static void to_hex(const uint8_t digest[32], char hex[64]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
}

bool hx_secrets_sign(const struct hx_secrets *secrets, hx_str name, hx_str text, char hex[64]) {
    const struct secret *secret = find(secrets, name);
    if (secret == NULL) return false;
    uint8_t digest[32];
    unsigned int len = 0;
    const void *data = text.len == 0 ? "" : text.data;
    if (HMAC(EVP_sha256(), secret->value, (int)secret->value_len, data, text.len, digest, &len) == NULL) return false;
    if (len != sizeof(digest)) return false;
    to_hex(digest, hex);
    return true;
}

bool hx_secrets_digest(const struct hx_secrets *secrets, hx_str name, char hex[64]) {
    const struct secret *secret = find(secrets, name);
    if (secret == NULL) return false;
    uint8_t digest[32];
    if (EVP_Digest(secret->value, secret->value_len, digest, NULL, EVP_sha256(), NULL) != 1) return false;
    to_hex(digest, hex);
    return true;
}

void hx_secrets_scrub(const struct hx_secrets *secrets, char *text, size_t len) {
    for (size_t i = 0; i < secrets->count; i++) {
        const struct secret *secret = &secrets->list[i];
        if (secret->value_len < SCRUB_LEN_MIN) continue;
        char *from = text;
        char *hit = NULL;
        while ((hit = memmem(from, len - (size_t)(from - text), secret->value, secret->value_len)) != NULL) {
            memset(hit, '*', secret->value_len);
            from = hit + secret->value_len;
        }
    }
}
