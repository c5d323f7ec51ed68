#define _GNU_SOURCE

#include "host/native/secrets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>
#include <sys/mman.h>

#include "core/venue/adapter.h"

#define NAME_LEN_MAX 64
#define SCRUB_LEN_MIN 8

struct secret {
    char name[NAME_LEN_MAX];
    size_t name_len;
    char value[HX_SECRET_LEN_MAX];
    size_t value_len;
    EVP_MAC_CTX *mac; /* Made with the first signature: keyed once, because fetching and keying cost 30 times as much
                         as signing. OpenSSL wipes it. */
};

struct hx_secrets {
    size_t count;
    struct secret list[HX_SECRETS_MAX];
};

bool hx_secrets_is_name(hx_str name) {
    if (hx_venue_is_key_setting(name)) return false;
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
    for (size_t i = 0; i < secrets->count; i++) EVP_MAC_CTX_free(secrets->list[i].mac);
    explicit_bzero(secrets, sizeof(*secrets));
    (void)munmap(secrets, sizeof(*secrets));
}

static struct secret *find_place(struct hx_secrets *secrets, hx_str name) {
    for (size_t i = 0; i < secrets->count; i++) {
        struct secret *secret = &secrets->list[i];
        if (hx_str_equal(hx_str_make(secret->name, secret->name_len), name)) return secret;
    }
    return NULL;
}

static struct secret *find(struct hx_secrets *secrets, hx_str name) {
    struct secret *secret = find_place(secrets, name);
    return secret != NULL && secret->value_len > 0 ? secret : NULL;
}

bool hx_secrets_put(struct hx_secrets *secrets, hx_str name, hx_str value) {
    if (name.len > NAME_LEN_MAX || value.len > HX_SECRET_LEN_MAX) return false;
    struct secret *known = find_place(secrets, name);
    size_t index = known == NULL ? secrets->count : (size_t)(known - secrets->list);
    if (index >= HX_SECRETS_MAX) return false;
    struct secret *secret = &secrets->list[index];
    /* Locked piece by piece, as used: the limit on locked memory may be small, and a failure is only less protection.
     */
    (void)mlock(secret, sizeof(*secret));
    if (known != NULL) EVP_MAC_CTX_free(secret->mac);
    explicit_bzero(secret, sizeof(*secret));
    memcpy(secret->name, name.data, name.len);
    secret->name_len = name.len;
    if (value.len > 0) memcpy(secret->value, value.data, value.len);
    secret->value_len = value.len;
    if (index == secrets->count) secrets->count++;
    return true;
}

bool hx_secrets_has(struct hx_secrets *secrets, hx_str name) {
    return find(secrets, name) != NULL;
}

bool hx_secrets_list(const struct hx_secrets *secrets, size_t index, hx_str *name) {
    if (index >= secrets->count) return false;
    *name = hx_str_make(secrets->list[index].name, secrets->list[index].name_len);
    return true;
}

bool hx_secrets_check(struct hx_secrets *secrets, const struct hx_setting_info *info) {
    const struct secret *secret = find(secrets, info->name);
    return secret == NULL || hx_setting_check(info, hx_str_make(secret->value, secret->value_len));
}

static void to_hex(const uint8_t digest[32], char hex[64]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
}

static EVP_MAC_CTX *make_mac(const struct secret *secret) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    if (mac == NULL || EVP_MAC_init(mac, (const unsigned char *)secret->value, secret->value_len, params) != 1) {
        EVP_MAC_CTX_free(mac);
        return NULL;
    }
    return mac;
}

bool hx_secrets_sign(struct hx_secrets *secrets, hx_str name, hx_str text, char hex[64]) {
    struct secret *secret = find(secrets, name);
    if (secret == NULL) return false;
    if (secret->mac == NULL) secret->mac = make_mac(secret);
    uint8_t digest[32];
    size_t len = 0;
    const unsigned char *data = (const unsigned char *)(text.len == 0 ? "" : text.data);
    /* Without a key, init starts over with the one it has. */
    bool ok = secret->mac != NULL && EVP_MAC_init(secret->mac, NULL, 0, NULL) == 1 &&
              EVP_MAC_update(secret->mac, data, text.len) == 1 &&
              EVP_MAC_final(secret->mac, digest, &len, sizeof(digest)) == 1 && len == sizeof(digest);
    if (ok) to_hex(digest, hex);
    return ok;
}

bool hx_secrets_digest(struct hx_secrets *secrets, hx_str name, char hex[64]) {
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
