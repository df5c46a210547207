/* Look-ups in the catalog, over nng. Never while a transaction is open. */
#ifndef QL_USER_CATALOG_CLIENT_H
#define QL_USER_CATALOG_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "services/user/reward_terms.h"

struct reward_content {
    const char *item; /* in the call's arena */
    int32_t qty;
};

/* The reward terms of a revision of a quest. NOT_FOUND, INVALID_ARGUMENT: there is no
 * such revision and never will be under this name; anything else may pass. */
enum ql_code catalog_client_reward_terms(struct ql_call *call, struct ql_rpc_channel *channel,
                                         const char *quest_id, int64_t revision,
                                         struct reward_terms *ret_terms) QL_MUST_CHECK;

/* The newest revision of a reward. Codes as above. */
enum ql_code catalog_client_reward(struct ql_call *call, struct ql_rpc_channel *channel,
                                   const char *reward_id,
                                   struct reward_content *ret_reward) QL_MUST_CHECK;

#endif
