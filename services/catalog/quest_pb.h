/* Quests on the wire and in the domain. */
#ifndef QL_CATALOG_QUEST_PB_H
#define QL_CATALOG_QUEST_PB_H

#include "questline/catalog/v1/names.h"
#include "services/catalog/quest.h"

/* The quest an author asks for, valid; INVALID_ARGUMENT with every violation,
 * those fields included that only the service sets. pb may be NULL. */
enum ql_code quest_from_pb(struct ql_call *call, const Quest *pb,
                           struct quest *ret_quest) QL_MUST_CHECK;

/* In the call's arena; NULL when that is full. */
Quest *quest_to_pb(struct ql_call *call, const struct quest *quest);

#endif
