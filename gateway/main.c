/* questline-gateway: the single entry for JSON over HTTP. */
#include "gateway/assembly.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/backend_settings.h"
#include "gateway/stderr_filter.h"
#include "platform/process/process.h"

int main(int argc, char **argv)
{
    static struct gateway gateway;
    const struct ql_part parts[] = {
        {"gateway", gateway_start, gateway_drain, gateway_stop, &gateway},
        {NULL, NULL, NULL, NULL, NULL},
    };
    const struct ql_command commands[] = {
        {.flag = "--routes",
         .help = "print the routes of the contract and exit",
         .run = gateway_print_routes,
         .context = &gateway},
        {.flag = "--openapi",
         .help = "print the description of the API and exit",
         .run = gateway_print_openapi},
        {.flag = NULL},
    };
    struct backend_settings *backends;
    int status;

    /* Printing the contract, which is compiled in, needs no settings. */
    for (size_t i = 0; argc == 2 && commands[i].flag != NULL; i++)
        if (strcmp(argv[1], commands[i].flag) == 0)
            return commands[i].run(NULL, commands[i].context);
    backends = backend_settings_new(ql_schema_embedded());
    if (backends == NULL)
        return EXIT_FAILURE;
    gateway.backend_settings = backends;
    stderr_filter_install();
    status = ql_process_run(
        argc, argv,
        &(struct ql_process){
            .name = "gateway",
            .settings = &gateway.process,
            .tables = (const struct ql_setting *const[]){gateway_settings_table, backends->table,
                                                         ql_limits_http_settings, NULL},
            .targets =
                (void *const[]){&gateway.settings, backends->addresses, &gateway.limits_settings},
            .parts = parts,
            .commands = commands,
        });
    backend_settings_free(backends);
    return status;
}
