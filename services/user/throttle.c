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
    char text[USER_NAME_MAX + QL_NETWORK_SIZE + 4], digest[QL_SHA256_HEX_SIZE];
    int length = snprintf(text, sizeof(text), "%s @ %s", account, client);

    ql_sha256_hex(digest, text, (size_t)length);
    snprintf(ret_key, THROTTLE_KEY_SIZE, "%.*s", THROTTLE_KEY_SIZE - 1, digest);
}

void throttle_begin(struct throttle *throttle, const char *user_name, const char *client_address)
{
    char account[USER_NAME_MAX + 1] = "", client[QL_NETWORK_SIZE];

    memset(throttle, 0, sizeof(*throttle));
    ql_address_network(client_address, client);
    throttle->has_address = client[0] != '\0';
    if (user_name_is_valid(user_name))
        for (size_t i = 0; user_name[i] != '\0'; i++)
            account[i] =
                (char)(user_name[i] >= 'A' && user_name[i] <= 'Z' ? user_name[i] - 'A' + 'a'
                                                                  : user_name[i]);
    make_key(throttle->keys[THROTTLE_PAIR], account, client);
    /* No name has a blank and no address is a star. */
    make_key(throttle->keys[THROTTLE_ACCOUNT], account, "*");
    make_key(throttle->keys[THROTTLE_ADDRESS], "* *", client);
}

int64_t throttle_wait_ms(const struct throttle_rules *rules,
                         const struct throttle_count counts[THROTTLE_SCOPES], bool is_at_home)
{
    int64_t wait_ms = 0;

    for (int scope = 0; scope < THROTTLE_SCOPES; scope++) {
        if (counts[scope].failures < rules->limits[scope] ||
            (scope == THROTTLE_ACCOUNT && is_at_home))
            continue;
        if (counts[scope].ends_in_ms > wait_ms)
            wait_ms = counts[scope].ends_in_ms;
    }
    return wait_ms;
}
