/* A revision of a quest, as far as the rules need it. */
#ifndef QL_PROCESSING_RULES_DEFINITION_H
#define QL_PROCESSING_RULES_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/attributes.h"
#include "platform/base/id.h"
#include "services/processing/rules/predicate.h"

enum {
    DEFINITION_EVENT_TYPES_MAX = 32,
    DEFINITION_EVENT_TYPE_SIZE = 4 * 128 + 1, /* 128 characters of UTF-8 and the NUL */
    DEFINITION_NUMBER_MAX = 1000000,          /* of streak and duplication */
};

/* How events add up to the streak. */
enum streak_rule {
    STREAK_EVERY_EVENT = 0, /* each counts one */
    STREAK_DAILY,           /* the first of a calendar day counts one */
    STREAK_DAILY_IN_A_ROW,  /* that, and a day left out begins it anew */
};

struct definition {
    char quest_id[QL_UUID_SIZE]; /* lower case */
    int64_t revision;
    int32_t streak;      /* matching events that complete the quest once */
    int32_t duplication; /* completions that exhaust it */
    const char *const *event_types;
    size_t n_event_types;
    const struct predicate *conditions; /* all must hold */
    size_t n_conditions;
    /* The quest counts events from created_ms on, unless it has a backfill. Rows of earlier
     * releases lack the time: such a quest counts the events stored behind its first row. */
    bool has_creation;
    int64_t created_ms;
    bool has_start, has_end; /* counts from starts_ms on, and before ends_ms */
    int64_t starts_ms, ends_ms;
    char prerequisite_id[QL_UUID_SIZE]; /* lower case; "": none */
    enum streak_rule rule;
    bool backfill;    /* counts the events before its creation, too */
    bool is_archived; /* counts nothing */
};

/* A copy of the definition with one reference; NULL without memory. */
const struct definition *definition_new(const struct definition *from) QL_MUST_CHECK;
/* One reference more, and one less; the last frees it. NULL is fine for the latter. Only for
 * what definition_new returned; the thread that owns all references. */
const struct definition *definition_ref(const struct definition *definition);
void definition_unref(const struct definition *definition);

#endif
