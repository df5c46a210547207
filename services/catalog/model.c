/* The two kinds. */
#include "services/catalog/model.h"

#include <string.h>

const struct model_kind *const model_kinds[MODEL_KINDS] = {
    [MODEL_QUESTS] = &model_quests,
    [MODEL_REWARDS] = &model_rewards,
};

int model_kind_of(const struct ql_event *event)
{
    for (int kind = 0; kind < MODEL_KINDS; kind++)
        if (strcmp(model_kinds[kind]->event_type, event->type) == 0)
            return kind;
    return -1;
}
