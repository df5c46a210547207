/* redis:// URLs. Module-internal. */
#ifndef QL_REDIS_URL_H
#define QL_REDIS_URL_H

struct qli_redis_address {
    char *host;
    char *port;
    char *user;     /* NULL: none */
    char *password; /* NULL: none; never logged */
    int database;
};

/* Parses a URL. Returns NULL, and the caller calls qli_redis_address_done; or the fault,
 * as a constant text. */
const char *qli_redis_address_parse(const char *url, struct qli_redis_address *ret_address);

/* Wipes and frees. */
void qli_redis_address_done(struct qli_redis_address *address);

#endif
