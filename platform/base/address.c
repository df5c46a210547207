/* Networks by inet_pton, digests by BLAKE2b. */
#include "platform/base/address.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/digest.h"

enum { HOST_BYTES = 8, IPV4_AT = 12, SHOWN_DIGITS = 16 };

static struct ql_digest_key log_key;
static bool has_log_key;

void ql_address_network(const char *address, char ret_network[QL_NETWORK_SIZE])
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;

    ret_network[0] = '\0';
    if (address == NULL)
        return;
    if (inet_pton(AF_INET, address, &four) == 1) {
        inet_ntop(AF_INET, &four, ret_network, QL_NETWORK_SIZE);
        return;
    }
    if (inet_pton(AF_INET6, address, &six) != 1)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        inet_ntop(AF_INET, &six.s6_addr[IPV4_AT], ret_network, QL_NETWORK_SIZE);
        return;
    }
    memset(&six.s6_addr[HOST_BYTES], 0, HOST_BYTES);
    inet_ntop(AF_INET6, &six, text, sizeof(text));
    snprintf(ret_network, QL_NETWORK_SIZE, "%s/64", text);
}

void ql_address_set_log_key(const char *secret)
{
    has_log_key = secret != NULL && secret[0] != '\0';
    if (has_log_key)
        ql_digest_key_from(&log_key, secret, strlen(secret));
}

const char *ql_address_shown(const char *address, char ret_shown[QL_SHOWN_ADDRESS_SIZE])
{
    unsigned char digest[QL_KEYED_DIGEST_BYTES];

    ret_shown[0] = '\0';
    if (address == NULL || address[0] == '\0')
        return ret_shown;
    if (!has_log_key) {
        snprintf(ret_shown, QL_SHOWN_ADDRESS_SIZE, "%s", address);
        return ret_shown;
    }
    ql_keyed_digest(digest, &log_key, address, strlen(address));
    for (int i = 0; i < SHOWN_DIGITS / 2; i++)
        snprintf(ret_shown + 2 * i, 3, "%02x", digest[i]);
    return ret_shown;
}
