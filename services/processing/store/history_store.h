/* The event table as the rules see it: events, and what they say of users. */
#ifndef QL_PROCESSING_STORE_HISTORY_STORE_H
#define QL_PROCESSING_STORE_HISTORY_STORE_H

#include "platform/pg/pg.h"
#include "services/processing/rules/progress.h"

/* Notes what the rows before before_seq say of these users' zones, and who of them
 * is deleted, wherever that stands. */
enum ql_code history_store_list_users(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *const *user_ids, size_t n_users,
                                      int64_t before_seq, struct user_states *states) QL_MUST_CHECK;

/* Who of these users is deleted, each once. */
enum ql_code history_store_list_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *const *user_ids, size_t n_users,
                                        const char *const **ret_deleted,
                                        size_t *ret_n_deleted) QL_MUST_CHECK;

/* Rows as the rules see them, in order. */
struct event_page {
    struct rule_event *events;
    int64_t *seqs;
    size_t n;
    bool is_full; /* by rows or by bytes: more may follow */
};

/* The rows behind after_seq and before before_seq, of these types (none: of all);
 * a page of at most max rows and some MB. No row: there are no more. */
enum ql_code history_store_list_events(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *const *types, size_t n_types, int64_t after_seq,
                                       int64_t before_seq, int max,
                                       struct event_page *ret_page) QL_MUST_CHECK;
/* Of those only what happened at since_ms or later, and what is to be known of users. */
enum ql_code history_store_list_events_since(struct ql_call *call, struct ql_pg_tx *tx,
                                             const char *const *types, size_t n_types,
                                             int64_t since_ms, int64_t after_seq,
                                             int64_t before_seq, int max,
                                             struct event_page *ret_page) QL_MUST_CHECK;
/* Rows of seq, id, user, type, ms and payload as a page; for other tables of events. */
enum ql_code history_store_map_events(struct ql_call *call, const struct ql_pg_rows *rows,
                                      struct event_page *ret_page) QL_MUST_CHECK;

/* The quest of a QuestChanged row. DATA_LOSS (STORED_QUEST_UNREADABLE). */
enum ql_code history_store_read_quest(struct ql_call *call, int64_t seq, const char *payload,
                                      struct definition *ret_definition) QL_MUST_CHECK;

/* The revision of a quest that stood at row at_seq, or its first one when that
 * stands behind it, and the row at which the next one takes its place; 0 for
 * none. DATA_LOSS (STORED_QUEST_UNREADABLE), also without any. */
enum ql_code history_store_get_revision(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *quest_id, int64_t at_seq,
                                        struct definition *ret_definition,
                                        int64_t *ret_next_seq) QL_MUST_CHECK;

/* Whose event one of the ids is and where it stands, of those before before_seq. */
struct user_position {
    const char *user_id;
    int64_t seq;
};
enum ql_code history_store_list_positions(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *const *ids, size_t n_ids, int64_t before_seq,
                                          struct user_position **ret_positions,
                                          size_t *ret_n_positions) QL_MUST_CHECK;

/* From here on the transaction can only read. */
enum ql_code history_store_read_only(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

/* The seq of the last row; 0 for none. */
enum ql_code history_store_last_seq(struct ql_call *call, struct ql_pg_tx *tx,
                                    int64_t *ret_seq) QL_MUST_CHECK;

/* The same of the rows of some types. */
enum ql_code history_store_last_seq_of_types(struct ql_call *call, struct ql_pg_tx *tx,
                                             const char *const *types, size_t n_types,
                                             int64_t *ret_seq) QL_MUST_CHECK;

#endif
