/* Events that wait: rows of a user that stand before the one that registers the user,
 * which says in what zone their days are counted. */
#ifndef QL_PROCESSING_STORE_WAITING_STORE_H
#define QL_PROCESSING_STORE_WAITING_STORE_H

#include "services/processing/store/history_store.h"

/* What stands before a row that registers a user. */
struct registration {
    const char *user_id;
    int64_t seq;   /* of that row; INT64_MAX: behind the last one */
    bool is_first; /* found: no row before it registers the user */
    bool waits;    /* found: it is the first, and rows before it are about the user */
};

/* Finds it for each: one or two looks into an index. */
enum ql_code waiting_store_find(struct ql_call *call, struct ql_pg_tx *tx,
                                struct registration *registrations, size_t n) QL_MUST_CHECK;

/* The same of a page of events: *ret_waits[i] when event i registers a user for the
 * first time of whom rows stand before it. NULL: no event does. */
enum ql_code waiting_store_find_events(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct event_page *page,
                                       bool **ret_waits) QL_MUST_CHECK;

/* A user's events that wait, with their chains of causes, the seq of each being that of
 * the first row that registers the user. They are the user's first 500 rows, or 256 kB
 * of payload. */
enum ql_code waiting_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                struct event_page *ret_page) QL_MUST_CHECK;

#endif
