/* The address of a client: the peer of the connection, or, when that is a proxy of
 * QL_TRUSTED_PROXIES, an entry of X-Forwarded-For. Pure functions. */
#ifndef QL_GATEWAY_CLIENT_ADDRESS_H
#define QL_GATEWAY_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CLIENT_ADDRESS_SIZE = 46, /* as text, without port (INET6_ADDRSTRLEN) */
    TRUSTED_PROXIES_MAX = 64, /* networks in QL_TRUSTED_PROXIES */
    FORWARDED_FIELDS_MAX = 16,
};

/* An IPv4 network is the IPv6 one that it is mapped to. */
struct network {
    unsigned char address[16];
    int n_bits;
};

struct trusted_proxies {
    struct network networks[TRUSTED_PROXIES_MAX];
    size_t n_networks;
};

/* X-Forwarded-For, one field; not ended by a NUL. */
struct forwarded_field {
    const char *text;
    size_t length;
};

/* Reads "10.0.0.0/8, 192.0.2.1, fd00::/8"; "" is no network. False for any other text. */
bool trusted_proxies_read(const char *text, struct trusted_proxies *ret_proxies);

/* True when the address belongs to one of the networks. */
bool client_address_is_trusted(const struct trusted_proxies *proxies, const char *address);

/* The client's address: that of the peer, unless the peer is a trusted proxy. The fields of
 * a request, in their order, are one list, which is read from its end, where the nearest
 * proxy has appended. While an entry is a trusted proxy the one before it is read. The first
 * entry that is none is the client; at an entry that is no address the reading ends with the
 * last address. */
void client_address_find(const struct trusted_proxies *proxies, const char *peer,
                         const struct forwarded_field *fields, size_t n_fields,
                         char ret_address[CLIENT_ADDRESS_SIZE]);

#endif
