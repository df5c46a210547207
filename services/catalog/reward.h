/* A reward: what a completed quest gives. Pure rules; no I/O. */
#ifndef QL_CATALOG_REWARD_H
#define QL_CATALOG_REWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"

enum { REWARD_NAME_MAX = 200, REWARD_ITEM_MAX = 64, REWARD_QTY_MAX = 1000000 };

/* One revision of a reward; texts live in the call's arena. */
struct reward {
    char reward_id[QL_UUID_SIZE];
    const char *name;
    const char *item; /* "gold", "diamond", or any other name */
    int32_t qty;
    bool archived;
    int64_t revision;
    int64_t revised_ms; /* since 1970 */
};

/* Checks what an author may choose and reports every violation, with paths as
 * they are in the request ("reward.rewardName"). */
enum ql_code reward_validate(struct ql_call *call, const struct reward *reward) QL_MUST_CHECK;

/* Becomes the first revision of a new reward: an id, revision 1, now. */
void reward_begin(struct reward *reward);

/* Becomes the next revision: revision + 1, now. */
void reward_revise(struct reward *reward);

#endif
