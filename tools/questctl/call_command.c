/* questctl call: JSON to a method, and its answer as JSON. Knows no method: what
 * messages look like is asked of the service. */
#include <stdlib.h>
#include <string.h>

#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"
#include "tools/questctl/request.h"

enum { JSON_BYTES_MAX = 4 * QL_WIRE_MAX_BYTES, ANSWER_BYTES_MAX = 8 * QL_WIRE_MAX_BYTES };

/* The whole of standard input. */
static enum ql_code read_input(struct ql_call *call, struct ql_buffer *json)
{
    char chunk[16384];
    size_t n;

    while ((n = fread(chunk, 1, sizeof(chunk), stdin)) > 0 && !json->failed)
        ql_buffer_append(json, chunk, n);
    if (ferror(stdin) || json->failed)
        return ql_fail(call, QL_INVALID_ARGUMENT, "MALFORMED_JSON",
                       "standard input cannot be read, or is longer than %d bytes", JSON_BYTES_MAX);
    return QL_OK;
}

enum ql_code request_read(struct ql_call *call, const struct ql_schema *schema,
                          const struct ql_method *method, const char *text, struct ql_buffer *wire)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    enum ql_code rc = QL_OK;

    ql_buffer_init(&json, JSON_BYTES_MAX);
    if (text == NULL)
        ql_buffer_append_text(&json, "{}");
    else if (strcmp(text, "-") == 0)
        rc = read_input(call, &json);
    else
        ql_buffer_append_text(&json, text);
    if (rc != QL_OK)
        return rc;
    return ql_json_to_wire(call, schema, method->input, json.data == NULL ? "" : json.data,
                           json.length, "", wire);
}

static enum ql_code call_and_print(struct questctl *ctl, struct contract_service *service,
                                   const struct ql_method *method)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    const char *text = ctl->options.n_arguments > 1 ? ctl->options.arguments[1] : NULL;
    void *answer;
    size_t length;
    enum ql_code rc;

    ql_buffer_init(&wire, QL_WIRE_MAX_BYTES);
    ql_buffer_init(&json, ANSWER_BYTES_MAX);
    rc = request_read(&ctl->call, service->schema, method, text, &wire);
    if (rc != QL_OK)
        return rc;
    rc = contract_call(&ctl->call, &ctl->contract, service, method, wire.data, wire.length, &answer,
                       &length);
    if (rc != QL_OK)
        return rc;
    rc = ql_json_from_wire(&ctl->call, service->schema, method->output, answer, length, &json);
    if (rc != QL_OK)
        return rc;
    if (ctl->options.json)
        fprintf(ctl->out, "%s\n", json.data);
    else
        json_print_indented(json.data, ctl->out);
    return QL_OK;
}

static int call_run(struct questctl *ctl)
{
    struct contract_service *service;
    const struct ql_method *method;

    if (contract_find(&ctl->call, &ctl->contract, ctl->options.arguments[0], ctl->options.service,
                      &service, &method) != QL_OK ||
        call_and_print(ctl, service, method) != QL_OK)
        return questctl_failed(ctl, &ctl->call.status);
    return EXIT_FINE;
}

static const struct option call_options[] = {
    {"--service", OPTION_TEXT, offsetof(struct options, service), "NAME",
     "ask this service, where several answer the method", 0, 0},
    {"--idempotency-key", OPTION_TEXT, offsetof(struct options, idempotency_key), "KEY",
     "makes a repeated creating call harmless", 0, 0},
    {0},
};

const struct command call_command = {
    .name = "call",
    .synopsis = "METHOD [JSON]",
    .help = "Calls a method, by its full name or without its package\n"
            "(QuestQueryService/GetQuest), with a request as JSON: \"{}\" when missing,\n"
            "\"-\" reads standard input. Prints the answer. questctl describe METHOD shows\n"
            "the fields of the request.\n",
    .options = call_options,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = call_run,
};
