/* The frame of a command: its transaction, its answer kept, its etag. */
#include "services/catalog/command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "platform/pb/message.h"
#include "services/catalog/catalog.h"

enum { ETAG_SIZE = 24 };

enum ql_code command_begin(struct ql_call *call, const void *in, void *out,
                           struct ql_pg_tx **ret_tx, bool *ret_is_repeated)
{
    struct catalog *app = call->app;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, ret_tx);
    if (rc != QL_OK)
        return rc;
    return ql_idempotency_begin(call, *ret_tx, in, out, ret_is_repeated);
}

enum ql_code command_commit(struct ql_call *call, struct ql_pg_tx **tx, bool is_repeated,
                            const void *out, const char *etag)
{
    struct catalog *app = call->app;
    enum ql_code rc;

    call->etag = etag;
    if (is_repeated)
        return QL_OK;
    rc = ql_idempotency_finish(call, *tx, out);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, tx);
    if (rc == QL_OK)
        ql_relay_wake(app->parts.relay);
    return rc;
}

/* The next entity tag of a list, without quotes; weak ones as NULL, for they
 * never match. false at the end, with *ret_is_malformed set when it is not one. */
static bool next_tag(const char **list, const char **ret_tag, size_t *ret_length,
                     bool *ret_is_malformed)
{
    const char *at = *list + strspn(*list, " \t,"), *end;
    bool is_weak = strncmp(at, "W/", 2) == 0;

    *ret_is_malformed = false;
    if (*at == '\0')
        return false;
    at += is_weak ? 2 : 0;
    end = *at == '"' ? strchr(at + 1, '"') : NULL;
    *ret_is_malformed = end == NULL || strchr(" \t,", end[1]) == NULL; /* or its end */
    if (*ret_is_malformed)
        return false;
    *ret_tag = is_weak ? NULL : at + 1;
    *ret_length = (size_t)(end - at - 1);
    *list = end + 1;
    return true;
}

/* RFC 9110 section 13.1.1: any of the list, compared strongly. */
static enum ql_code check_if_match(struct ql_call *call, const char *etag, bool *ret_matches)
{
    const char *list = call->if_match, *tag;
    size_t length;
    bool is_malformed;

    *ret_matches = list == NULL || strcmp(list, "*") == 0;
    if (*ret_matches)
        return QL_OK;
    while (next_tag(&list, &tag, &length, &is_malformed))
        if (tag != NULL && strlen(etag) == length && memcmp(tag, etag, length) == 0)
            *ret_matches = true;
    return is_malformed ? ql_violate(call, "If-Match", "must be entity tags in quotes, or *")
                        : QL_OK;
}

enum ql_code command_check_etag(struct ql_call *call, const char *etag, int64_t revision)
{
    char own[ETAG_SIZE];
    bool matches;
    enum ql_code rc;

    snprintf(own, sizeof(own), "%" PRId64, revision);
    rc = check_if_match(call, own, &matches);
    if (rc != QL_OK)
        return rc;
    if (!matches || (etag[0] != '\0' && strcmp(etag, own) != 0))
        return ql_fail(call, QL_ABORTED, "ETAG_MISMATCH",
                       "somebody else made a change: the etag is %s now", own);
    return QL_OK;
}

enum ql_code command_record(struct ql_call *call, struct ql_pg_tx *tx, const char *kind,
                            const char *id, int64_t revision)
{
    char text[ETAG_SIZE];
    const struct ql_audit_fact facts[] = {{"revision", text}, {NULL, NULL}};

    snprintf(text, sizeof(text), "%" PRId64, revision);
    return ql_audit_record(call, tx, kind, id, facts);
}

enum ql_code command_is_same(struct ql_call *call, const void *left, const void *right,
                             bool *ret_is_same)
{
    uint8_t *left_bytes, *right_bytes;
    size_t left_length, right_length;
    enum ql_code rc;

    rc = ql_message_pack(call, left, &left_bytes, &left_length);
    if (rc != QL_OK)
        return rc;
    rc = ql_message_pack(call, right, &right_bytes, &right_length);
    if (rc != QL_OK)
        return rc;
    *ret_is_same = left_length == right_length && memcmp(left_bytes, right_bytes, left_length) == 0;
    return QL_OK;
}

enum ql_code command_refuse(struct ql_call *call, const char *reason, const char *field,
                            const char *format, ...)
{
    char text[QL_MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ql_call_clear_status(call);
    ql_violate(call, field, "%s", text);
    call->status.code = QL_FAILED_PRECONDITION;
    snprintf(call->status.reason, sizeof(call->status.reason), "%s", reason);
    return QL_FAILED_PRECONDITION;
}
