/* Who may call it, what goes in, what comes out. */
#include "tools/ql-openapi/operation.h"

#include <stdio.h>
#include <string.h>

#include "tools/ql-openapi/errors.h"
#include "tools/ql-openapi/example.h"
#include "tools/ql-openapi/method.h"
#include "tools/ql-openapi/parameters.h"
#include "tools/ql-openapi/schema.h"

enum { NAME_BYTES = 256, SENTENCE_BYTES = 512 };

static bool is_body_whole(const struct ql_method *method)
{
    return strcmp(method->http.body, "*") == 0;
}

/* What the path takes of the request is not in its body: such a body has a schema
 * of its own. */
static bool is_body_cut(const struct ql_method *method)
{
    for (size_t i = 0; i < method->input->n_fields; i++)
        if (openapi_path_binds(method, &method->input->fields[i]))
            return true;
    return false;
}

void openapi_operation_reach(struct openapi *openapi, const struct ql_method *method)
{
    const struct ql_field *body = openapi_body_field(method),
                          *answer = openapi_answer_field(method);

    openapi_parameters_reach(openapi, method);
    if (body != NULL)
        openapi_reach_field(openapi, body, OPENAPI_IN);
    else if (is_body_whole(method) && !is_body_cut(method))
        openapi_reach(openapi, method->input, OPENAPI_IN);
    for (size_t i = 0; is_body_whole(method) && i < method->input->n_fields; i++)
        openapi_reach_field(openapi, &method->input->fields[i], OPENAPI_IN);
    if (answer != NULL)
        openapi_reach_field(openapi, answer, OPENAPI_OUT);
    else
        openapi_reach(openapi, method->output, OPENAPI_OUT);
}

/* The first sentence, without its full stop. */
static void summary_write(struct doc *doc, const char *comment)
{
    const char *end = strstr(comment, ". ");
    const char *line_end = strstr(comment, ".\n");
    struct ql_buffer text;

    if (end == NULL || (line_end != NULL && line_end < end))
        end = line_end;
    if (end == NULL)
        end = comment + strlen(comment);
    while (end > comment && end[-1] == '.')
        end--;
    ql_buffer_init(&text, doc->out->limit);
    ql_buffer_append(&text, comment, (size_t)(end - comment));
    doc_comment(doc, "summary", text.data != NULL ? text.data : "");
    doc->out->failed |= text.failed;
    ql_buffer_done(&text);
}

static const char *callers_of(enum ql_access access)
{
    switch (access) {
    case QL_ACCESS_PUBLIC:
        return "Anybody may call it, without a token.";
    case QL_ACCESS_USER:
        return "Any signed-in user or administrator may call it.";
    case QL_ACCESS_ADMIN:
        return "Administrators only may call it.";
    case QL_ACCESS_PUBLISHER:
        return "Game servers' accounts only may call it.";
    default:
        return "";
    }
}

static void description_write(struct doc *doc, const struct ql_method *method)
{
    struct ql_buffer text;

    ql_buffer_init(&text, doc->out->limit);
    ql_buffer_printf(&text, "%s%s%s", method->comment, method->comment[0] == '\0' ? "" : "\n\n",
                     callers_of(method->access));
    if (method->owner != NULL)
        ql_buffer_printf(&text,
                         " `%s` must be the caller's own id, for which `me` stands; an "
                         "administrator may name any.",
                         method->owner->name);
    doc_comment(doc, "description", text.data != NULL ? text.data : "");
    doc->out->failed |= text.failed;
    ql_buffer_done(&text);
}

/* Alternatives, each with the role it asks for. */
static void security_write(struct doc *doc, enum ql_access access)
{
    static const char *const roles[] = {
        [QL_ACCESS_PUBLIC] = "[]",
        [QL_ACCESS_USER] = "[{\"bearer\": [\"user\"]}, {\"bearer\": [\"admin\"]}]",
        [QL_ACCESS_ADMIN] = "[{\"bearer\": [\"admin\"]}]",
        [QL_ACCESS_PUBLISHER] = "[{\"bearer\": [\"publisher\"]}]",
    };

    doc_literal(doc, "security", roles[access]);
}

static void body_content(struct openapi *openapi, const struct ql_method *method)
{
    const struct ql_field *field = openapi_body_field(method);

    if (field != NULL) {
        if (strcmp(method->http.verb, "PATCH") == 0 && field->message != NULL)
            openapi_part_schema(openapi, "schema", field->message);
        else
            openapi_field_schema(openapi, "schema", field, OPENAPI_IN, OPENAPI_BARE);
        openapi_field_example(openapi, "example", field, OPENAPI_IN);
        return;
    }
    if (is_body_cut(method))
        openapi_object_schema(openapi, "schema", method->input, OPENAPI_IN, openapi_path_binds,
                              method);
    else
        openapi_message_schema(openapi, "schema", method->input, OPENAPI_IN);
    openapi_message_example(openapi, "example", method->input, OPENAPI_IN, openapi_path_binds,
                            method);
}

static void body_write(struct openapi *openapi, const struct ql_method *method)
{
    const struct ql_field *field = openapi_body_field(method);
    struct doc *doc = &openapi->doc;

    if (field == NULL && !is_body_whole(method))
        return;
    doc_open(doc, "requestBody", '{');
    doc_comment(doc, "description", field != NULL ? field->comment : method->input->comment);
    doc_literal(doc, "required", "true");
    doc_open(doc, "content", '{');
    doc_open(doc, "application/json", '{');
    body_content(openapi, method);
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc_close(doc, '}');
}

static void not_modified_write(struct openapi *openapi)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, "304", '{');
    doc_text(doc, "description", "The client has it: If-None-Match names its etag.");
    openapi_answer_headers(openapi, 304, true, false);
    doc_close(doc, '}');
}

static void answer_write(struct openapi *openapi, const struct ql_method *method)
{
    const struct ql_field *field = openapi_answer_field(method);
    const char *comment = field != NULL ? field->comment : method->output->comment;
    struct doc *doc = &openapi->doc;

    doc_open(doc, "200", '{');
    doc_comment(doc, "description", comment[0] != '\0' ? comment : "Done.");
    openapi_answer_headers(openapi, 200, openapi_has_etag(method), method->takes_key);
    doc_open(doc, "content", '{');
    doc_open(doc, "application/json", '{');
    if (field != NULL) {
        openapi_field_schema(openapi, "schema", field, OPENAPI_OUT, OPENAPI_BARE);
        openapi_field_example(openapi, "example", field, OPENAPI_OUT);
    } else {
        openapi_message_schema(openapi, "schema", method->output, OPENAPI_OUT);
        openapi_message_example(openapi, "example", method->output, OPENAPI_OUT, NULL, NULL);
    }
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc_close(doc, '}');
}

/* What an example of bad input names: "quest.name". */
static const char *some_member(struct openapi *openapi, const struct ql_method *method)
{
    const struct ql_field *body = openapi_body_field(method), *chosen = NULL;
    const struct ql_message *message = body != NULL ? body->message : method->input;
    const char *name = NULL;

    for (size_t i = 0; message != NULL && i < message->n_fields && chosen == NULL; i++)
        if (openapi_shows(&message->fields[i], OPENAPI_IN))
            chosen = &message->fields[i];
    if (chosen != NULL)
        name = ql_arena_printf(openapi->arena, "%s%s%s", body != NULL ? body->json_name : "",
                               body != NULL ? "." : "", chosen->json_name);
    return name != NULL ? name : "unknown";
}

void openapi_operation_write(struct openapi *openapi, const struct ql_method *method)
{
    struct doc *doc = &openapi->doc;
    const char *name = strrchr(method->full_name, '/') + 1;
    char verb[NAME_BYTES], id[NAME_BYTES];

    snprintf(verb, sizeof(verb), "%s", method->http.verb);
    for (char *at = verb; *at != '\0'; at++)
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : *at;
    snprintf(id, sizeof(id), "%s_%s", openapi_service_name(method), name);
    doc_open(doc, verb, '{');
    doc_open(doc, "tags", '[');
    doc_text(doc, NULL, openapi_service_name(method));
    doc_close(doc, ']');
    summary_write(doc, method->comment);
    description_write(doc, method);
    doc_text(doc, "operationId", id);
    security_write(doc, method->access);
    openapi_parameters_write(openapi, method, openapi_is_read(method) && openapi_has_etag(method));
    body_write(openapi, method);
    doc_open(doc, "responses", '{');
    answer_write(openapi, method);
    if (openapi_has_etag(method) && openapi_is_read(method))
        not_modified_write(openapi);
    openapi_error_responses(openapi, method, some_member(openapi, method));
    doc_close(doc, '}');
    doc_close(doc, '}');
}
