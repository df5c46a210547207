/* The schemas of an error body: what ql_http_status_write_error writes. */
#include "tools/ql-openapi/error_schemas.h"

#include "platform/base/status.h"

#define TYPE_MEMBER(name)                                                                          \
    "{\"const\": \"type.googleapis.com/google.rpc." name "\", \"type\": \"string\"}"

static void text_property(struct doc *doc, const char *name, const char *description)
{
    doc_open(doc, name, '{');
    doc_text(doc, "type", "string");
    doc_text(doc, "description", description);
    doc_close(doc, '}');
}

static void object_open(struct doc *doc, const char *name, const char *description)
{
    doc_open(doc, name, '{');
    doc_text(doc, "type", "object");
    if (description != NULL)
        doc_text(doc, "description", description);
    doc_open(doc, "properties", '{');
}

static void object_close(struct doc *doc, const char *required)
{
    doc_close(doc, '}');
    doc_literal(doc, "required", required);
    doc_close(doc, '}');
}

static void status_property(struct doc *doc)
{
    doc_open(doc, "status", '{');
    doc_text(doc, "type", "string");
    doc_text(doc, "description", "The google.rpc code behind the HTTP status.");
    doc_open(doc, "enum", '[');
    for (int code = QL_CANCELLED; code <= QL_UNAUTHENTICATED; code++)
        doc_text(doc, NULL, ql_code_name((enum ql_code)code));
    doc_close(doc, ']');
    doc_close(doc, '}');
}

static void error_schema(struct doc *doc)
{
    object_open(doc, "Error", "Why a call failed (https://google.aip.dev/193).");
    object_open(doc, "error", NULL);
    doc_literal(doc, "code",
                "{\"type\": \"integer\", \"format\": \"int32\", "
                "\"description\": \"The HTTP status.\"}");
    status_property(doc);
    text_property(doc, "message", "For people; may change.");
    doc_open(doc, "details", '{');
    doc_text(doc, "type", "array");
    doc_text(doc, "description", "First an ErrorInfo, whose reason programs may branch on.");
    doc_literal(doc, "minItems", "1");
    doc_literal(doc, "prefixItems", "[{\"$ref\": \"#/components/schemas/ErrorInfo\"}]");
    doc_literal(doc, "items",
                "{\"anyOf\": [{\"$ref\": \"#/components/schemas/BadRequest\"}, "
                "{\"$ref\": \"#/components/schemas/RetryInfo\"}]}");
    doc_close(doc, '}');
    object_close(doc, "[\"code\", \"status\", \"message\", \"details\"]");
    object_close(doc, "[\"error\"]");
}

static void error_info_schema(struct doc *doc)
{
    object_open(doc, "ErrorInfo", "What happened, for programs.");
    doc_literal(doc, "@type", TYPE_MEMBER("ErrorInfo"));
    text_property(doc, "reason", "UPPER_SNAKE, stable.");
    text_property(doc, "domain", "Always \"questline\".");
    object_open(doc, "metadata", NULL);
    text_property(doc, "requestId", "The request's id, under which the log has more.");
    object_close(doc, "[\"requestId\"]");
    object_close(doc, "[\"@type\", \"reason\", \"domain\", \"metadata\"]");
}

static void bad_request_schema(struct doc *doc)
{
    object_open(doc, "BadRequest", "Which fields are at fault.");
    doc_literal(doc, "@type", TYPE_MEMBER("BadRequest"));
    doc_open(doc, "fieldViolations", '{');
    doc_text(doc, "type", "array");
    object_open(doc, "items", NULL);
    text_property(doc, "field", "Its path in JSON spelling, for example \"eventTypes[2]\".");
    text_property(doc, "description", "What is wrong with it.");
    text_property(
        doc, "reason",
        "The rule of the contract that it breaks, for programs, for example \"TOO_LONG\"; "
        "absent where no rule says so.");
    object_close(doc, "[\"field\", \"description\"]");
    doc_close(doc, '}');
    object_close(doc, "[\"@type\", \"fieldViolations\"]");
}

static void retry_info_schema(struct doc *doc)
{
    object_open(doc, "RetryInfo", "When to try again.");
    doc_literal(doc, "@type", TYPE_MEMBER("RetryInfo"));
    doc_open(doc, "retryDelay", '{');
    doc_text(doc, "type", "string");
    doc_text(doc, "description", "How long to wait, in seconds.");
    doc_text(doc, "pattern", "^[0-9]+(\\.[0-9]{1,9})?s$");
    doc_close(doc, '}');
    object_close(doc, "[\"@type\", \"retryDelay\"]");
}

void openapi_error_schemas(struct openapi *openapi)
{
    struct doc *doc = &openapi->doc;

    bad_request_schema(doc);
    error_schema(doc);
    error_info_schema(doc);
    retry_info_schema(doc);
}
