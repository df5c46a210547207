/* redis:// URLs. Room-internal. */
#ifndef QL_REDIS_URL_H
#define QL_REDIS_URL_H

struct qli_redis_address {
    char *host;
    char *port;
    char *user;     /* NULL: none */
    char *password; /* NULL: none; never logged */
    int database;
};

/* Takes a URL apart. Returns NULL, and the caller ends *ret_address; or what is
 * wrong with it, as a constant text. */
const char *qli_redis_address_parse(const char *url, struct qli_redis_address *ret_address);

/* Wipes and frees. */
void qli_redis_address_done(struct qli_redis_address *address);

#endif
