/* Each example is read as the only member of its message. */
#include "tools/ql-openapi/example_check.h"

#include <stdio.h>

#include "platform/pb/json/json.h"
#include "tools/ql-openapi/stated_example.h"
#include "tools/ql-openapi/types.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, EXAMPLE_BYTES = 64 * 1024 };

static void member_write(struct doc *doc, const struct ql_field *field)
{
    bool is_list = field->is_repeated && !field->is_map;

    doc_open(doc, NULL, '{');
    if (is_list)
        doc_open(doc, field->json_name, '[');
    (void)openapi_stated_example(doc, is_list ? NULL : field->json_name, field);
    if (is_list)
        doc_close(doc, ']');
    doc_close(doc, '}');
}

static bool example_check(struct ql_arena *arena, const struct ql_schema *schema,
                          const struct ql_message *message, const struct ql_field *field,
                          char *error, size_t error_size)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    struct doc doc = {.out = &text};
    struct ql_call call;
    bool is_good;

    ql_call_init(&call, arena, "example", 0);
    ql_buffer_init(&text, EXAMPLE_BYTES);
    ql_buffer_init(&wire, EXAMPLE_BYTES);
    member_write(&doc, field);
    is_good = !text.failed &&
              ql_json_to_wire(&call, schema, message, text.data, text.length, "", &wire) == QL_OK;
    if (!is_good)
        snprintf(error, error_size,
                 "%s.%s: (questline.rpc.v1.example) = \"%s\" is no value of it: %s",
                 message->full_name, field->name, field->example,
                 text.failed ? "it is too long" : call.status.message);
    return is_good;
}

bool openapi_examples_check(const struct ql_schema *schema, char *error, size_t error_size)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(ARENA_BYTES);
    struct openapi all = {.arena = arena, .is_full = arena == NULL};
    const struct ql_method *methods;
    size_t n_methods;

    methods = ql_schema_methods(schema, &n_methods);
    for (size_t i = 0; i < n_methods && !all.is_full; i++) {
        openapi_reach(&all, methods[i].input, OPENAPI_IN);
        openapi_reach(&all, methods[i].output, OPENAPI_OUT);
    }
    if (all.is_full) {
        snprintf(error, error_size, "no memory for the examples");
        return false;
    }
    for (const struct openapi_type *type = all.types; type != NULL; type = type->next)
        for (size_t i = 0; type->message != NULL && i < type->message->n_fields; i++)
            if (type->message->fields[i].example != NULL &&
                !example_check(arena, schema, type->message, &type->message->fields[i], error,
                               error_size))
                return false;
    return true;
}
