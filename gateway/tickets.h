/* Keys of TLS session tickets.
 *
 * OpenSSL uses one key for the life of a process, with which all sessions recorded in that
 * time could be decrypted. Here a key encrypts tickets for an hour, decrypts them for one
 * more, and is erased. It is never stored: after a restart each client needs a full
 * handshake. */
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

/* The key that encrypts at now_ms. False without randomness. Any thread. */
bool ticket_key_newest(int64_t now_ms, struct ticket_key *ret_key);

/* The key of this name, while it decrypts tickets. *ret_is_old: it no longer encrypts, and
 * the client needs a new ticket. False: there is none. Any thread. */
bool ticket_key_find(int64_t now_ms, const unsigned char name[TICKET_NAME_BYTES],
                     struct ticket_key *ret_key, bool *ret_is_old);

/* Makes a context use these keys for its tickets. */
void tickets_install(SSL_CTX *context);

#endif
