/* The event table: rows in arrival order, appended and never changed. */
#ifndef QL_PROCESSING_STORE_EVENT_STORE_H
#define QL_PROCESSING_STORE_EVENT_STORE_H

#include "platform/pg/pg.h"
#include "platform/base/id.h"

struct event_row {
    int64_t seq; /* given by the table */
    const char *event_id;
    const char *user_id; /* "" for none */
    const char *event_type;
    int64_t occurred_ms;
    const char *payload;     /* a JSON object; NULL when it was left out */
    const char *traceparent; /* "" for none; not read back */
    const char *account_id;  /* whose id it is; NULL or "": our services'; not read back */
    const char *contents;    /* of an account's event: event_contents; NULL: none */
};

/* Waits until no other transaction appends, and keeps others from it until the
 * transaction ends: rows are committed in the order of their seq. */
enum ql_code event_store_lock(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

/* An event by what names it: an id, and whose it is. */
struct event_name {
    const char *event_id;
    const char *account_id; /* NULL or "": our services' */
    bool is_custom;         /* of a type that game servers publish */

    bool is_known;        /* found out: it is stored, ... */
    const char *contents; /* ... with these contents; NULL: not known */
};

/* Says of each name whether it is stored. */
enum ql_code event_store_find_known(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct event_name *names, size_t n_names) QL_MUST_CHECK;

/* Those of the ids of our own services that are stored. */
enum ql_code event_store_list_known(struct ql_call *call, struct ql_pg_tx *tx,
                                    const char *const *ids, size_t n_ids, const char ***ret_known,
                                    size_t *ret_n_known) QL_MUST_CHECK;
bool event_store_is_known(const char *const *known, size_t n_known, const char *id);

/* Appends one or more rows, in order; the seq of the last. ALREADY_EXISTS when an
 * id is stored. */
enum ql_code event_store_append(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct event_row *rows, size_t n_rows,
                                int64_t *ret_last_seq) QL_MUST_CHECK;

/* A row before it is read: how many bytes its payload has as text. */
struct event_ref {
    int64_t seq;
    int64_t payload_bytes;
};

/* Places in order. */
struct event_refs {
    struct event_ref *all;
    size_t n;
    int64_t seen_seq; /* rows up to this one were looked at, and more may follow; 0: none */
};

/* The next places behind after_seq, by seq; user_id and event_type "" for all. At
 * most max and one more, which says that a page follows. Of a user and a type some
 * thousand rows of the user are looked at, and there may be fewer refs, or none,
 * with more to follow behind seen_seq. */
enum ql_code event_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              const char *event_type, int64_t after_seq, int max,
                              struct event_refs *ret_refs) QL_MUST_CHECK;

/* The rows at these refs; payloads above payload_max bytes are left out. */
enum ql_code event_store_get_rows(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct event_ref *refs, size_t n_refs, int64_t payload_max,
                                  struct event_row **ret_rows, size_t *ret_n_rows) QL_MUST_CHECK;

#endif
