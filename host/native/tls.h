/* TLS for the listener: OpenSSL, TLS 1.2 and up. */
#ifndef HX_HOST_NATIVE_TLS_H
#define HX_HOST_NATIVE_TLS_H

#include <openssl/ssl.h>
#include <stddef.h>

/* From PEM files. NULL and a sentence in `problem`. The caller frees it with SSL_CTX_free. */
SSL_CTX *hx_tls_make(const char *cert_path, const char *key_path, char *problem, size_t problem_size);

#endif
