/* Addresses of clients: which ones count as one client, and how logs show them. */
#ifndef QL_BASE_ADDRESS_H
#define QL_BASE_ADDRESS_H

enum {
    QL_NETWORK_SIZE = 64,       /* an address or network as text, and the NUL */
    QL_SHOWN_ADDRESS_SIZE = 64, /* as logs show it, and the NUL */
};

/* The part of an address that counts as one client: an IPv4 address, also when it
 * is mapped into IPv6, or the /64 of an IPv6 address ("2001:db8:0:1::/64"), since one
 * subscriber has a whole /64. "" for NULL and for what is no address. Any thread. */
void ql_address_network(const char *address, char ret_network[QL_NETWORK_SIZE]);

/* Makes logs show a digest of addresses, keyed with this secret: lines of one client
 * can be found, and only the secret links them to an address. NULL or "": logs show
 * addresses. Call before threads start. */
void ql_address_set_log_key(const char *secret);

/* Writes the form of the address that logs show; "" for NULL and "". Returns ret_shown.
 * Any thread. */
const char *ql_address_shown(const char *address, char ret_shown[QL_SHOWN_ADDRESS_SIZE]);

#endif
