/* The keys that sessions of TLS are sealed with, in tickets that clients bring back.
 *
 * OpenSSL makes one key for the life of a process; whoever gets hold of it can open what
 * was recorded in all that time. Here a key seals for an hour, opens tickets for one more,
 * and is gone. It is never stored: a restart costs each client a full handshake. */
#ifndef QL_GATEWAY_TICKETS_H
#define QL_GATEWAY_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

enum { TICKET_NAME_BYTES = 16, TICKET_SECRET_BYTES = 32, TICKET_LIFE_MS = 60 * 60 * 1000 };

struct ticket_key {
    unsigned char name[TICKET_NAME_BYTES];
    unsigned char cipher[TICKET_SECRET_BYTES];
    unsigned char digest[TICKET_SECRET_BYTES];
    int64_t made_ms; /* monotonic; 0: there is none */
};

/* The key that seals at now_ms. False when there is no randomness. Any thread. */
bool ticket_key_newest(int64_t now_ms, struct ticket_key *ret_key);

/* The key of this name, while it opens tickets. *ret_is_old: it seals no more, and the
 * client needs a new ticket. False: there is none. Any thread. */
bool ticket_key_find(int64_t now_ms, const unsigned char name[TICKET_NAME_BYTES],
                     struct ticket_key *ret_key, bool *ret_is_old);

/* From now on tickets of this context are sealed with those keys. */
void tickets_install(SSL_CTX *context);

#endif
