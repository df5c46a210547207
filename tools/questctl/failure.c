/* How questctl says that something failed. */
#include <stdarg.h>
#include <string.h>

#include "platform/base/buffer.h"
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"

enum { FAILURE_BYTES = 64 * 1024 };

static void print_json(const struct ql_status *status)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;

    ql_buffer_init(&text, FAILURE_BYTES);
    object_open(&text, NULL);
    object_open(&text, "error");
    object_text(&text, "status", ql_code_name(status->code));
    object_text(&text, "reason", status->reason);
    object_text(&text, "message", status->message);
    array_open(&text, "fieldViolations");
    for (size_t i = 0; i < status->n_violations; i++) {
        object_open(&text, NULL);
        object_text(&text, "field", status->violations[i].field);
        object_text(&text, "description", status->violations[i].description);
        if (status->violations[i].reason[0] != '\0')
            object_text(&text, "reason", status->violations[i].reason);
        object_close(&text);
    }
    array_close(&text);
    object_close(&text);
    object_close(&text);
    if (!text.failed)
        fprintf(stderr, "%s\n", text.data);
}

int questctl_failed(struct questctl *ctl, const struct ql_status *status)
{
    fflush(ctl->out);
    if (ctl->options.json) {
        print_json(status);
        return EXIT_FAILED;
    }
    fprintf(stderr, "questctl: %s (%s): %s\n", ql_code_name(status->code), status->reason,
            status->message);
    for (size_t i = 0; i < status->n_violations; i++)
        fprintf(stderr, "  %s: %s\n", status->violations[i].field,
                status->violations[i].description);
    if (status->code == QL_UNAUTHENTICATED || status->code == QL_PERMISSION_DENIED)
        fputs("  who calls: --login USER, --token JWT or --key FILE; see questctl --help\n",
              stderr);
    return EXIT_FAILED;
}

int questctl_misused(const char *format, ...)
{
    va_list arguments;

    fputs("questctl: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_USAGE;
}
