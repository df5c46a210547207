/* Limits per client: how much of each resource one client may hold at once, or
 * ask for within a window of time, so that no client can take what others need.
 *
 * A client is an address (IPv6: its /64) or an account. Whoever is about to give a
 * client something takes the amount first and refuses the client when that fails:
 *
 *   ql_client_of_address(limits, "192.0.2.7", &client);
 *   if (!ql_client_limit_take(limits, QL_LIMIT_HASHES, &client, 1))
 *       return ql_fail(call, QL_RESOURCE_EXHAUSTED, "TOO_MANY_HASHES", ...);
 *   ... the work ...
 *   ql_client_limit_give(limits, QL_LIMIT_HASHES, &client, 1);
 *
 * A limit with a window (QL_LIMIT_BAD_TOKENS) is never given back: its count ends
 * with the window that its first take began.
 *
 * Each refusal is counted by ql_client_limit_reached_total{limit}, and logged as
 * "limit reached" at most once a minute for a client and limit.
 *
 * The table has a place for each client and limit that is held, 65,536 in all,
 * more than a process has descriptors for. Should none be left, the clients beyond
 * are counted together, as one client for each limit in each of the table's parts:
 * nobody escapes the limits, and only those newcomers share theirs.
 *
 * Any thread. Parts of the table have locks of their own, held for some 100 ns. */
#ifndef QL_LIMITS_LIMITS_H
#define QL_LIMITS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/address.h"
#include "platform/base/attributes.h"
#include "platform/base/digest.h"
#include "platform/limits/limit_table.h"

struct ql_limits;

/* Who holds something. Made once per connection or call, then used for each limit. */
struct ql_client {
    unsigned char key[QL_KEYED_DIGEST_BYTES];
    bool is_account;
    char shown[QL_SHOWN_ADDRESS_SIZE]; /* for the log */
};

/* settings may be NULL: all defaults. NULL without memory. */
struct ql_limits *ql_limits_new(const struct ql_limits_settings *settings);
void ql_limits_free(struct ql_limits *limits); /* NULL is fine */

/* All that is no address (NULL, "") is one client. */
void ql_client_of_address(const struct ql_limits *limits, const char *address,
                          struct ql_client *ret_client);
/* The id of a user or service account; log lines name it. */
void ql_client_of_account(const struct ql_limits *limits, const char *account_id,
                          struct ql_client *ret_client);

/* Takes amount (not negative) of what the client may hold. False, with nothing
 * taken, when it would then hold more than the limit allows; the refusal is counted
 * and logged. The client's kind is the limit's (an address or an account). */
bool ql_client_limit_take(struct ql_limits *limits, enum ql_limit limit,
                          const struct ql_client *client, int64_t amount) QL_MUST_CHECK;

/* Returns what was taken, at once or in parts. For limits without a window. */
void ql_client_limit_give(struct ql_limits *limits, enum ql_limit limit,
                          const struct ql_client *client, int64_t amount);

/* Whether a further unit would be refused now; then counted and logged as a refusal.
 * For limits whose amount is known only after the work, such as bad tokens. */
bool ql_client_limit_is_reached(struct ql_limits *limits, enum ql_limit limit,
                                const struct ql_client *client);

/* How much the client holds. */
int64_t ql_client_limit_held(struct ql_limits *limits, enum ql_limit limit,
                             const struct ql_client *client);

/* The limit's maximum, and its window in milliseconds (0: none). */
int64_t ql_limit_max(const struct ql_limits *limits, enum ql_limit limit);
int64_t ql_limit_window_ms(const struct ql_limits *limits, enum ql_limit limit);

#endif
