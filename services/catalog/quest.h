/* A quest: what a user does to earn a reward. Pure rules on the contract's message; no
 * I/O. */
#ifndef QL_CATALOG_QUEST_H
#define QL_CATALOG_QUEST_H

#include "platform/base/call.h"
#include "questline/catalog/v1/names.h"

/* Gives what means the same one form: ids in lower case, times in whole milliseconds, as
 * events have them, no rule as EVERY_EVENT. RESOURCE_EXHAUSTED. */
enum ql_code quest_normalize(struct ql_call *call, Quest *quest) QL_MUST_CHECK;

/* Checks what an author may choose and reports every violation, with paths as they are in
 * the request ("quest.eventTypes[2]"): the rules of the contract, and of a quest that keeps
 * those what spans fields and what the table of event types knows. */
enum ql_code quest_validate(struct ql_call *call, const Quest *quest) QL_MUST_CHECK;

/* Refuses a window that ends before the quest counts anything: a quest without
 * backfill counts what happened at created_ms, since 1970, or later. For quests that
 * are made, and for edits of the window: one that has ended by itself is edited on. */
enum ql_code quest_check_window(struct ql_call *call, const Quest *quest,
                                int64_t created_ms) QL_MUST_CHECK;

#endif
