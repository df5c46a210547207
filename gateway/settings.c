/* The table of the settings. */
#include "gateway/settings.h"

#include <stddef.h>

#define AT(field) offsetof(struct gateway_settings, field)

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, MIB = 1024 * 1024 };

const struct ql_setting gateway_settings_table[] = {
    {"QL_HTTP_ADDRESS", QL_SETTING_TEXT, AT(http_address), "127.0.0.1:8000",
     "where JSON over HTTP is served, host:port", 0, 0, false},
    {"QL_HTTPS_ADDRESS", QL_SETTING_TEXT, AT(https_address), "",
     "where it is served over TLS, host:port; empty: nowhere", 0, 0, false},
    {"QL_TLS_CERT_FILE", QL_SETTING_TEXT, AT(tls_cert_file), "",
     "PEM file with the certificate and its chain", 0, 0, false},
    {"QL_TLS_KEY_FILE", QL_SETTING_TEXT, AT(tls_key_file), "", "PEM file with its private key", 0,
     0, QL_PRIVATE_FILE},
    {"QL_HTTP2", QL_SETTING_BOOL, AT(http2), "true", "whether HTTP/2 is spoken besides HTTP/1.1", 0,
     0, false},
    {"QL_HTTP_HOSTS", QL_SETTING_TEXT, AT(http_hosts), "",
     "names in Host that are answered besides localhost and 127.0.0.1: api.example,b.example; * for "
     "any; empty: none in local mode, else any",
     0, 0, false},
    {"QL_CORS_ORIGINS", QL_SETTING_TEXT, AT(cors_origins), "",
     "origins whose pages may call: * or https://a.example,http://b:8080; empty: none", 0, 0,
     false},
    {"QL_TRUSTED_PROXIES", QL_SETTING_TEXT, AT(trusted_proxies), "",
     "proxies in front whose X-Forwarded-For is believed: 10.0.0.0/8,fd00::/8; empty: none", 0, 0,
     false},
    {"QL_OPS_ADDRESS", QL_SETTING_TEXT, AT(ops_address), NULL,
     "where /livez, /readyz and /metrics are served, host:port", 0, 0, false},
    {"QL_JWKS_FILE", QL_SETTING_TEXT, AT(jwks_file), NULL,
     "file with the public keys of all services", 0, 0, false},
    {"QL_CLOCK_SKEW", QL_SETTING_DURATION, AT(clock_skew_ms), "5s",
     "by how much clocks may differ: a token is taken so much longer, and so much earlier", 0,
     300000, false},
    {"QL_LOOPS", QL_SETTING_INT, AT(loops), "0", "event loops; 0: one per core", 0, 64, false},
    {"QL_MAX_CONNECTIONS", QL_SETTING_INT, AT(max_connections), "10000",
     "open HTTP connections; beyond them the one idle longest is cut", 1, 1000000, false},
    {"QL_MAX_IN_FLIGHT", QL_SETTING_INT, AT(max_in_flight), "4096",
     "requests under way in one loop; further ones are answered 503", 1, 4096, false},
    {"QL_REQUEST_TIMEOUT", QL_SETTING_DURATION, AT(request_timeout_ms), "10s",
     "how long a request may take", 1, MINUTE_MS, false},
    {"QL_ANSWER_TIMEOUT", QL_SETTING_DURATION, AT(answer_timeout_ms), "60s",
     "how long a client may take to receive an answer", 100, HOUR_MS, false},
    {"QL_MAX_HEADER_BYTES", QL_SETTING_INT, AT(max_header_bytes), "32768",
     "size of a request's line and fields", 1024, 256 * 1024, false},
    {"QL_MAX_BODY_BYTES", QL_SETTING_INT, AT(max_body_bytes), "1048576", "size of a request's body",
     1, 16 * MIB, false},
    {"QL_MAX_HELD_BYTES", QL_SETTING_INT, AT(max_held_bytes), "201326592",
     "bodies, answers and buffers of all connections; beyond it those that hold most are cut",
     16 * MIB, 16LL * 1024 * MIB, false},
    {"QL_HTTP_IDLE_TIMEOUT", QL_SETTING_DURATION, AT(http_idle_timeout_ms), "10s",
     "how long a connection may idle, and how long a request may take to arrive", 100, HOUR_MS,
     false},
    {NULL, QL_SETTING_TEXT, 0, NULL, NULL, 0, 0, false},
};
