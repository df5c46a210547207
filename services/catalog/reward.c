/* The rules of a reward. */
#include "services/catalog/reward.h"

#include "platform/base/text.h"
#include "platform/pb/validate/validator.h"

enum ql_code reward_validate(struct ql_call *call, const Reward *reward)
{
    enum ql_code rc = ql_validate(call, "reward", &reward->base);

    if (rc == QL_OK && !ql_text_is_name(reward->reward_name))
        rc = ql_violate(call, "reward.rewardName",
                        "must not be only blanks nor have control characters");
    return rc;
}
