/* The gateway's own settings; gateway/backend_settings.h has those of its backends. */
#ifndef QL_GATEWAY_SETTINGS_H
#define QL_GATEWAY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/settings.h"

struct gateway_settings {
    char *http_address;
    char *https_address; /* "": no TLS */
    char *tls_cert_file;
    char *tls_key_file;
    bool http2;
    char *http_hosts;      /* "": loopback names in local mode, else any */
    char *cors_origins;    /* "": off */
    char *trusted_proxies; /* "": none */
    char *ops_address;
    char *jwks_file;
    int64_t clock_skew_ms;
    int64_t loops; /* 0: one per core */
    int64_t max_connections;
    int64_t max_in_flight; /* of one loop */
    int64_t request_timeout_ms;
    int64_t answer_timeout_ms;
    int64_t max_header_bytes;
    int64_t max_body_bytes;
    int64_t max_held_bytes;
    int64_t http_idle_timeout_ms;
};

extern const struct ql_setting gateway_settings_table[];

#endif
