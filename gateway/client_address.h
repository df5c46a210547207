/* Where a client is: the address of the connection's other end, or, when that is
 * a proxy of QL_TRUSTED_PROXIES, what the proxy says in X-Forwarded-For. Pure. */
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

/* Reads "10.0.0.0/8, 192.0.2.1, fd00::/8"; "" trusts nobody. False for what is no
 * such list. */
bool trusted_proxies_read(const char *text, struct trusted_proxies *ret_proxies);

/* True when the proxies have this address. */
bool client_address_is_trusted(const struct trusted_proxies *proxies, const char *address);

/* The client's address; peer, the address of the connection's other end, unless
 * that is a trusted proxy. The list of a request is
 * its fields in their order. It is walked from its end, where the nearest proxy
 * wrote: every trusted one vouches for the entry before it. The first entry that
 * no trusted proxy is behind is the client; an entry that is no address is where
 * trust ends. */
void client_address_find(const struct trusted_proxies *proxies, const char *peer,
                         const struct forwarded_field *fields, size_t n_fields,
                         char ret_address[CLIENT_ADDRESS_SIZE]);

#endif
