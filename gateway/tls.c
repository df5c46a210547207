/* TLS 1.2 with forward secrecy and authenticated ciphers, and TLS 1.3. */
#include "gateway/tls.h"

#include <stdio.h>

#include <h2o.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "gateway/tickets.h"

/* Without the ciphers that HTTP/2 forbids (RFC 9113, appendix A). */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

#define ALPN(name)                                                                                 \
    {                                                                                              \
        (char *)(name), sizeof(name) - 1                                                           \
    }
static const h2o_iovec_t http1_only[] = {ALPN("http/1.1"), {NULL, 0}};
static const h2o_iovec_t both[] = {ALPN("h2"), ALPN("http/1.1"), {NULL, 0}};

/* Prevents a prompt on the terminal. */
static int no_password(char *buffer, int size, int rwflag, void *context)
{
    (void)buffer;
    (void)size;
    (void)rwflag;
    (void)context;
    return 0;
}

static bool fill_context(SSL_CTX *context, const char *cert_file, const char *key_file,
                         const char **ret_what)
{
    SSL_CTX_set_default_passwd_cb(context, no_password);
    *ret_what = "versions and ciphers";
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, TLS12_CIPHERS) != 1)
        return false;
    *ret_what = "QL_TLS_CERT_FILE";
    if (SSL_CTX_use_certificate_chain_file(context, cert_file) != 1)
        return false;
    *ret_what = "QL_TLS_KEY_FILE";
    return SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_check_private_key(context) == 1;
}

SSL_CTX *tls_context_new(const char *cert_file, const char *key_file, bool with_http2, char *error,
                         size_t error_size)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    const char *what = "no memory";

    if (context != NULL && fill_context(context, cert_file, key_file, &what)) {
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
        /* Sessions are resumed by tickets: a cache would grow with the number of clients. */
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        tickets_install(context);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
        h2o_ssl_register_alpn_protocols(context, with_http2 ? both : http1_only);
        return context;
    }
    /* The library's reason names files and formats, never the contents of the key. */
    snprintf(error, error_size, "TLS: %s: %s", what, ERR_reason_error_string(ERR_peek_error()));
    ERR_clear_error();
    SSL_CTX_free(context);
    return NULL;
}
