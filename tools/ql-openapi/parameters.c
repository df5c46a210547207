/* Path variables come from the template; what neither the path nor the body
 * takes is a query parameter, "filter.name" for a field within a message. */
#include "tools/ql-openapi/parameters.h"

#include <string.h>

#include "tools/ql-openapi/example.h"
#include "tools/ql-openapi/method.h"
#include "tools/ql-openapi/schema.h"

enum { CHAIN_MAX = 8, NAME_BYTES = 256 };

struct chain { /* a field within messages */
    const struct ql_field *fields[CHAIN_MAX];
    size_t n;
};

struct visit {
    struct openapi *openapi;
    const struct ql_method *method;
    bool writes; /* or only reaches */
};

/* Takes the next "{name}" off the template at *at. */
static bool next_variable(const struct ql_method *method, const char **at, struct chain *ret_chain,
                          char ret_name[NAME_BYTES])
{
    const struct ql_message *message = method->input;
    const char *open = strchr(*at, '{'), *close = open == NULL ? NULL : strchr(open, '}');
    size_t length, done = 0;

    if (close == NULL || (length = (size_t)(close - open - 1)) >= NAME_BYTES)
        return false;
    memcpy(ret_name, open + 1, length);
    ret_name[length] = '\0';
    *at = close + 1;
    for (ret_chain->n = 0; done <= length && message != NULL && ret_chain->n < CHAIN_MAX;) {
        size_t part = strcspn(ret_name + done, ".");
        const struct ql_field *field = ql_message_field_by_name(message, ret_name + done, part);

        if (field == NULL)
            return false;
        ret_chain->fields[ret_chain->n++] = field;
        message = field->message;
        done += part + 1;
    }
    return ret_chain->n > 0;
}

static bool path_binds(const struct ql_method *method, const struct chain *chain)
{
    const char *at = method->http.path;
    char name[NAME_BYTES];
    struct chain bound;

    while (next_variable(method, &at, &bound, name))
        if (bound.n == chain->n &&
            memcmp(bound.fields, chain->fields, chain->n * sizeof(chain->fields[0])) == 0)
            return true;
    return false;
}

bool openapi_path_binds(const void *method, const struct ql_field *field)
{
    const struct chain chain = {.fields = {field}, .n = 1};

    return path_binds(method, &chain);
}

static void parameter_write(struct openapi *openapi, const char *name, const char *place,
                            const struct ql_field *field, bool is_required)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, NULL, '{');
    doc_text(doc, "name", name);
    doc_text(doc, "in", place);
    doc_comment(doc, "description", field->comment);
    if (is_required)
        doc_literal(doc, "required", "true");
    openapi_field_schema(openapi, "schema", field, OPENAPI_IN,
                         is_required ? OPENAPI_BARE : OPENAPI_DEFAULTED);
    if (is_required)
        openapi_field_example(openapi, "example", field, OPENAPI_IN);
    doc_close(doc, '}');
}

/* Whether one text can say the value (platform/pb/route/route.h reads it so). */
static bool has_text_form(const struct ql_field *field)
{
    if (field->message == NULL)
        return true;
    switch (field->message->well_known) {
    case QL_WELL_KNOWN_TIMESTAMP:
    case QL_WELL_KNOWN_DURATION:
    case QL_WELL_KNOWN_FIELD_MASK:
    case QL_WELL_KNOWN_WRAPPER:
        return true;
    default:
        return false;
    }
}

static void query_parameter(const struct visit *visit, const struct chain *chain)
{
    const struct ql_field *leaf = chain->fields[chain->n - 1];
    struct ql_buffer name;

    if (!visit->writes) {
        openapi_reach_field(visit->openapi, leaf, OPENAPI_IN);
        return;
    }
    ql_buffer_init(&name, visit->openapi->doc.out->limit);
    for (size_t i = 0; i < chain->n; i++)
        ql_buffer_printf(&name, "%s%s", i == 0 ? "" : ".", chain->fields[i]->json_name);
    visit->openapi->doc.out->failed |= name.failed;
    if (!name.failed)
        parameter_write(visit->openapi, name.data, "query", leaf,
                        chain->n == 1 && leaf->is_required);
    ql_buffer_done(&name);
}

/* A message within itself would have parameters without end. */
static bool is_around(const struct chain *chain, const struct ql_message *message)
{
    for (size_t i = 0; i < chain->n; i++)
        if (chain->fields[i]->message == message)
            return true;
    return false;
}

static void query_visit(const struct visit *visit, const struct ql_message *message,
                        struct chain *chain)
{
    for (size_t i = 0; i < message->n_fields && chain->n < CHAIN_MAX; i++) {
        const struct ql_field *field = &message->fields[i];

        if (field->is_secret || !openapi_shows(field, OPENAPI_IN) || field->is_map ||
            (chain->n == 0 && field == openapi_body_field(visit->method)))
            continue;
        chain->fields[chain->n++] = field;
        if (has_text_form(field)) {
            if (!path_binds(visit->method, chain))
                query_parameter(visit, chain);
        } else if (!field->is_repeated && field->message->well_known == QL_WELL_KNOWN_NONE) {
            chain->n--;
            if (!is_around(chain, field->message)) {
                chain->fields[chain->n++] = field;
                query_visit(visit, field->message, chain);
                chain->n--;
            }
            chain->n++;
        }
        chain->n--;
    }
}

static void query_parameters(struct openapi *openapi, const struct ql_method *method, bool writes)
{
    const struct visit visit = {.openapi = openapi, .method = method, .writes = writes};
    struct chain chain = {.n = 0};

    if (strcmp(method->http.body, "*") != 0)
        query_visit(&visit, method->input, &chain);
}

void openapi_parameters_reach(struct openapi *openapi, const struct ql_method *method)
{
    const char *at = method->http.path;
    char name[NAME_BYTES];
    struct chain chain;

    while (next_variable(method, &at, &chain, name))
        openapi_reach_field(openapi, chain.fields[chain.n - 1], OPENAPI_IN);
    query_parameters(openapi, method, false);
}

void openapi_parameters_write(struct openapi *openapi, const struct ql_method *method, bool is_kept)
{
    const char *at = method->http.path;
    char name[NAME_BYTES];
    struct chain chain;

    doc_open(&openapi->doc, "parameters", '[');
    while (next_variable(method, &at, &chain, name))
        parameter_write(openapi, name, "path", chain.fields[chain.n - 1], true);
    query_parameters(openapi, method, true);
    doc_literal(&openapi->doc, NULL, "{\"$ref\": \"#/components/parameters/RequestId\"}");
    if (is_kept)
        doc_literal(&openapi->doc, NULL, "{\"$ref\": \"#/components/parameters/IfNoneMatch\"}");
    if (method->takes_key)
        doc_literal(&openapi->doc, NULL, "{\"$ref\": \"#/components/parameters/IdempotencyKey\"}");
    if (openapi_checks_etag(method))
        doc_literal(&openapi->doc, NULL, "{\"$ref\": \"#/components/parameters/IfMatch\"}");
    doc_close(&openapi->doc, ']');
}
