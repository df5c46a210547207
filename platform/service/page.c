/* Reading page_size and page_token, filling answers, and making tokens. */
#include "platform/service/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/digest.h"
#include "platform/pb/schema/message.h"
#include "platform/service/service.h"

/* The place of a field within a message, or NULL when the message has no such field. */
static void *find_field(ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);

    return field == NULL ? NULL : (char *)message + field->offset;
}

/* What the tokens of a list are bound to: the method, the caller, and the request
 * without the two fields that differ from page to page. Their contents go to the
 * caller. */
static enum ql_code read_request(struct ql_call *call, const void *request, const char **ret_token,
                                 int32_t *ret_size, const char **ret_context)
{
    const ProtobufCMessageDescriptor *type = ((const ProtobufCMessage *)request)->descriptor;
    ProtobufCMessage *copy = ql_arena_alloc(call->arena, type->sizeof_message);
    char digest[QL_SHA256_HEX_SIZE];
    int32_t *page_size;
    char **page_token;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (copy == NULL)
        return ql_fail_memory(call);
    memcpy(copy, request, type->sizeof_message);
    page_size = find_field(copy, "page_size");
    page_token = find_field(copy, "page_token");
    if (page_token == NULL)
        return ql_fail(call, QL_INTERNAL, "NOT_A_LIST", "%s has no page_token", type->name);
    *ret_token = *page_token;
    *page_token = (char *)"";
    *ret_size = page_size == NULL ? 0 : *page_size;
    if (page_size != NULL)
        *page_size = 0;
    rc = ql_message_pack(call, copy, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    ql_sha256_hex(digest, bytes, length);
    *ret_context =
        ql_arena_printf(call->arena, "%s\n%s\n%s", call->method, call->identity.subject, digest);
    return *ret_context == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code violate_token(struct ql_call *call)
{
    bool is_alone = call->status.code == QL_OK;

    ql_violate(call, "pageToken",
               "was not returned to this caller by this list with the same filter");
    if (is_alone)
        snprintf(call->status.reason, sizeof(call->status.reason), "INVALID_PAGE_TOKEN");
    return QL_INVALID_ARGUMENT;
}

static const struct ql_digest_key *secret_of(const struct ql_call *call)
{
    return &((const struct ql_service_parts *)call->app)->page_secret;
}

enum ql_code ql_page_read(struct ql_call *call, const void *request, int32_t default_size,
                          struct ql_page *ret_page)
{
    const char *token = "";
    int32_t size = 0;
    enum ql_code rc;

    memset(ret_page, 0, sizeof(*ret_page));
    rc = read_request(call, request, &token, &size, &ret_page->context);
    if (rc != QL_OK)
        return rc;
    ret_page->n_rows = size == 0 ? default_size : size;
    ret_page->is_first = token[0] == '\0';
    if (!ret_page->is_first &&
        !ql_unseal_text(secret_of(call), ret_page->context, token, ret_page->after))
        (void)violate_token(call);
    return call->status.code;
}

const char *ql_page_after_uuid(const struct ql_page *page)
{
    return page->is_first ? "00000000-0000-0000-0000-000000000000" : page->after;
}

int64_t ql_page_after_number(const struct ql_page *page)
{
    return page->is_first ? 0 : strtoll(page->after, NULL, 10);
}

enum ql_code ql_page_fill(struct ql_call *call, const struct ql_page *page,
                          const struct ql_page_rows *rows, void *answer, const char *field,
                          size_t *ret_n_shown)
{
    const ProtobufCFieldDescriptor *repeated = protobuf_c_message_descriptor_get_field_by_name(
        ((const ProtobufCMessage *)answer)->descriptor, field);
    size_t n = rows->n_rows;
    void **messages;

    if (page != NULL && n > (size_t)page->n_rows)
        n = (size_t)page->n_rows;
    messages = ql_arena_calloc(call->arena, n, sizeof(*messages));
    if (messages == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        messages[i] = rows->to_message(call, (const char *)rows->rows + i * rows->row_size);
        if (messages[i] == NULL)
            return ql_fail_memory(call);
    }
    *(void ***)(void *)((char *)answer + repeated->offset) = messages;
    *(size_t *)(void *)((char *)answer + repeated->quantifier_offset) = n;
    *ret_n_shown = n;
    return QL_OK;
}

enum ql_code ql_page_token(struct ql_call *call, const struct ql_page *page, const char *key,
                           char **ret_token)
{
    *ret_token = ql_arena_alloc(call->arena, QL_SEALED_TEXT_SIZE);
    if (*ret_token == NULL)
        return ql_fail_memory(call);
    ql_seal_text(secret_of(call), page->context, key, *ret_token);
    return QL_OK;
}

enum ql_code ql_page_token_number(struct ql_call *call, const struct ql_page *page, int64_t number,
                                  char **ret_token)
{
    char key[QL_SEAL_TEXT_SIZE];

    snprintf(key, sizeof(key), "%019" PRId64, number);
    return ql_page_token(call, page, key, ret_token);
}
