/* questline-gateway: the single entry for JSON over HTTP. */
#include "gateway/gateway.h"

#include <string.h>

#include "gateway/noise.h"

int main(int argc, char **argv)
{
    static struct gateway gateway;
    static const struct ql_setting *const tables[] = {gateway_settings_table,
                                                      ql_limits_http_settings, NULL};
    void *const targets[] = {&gateway.settings, &gateway.limits_settings};
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

    /* The contract is in the program: no settings are needed to print it. */
    for (size_t i = 0; argc == 2 && commands[i].flag != NULL; i++)
        if (strcmp(argv[1], commands[i].flag) == 0)
            return commands[i].run(NULL, commands[i].context);
    noise_silence();
    return ql_process_run(argc, argv,
                          &(struct ql_process){
                              .name = "gateway",
                              .settings = &gateway.process,
                              .tables = tables,
                              .targets = targets,
                              .parts = parts,
                              .commands = commands,
                          });
}
