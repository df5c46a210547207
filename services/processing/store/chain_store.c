/* SQL in, chains out. A completion's own quest and cause are in its payload, what led
 * to the cause is in the table. */
#include "services/processing/store/chain_store.h"

#include <string.h>

#include "platform/pb/json/value.h"

#include "chain_sql.h"

struct link {
    const char *quest_id; /* in lower case */
    const char *cause_id;
};

static bool read_uuid(struct ql_call *call, const struct ql_json_value *payload, const char *path,
                      const char **ret_uuid)
{
    const struct ql_json_value *value = ql_json_value_at(payload, path);

    *ret_uuid = NULL;
    if (value == NULL || value->kind != QL_JSON_TEXT)
        return true;
    *ret_uuid = ql_arena_printf(call->arena, "%.*s", (int)value->length, value->text);
    if (*ret_uuid == NULL)
        return false;
    if (!ql_uuid_is_valid(*ret_uuid))
        *ret_uuid = NULL;
    return true;
}

/* What a completion says of itself; NULLs for what is not there. */
static enum ql_code read_link(struct ql_call *call, const struct rule_event *event,
                              struct link *ret_link)
{
    const struct ql_json_value *payload = NULL;
    enum ql_code rc;

    *ret_link = (struct link){0};
    rc = ql_json_value_read(call->arena, event->payload, strlen(event->payload), &payload);
    if (rc == QL_INVALID_ARGUMENT)
        return QL_OK;
    if (rc != QL_OK || !read_uuid(call, payload, "questId", &ret_link->quest_id) ||
        !read_uuid(call, payload, "causeEventId", &ret_link->cause_id))
        return ql_fail_memory(call);
    return QL_OK;
}

/* The first row of those found, which are by cause, that belongs to a cause. */
static size_t first_row(const struct ql_pg_rows *rows, const char *cause_id)
{
    size_t low = 0, high = rows->n_rows;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(ql_pg_text(rows, middle, 0), cause_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum ql_code set_chain(struct ql_call *call, const struct link *link,
                              const struct ql_pg_rows *rows, struct rule_event *event)
{
    size_t first = link->cause_id == NULL ? rows->n_rows : first_row(rows, link->cause_id);
    size_t end = first, n = 0;
    const char **chain;

    while (end < rows->n_rows && strcmp(ql_pg_text(rows, end, 0), link->cause_id) == 0)
        end++;
    chain = ql_arena_calloc(call->arena, end - first + 1, sizeof(*chain));
    if (chain == NULL)
        return ql_fail_memory(call);
    if (link->quest_id != NULL)
        chain[n++] = link->quest_id;
    for (size_t i = first; i < end; i++)
        chain[n++] = ql_pg_text(rows, i, 1);
    event->chain = chain;
    event->n_chain = n;
    return QL_OK;
}

enum ql_code chain_store_read(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct event_page *page)
{
    struct link *links = ql_arena_calloc(call->arena, page->n, sizeof(*links));
    const char **causes = ql_arena_calloc(call->arena, page->n, sizeof(*causes));
    struct ql_pg_rows rows = {0};
    size_t n_causes = 0;
    enum ql_code rc = QL_OK;

    if (page->n > 0 && (links == NULL || causes == NULL))
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        if (strcmp(page->events[i].event_type, EVENT_QUEST_COMPLETED) != 0)
            continue;
        rc = read_link(call, &page->events[i], &links[i]);
        if (rc != QL_OK)
            return rc;
        if (links[i].cause_id != NULL)
            causes[n_causes++] = links[i].cause_id;
    }
    if (n_causes > 0)
        rc = ql_pg_run(call, tx, &sql_event_list_chains,
                       (const char *const[]){ql_pg_from_array(call, causes, n_causes)}, 1, &rows);
    for (size_t i = 0; rc == QL_OK && i < page->n; i++)
        if (strcmp(page->events[i].event_type, EVENT_QUEST_COMPLETED) == 0)
            rc = set_chain(call, &links[i], &rows, &page->events[i]);
    return rc;
}
