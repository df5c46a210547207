/* Quests on the wire and in the domain. */
#ifndef QL_CATALOG_QUEST_PB_H
#define QL_CATALOG_QUEST_PB_H

#include "questline/catalog/v1/names.h"
#include "services/catalog/quest.h"

/* The quest an author asks for, valid by itself; INVALID_ARGUMENT with every
 * violation. The id is taken as it is; what only the service sets is not. */
enum ql_code quest_from_pb(struct ql_call *call, const Quest *pb,
                           struct quest *ret_quest) QL_MUST_CHECK;

/* With its etag. In the call's arena; NULL when that is full. */
Quest *quest_to_pb(struct ql_call *call, const struct quest *quest);

#endif
