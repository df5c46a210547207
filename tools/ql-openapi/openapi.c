/* The document from the outside in: what it is, tags, paths, components. */
#include "tools/ql-openapi/openapi.h"

#include <stdio.h>
#include <string.h>

#include "platform/pb/validate/contract_check.h"
#include "tools/ql-openapi/error_schemas.h"
#include "tools/ql-openapi/errors.h"
#include "tools/ql-openapi/example_check.h"
#include "tools/ql-openapi/method.h"
#include "tools/ql-openapi/operation.h"
#include "tools/ql-openapi/schema.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static const char about[] =
    "A quest back end: JSON over HTTP for front ends.\n\n"
    "Field names are lowerCamelCase, enums are names, 64-bit integers are strings, times are RFC "
    "3339 in UTC. Unknown fields and query parameters are refused; answers may gain fields.\n\n"
    "Lists take `pageSize` and `pageToken` and answer `nextPageToken`, empty on the last page. "
    "A page token is opaque and goes on in the list it comes from only: for the same caller, with the "
    "same parameters; `pageSize` may differ. Any other is refused (400 `INVALID_PAGE_TOKEN`): begin "
    "again without one.\n\n"
    "A failure has the status that fits and a body of the schema Error; programs branch on "
    "`error.details[0].reason`. A fault of the server shows the request's id and nothing else.\n\n"
    "What answers with `ETag` may be kept: the same GET with `If-None-Match` is answered 304 while it "
    "is as it was. With `If-Match`, only what has that etag is changed, or read; else 412.\n\n"
    "HEAD is served wherever GET is, and OPTIONS answers 204 with `Allow` on every path, which is also "
    "what a browser's preflight receives. `GET /livez`, `GET /readyz`, `GET /openapi.json` and "
    "`GET /.well-known/jwks.json` need no token.";

static void info_write(struct doc *doc)
{
    doc_open(doc, "info", '{');
    doc_text(doc, "title", "Questline");
    doc_text(doc, "version", "v1");
    doc_text(doc, "description", about);
    doc_literal(doc, "license", "{\"name\": \"Apache 2.0\", \"identifier\": \"Apache-2.0\"}");
    doc_close(doc, '}');
    doc_open(doc, "servers", '[');
    doc_literal(doc, NULL, "{\"url\": \"/\", \"description\": \"Where this document is served.\"}");
    doc_close(doc, ']');
}

static bool is_first_of_service(const struct ql_method *methods, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (openapi_serves(&methods[i]) && strcmp(methods[i].service, methods[index].service) == 0)
            return false;
    return true;
}

static void tags_write(struct doc *doc, const struct ql_method *methods, size_t n_methods)
{
    doc_open(doc, "tags", '[');
    for (size_t i = 0; i < n_methods; i++) {
        if (!openapi_serves(&methods[i]) || !is_first_of_service(methods, i))
            continue;
        doc_open(doc, NULL, '{');
        doc_text(doc, "name", openapi_service_name(&methods[i]));
        doc_comment(doc, "description", methods[i].service_comment);
        doc_close(doc, '}');
    }
    doc_close(doc, ']');
}

/* Each path once, with the operations of all methods on it. */
static void paths_write(struct openapi *openapi, const struct ql_method *methods, size_t n_methods)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, "paths", '{');
    for (size_t i = 0; i < n_methods; i++) {
        bool is_written = !openapi_serves(&methods[i]);

        for (size_t j = 0; j < i && !is_written; j++)
            is_written = openapi_serves(&methods[j]) &&
                         strcmp(methods[j].http.path, methods[i].http.path) == 0;
        if (is_written)
            continue;
        doc_open(doc, methods[i].http.path, '{');
        for (size_t j = i; j < n_methods; j++)
            if (openapi_serves(&methods[j]) &&
                strcmp(methods[j].http.path, methods[i].http.path) == 0)
                openapi_operation_write(openapi, &methods[j]);
        doc_close(doc, '}');
    }
    doc_close(doc, '}');
}

static void headers_write(struct doc *doc)
{
    doc_open(doc, "headers", '{');
    doc_literal(doc, "RequestId",
                "{\"description\": \"The id under which this request is logged.\", "
                "\"required\": true, \"schema\": {\"type\": \"string\"}}");
    doc_literal(doc, "RetryAfter",
                "{\"description\": \"Seconds to wait before another try.\", "
                "\"schema\": {\"type\": \"integer\"}}");
    doc_literal(doc, "ETag",
                "{\"description\": \"The validator of this state of the resource, in quotes.\", "
                "\"schema\": {\"type\": \"string\"}}");
    doc_literal(doc, "Authenticate",
                "{\"description\": \"Always Bearer.\", \"schema\": {\"type\": \"string\"}}");
    doc_literal(doc, "IdempotencyReplayed",
                "{\"description\": \"true: the answer of the first request with this "
                "Idempotency-Key; nothing was done now. Else absent.\", "
                "\"schema\": {\"type\": \"string\", \"enum\": [\"true\"]}}");
    doc_close(doc, '}');
    doc_open(doc, "parameters", '{');
    doc_open(doc, "RequestId", '{');
    doc_text(doc, "name", "X-Request-Id");
    doc_text(doc, "in", "header");
    doc_text(doc, "description",
             "An id of the client's own for this request; any other form than "
             "this is replaced by a new id.");
    doc_literal(doc, "schema", "{\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9._-]{1,64}$\"}");
    doc_close(doc, '}');
    doc_literal(
        doc, "IfNoneMatch",
        "{\"name\": \"If-None-Match\", \"in\": \"header\", "
        "\"description\": \"Etags that the client has, or *; one of them is answered 304.\", "
        "\"schema\": {\"type\": \"string\"}}");
    doc_literal(doc, "IdempotencyKey",
                "{\"name\": \"Idempotency-Key\", \"in\": \"header\", "
                "\"description\": \"Makes the request safe to send again: with the same key, by "
                "the same caller and within 24 hours, it is answered as the first time and "
                "takes effect once.\", "
                "\"schema\": {\"type\": \"string\", \"pattern\": \"^[!-~]{1,255}$\"}}");
    doc_literal(doc, "IfMatch",
                "{\"name\": \"If-Match\", \"in\": \"header\", "
                "\"description\": \"Etags of which the resource must have one, or *; else 412.\", "
                "\"schema\": {\"type\": \"string\", \"maxLength\": 511}}");
    doc_close(doc, '}');
}

static void components_write(struct openapi *openapi)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, "components", '{');
    doc_open(doc, "securitySchemes", '{');
    doc_open(doc, "bearer", '{');
    doc_text(doc, "type", "http");
    doc_text(doc, "scheme", "bearer");
    doc_text(doc, "bearerFormat", "JWT");
    doc_text(doc, "description",
             "The access token of a sign-in. A method names the roles it serves.");
    doc_close(doc, '}');
    doc_close(doc, '}');
    headers_write(doc);
    openapi_error_components(openapi);
    doc_open(doc, "schemas", '{');
    openapi_type_schemas(openapi);
    openapi_error_schemas(openapi);
    doc_close(doc, '}');
    doc_close(doc, '}');
}

/* The operations that a path of OpenAPI can have. */
static bool is_verb(const char *verb)
{
    static const char *const verbs[] = {"GET",     "PUT",  "POST",  "DELETE",
                                        "OPTIONS", "HEAD", "PATCH", "TRACE"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(verbs); i++)
        if (strcmp(verb, verbs[i]) == 0)
            return true;
    return false;
}

static bool document_write(struct openapi *openapi, const struct ql_schema *schema, char *error,
                           size_t error_size)
{
    struct doc *doc = &openapi->doc;
    const struct ql_method *methods;
    const char *bad;
    size_t n_methods;

    methods = ql_schema_methods(schema, &n_methods);
    for (size_t i = 0; i < n_methods; i++) {
        if (!openapi_serves(&methods[i]))
            continue;
        if (!is_verb(methods[i].http.verb)) {
            snprintf(error, error_size, "%s: OpenAPI has no verb %s", methods[i].full_name,
                     methods[i].http.verb);
            return false;
        }
        if (!openapi_reasons_are_good(&methods[i], &bad)) {
            snprintf(error, error_size,
                     "%s: (questline.rpc.v1.reason) = \"%s\" is no code and reason",
                     methods[i].full_name, bad);
            return false;
        }
        openapi_operation_reach(openapi, &methods[i]);
    }
    doc_open(doc, NULL, '{');
    doc_text(doc, "openapi", "3.1.0");
    info_write(doc);
    tags_write(doc, methods, n_methods);
    paths_write(openapi, methods, n_methods);
    components_write(openapi);
    doc_close(doc, '}');
    ql_buffer_append_byte(doc->out, '\n');
    if (!openapi->is_full && !doc->out->failed)
        return true;
    snprintf(error, error_size, "the description of the API does not fit into memory");
    return false;
}

bool openapi_write(const struct ql_schema *schema, struct ql_buffer *out, char *error,
                   size_t error_size)
{
    struct openapi openapi = {.arena = ql_arena_new(ARENA_BYTES), .doc = {.out = out}};
    bool is_written = false;

    if (openapi.arena != NULL && ql_contract_check(schema, error, error_size) &&
        openapi_examples_check(schema, error, error_size))
        is_written = document_write(&openapi, schema, error, error_size);
    else if (openapi.arena == NULL)
        snprintf(error, error_size, "out of memory");
    ql_arena_free(openapi.arena);
    return is_written;
}
