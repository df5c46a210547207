/* Error responses, their examples written by what writes the errors. */
#include "tools/ql-openapi/errors.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/http_status.h"
#include "tools/ql-openapi/method.h"

#define EXAMPLE_REQUEST_ID "0d5f8c1e-2f6a-4c53-9a51-6f0f4e8d2b7a"

enum { FAILURES_MAX = 48, RETRY_MS = 1000 };

enum occasion {
    ALWAYS,
    WITH_BODY,
    WITHOUT_BODY,
    WITH_TOKEN,
    WITH_KEY,
    WITHOUT_KEY,
    WITH_ETAG, /* of a resource that the method reads or changes */
};

struct failure {
    int http_status;
    enum ql_code code;
    char reason[QL_REASON_MAX];
    const char *message; /* NULL: made from the reason */
};

/* What the gateway says by itself. Where a method adds nothing to a status that
 * has a name here, its response is written once, under that name. */
static const struct {
    const char *name;
    enum occasion occasion;
    struct failure failure;
} own[] = {
    {NULL,
     ALWAYS,
     {400, QL_INVALID_ARGUMENT, "INVALID_FIELD", "a field is unknown or out of its type"}},
    {NULL, WITH_BODY, {400, QL_INVALID_ARGUMENT, "MALFORMED_JSON", "the body is no JSON"}},
    {NULL, WITHOUT_BODY, {400, QL_INVALID_ARGUMENT, "BODY_NOT_ALLOWED", "this path takes no body"}},
    {NULL,
     WITH_KEY,
     {400, QL_INVALID_ARGUMENT, "BAD_IDEMPOTENCY_KEY",
      "Idempotency-Key must be 1 to 255 visible ASCII characters"}},
    {NULL,
     WITHOUT_KEY,
     {400, QL_INVALID_ARGUMENT, "IDEMPOTENCY_KEY_NOT_TAKEN",
      "Idempotency-Key is not taken by this method"}},
    {"Unauthenticated",
     WITH_TOKEN,
     {401, QL_UNAUTHENTICATED, "TOKEN_MISSING", "sign in and send Authorization: Bearer <token>"}},
    {"Unauthenticated",
     WITH_TOKEN,
     {401, QL_UNAUTHENTICATED, "TOKEN_MALFORMED", "Authorization must be one bearer token"}},
    {"Unauthenticated",
     WITH_TOKEN,
     {401, QL_UNAUTHENTICATED, "TOKEN_NOT_TRUSTED", "the token is not one of ours"}},
    {"Unauthenticated",
     WITH_TOKEN,
     {401, QL_UNAUTHENTICATED, "TOKEN_EXPIRED", "the token has expired"}},
    {"Unauthenticated",
     WITH_TOKEN,
     {401, QL_UNAUTHENTICATED, "TOKEN_REVOKED",
      "the token was revoked: refresh the session or sign in again"}},
    {"RoleNotAllowed",
     WITH_TOKEN,
     {403, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED", "your role may not call this method"}},
    {"NotAcceptable",
     ALWAYS,
     {406, QL_INVALID_ARGUMENT, "NOT_ACCEPTABLE", "only application/json is served here"}},
    {"PreconditionFailed",
     WITH_ETAG,
     {412, QL_ABORTED, "ETAG_MISMATCH", "the resource has none of the etags of If-Match"}},
    {"BodyTooLarge",
     WITH_BODY,
     {413, QL_INVALID_ARGUMENT, "BODY_TOO_LARGE", "the body is larger than the limit"}},
    {"UriTooLong",
     ALWAYS,
     {414, QL_INVALID_ARGUMENT, "URI_TOO_LONG", "the path and query are longer than the limit"}},
    {"UnsupportedMediaType",
     WITH_BODY,
     {415, QL_INVALID_ARGUMENT, "UNSUPPORTED_MEDIA_TYPE",
      "a body must have Content-Type application/json"}},
    {"TooManyRequests",
     ALWAYS,
     {429, QL_RESOURCE_EXHAUSTED, "SERVER_BUSY", "too many calls are waiting"}},
    {"TooManyRequests",
     ALWAYS,
     {429, QL_RESOURCE_EXHAUSTED, "TOO_MANY_REQUESTS",
      "you have too many requests under way at once"}},
    {"TooManyRequests",
     WITH_TOKEN,
     {429, QL_RESOURCE_EXHAUSTED, "TOO_MANY_TOKENS",
      "too many tokens from your address wait for their check"}},
    {"HeaderTooLarge",
     ALWAYS,
     {431, QL_INVALID_ARGUMENT, "HEADER_TOO_LARGE", "the header has too many bytes or fields"}},
    {"Internal", ALWAYS, {500, QL_INTERNAL, "INTERNAL", "internal error"}},
    {"Unavailable",
     ALWAYS,
     {503, QL_UNAVAILABLE, "GATEWAY_BUSY", "too many requests are under way"}},
    {"Unavailable",
     ALWAYS,
     {503, QL_UNAVAILABLE, "GATEWAY_STOPPED", "the gateway stopped before the answer came"}},
    {"Unavailable",
     ALWAYS,
     {503, QL_UNAVAILABLE, "CHANNEL_DISCONNECTED", "no connection to the service"}},
    {"Unavailable",
     ALWAYS,
     {503, QL_UNAVAILABLE, "CONNECTION_LOST", "the connection was lost before the answer came"}},
    {"DeadlineExceeded",
     ALWAYS,
     {504, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "the answer did not come in time"}},
};

struct failures {
    struct failure items[FAILURES_MAX];
    size_t n;
};

static void failures_add(struct failures *failures, const struct failure *failure)
{
    for (size_t i = 0; i < failures->n; i++)
        if (failures->items[i].http_status == failure->http_status &&
            strcmp(failures->items[i].reason, failure->reason) == 0)
            return;
    if (failures->n < FAILURES_MAX)
        failures->items[failures->n++] = *failure;
}

static bool is_of(const struct failure *failure, int http_status)
{
    return failure->http_status == http_status;
}

/* "NOT_FOUND/QUEST_NOT_FOUND", or a code alone. False when it names no code. */
static bool read_reason(const char *text, struct failure *ret_failure)
{
    size_t length = strcspn(text, "/");
    const char *reason = text[length] == '/' ? text + length + 1 : text;

    for (int code = QL_CANCELLED; code <= QL_UNAUTHENTICATED; code++) {
        const char *name = ql_code_name((enum ql_code)code);

        if (strlen(name) != length || memcmp(name, text, length) != 0)
            continue;
        *ret_failure = (struct failure){.http_status = ql_http_status_from_code((enum ql_code)code),
                                        .code = (enum ql_code)code};
        return snprintf(ret_failure->reason, sizeof(ret_failure->reason), "%s", reason) <
               (int)sizeof(ret_failure->reason);
    }
    return false;
}

bool openapi_reasons_are_good(const struct ql_method *method, const char **ret_bad)
{
    struct failure ignored;

    for (size_t i = 0; i < method->n_reasons; i++) {
        *ret_bad = method->reasons[i];
        if (!read_reason(method->reasons[i], &ignored))
            return false;
    }
    return true;
}

static void failures_of(const struct ql_method *method, struct failures *ret_failures)
{
    bool has_body = method->http.body[0] != '\0';
    bool has_token = method->access != QL_ACCESS_PUBLIC;
    bool has_etag = openapi_checks_etag(method);
    struct failure stated;

    ret_failures->n = 0;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(own); i++)
        if (own[i].occasion == ALWAYS || (own[i].occasion == WITH_BODY && has_body) ||
            (own[i].occasion == WITHOUT_BODY && !has_body) ||
            (own[i].occasion == WITH_TOKEN && has_token) ||
            (own[i].occasion == WITH_KEY && method->takes_key) ||
            (own[i].occasion == WITHOUT_KEY && !method->takes_key) ||
            (own[i].occasion == WITH_ETAG && has_etag))
            failures_add(ret_failures, &own[i].failure);
    for (size_t i = 0; i < method->n_reasons; i++)
        if (read_reason(method->reasons[i], &stated))
            failures_add(ret_failures, &stated);
}

/* "QUEST_NOT_FOUND" speaks for itself: "quest not found". */
static void message_of(const struct failure *failure, char ret_message[QL_MESSAGE_MAX])
{
    size_t i = 0;

    if (failure->message != NULL) {
        snprintf(ret_message, QL_MESSAGE_MAX, "%s", failure->message);
        return;
    }
    for (; failure->reason[i] != '\0'; i++) {
        char byte = failure->reason[i];

        ret_message[i] = byte == '_' ? ' ' : byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
    }
    ret_message[i] = '\0';
}

static void example_value(struct openapi *openapi, const char *key, const struct failure *failure,
                          const char *member)
{
    struct ql_status status = {.code = failure->code};
    struct ql_buffer body;

    memcpy(status.reason, failure->reason, sizeof(status.reason));
    message_of(failure, status.message);
    if (strcmp(failure->reason, "INVALID_FIELD") == 0) {
        status.violations[0] = (struct ql_violation){member, "is required", "REQUIRED"};
        status.n_violations = 1;
    } else if (strcmp(failure->reason, "INVALID_PAGE_TOKEN") == 0) {
        status.violations[0] = (struct ql_violation){"pageToken", "is not one of this list", ""};
        status.n_violations = 1;
    }
    if (failure->code == QL_RESOURCE_EXHAUSTED || failure->code == QL_UNAVAILABLE)
        status.retry_delay_ms = RETRY_MS;
    ql_buffer_init(&body, openapi->doc.out->limit);
    ql_http_status_write_error(&body, failure->http_status, &status, EXAMPLE_REQUEST_ID);
    if (body.failed)
        openapi->doc.out->failed = true;
    else
        doc_literal(&openapi->doc, key, body.data);
    ql_buffer_done(&body);
}

void openapi_answer_headers(struct openapi *openapi, int http_status, bool has_etag, bool takes_key)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, "headers", '{');
    doc_literal(doc, "X-Request-Id", "{\"$ref\": \"#/components/headers/RequestId\"}");
    if (has_etag)
        doc_literal(doc, "ETag", "{\"$ref\": \"#/components/headers/ETag\"}");
    if (takes_key)
        doc_literal(doc, "Idempotency-Replayed",
                    "{\"$ref\": \"#/components/headers/IdempotencyReplayed\"}");
    if (http_status == 401)
        doc_literal(doc, "WWW-Authenticate", "{\"$ref\": \"#/components/headers/Authenticate\"}");
    if (http_status == 429 || http_status == 503)
        doc_literal(doc, "Retry-After", "{\"$ref\": \"#/components/headers/RetryAfter\"}");
    doc_close(doc, '}');
}

/* "FAILED_PRECONDITION (REWARD_NOT_FOUND); INVALID_ARGUMENT (INVALID_FIELD)". */
static void describe_failures(struct ql_buffer *text, const struct failures *failures,
                              int http_status)
{
    for (int code = QL_CANCELLED; code <= QL_UNAUTHENTICATED; code++) {
        bool is_first = true;

        for (size_t i = 0; i < failures->n; i++) {
            const struct failure *failure = &failures->items[i];

            if (!is_of(failure, http_status) || (int)failure->code != code)
                continue;
            if (is_first)
                ql_buffer_printf(text, "%s%s (%s", text->length == 0 ? "" : "; ",
                                 ql_code_name(failure->code), failure->reason);
            else
                ql_buffer_printf(text, ", %s", failure->reason);
            is_first = false;
        }
        if (!is_first)
            ql_buffer_append_byte(text, ')');
    }
}

static void write_response(struct openapi *openapi, const char *key,
                           const struct failures *failures, int http_status, const char *member)
{
    struct doc *doc = &openapi->doc;
    struct ql_buffer text;

    ql_buffer_init(&text, doc->out->limit);
    describe_failures(&text, failures, http_status);
    doc_open(doc, key, '{');
    doc_text(doc, "description", text.data != NULL ? text.data : "");
    openapi_answer_headers(openapi, http_status, false, false);
    doc_open(doc, "content", '{');
    doc_open(doc, "application/json", '{');
    doc_literal(doc, "schema", "{\"$ref\": \"#/components/schemas/Error\"}");
    doc_open(doc, "examples", '{');
    for (size_t i = 0; i < failures->n; i++) {
        if (!is_of(&failures->items[i], http_status))
            continue;
        doc_open(doc, failures->items[i].reason, '{');
        example_value(openapi, "value", &failures->items[i], member);
        doc_close(doc, '}');
    }
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc->out->failed |= text.failed;
    ql_buffer_done(&text);
}

static size_t count_of(const struct failures *failures, int http_status)
{
    size_t n = 0;

    for (size_t i = 0; i < failures->n; i++)
        n += is_of(&failures->items[i], http_status);
    return n;
}

/* All that we say with a status, and the name of its response; NULL for
 * none. */
static const char *own_of(int http_status, struct failures *ret_failures)
{
    const char *name = NULL;

    ret_failures->n = 0;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(own); i++)
        if (is_of(&own[i].failure, http_status)) {
            name = own[i].name;
            failures_add(ret_failures, &own[i].failure);
        }
    return name;
}

/* Whether a method fails with a status just as we say by ourselves. */
static bool are_ours(const struct failures *failures, int http_status, const struct failures *ours)
{
    for (size_t i = 0; i < failures->n; i++) {
        bool is_ours = !is_of(&failures->items[i], http_status);

        for (size_t j = 0; j < ours->n && !is_ours; j++)
            is_ours = strcmp(ours->items[j].reason, failures->items[i].reason) == 0;
        if (!is_ours)
            return false;
    }
    return count_of(failures, http_status) == ours->n;
}

void openapi_error_responses(struct openapi *openapi, const struct ql_method *method,
                             const char *member)
{
    static const char ref[] = "{\"$ref\": \"#/components/responses/%s\"}";
    struct failures failures, ours;
    char key[8], text[128];

    failures_of(method, &failures);
    for (int http_status = 400; http_status < 600; http_status++) {
        const char *name = own_of(http_status, &ours);

        snprintf(key, sizeof(key), "%d", http_status);
        if (count_of(&failures, http_status) == 0)
            continue;
        if (name == NULL || !are_ours(&failures, http_status, &ours)) {
            write_response(openapi, key, &failures, http_status, member);
            continue;
        }
        snprintf(text, sizeof(text), ref, name);
        doc_literal(&openapi->doc, key, text);
    }
    snprintf(text, sizeof(text), ref, "Failure");
    doc_literal(&openapi->doc, "default", text);
}

void openapi_error_components(struct openapi *openapi)
{
    struct doc *doc = &openapi->doc;
    struct failures ours;

    doc_open(doc, "responses", '{');
    for (int http_status = 400; http_status < 600; http_status++) {
        const char *name = own_of(http_status, &ours);

        if (name != NULL)
            write_response(openapi, name, &ours, http_status, "");
    }
    doc_open(doc, "Failure", '{');
    doc_text(doc, "description", "Any other failure, in the same form.");
    openapi_answer_headers(openapi, 0, false, false);
    doc_open(doc, "content", '{');
    doc_literal(doc, "application/json",
                "{\"schema\": {\"$ref\": \"#/components/schemas/Error\"}}");
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc_close(doc, '}');
}
