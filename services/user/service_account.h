/* The account of a game server, and its keys. Pure rules; no I/O. */
#ifndef QL_USER_SERVICE_ACCOUNT_H
#define QL_USER_SERVICE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/base/digest.h"

enum {
    SERVICE_ACCOUNT_TYPES_MAX = 16,  /* entries of a grant that the contract allows */
    SERVICE_ACCOUNT_GRANT_MAX = 240, /* bytes of all of them, with the spaces between */
    SERVICE_ACCOUNT_GOOD_KEYS_MAX = 10,
    API_KEY_SIZE = 4 + 64 + 1, /* "qlk_", 256 random bits in hexadecimal digits, the NUL */
};

/* Texts live in the call's arena. */
struct service_account {
    char service_account_id[QL_UUID_SIZE];
    const char *display_name;
    const char *event_grant; /* the event types, by spaces */
    bool is_disabled;
    int64_t created_ms;       /* set by the store */
    int64_t token_generation; /* of the tokens that are good; set by api_key_store_use */
};

struct api_key {
    char key_id[QL_UUID_SIZE];
    int64_t created_ms;
    int64_t revoked_ms;   /* 0: it is good */
    int64_t last_used_ms; /* 0: never */
};

/* Becomes a new account, with a fresh id, of what keeps the rules of the contract.
 * INVALID_ARGUMENT names serviceAccount.displayName or serviceAccount.eventTypes. */
enum ql_code service_account_begin(struct ql_call *call, const char *display_name,
                                   char *const *event_types, size_t n_event_types,
                                   struct service_account *ret_account) QL_MUST_CHECK;

/* A new key, and what is stored of it. */
void api_key_new(char ret_key[API_KEY_SIZE]);
void api_key_hash(const char *key, char ret_hash[QL_SHA256_HEX_SIZE]);

#endif
