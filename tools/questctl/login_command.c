/* questctl login: a token to be used by what follows. */
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"

static int login_run(struct questctl *ctl)
{
    char token[QL_TOKEN_MAX], error[QL_MESSAGE_MAX] = "";

    identity_close(&ctl->identity);
    ctl->options.token = NULL;
    ctl->options.login = ctl->options.arguments[0];
    if (!identity_open(&ctl->identity, &ctl->options, &ctl->stack, error, sizeof(error)))
        return questctl_misused("%s", error);
    if (identity_token(&ctl->call, &ctl->identity, "user", token) != QL_OK)
        return questctl_failed(ctl, &ctl->call.status);
    if (ctl->options.json)
        fprintf(ctl->out, "{\"token\":\"%s\"}\n", token);
    else
        fprintf(ctl->out, "%s\n", token);
    return EXIT_FINE;
}

const struct command login_command = {
    .name = "login",
    .synopsis = "USER",
    .help = "Signs a user in and prints the token, which is valid for ten minutes:\n"
            "export QL_TOKEN=$(questctl login admin). Each sign-in is an event.\n",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = login_run,
};
