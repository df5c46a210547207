/* Pages: a look at some rows, each as it is published, until the page is full. */
#include "platform/readside/query_page.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/message.h"
#include "platform/service/page.h"
#include "platform/readside/answer.h"
#include "platform/readside/published.h"
#include "platform/resource/store.h"

enum { LOOK_ROWS_MIN = 50, LOOK_ROWS_MAX = 100, LOOKS_MAX = 20 };

/* A page in the making. */
struct paging {
    struct ql_read_side *side;
    int kind;
    bool with_archived;
    const ProtobufCMessage *filter; /* NULL: none */
    size_t n_asked;
    size_t n_bytes;
    const char *after; /* everything up to here was looked at */
    struct ql_cache_page page;
};

static bool shows_archived(const ProtobufCMessage *in)
{
    const protobuf_c_boolean *shows = ql_resource_member(in, "show_archived");

    return shows != NULL && *shows != 0;
}

/* A resource with what the request filters by; NULL for none. */
static enum ql_code read_filter(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage **ret_filter)
{
    ProtobufCMessage *filter;
    bool has_filter = false;
    enum ql_code rc;

    *ret_filter = NULL;
    if (kind->read_filter == NULL)
        return QL_OK;
    filter = ql_arena_alloc(call->arena, kind->type->sizeof_message);
    if (filter == NULL)
        return ql_fail_memory(call);
    protobuf_c_message_init(kind->type, filter);
    rc = kind->read_filter(call, in, filter, &has_filter);
    *ret_filter = has_filter ? filter : NULL;
    return rc;
}

/* The page that a request asks of memory. */
static bool page_from_memory(struct ql_call *call, struct ql_read_side *side, int kind,
                             const ProtobufCMessage *in, struct ql_page *ret_asked,
                             struct ql_cache_page *ret_page)
{
    const struct ql_resource_kind *resource = side->kinds[kind].resource;
    struct ql_cache_filter filter = {.keep = resource->matches_encoded};
    ProtobufCMessage *wanted;

    if (qli_published_is_for_editor(call) || shows_archived(in) || side->caches[kind] == NULL ||
        read_filter(call, resource, in, &wanted) != QL_OK ||
        (wanted != NULL && filter.keep == NULL) ||
        ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, ret_asked) != QL_OK)
        return false;
    filter.argument = wanted;
    return ql_cache_list(side->caches[kind], call->arena, ql_page_after_uuid(ret_asked),
                         (size_t)ret_asked->n_rows, QL_PAGE_MAX_BYTES,
                         wanted == NULL ? NULL : &filter, ql_cache_now(), ret_page);
}

/* Pages end early once they have so many bytes, as those from PostgreSQL do. */
bool ql_query_page_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                                const ProtobufCMessage *in, struct ql_rpc_bytes *ret_out)
{
    size_t size = QLI_ANSWER_HEAD_MAX + QL_SEALED_TEXT_SIZE;
    struct ql_cache_page page;
    struct ql_page asked;
    char *token = NULL;
    uint8_t *at;

    if (!page_from_memory(call, side, kind, in, &asked, &page))
        return false;
    if (page.has_more &&
        ql_page_token(call, &asked, page.items[page.n_items - 1].id, &token) != QL_OK)
        return false;
    for (size_t i = 0; i < page.n_items; i++)
        size += page.items[i].length + QLI_ANSWER_HEAD_MAX;
    at = ql_arena_alloc(call->arena, size);
    if (at == NULL)
        return false;
    ret_out->data = at;
    for (size_t i = 0; i < page.n_items; i++)
        at = qli_answer_put_field(at, 1, page.items[i].bytes, page.items[i].length);
    if (token != NULL)
        at = qli_answer_put_field(at, 2, token, strlen(token));
    ret_out->length = (size_t)(at - (const uint8_t *)ret_out->data);
    ql_read_side_count(side, "memory");
    return true;
}

/* Whether the item, as it is published, belongs to the list. */
static enum ql_code is_listed(struct ql_call *call, const struct paging *paging,
                              const struct ql_resource_item *item, bool *ret_is_listed)
{
    const struct ql_resource_kind *kind = paging->side->kinds[paging->kind].resource;
    ProtobufCMessage *resource;
    enum ql_code rc;

    *ret_is_listed = !item->is_archived || paging->with_archived;
    if (!*ret_is_listed || paging->filter == NULL)
        return QL_OK;
    rc = ql_message_unpack(call, kind->type, item->bytes, item->length, &resource);
    if (rc != QL_OK)
        return rc;
    *ret_is_listed = kind->matches_filter(paging->filter, resource);
    return QL_OK;
}

/* Adds one row, as it is published. *ret_is_full: it did not fit. */
static enum ql_code add_item(struct ql_call *call, struct paging *paging,
                             const struct ql_resource_item *item, bool *ret_is_full)
{
    struct ql_cache_page *page = &paging->page;
    bool is_in_list;
    enum ql_code rc = is_listed(call, paging, item, &is_in_list);

    *ret_is_full = false;
    if (rc != QL_OK)
        return rc;
    if (is_in_list && (page->n_items == paging->n_asked || paging->n_bytes >= QL_PAGE_MAX_BYTES)) {
        *ret_is_full = page->has_more = true;
        return QL_OK;
    }
    if (is_in_list) {
        page->items[page->n_items++] = *item;
        paging->n_bytes += item->length;
    }
    paging->after = item->id;
    return QL_OK;
}

/* What was revised since then may be published as it was before. */
static int64_t revised_since_ms(const struct ql_call *call, const struct paging *paging)
{
    return ql_unix_ms() - (qli_published_is_for_editor(call) ? 0 : paging->side->publish_delay_ms);
}

/* One look at so many rows; *ret_is_over: the page is full, or there are no more. */
static enum ql_code look_at_rows(struct ql_call *call, struct ql_pg_tx *tx, struct paging *paging,
                                 bool *ret_is_over)
{
    /* One more than asked for shows whether a page follows. */
    size_t limit = paging->n_asked < LOOK_ROWS_MIN ? LOOK_ROWS_MIN : paging->n_asked + 1;
    struct ql_resource_list list = {.after = paging->after,
                                    .filter = paging->filter,
                                    .revised_since_ms = revised_since_ms(call, paging)};
    struct ql_resource_item *items;
    size_t n_items = 0;
    int64_t stale_ms;
    enum ql_code rc;

    list.archived_since_ms = paging->with_archived ? 0 : list.revised_since_ms;
    list.limit = (int)(limit > LOOK_ROWS_MAX ? LOOK_ROWS_MAX : limit);
    rc = ql_resource_store_list(call, tx, paging->side->kinds[paging->kind].resource, &list, &items,
                                &n_items);
    if (rc != QL_OK)
        return rc;
    *ret_is_over = n_items < (size_t)list.limit;
    for (size_t i = 0; i < n_items; i++) {
        bool is_full = false;

        if (!qli_published_is_for_editor(call))
            rc = qli_published_find(call, tx, paging->side, paging->kind, &items[i], &stale_ms);
        if (rc != QL_OK)
            return rc;
        rc = add_item(call, paging, &items[i], &is_full);
        if (rc != QL_OK)
            return rc;
        if (is_full) {
            *ret_is_over = true;
            return QL_OK;
        }
    }
    return QL_OK;
}

static enum ql_code fill_page(struct ql_call *call, struct paging *paging)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_over = false;
    enum ql_code rc = ql_pg_begin(call, paging->side->pg, &tx);

    if (rc != QL_OK)
        return rc;
    for (int looks = 0; !is_over && looks < LOOKS_MAX; looks++) {
        rc = look_at_rows(call, tx, paging, &is_over);
        if (rc != QL_OK)
            return rc;
    }
    /* Behind thousands archived at this moment a page ends early, and the next goes on. */
    if (!is_over)
        paging->page.has_more = true;
    ql_read_side_count(paging->side, "postgres");
    return QL_OK;
}

/* The answer's first two fields: the resources, and the next page's token. */
static enum ql_code write_answer(struct ql_call *call, const struct paging *paging, char *token,
                                 ProtobufCMessage *out)
{
    const ProtobufCFieldDescriptor *field = &out->descriptor->fields[0];
    size_t *n_resources = (size_t *)(void *)((char *)out + field->quantifier_offset);
    void **resources = ql_arena_calloc(call->arena, paging->page.n_items + 1, sizeof(*resources));

    if (resources == NULL)
        return ql_fail_memory(call);
    *(void ***)ql_resource_first_member(out) = resources;
    for (size_t i = 0; i < paging->page.n_items; i++, ++*n_resources) {
        const struct ql_resource_item *item = &paging->page.items[i];
        enum ql_code rc = ql_message_unpack(call, paging->side->kinds[paging->kind].resource->type,
                                            item->bytes, item->length, &resources[i]);

        if (rc != QL_OK)
            return rc;
    }
    *(char **)ql_resource_member(out, "next_page_token") = token;
    return QL_OK;
}

enum ql_code ql_query_page_list(struct ql_call *call, struct ql_read_side *side, int kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out)
{
    struct paging paging = {.side = side, .kind = kind, .with_archived = shows_archived(in)};
    char *token = (char *)"";
    ProtobufCMessage *filter;
    struct ql_page asked;
    enum ql_code rc;

    rc = read_filter(call, side->kinds[kind].resource, in, &filter);
    if (ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &asked) != QL_OK)
        return call->status.code;
    if (rc != QL_OK)
        return rc;
    paging.filter = filter;
    paging.after = ql_page_after_uuid(&asked);
    paging.n_asked = (size_t)asked.n_rows;
    paging.page.items = ql_arena_calloc(call->arena, paging.n_asked, sizeof(*paging.page.items));
    if (paging.page.items == NULL)
        return ql_fail_memory(call);
    rc = fill_page(call, &paging);
    if (rc != QL_OK)
        return rc;
    if (paging.page.has_more)
        rc = ql_page_token(call, &asked, paging.after, &token);
    if (rc != QL_OK)
        return rc;
    return write_answer(call, &paging, token, out);
}
