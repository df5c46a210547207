/* questctl describe: one declaration of the contract, as the services tell it. */
#include <string.h>

#include "tools/questctl/object.h"
#include "tools/questctl/proto_text.h"
#include "tools/questctl/questctl.h"

enum { TEXT_BYTES_MAX = 1024 * 1024, FULL_NAME_SIZE = 256 };

/* What a name turned out to mean; one of them is set. */
struct found {
    const struct ql_message *message;
    const struct ql_enum *enumeration;
    const struct ql_method *method;
    const char *service;
};

static bool find_full(const struct ql_schema *schema, const char *name, struct found *ret_found)
{
    ret_found->message = ql_schema_message(schema, name);
    if (ret_found->message == NULL)
        ret_found->enumeration = ql_schema_enum(schema, name);
    return ret_found->message != NULL || ret_found->enumeration != NULL;
}

/* By its full name, or without its package, which then is one that has a service. */
static bool find(const struct ql_schema *schema, const char *name, struct found *ret_found)
{
    const struct ql_method *methods;
    size_t n_methods;

    memset(ret_found, 0, sizeof(*ret_found));
    if (find_full(schema, name, ret_found))
        return true;
    methods = ql_schema_methods(schema, &n_methods);
    for (size_t i = 0; i < n_methods; i++) {
        const char *service = methods[i].service, *dot = strrchr(service, '.');
        char full[FULL_NAME_SIZE];

        if (contract_is_name(methods[i].full_name, name)) {
            ret_found->method = &methods[i];
            return true;
        }
        if (contract_is_name(service, name)) {
            ret_found->service = service;
            return true;
        }
        if (dot != NULL &&
            snprintf(full, sizeof(full), "%.*s.%s", (int)(dot - service), service, name) <
                FULL_NAME_SIZE &&
            find_full(schema, full, ret_found))
            return true;
    }
    return false;
}

static void write_text(const struct ql_schema *schema, const struct found *found,
                       struct ql_buffer *out)
{
    if (found->message != NULL)
        proto_text_message(found->message, out);
    else if (found->enumeration != NULL)
        proto_text_enum(found->enumeration, out);
    else if (found->service != NULL)
        proto_text_service(schema, found->service, out);
    if (found->method == NULL)
        return;
    proto_text_method(found->method, out);
    ql_buffer_append_byte(out, '\n');
    proto_text_message(found->method->input, out);
    ql_buffer_append_byte(out, '\n');
    proto_text_message(found->method->output, out);
}

/* The same text, with what it is of. */
static void write_json(const struct found *found, const char *text, struct ql_buffer *out)
{
    object_open(out, NULL);
    if (found->message != NULL) {
        object_text(out, "kind", "message");
        object_text(out, "name", found->message->full_name);
        array_open(out, "fields");
        for (size_t i = 0; i < found->message->n_fields; i++) {
            const struct ql_field *field = &found->message->fields[i];

            object_open(out, NULL);
            object_text(out, "name", field->name);
            object_text(out, "jsonName", field->json_name);
            object_number(out, "number", field->number);
            object_flag(out, "repeated", field->is_repeated);
            object_text(out, "comment", field->comment);
            object_close(out);
        }
        array_close(out);
    } else if (found->enumeration != NULL) {
        object_text(out, "kind", "enum");
        object_text(out, "name", found->enumeration->full_name);
    } else if (found->method != NULL) {
        object_text(out, "kind", "method");
        object_text(out, "name", found->method->full_name);
        object_text(out, "input", found->method->input->full_name);
        object_text(out, "output", found->method->output->full_name);
        object_text(out, "access", access_word(found->method->access));
    } else {
        object_text(out, "kind", "service");
        object_text(out, "name", found->service);
    }
    object_text(out, "text", text);
    object_close(out);
}

static int print(struct questctl *ctl, const struct ql_schema *schema, const struct found *found)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;

    ql_buffer_init(&text, TEXT_BYTES_MAX);
    ql_buffer_init(&json, 4 * TEXT_BYTES_MAX);
    write_text(schema, found, &text);
    if (ctl->options.json && !text.failed)
        write_json(found, text.data, &json);
    if (text.failed || json.failed) {
        ql_fail_memory(&ctl->call);
        return questctl_failed(ctl, &ctl->call.status);
    }
    if (ctl->options.json)
        fprintf(ctl->out, "%s\n", json.data);
    else
        fputs(text.data, ctl->out);
    return EXIT_FINE;
}

static int describe_run(struct questctl *ctl)
{
    const char *name = ctl->options.arguments[0];
    struct ql_status failure = {.code = QL_OK};
    struct found found;

    if (ctl->stack.n_services == 0)
        return questctl_misused(NO_SERVICES);
    for (size_t i = 0; i < ctl->stack.n_services; i++) {
        struct contract_service *service = &ctl->contract.services[i];

        if (contract_ask(&ctl->call, &ctl->contract, service) != QL_OK) {
            failure = ctl->call.status;
            ql_call_clear_status(&ctl->call);
        } else if (find(service->schema, name, &found)) {
            return print(ctl, service->schema, &found);
        }
    }
    if (failure.code == QL_OK) {
        ql_fail(&ctl->call, QL_NOT_FOUND, "NAME_NOT_FOUND",
                "the contract has no message, enum, service or method %.100s", name);
        failure = ctl->call.status;
    }
    return questctl_failed(ctl, &failure);
}

const struct command describe_command = {
    .name = "describe",
    .synopsis = "NAME",
    .help = "Shows a message, enum, service or method in the syntax of the contract, with its\n"
            "comments; a method with its request and its answer. NAME is the full name, or\n"
            "the name without its package: Quest, QuestQueryService/GetQuest.\n",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = describe_run,
};
