/* The environment, and the file that stands in for it. */
#include "tools/questctl/stack.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/base/attributes.h"
#include "platform/base/settings.h"

enum { LINE_SIZE = 4096 };

#define FIELD(name) offsetof(struct stack, name)

static const struct ql_setting settings[] = {
    {.key = "QL_AMQP_URL",
     .offset = FIELD(amqp_url),
     .fallback = "",
     .help = "",
     .secret = QL_SECRET},
    {.key = "QL_AMQP_ADMIN_URL",
     .offset = FIELD(amqp_admin_url),
     .fallback = "",
     .help = "",
     .secret = QL_SECRET},
    {.key = "QL_GATEWAY_OPS_ADDRESS", .offset = FIELD(gateway_ops), .fallback = "", .help = ""},
    {.key = "QL_JWKS_FILE", .offset = FIELD(jwks_file), .fallback = "", .help = ""},
    {.key = "QL_KEY_FILE", .offset = FIELD(key_file), .fallback = "", .help = ""},
    {.key = "QL_TOKEN", .offset = FIELD(token), .fallback = "", .help = "", .secret = QL_SECRET},
    {.key = "QL_PASSWORD",
     .offset = FIELD(password),
     .fallback = "",
     .help = "",
     .secret = QL_SECRET},
    {0},
};

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* A line KEY=VALUE whose key is ours and not set yet. A file beside a value, as
 * in QL_AMQP_URL_FILE, yields to that value. */
static void take_line(char *line)
{
    char *equals = strchr(line, '=');
    size_t length;

    line[strcspn(line, "\n")] = '\0';
    if (equals == NULL || strncmp(line, "QL_", 3) != 0)
        return;
    *equals = '\0';
    length = strlen(line);
    if (length > 5 && strcmp(line + length - 5, "_FILE") == 0) {
        line[length - 5] = '\0';
        if (getenv(line) != NULL)
            return;
        line[length - 5] = '_';
    }
    setenv(line, equals + 1, /* overwrite= */ 0);
}

static bool read_state(const char *state, bool is_asked_for, char *error, size_t error_size)
{
    QL_CLEANUP(close_file) FILE *file = NULL;
    char path[PATH_MAX], line[LINE_SIZE];

    if (snprintf(path, sizeof(path), "%s/questctl.env", state) >= (int)sizeof(path)) {
        snprintf(error, error_size, "the name of the state folder is too long");
        return false;
    }
    file = fopen(path, "re");
    if (file == NULL && is_asked_for)
        snprintf(error, error_size, "cannot read %.400s: %s", path, strerror(errno));
    if (file == NULL)
        return !is_asked_for;
    while (fgets(line, sizeof(line), file) != NULL)
        take_line(line);
    return true;
}

static int service_compare(const void *left, const void *right)
{
    return strcmp(((const struct stack_service *)left)->name,
                  ((const struct stack_service *)right)->name);
}

/* Addresses that are not of a service: where a process itself listens, and the
 * gateway's port for operators. */
static bool is_own(const char *name)
{
    static const char *const own[] = {"rpc", "ops", "http", "https", "gateway_ops"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(own); i++)
        if (strcmp(own[i], name) == 0)
            return true;
    return false;
}

/* QL_USER_ADDRESS=tcp://… is the service user: so that a new service needs no
 * change here. A setting of another kind may end alike
 * (QL_SIGN_IN_FAILURES_PER_ADDRESS=100), but its value is no address. */
static void take_variable(struct stack *stack, const char *variable)
{
    static const char prefix[] = "QL_", suffix[] = "_ADDRESS";
    const char *equals = strchr(variable, '=');
    size_t length = equals == NULL ? 0 : (size_t)(equals - variable);
    size_t around = strlen(prefix) + strlen(suffix);
    struct stack_service *service = &stack->services[stack->n_services];

    if (length <= around || length - around >= STACK_NAME_SIZE || strchr(equals + 1, ':') == NULL ||
        strncmp(variable, prefix, strlen(prefix)) != 0 ||
        strncmp(equals - strlen(suffix), suffix, strlen(suffix)) != 0 ||
        stack->n_services == STACK_SERVICES_MAX)
        return;
    for (size_t i = 0; i < length - around; i++)
        service->name[i] = (char)tolower((unsigned char)variable[strlen(prefix) + i]);
    service->name[length - around] = '\0';
    service->addresses = equals + 1;
    if (!is_own(service->name))
        stack->n_services++;
}

bool stack_load(struct stack *stack, const char *state, char *error, size_t error_size)
{
    const char *named = state != NULL ? state : getenv("QL_STATE_DIR");

    memset(stack, 0, sizeof(*stack));
    if (!read_state(named != NULL ? named : ".run", state != NULL, error, error_size))
        return false;
    if (ql_settings_load(settings, stack, stderr) > 0) {
        snprintf(error, error_size, "the environment cannot be used");
        return false;
    }
    for (char **variable = environ; *variable != NULL; variable++)
        take_variable(stack, *variable);
    qsort(stack->services, stack->n_services, sizeof(stack->services[0]), service_compare);
    return true;
}

void stack_done(struct stack *stack)
{
    ql_settings_done(settings, stack);
}

const struct stack_service *stack_service_find(const struct stack *stack, const char *name)
{
    for (size_t i = 0; i < stack->n_services; i++)
        if (strcmp(stack->services[i].name, name) == 0)
            return &stack->services[i];
    return NULL;
}
