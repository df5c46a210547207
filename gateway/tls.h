/* TLS for the HTTPS port: versions, ciphers, ALPN. */
#ifndef QL_GATEWAY_TLS_H
#define QL_GATEWAY_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/types.h>

/* A context with the certificate chain and the private key of the two PEM files,
 * offering HTTP/2 by ALPN when with_http2. NULL with a text in error. Released
 * by SSL_CTX_free. */
SSL_CTX *tls_context_new(const char *cert_file, const char *key_file, bool with_http2, char *error,
                         size_t error_size);

#endif
