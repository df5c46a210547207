/* Chains of causes: the quests whose completions led to a stored completion. They
 * follow from the event table, in which each completion names its cause. */
#ifndef QL_PROCESSING_STORE_CHAIN_STORE_H
#define QL_PROCESSING_STORE_CHAIN_STORE_H

#include "services/processing/store/history_store.h"

/* Gives each completion among the events its chain, in the call's arena; a page
 * without completions costs nothing. */
enum ql_code chain_store_read(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct event_page *page) QL_MUST_CHECK;

#endif
