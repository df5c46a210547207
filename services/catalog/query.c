/* One quest or reward, from the nearest place that may answer. */
#include "services/catalog/query.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/metrics.h"
#include "platform/service/page.h"
#include "services/catalog/catalog.h"
#include "services/catalog/read_model.h"

enum {
    MESSAGE_TAG = 1 << 3 | 2, /* of a response's first field */
    TOKEN_TAG = 2 << 3 | 2,
    HEAD_MAX = 11, /* a tag and a length */
    READ_NOTED_EVERY_MS = 200,
};

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_catalog_reads_total",
     .help = "Quests, rewards and pages of them read, by what answered: memory, redis, postgres, "
             "or shared for another call's read of one of these.",
     .label = "from"},
};

void query_metrics_register(void)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

int64_t query_answered_from(const char *from)
{
    return ql_metric_value(&metrics[0], from);
}

/* Readers share the time of the last read: it is written a few times a second. */
static void count(const struct ql_call *call, const char *from)
{
    struct catalog *app = call->app;
    int64_t now_ms = ql_monotonic_ms();

    ql_metric_add(&metrics[0], from, 1);
    if (now_ms - atomic_load_explicit(&app->read_ms, memory_order_relaxed) > READ_NOTED_EVERY_MS)
        atomic_store_explicit(&app->read_ms, now_ms, memory_order_relaxed);
}

/* A length-delimited field; returns the place behind it. */
static uint8_t *field_put(uint8_t *at, uint8_t tag, const void *bytes, size_t length)
{
    size_t rest = length;

    *at++ = tag;
    while (rest >= 0x80) {
        *at++ = (uint8_t)(rest | 0x80);
        rest >>= 7;
    }
    *at++ = (uint8_t)rest;
    if (length > 0)
        memcpy(at, bytes, length);
    return at + length;
}

/* Whoever edits reads what they wrote at once: from PostgreSQL, the newest revision. */
static bool wants_newest(const struct ql_call *call)
{
    return call->identity.role == QL_ROLE_ADMIN;
}

bool query_peek(struct ql_call *call, int kind, const char *id, int64_t revision,
                struct ql_rpc_bytes *ret_out)
{
    const struct catalog *app = call->app;
    struct ql_copy_item item;
    uint8_t *bytes;

    if (wants_newest(call) || app->copies[kind] == NULL || revision < 0 || !ql_uuid_is_valid(id) ||
        !ql_copy_get(app->copies[kind], call->arena, id, revision, ql_copy_now(), &item))
        return false;
    bytes = ql_arena_alloc(call->arena, item.length + HEAD_MAX);
    if (bytes == NULL)
        return false;
    ret_out->data = bytes;
    ret_out->length = (size_t)(field_put(bytes, MESSAGE_TAG, item.bytes, item.length) - bytes);
    call->etag = item.etag;
    count(call, "memory");
    return true;
}

/* Pages end early once they have so many bytes, as those from PostgreSQL do. */
bool query_peek_page(struct ql_call *call, int kind, const void *request, bool with_archived,
                     struct ql_rpc_bytes *ret_out)
{
    const struct catalog *app = call->app;
    size_t room = HEAD_MAX + QL_SEALED_TEXT_SIZE;
    struct ql_copy_page page;
    struct ql_page asked;
    char *token = NULL;
    uint8_t *at;

    if (wants_newest(call) || with_archived || app->copies[kind] == NULL ||
        ql_page_read(call, request, &ql_page_sizes, &asked) != QL_OK ||
        !ql_copy_list(app->copies[kind], call->arena, ql_page_after_uuid(&asked),
                      (size_t)asked.n_rows, QL_PAGE_MAX_BYTES, ql_copy_now(), &page))
        return false;
    if (page.has_more &&
        ql_page_token(call, &asked, page.items[page.n_items - 1].id, &token) != QL_OK)
        return false;
    for (size_t i = 0; i < page.n_items; i++)
        room += page.items[i].length + HEAD_MAX;
    at = ql_arena_alloc(call->arena, room);
    if (at == NULL)
        return false;
    ret_out->data = at;
    for (size_t i = 0; i < page.n_items; i++)
        at = field_put(at, MESSAGE_TAG, page.items[i].bytes, page.items[i].length);
    if (token != NULL)
        at = field_put(at, TOKEN_TAG, token, strlen(token));
    ret_out->length = (size_t)(at - (const uint8_t *)ret_out->data);
    count(call, "memory");
    return true;
}

static bool is_shown(const struct catalog *app, const struct ql_copy_item *item)
{
    return ql_copy_is_shown(item->revision, item->revised_ms, app->shown_after_ms, ql_unix_ms());
}

/* Goes back to the revision that is shown now; *ret_stale_ms: until when, 0 for as
 * long as nothing changes. */
static enum ql_code go_back(struct ql_call *call, struct ql_pg_tx *tx, int kind,
                            struct ql_copy_item *item, int64_t *ret_stale_ms)
{
    const struct catalog *app = call->app;
    enum ql_code rc = QL_OK;

    *ret_stale_ms = 0;
    while (rc == QL_OK && !is_shown(app, item)) {
        int64_t shown_unix_ms = item->revised_ms + app->shown_after_ms;

        /* Two clocks, each cut to a millisecond. */
        *ret_stale_ms = ql_monotonic_ms() + (shown_unix_ms - ql_unix_ms()) - 2;
        rc = model_kinds[kind]->read(call, tx, item->id, item->revision - 1, item);
    }
    return rc;
}

/* What a load is about. */
struct wanted {
    int kind;
    const char *id; /* lower case */
    int64_t revision;
    const char *from; /* what answered */
};

/* Only while it is proven: redis_proven_ms is 0 before. What it gives is no older
 * than the proof, however long it is shared. */
static bool load_from_redis(struct ql_call *call, const struct wanted *wanted,
                            struct ql_copy_item *ret_item, int64_t *ret_stale_ms)
{
    const struct catalog *app = call->app;
    enum ql_code rc;

    *ret_stale_ms = atomic_load(&app->redis_proven_ms) + CATALOG_TRUSTED_MS;
    if (wanted->revision != 0 || app->redis == NULL || ql_monotonic_ms() >= *ret_stale_ms)
        return false;
    rc = read_model_get(call, app->redis, model_kinds[wanted->kind], wanted->id, ret_item);
    ql_call_clear_status(call);
    return rc == QL_OK && is_shown(app, ret_item);
}

static enum ql_code load_from_postgres(struct ql_call *call, const struct wanted *wanted,
                                       struct ql_copy_item *ret_item, int64_t *ret_stale_ms)
{
    const struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_copy_item newest;
    enum ql_code rc;

    *ret_stale_ms = 0;
    rc = ql_pg_begin(call, app->read, &tx);
    if (rc == QL_OK)
        rc = model_kinds[wanted->kind]->read(call, tx, wanted->id, wanted->revision, ret_item);
    if (rc != QL_OK || wanted->revision != 0)
        return rc;
    newest = *ret_item;
    rc = go_back(call, tx, wanted->kind, ret_item, ret_stale_ms);
    if (rc != QL_OK)
        return rc;
    ql_pg_tx_endp(&tx);
    tx = NULL;
    /* Filling is a favour to the next one: it may fail. */
    if (app->redis != NULL &&
        read_model_put(call, app->redis, model_kinds[wanted->kind], &newest, 1) != QL_OK)
        ql_call_clear_status(call);
    return QL_OK;
}

static enum ql_code load(struct ql_call *call, void *argument, struct ql_flight_result *ret_result)
{
    struct wanted *wanted = argument;
    struct ql_copy_item item;
    enum ql_code rc = QL_OK;

    *ret_result = (struct ql_flight_result){0};
    if (load_from_redis(call, wanted, &item, &ret_result->stale_ms)) {
        wanted->from = "redis";
    } else {
        wanted->from = "postgres";
        rc = load_from_postgres(call, wanted, &item, &ret_result->stale_ms);
    }
    if (rc != QL_OK)
        return rc;
    ret_result->bytes = item.bytes;
    ret_result->length = item.length;
    return QL_OK;
}

/* The row as it stands, for nobody else: shared loads show what players may see. */
static enum ql_code load_newest(struct ql_call *call, int kind, const char *id, int64_t revision,
                                struct ql_copy_item *ret_item)
{
    const struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, app->read, &tx);

    if (rc == QL_OK)
        rc = model_kinds[kind]->read(call, tx, id, revision, ret_item);
    if (rc != QL_OK)
        return rc;
    count(call, "postgres");
    call->etag = ret_item->etag;
    return QL_OK;
}

static enum ql_code load_shared(struct ql_call *call, struct wanted *wanted,
                                struct ql_flight_result *ret_result)
{
    const struct catalog *app = call->app;
    char key[QL_FLIGHT_KEY_MAX + 1];
    bool is_shared = false;
    enum ql_code rc;

    snprintf(key, sizeof(key), "%d:%" PRId64 ":%s", wanted->kind, wanted->revision, wanted->id);
    if (app->flights == NULL)
        rc = load(call, wanted, ret_result);
    else
        rc = ql_flight_run(call, app->flights, key, load, wanted, ret_result, &is_shared);
    count(call, is_shared ? "shared" : wanted->from);
    return rc;
}

enum ql_code query_get(struct ql_call *call, int kind, const char *id_field, const char *id,
                       int64_t revision, struct ql_copy_item *ret_item)
{
    char lower[QL_UUID_SIZE] = "";
    struct wanted wanted = {.kind = kind, .id = lower, .revision = revision, .from = "postgres"};
    struct ql_flight_result result;
    enum ql_code rc = QL_OK;

    if (!ql_uuid_is_valid(id))
        rc = ql_violate(call, id_field, "must be a UUID");
    if (revision < 0)
        rc = ql_violate(call, "revision", "must not be negative");
    if (rc != QL_OK)
        return rc;
    ql_uuid_copy(lower, id);
    if (wants_newest(call))
        return load_newest(call, kind, lower, revision, ret_item);
    rc = load_shared(call, &wanted, &result);
    if (rc == QL_OK)
        rc = model_kinds[kind]->from_bytes(call, result.bytes, result.length, ret_item);
    if (rc == QL_OK)
        call->etag = ret_item->etag;
    return rc;
}

/* A page in the making. */
struct paging {
    int kind;
    bool with_archived;
    size_t n_asked;
    size_t n_bytes;
    const char *after; /* everything up to here was looked at */
    struct ql_copy_page *page;
};

enum { LOOK_ROWS_MIN = 50, LOOK_ROWS_MAX = 100, LOOKS_MAX = 20 };

/* Adds one row, as it is shown. False: the page is full. */
static bool paging_add(struct paging *paging, const struct ql_copy_item *item)
{
    struct ql_copy_page *page = paging->page;

    if (!item->is_hidden || paging->with_archived) {
        if (page->n_items == paging->n_asked || paging->n_bytes >= QL_PAGE_MAX_BYTES) {
            page->has_more = true;
            return false;
        }
        page->items[page->n_items++] = *item;
        paging->n_bytes += item->length;
    }
    paging->after = item->id;
    return true;
}

/* Those archived since then may be shown as they were before. */
static int64_t archived_since_ms(const struct ql_call *call, const struct paging *paging)
{
    const struct catalog *app = call->app;

    if (paging->with_archived)
        return 0;
    return ql_unix_ms() - (wants_newest(call) ? 0 : app->shown_after_ms);
}

/* One look at so many rows; *ret_is_over: the page is full, or there are no more. */
static enum ql_code paging_look(struct ql_call *call, struct ql_pg_tx *tx, struct paging *paging,
                                bool *ret_is_over)
{
    /* One more than asked for tells whether a page follows. */
    size_t limit = paging->n_asked < LOOK_ROWS_MIN ? LOOK_ROWS_MIN : paging->n_asked + 1;
    struct ql_copy_item *items;
    size_t n_items = 0;
    int64_t stale_ms;
    enum ql_code rc;

    if (limit > LOOK_ROWS_MAX)
        limit = LOOK_ROWS_MAX;
    rc = model_kinds[paging->kind]->list(call, tx, paging->after, archived_since_ms(call, paging),
                                         (int)limit, &items, &n_items);
    *ret_is_over = n_items < limit;
    for (size_t i = 0; rc == QL_OK && i < n_items; i++) {
        if (!wants_newest(call))
            rc = go_back(call, tx, paging->kind, &items[i], &stale_ms);
        if (rc == QL_OK && !paging_add(paging, &items[i])) {
            *ret_is_over = true;
            break;
        }
    }
    return rc;
}

enum ql_code query_list(struct ql_call *call, int kind, const void *request, bool with_archived,
                        struct ql_copy_page *ret_page, char **ret_next_token)
{
    const struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct paging paging = {.kind = kind, .with_archived = with_archived, .page = ret_page};
    struct ql_page page;
    bool is_over = false;
    enum ql_code rc;

    rc = ql_page_read(call, request, &ql_page_sizes, &page);
    if (rc != QL_OK)
        return rc;
    paging.after = ql_page_after_uuid(&page);
    paging.n_asked = (size_t)page.n_rows;
    *ret_page = (struct ql_copy_page){
        .items = ql_arena_calloc(call->arena, paging.n_asked, sizeof(*ret_page->items))};
    if (ret_page->items == NULL)
        return ql_fail_memory(call);
    rc = ql_pg_begin(call, app->read, &tx);
    for (int looks = 0; rc == QL_OK && !is_over && looks < LOOKS_MAX; looks++)
        rc = paging_look(call, tx, &paging, &is_over);
    if (rc != QL_OK)
        return rc;
    /* Behind thousands archived at this moment a page ends early, and the next goes on. */
    if (!is_over)
        ret_page->has_more = true;
    count(call, "postgres");
    *ret_next_token = (char *)"";
    return ret_page->has_more ? ql_page_token(call, &page, paging.after, ret_next_token) : QL_OK;
}
