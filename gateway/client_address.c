/* Reading networks, and X-Forwarded-For from its end. */
#include "gateway/client_address.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/attributes.h"

enum { ADDRESS_BYTES = 16, IPV4_AT = 12, IPV4_BITS = 32, IPV6_BITS = 128 };

/* The longest entry read: brackets, zone and port around an address. */
enum { ENTRY_SIZE = 80 };

static const unsigned char mapped_prefix[IPV4_AT] = {
    [IPV4_AT - 2] = 0xff,
    [IPV4_AT - 1] = 0xff,
};

static void map_ipv4(unsigned char ret_address[ADDRESS_BYTES], const void *ipv4)
{
    memcpy(ret_address, mapped_prefix, IPV4_AT);
    memcpy(ret_address + IPV4_AT, ipv4, ADDRESS_BYTES - IPV4_AT);
}

/* Returns the number of bits of the family, 32 or 128; 0 when text is no address. */
static int read_address(const char *text, unsigned char ret_address[ADDRESS_BYTES])
{
    unsigned char ipv4[ADDRESS_BYTES - IPV4_AT];

    if (inet_pton(AF_INET, text, ipv4) == 1) {
        map_ipv4(ret_address, ipv4);
        return IPV4_BITS;
    }
    return inet_pton(AF_INET6, text, ret_address) == 1 ? IPV6_BITS : 0;
}

static void print_address(const unsigned char address[ADDRESS_BYTES],
                          char ret_text[CLIENT_ADDRESS_SIZE])
{
    if (memcmp(address, mapped_prefix, IPV4_AT) == 0)
        inet_ntop(AF_INET, address + IPV4_AT, ret_text, CLIENT_ADDRESS_SIZE);
    else
        inet_ntop(AF_INET6, address, ret_text, CLIENT_ADDRESS_SIZE);
}

static bool read_network(char *text, struct network *ret_network)
{
    char *slash = strchr(text, '/'), *end = NULL;
    long n_bits;
    int family_bits;

    if (slash != NULL)
        *slash = '\0';
    family_bits = read_address(text, ret_network->address);
    if (family_bits == 0)
        return false;
    n_bits = family_bits;
    if (slash != NULL) {
        if (slash[1] < '0' || slash[1] > '9')
            return false;
        n_bits = strtol(slash + 1, &end, 10);
        if (*end != '\0' || n_bits > family_bits)
            return false;
    }
    ret_network->n_bits = (int)n_bits + IPV6_BITS - family_bits;
    return true;
}

bool trusted_proxies_read(const char *text, struct trusted_proxies *ret_proxies)
{
    memset(ret_proxies, 0, sizeof(*ret_proxies));
    text += strspn(text, " ");
    if (*text == '\0')
        return true;
    for (;;) {
        size_t length = strcspn(text, ", ");
        char entry[ENTRY_SIZE];

        if (length >= sizeof(entry) || ret_proxies->n_networks == TRUSTED_PROXIES_MAX)
            return false;
        memcpy(entry, text, length);
        entry[length] = '\0';
        if (!read_network(entry, &ret_proxies->networks[ret_proxies->n_networks++]))
            return false;
        text += length;
        text += strspn(text, " ");
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
        text += strspn(text, " ");
    }
}

static bool network_has(const struct network *network, const unsigned char *address)
{
    size_t n_bytes = (size_t)network->n_bits / CHAR_BIT;
    int rest = network->n_bits % CHAR_BIT;

    if (memcmp(network->address, address, n_bytes) != 0)
        return false;
    return rest == 0 || (network->address[n_bytes] ^ address[n_bytes]) >> (CHAR_BIT - rest) == 0;
}

static bool is_trusted(const struct trusted_proxies *proxies, const unsigned char *address)
{
    for (size_t i = 0; i < proxies->n_networks; i++)
        if (network_has(&proxies->networks[i], address))
            return true;
    return false;
}

bool client_address_is_trusted(const struct trusted_proxies *proxies, const char *text)
{
    unsigned char address[ADDRESS_BYTES];

    return proxies->n_networks > 0 && read_address(text, address) != 0 &&
           is_trusted(proxies, address);
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". */
static bool read_entry(const char *text, size_t length, unsigned char ret_address[ADDRESS_BYTES])
{
    char entry[ENTRY_SIZE], *end;

    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    if (length == 0 || length >= sizeof(entry) || memchr(text, '\0', length) != NULL)
        return false;
    memcpy(entry, text, length);
    entry[length] = '\0';
    if (entry[0] == '[') {
        end = strchr(entry, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return false;
        *end = '\0';
        return read_address(entry + 1, ret_address) == IPV6_BITS;
    }
    end = strchr(entry, ':');
    if (end != NULL && strchr(end + 1, ':') == NULL)
        *end = '\0';
    return read_address(entry, ret_address) != 0;
}

/* Reads the entries of one field from its end. True when the client is found. */
static bool follow_entries(const struct trusted_proxies *proxies,
                           const struct forwarded_field *field,
                           unsigned char address[ADDRESS_BYTES])
{
    size_t end = field->length;

    for (;;) {
        unsigned char entry[ADDRESS_BYTES];
        size_t begin = end;

        while (begin > 0 && field->text[begin - 1] != ',')
            begin--;
        if (!read_entry(field->text + begin, end - begin, entry))
            return true;
        memcpy(address, entry, sizeof(entry));
        if (!is_trusted(proxies, address))
            return true;
        if (begin == 0)
            return false;
        end = begin - 1;
    }
}

void client_address_find(const struct trusted_proxies *proxies, const char *peer,
                         const struct forwarded_field *fields, size_t n_fields,
                         char ret_address[CLIENT_ADDRESS_SIZE])
{
    unsigned char address[ADDRESS_BYTES];

    snprintf(ret_address, CLIENT_ADDRESS_SIZE, "%s", peer);
    if (read_address(peer, address) == 0 || !is_trusted(proxies, address))
        return;
    while (n_fields > 0 && !follow_entries(proxies, &fields[n_fields - 1], address))
        n_fields--;
    print_address(address, ret_address);
}
