/* Labels of a quest: short texts by key for front ends. Pure rules; no I/O. */
#ifndef QL_CATALOG_LABEL_H
#define QL_CATALOG_LABEL_H

#include <stdbool.h>

#include "platform/base/call.h"
#include "questline/catalog/v1/names.h"

/* Sorts the labels of the quest by key, in place: PostgreSQL keeps no order of its own. */
void labels_normalize(Quest *quest);

/* Gives the quest the labels that a list asks for, "key:value" each; the request keeps the
 * rules of the contract. INVALID_ARGUMENT names "label[1]", whose key is there already;
 * RESOURCE_EXHAUSTED. */
enum ql_code labels_read_filter(struct ql_call *call, const ListQuestsRequest *request,
                                Quest *ret_quest) QL_MUST_CHECK;

/* Whether the quest has all labels of the filter; both are normalized. */
bool labels_match(const Quest *filter, const Quest *quest);

#endif
