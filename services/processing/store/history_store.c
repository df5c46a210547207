/* SQL in, events out: the event table as the rules see it. */
#include "services/processing/store/history_store.h"

#include <inttypes.h>
#include <string.h>

#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"
#include "services/processing/rules/definition_pb.h"

#include "history_sql.h"

/* A row that is larger makes a page of its own. */
static const int64_t page_bytes = 1024 * 1024;

/* A name that a later release gave an enum reads as the enum's zero. */
static enum ql_code read_body(struct ql_call *call, const char *json,
                              struct definition *ret_definition)
{
    static const struct ql_json_options options = {.ignores_unknown = true};
    const struct ql_schema *schema = ql_schema_embedded();
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    QuestChanged *body;
    enum ql_code rc;

    ql_buffer_init(&wire, QL_WIRE_MAX_BYTES);
    rc = ql_json_read(call, schema, ql_schema_message(schema, QuestChanged_descriptor.name), json,
                      strlen(json), &options, &wire);
    if (rc != QL_OK)
        return rc;
    rc = ql_message_unpack(call, &QuestChanged_descriptor, wire.data, wire.length, &body);
    if (rc != QL_OK)
        return rc;
    return definition_from_pb(call, body->quest, ret_definition);
}

enum ql_code history_store_read_quest(struct ql_call *call, int64_t seq, const char *payload,
                                      struct definition *ret_definition)
{
    enum ql_code rc = read_body(call, payload, ret_definition);

    if (rc == QL_OK || rc == QL_RESOURCE_EXHAUSTED)
        return rc;
    return ql_fail(call, QL_DATA_LOSS, "STORED_QUEST_UNREADABLE",
                   "the quest of event row %" PRId64 " cannot be read: %s", seq,
                   call->status.message);
}

enum ql_code history_store_get_revision(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *quest_id, int64_t at_seq,
                                        struct definition *ret_definition, int64_t *ret_next_seq)
{
    const char *const parameters[] = {quest_id, ql_pg_from_int64(call, at_seq)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_get_revision, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_DATA_LOSS, "STORED_QUEST_UNREADABLE",
                       "the event table has no row of quest %s", quest_id);
    *ret_next_seq = ql_pg_is_null(&rows, 0, 2) ? 0 : ql_pg_int64(&rows, 0, 2);
    return history_store_read_quest(call, ql_pg_int64(&rows, 0, 0), ql_pg_text(&rows, 0, 1),
                                    ret_definition);
}

enum ql_code history_store_list_users(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *const *user_ids, size_t n_users,
                                      int64_t before_seq, struct user_states *states)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids, n_users),
                                      ql_pg_from_int64(call, before_seq)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_list_users, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < rows.n_rows; i++) {
        struct user_state *state = user_states_take(states, ql_pg_text(&rows, i, 0));

        if (state == NULL)
            return ql_fail_memory(call);
        user_state_set_zone(state, ql_pg_text(&rows, i, 1), ql_pg_text(&rows, i, 2),
                            ql_pg_text(&rows, i, 3));
        state->is_deleted = ql_pg_bool(&rows, i, 4);
        state->is_registered = ql_pg_bool(&rows, i, 5);
    }
    return QL_OK;
}

enum ql_code history_store_list_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *const *user_ids, size_t n_users,
                                        const char *const **ret_deleted, size_t *ret_n_deleted)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids, n_users)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_list_deleted, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_deleted = rows.cells; /* one column: the cells are the ids */
    *ret_n_deleted = rows.n_rows;
    return QL_OK;
}

enum ql_code history_store_map_events(struct ql_call *call, const struct ql_pg_rows *rows,
                                      struct event_page *ret_page)
{
    struct event_page page = {.events =
                                  ql_arena_calloc(call->arena, rows->n_rows, sizeof(*page.events)),
                              .seqs = ql_arena_calloc(call->arena, rows->n_rows, sizeof(int64_t)),
                              .n = rows->n_rows};

    if (page.events == NULL || page.seqs == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page.n; i++) {
        page.seqs[i] = ql_pg_int64(rows, i, 0);
        page.events[i] = (struct rule_event){.event_id = ql_pg_text(rows, i, 1),
                                             .user_id = ql_pg_text(rows, i, 2),
                                             .event_type = ql_pg_text(rows, i, 3),
                                             .occurred_ms = ql_pg_int64(rows, i, 4),
                                             .payload = ql_pg_text(rows, i, 5)};
    }
    *ret_page = page;
    return QL_OK;
}

static enum ql_code map_page(struct ql_call *call, const struct ql_pg_rows *rows, int max,
                             struct event_page *ret_page)
{
    int64_t bytes = 0;
    enum ql_code rc = history_store_map_events(call, rows, ret_page);

    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < ret_page->n; i++)
        bytes += (int64_t)strlen(ret_page->events[i].payload);
    ret_page->is_full = ret_page->n == (size_t)max || bytes >= page_bytes;
    return QL_OK;
}

enum ql_code history_store_list_events(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *const *types, size_t n_types, int64_t after_seq,
                                       int64_t before_seq, int max, struct event_page *ret_page)
{
    const char *const parameters[] = {ql_pg_from_int64(call, after_seq),
                                      ql_pg_from_int64(call, before_seq),
                                      ql_pg_from_int64(call, max),
                                      ql_pg_from_int64(call, page_bytes),
                                      n_types == 0 ? NULL : ql_pg_from_array(call, types, n_types),
                                      NULL};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = n_types == 0 ? ql_pg_run(call, tx, &sql_event_list_range, parameters, 4, &rows)
                      : ql_pg_run(call, tx, &sql_event_list_range_of_types, parameters,
                                  QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    return map_page(call, &rows, max, ret_page);
}

enum ql_code history_store_list_events_since(struct ql_call *call, struct ql_pg_tx *tx,
                                             const char *const *types, size_t n_types,
                                             int64_t since_ms, int64_t after_seq,
                                             int64_t before_seq, int max,
                                             struct event_page *ret_page)
{
    const char *const parameters[] = {ql_pg_from_int64(call, after_seq),
                                      ql_pg_from_int64(call, before_seq),
                                      ql_pg_from_int64(call, max),
                                      ql_pg_from_int64(call, page_bytes),
                                      ql_pg_from_array(call, types, n_types),
                                      ql_pg_from_int64(call, since_ms)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_list_range_of_types, parameters,
                   QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    return map_page(call, &rows, max, ret_page);
}

static void position_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct user_position *)ret_element = (struct user_position){
        .user_id = ql_pg_text(rows, row, 0), .seq = ql_pg_int64(rows, row, 1)};
}

enum ql_code history_store_list_positions(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *const *ids, size_t n_ids, int64_t before_seq,
                                          struct user_position **ret_positions,
                                          size_t *ret_n_positions)
{
    const char *const parameters[] = {ql_pg_from_array(call, ids, n_ids),
                                      ql_pg_from_int64(call, before_seq)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_list_positions, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_positions = ql_pg_map(call, &rows, sizeof(**ret_positions), position_from_row);
    *ret_n_positions = rows.n_rows;
    return *ret_positions == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code history_store_read_only(struct ql_call *call, struct ql_pg_tx *tx)
{
    return ql_pg_run(call, tx, &sql_history_read_only, NULL, 0, NULL);
}

enum ql_code history_store_last_seq(struct ql_call *call, struct ql_pg_tx *tx, int64_t *ret_seq)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_last_seq, NULL, 0, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_seq = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code history_store_last_seq_of_types(struct ql_call *call, struct ql_pg_tx *tx,
                                             const char *const *types, size_t n_types,
                                             int64_t *ret_seq)
{
    const char *const parameters[] = {ql_pg_from_array(call, types, n_types)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_last_seq_of_types, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_seq = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}
