/* The table of the settings. */
#include "gateway/settings.h"

#include <stddef.h>

#define AT(field) offsetof(struct gateway_settings, field)

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, MIB = 1024 * 1024 };

const struct ql_setting gateway_settings_table[] = {
    {"QL_HTTP_ADDRESS", QL_SETTING_TEXT, AT(http_address), "127.0.0.1:8000",
     "address of JSON over HTTP, host:port", 0, 0, false},
    {"QL_HTTPS_ADDRESS", QL_SETTING_TEXT, AT(https_address), "",
     "address of the same over TLS, host:port; empty: no TLS", 0, 0, false},
    {"QL_TLS_CERT_FILE", QL_SETTING_TEXT, AT(tls_cert_file), "",
     "PEM file with the certificate and its chain", 0, 0, false},
    {"QL_TLS_KEY_FILE", QL_SETTING_TEXT, AT(tls_key_file), "", "PEM file with its private key", 0,
     0, QL_PRIVATE_FILE},
    {"QL_HTTP2", QL_SETTING_BOOL, AT(http2), "true", "serve HTTP/2 beside HTTP/1.1", 0, 0, false},
    {"QL_HTTP_HOSTS", QL_SETTING_TEXT, AT(http_hosts), "",
     "names in Host that are served beside localhost and 127.0.0.1: api.example,b.example; * for "
     "any; empty: none in local mode, else any",
     0, 0, false},
    {"QL_CORS_ORIGINS", QL_SETTING_TEXT, AT(cors_origins), "",
     "origins whose pages may call the API: * or https://a.example,http://b:8080; empty: none", 0,
     0, false},
    {"QL_TRUSTED_PROXIES", QL_SETTING_TEXT, AT(trusted_proxies), "",
     "networks of proxies whose X-Forwarded-For is used: 10.0.0.0/8,fd00::/8; empty: none", 0, 0,
     false},
    {"QL_OPS_ADDRESS", QL_SETTING_TEXT, AT(ops_address), NULL,
     "address of /livez, /readyz and /metrics, host:port", 0, 0, false},
    {"QL_JWKS_FILE", QL_SETTING_TEXT, AT(jwks_file), NULL,
     "file with the public keys of all services", 0, 0, false},
    {"QL_CLOCK_SKEW", QL_SETTING_DURATION, AT(clock_skew_ms), "5s",
     "tolerated difference of clocks: a token is accepted that much earlier and longer", 0, 300000,
     false},
    {"QL_LOOPS", QL_SETTING_INT, AT(loops), "0", "event loops; 0: one per core", 0, 64, false},
    {"QL_MAX_CONNECTIONS", QL_SETTING_INT, AT(max_connections), "10000",
     "limit of open HTTP connections, at which the one idle longest is cut", 1, 1000000, false},
    {"QL_MAX_IN_FLIGHT", QL_SETTING_INT, AT(max_in_flight), "4096",
     "limit of requests under way in one loop; further ones get 503", 1, 4096, false},
    {"QL_REQUEST_TIMEOUT", QL_SETTING_DURATION, AT(request_timeout_ms), "10s",
     "time for a request, after which it gets 504", 1, MINUTE_MS, false},
    {"QL_ANSWER_TIMEOUT", QL_SETTING_DURATION, AT(answer_timeout_ms), "60s",
     "time for a client to receive an answer, after which it is cut", 100, HOUR_MS, false},
    {"QL_MAX_HEADER_BYTES", QL_SETTING_INT, AT(max_header_bytes), "32768",
     "limit of the size of a request's line and header fields", 1024, 256 * 1024, false},
    {"QL_MAX_BODY_BYTES", QL_SETTING_INT, AT(max_body_bytes), "1048576",
     "limit of the size of a request's body", 1, 16 * MIB, false},
    {"QL_MAX_HELD_BYTES", QL_SETTING_INT, AT(max_held_bytes), "201326592",
     "limit of bodies, answers and buffers of all connections, at which the largest are cut",
     16 * MIB, 16LL * 1024 * MIB, false},
    {"QL_HTTP_IDLE_TIMEOUT", QL_SETTING_DURATION, AT(http_idle_timeout_ms), "10s",
     "time for a connection to be idle, and for a request to arrive", 100, HOUR_MS, false},
    {NULL, QL_SETTING_TEXT, 0, NULL, NULL, 0, 0, false},
};
