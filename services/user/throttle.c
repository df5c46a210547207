/* The rules of the throttle. Keys are digests: what fails is mostly what somebody
 * mistyped, and nobody should read it in a table. */
#include "services/user/throttle.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/address.h"
#include "platform/base/digest.h"
#include "services/user/user.h"

static void make_key(char ret_key[THROTTLE_KEY_SIZE], const char *account, const char *client)
{
    char text[USER_NAME_SIZE + QL_NETWORK_SIZE + 16], digest[QL_SHA256_HEX_SIZE];
    int length = snprintf(text, sizeof(text), "%s @ %s", account, client);

    ql_sha256_hex(digest, text, (size_t)length);
    snprintf(ret_key, THROTTLE_KEY_SIZE, "%.*s", THROTTLE_KEY_SIZE - 1, digest);
}

/* The name in small letters; "" for what is none. */
static void account_of(const char *user_name, char ret_account[USER_NAME_SIZE])
{
    size_t length = user_name_is_valid(user_name) ? strlen(user_name) : 0;

    for (size_t i = 0; i < length; i++)
        ret_account[i] =
            (char)(user_name[i] >= 'A' && user_name[i] <= 'Z' ? user_name[i] - 'A' + 'a'
                                                              : user_name[i]);
    ret_account[length] = '\0';
}

void throttle_begin(struct throttle *throttle, const char *user_name, const char *client_address)
{
    char account[USER_NAME_SIZE], client[QL_NETWORK_SIZE];

    memset(throttle, 0, sizeof(*throttle));
    ql_address_network(client_address, client);
    account_of(user_name, account);
    throttle->has_address = client[0] != '\0';
    make_key(throttle->keys[THROTTLE_PAIR], account, client);
    /* No name has a blank and no address is a star. */
    make_key(throttle->keys[THROTTLE_ACCOUNT], account, "*");
    make_key(throttle->keys[THROTTLE_ADDRESS], "* *", client);
}

void throttle_begin_password_check(struct throttle *throttle, const char *user_name,
                                   const char *client_address)
{
    char account[USER_NAME_SIZE], client[QL_NETWORK_SIZE], place[QL_NETWORK_SIZE + 8];

    memset(throttle, 0, sizeof(*throttle));
    ql_address_network(client_address, client);
    account_of(user_name, account);
    snprintf(place, sizeof(place), "proof %s", client);
    make_key(throttle->keys[THROTTLE_PAIR], account, place);
    make_key(throttle->keys[THROTTLE_ACCOUNT], account, "proof *");
}

int64_t throttle_wait_ms(const struct throttle_rules *rules,
                         const struct throttle_count counts[THROTTLE_SCOPES], bool is_at_home)
{
    int64_t wait_ms = 0;

    for (int scope = 0; scope < THROTTLE_SCOPES; scope++) {
        if (counts[scope].failures < rules->limits[scope] || (scope != THROTTLE_PAIR && is_at_home))
            continue;
        if (counts[scope].ends_in_ms > wait_ms)
            wait_ms = counts[scope].ends_in_ms;
    }
    return wait_ms;
}
