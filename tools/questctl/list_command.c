/* questctl list: what the services serve, as they tell it. */
#include <string.h>

#include "platform/pb/schema/schema.h"
#include "tools/questctl/object.h"
#include "tools/questctl/proto_text.h"
#include "tools/questctl/questctl.h"

enum { LIST_BYTES_MAX = 4 * 1024 * 1024 };

static void print_service(const struct contract_service *service, FILE *out)
{
    const char *heading = "";

    fprintf(out, "%s\n", service->where->name);
    for (size_t i = 0; i < service->n_methods; i++) {
        const struct ql_method *method = service->methods[i];
        const char *name = strrchr(method->full_name, '/') + 1;

        if (strcmp(heading, method->service) != 0) {
            heading = method->service;
            fprintf(out, "  %s\n", heading);
        }
        fprintf(out, "    %-24s %-10s", name, access_word(method->access));
        if (method->http.verb != NULL)
            fprintf(out, " %s %s", method->http.verb, method->http.path);
        fputc('\n', out);
    }
}

static void write_service(const struct contract_service *service, struct ql_buffer *out)
{
    object_open(out, NULL);
    object_text(out, "service", service->where->name);
    array_open(out, "methods");
    for (size_t i = 0; i < service->n_methods; i++) {
        const struct ql_method *method = service->methods[i];

        object_open(out, NULL);
        object_text(out, "name", method->full_name);
        object_text(out, "access", access_word(method->access));
        object_text(out, "input", method->input->full_name);
        object_text(out, "output", method->output->full_name);
        if (method->http.verb != NULL) {
            object_text(out, "verb", method->http.verb);
            object_text(out, "path", method->http.path);
        }
        object_close(out);
    }
    array_close(out);
    object_close(out);
}

/* Services that answered are listed, also when another did not. */
static int list_run(struct questctl *ctl)
{
    const char *only = ctl->options.n_arguments > 0 ? ctl->options.arguments[0] : NULL;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    int status = EXIT_FINE;
    size_t n_shown = 0;

    ql_buffer_init(&json, LIST_BYTES_MAX);
    array_open(&json, NULL);
    for (size_t i = 0; i < ctl->stack.n_services; i++) {
        struct contract_service *service = &ctl->contract.services[i];

        if (only != NULL && strcmp(only, service->where->name) != 0)
            continue;
        n_shown++;
        if (contract_ask(&ctl->call, &ctl->contract, service) != QL_OK) {
            status = questctl_failed(ctl, &ctl->call.status);
            ql_call_clear_status(&ctl->call);
        } else if (ctl->options.json) {
            write_service(service, &json);
        } else {
            print_service(service, ctl->out);
        }
    }
    array_close(&json);
    if (ctl->options.json && !json.failed)
        fprintf(ctl->out, "%s\n", json.data);
    if (n_shown == 0 && only != NULL)
        return questctl_misused("no service is called %s", only);
    if (n_shown == 0)
        return questctl_misused(NO_SERVICES);
    return status;
}

const struct command list_command = {
    .name = "list",
    .synopsis = "[SERVICE]",
    .help = "Lists the methods of every running service, who may call them, and their\n"
            "routes.\n",
    .max_arguments = 1,
    .run = list_run,
};
