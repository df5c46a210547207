/* The rules of a reward. */
#include "services/catalog/reward.h"

#include <string.h>

#include "platform/base/text.h"

static bool item_is_valid(const char *item)
{
    size_t length = strspn(item, "abcdefghijklmnopqrstuvwxyz0123456789._-");

    return item[length] == '\0' && length >= 1 && length <= REWARD_ITEM_MAX;
}

enum ql_code reward_validate(struct ql_call *call, const Reward *reward)
{
    enum ql_code rc = QL_OK;

    if (!ql_text_is_name(reward->reward_name, REWARD_NAME_MAX))
        rc = ql_violate(call, "reward.rewardName",
                        "must have 1 to %d characters, not only blanks, no control characters",
                        REWARD_NAME_MAX);
    if (!item_is_valid(reward->reward_item))
        rc = ql_violate(call, "reward.rewardItem",
                        "must have 1 to %d lower-case letters, digits, '.', '_' and '-'",
                        REWARD_ITEM_MAX);
    if (reward->reward_qty < 1 || reward->reward_qty > REWARD_QTY_MAX)
        rc = ql_violate(call, "reward.rewardQty", "must be from 1 to %d", REWARD_QTY_MAX);
    return rc;
}
