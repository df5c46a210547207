/* Quests of the contract as the rules know them. */
#ifndef QL_PROCESSING_RULES_DEFINITION_PB_H
#define QL_PROCESSING_RULES_DEFINITION_PB_H

#include "platform/base/call.h"
#include "questline/catalog/v1/names.h"
#include "services/processing/rules/definition.h"

/* INVALID_ARGUMENT (INVALID_QUEST) for a quest outside the contract's limits;
 * quest may be NULL. What it says in words that this release does not know makes
 * no failure: a condition is then never true, a streak rule EVERY_EVENT. The
 * texts stay the quest's memory. */
enum ql_code definition_from_pb(struct ql_call *call, const Quest *quest,
                                struct definition *ret_definition) QL_MUST_CHECK;

#endif
