#include "host/native/tls.h"

#include <openssl/err.h>
#include <stdbool.h>
#include <stdio.h>

static int choose_protocol(SSL *tls, const unsigned char **out, unsigned char *out_len, const unsigned char *offered,
                           unsigned int offered_len, void *arg) {
    (void)tls;
    (void)arg;
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    int result = SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, offered, offered_len);
    *out = chosen;
    /* A client that only speaks something else is told so instead of being left to guess (RFC 7301 3.2). */
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *hx_tls_make(const char *cert_path, const char *key_path, char *problem, size_t problem_size) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool ok = context != NULL && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
    const char *failing = cert_path;
    ok = ok && SSL_CTX_use_certificate_chain_file(context, cert_path) == 1;
    if (ok) {
        failing = key_path;
        ok = SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) == 1 &&
             SSL_CTX_check_private_key(context) == 1;
    }
    if (!ok) {
        char text[128];
        ERR_error_string_n(ERR_get_error(), text, sizeof(text));
        (void)snprintf(problem, problem_size, "%s: %s", failing, text);
        SSL_CTX_free(context);
        return NULL;
    }
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return context;
}
