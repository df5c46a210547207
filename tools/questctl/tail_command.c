/* questctl events tail: what is published, as it is published. */
#include <signal.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/events/watch.h"
#include "tools/questctl/event_text.h"
#include "tools/questctl/questctl.h"

enum { LOOK_MS = 300, MESSAGES_MAX = 10000, LINE_BYTES_MAX = 4 * 1024 * 1024 };

static volatile sig_atomic_t is_stopped;

static void stop(int number)
{
    (void)number;
    is_stopped = 1;
}

static bool is_wanted(const struct options *options, const struct ql_event *event)
{
    return (options->type == NULL || strcmp(options->type, event->type) == 0) &&
           (options->user == NULL || strcmp(options->user, event->user_id) == 0);
}

/* What is no event, for those who want to see everything. */
static void write_stranger(const struct ql_status *status, const struct ql_watch_item *message,
                           bool is_json, struct ql_buffer *out)
{
    if (!is_json) {
        ql_buffer_printf(out, "no event: %s (%s), %zu bytes, key %s", status->reason,
                         status->message, message->length, message->routing_key);
        return;
    }
    object_open(out, NULL);
    object_text(out, "routingKey", message->routing_key);
    object_text(out, "reason", status->reason);
    object_text(out, "message", status->message);
    object_close(out);
}

/* True when it was shown. */
static bool show(struct questctl *ctl, struct ql_call *call, const struct ql_watch_item *message)
{
    const struct ql_event *event = event_read(call, message->bytes, message->length);
    bool filters = ctl->options.type != NULL || ctl->options.user != NULL;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer line;

    ql_buffer_init(&line, LINE_BYTES_MAX);
    if (event == NULL && filters)
        return false;
    if (event == NULL) {
        write_stranger(&call->status, message, ctl->options.json, &line);
        ql_call_clear_status(call);
    } else if (!is_wanted(&ctl->options, event)) {
        return false;
    } else if (ctl->options.json) {
        object_open(&line, NULL);
        object_text(&line, "routingKey", message->routing_key);
        event_write_json(call, event, &line);
        object_close(&line);
    } else {
        event_write_line(call, event, &line);
    }
    if (!line.failed)
        fprintf(ctl->out, "%s\n", line.data);
    fflush(ctl->out);
    return true;
}

static enum ql_code watch(struct questctl *ctl, struct ql_watch *source)
{
    int64_t end_ms =
        ctl->options.seconds == 0 ? INT64_MAX : ql_monotonic_ms() + ctl->options.seconds * 1000;
    int64_t n_shown = 0;

    while (!is_stopped && ql_monotonic_ms() < end_ms && !ferror(ctl->out) &&
           (ctl->options.count == 0 || n_shown < ctl->options.count)) {
        struct ql_watch_item message;
        enum ql_code rc = ql_watch_next(&ctl->call, source, LOOK_MS, &message);

        if (rc != QL_OK)
            return rc;
        if (message.kind == QL_WATCH_EVENT && show(ctl, &ctl->call, &message))
            n_shown++;
        ql_arena_reset(ctl->arena);
    }
    return QL_OK;
}

static int tail_run(struct questctl *ctl)
{
    struct sigaction action = {.sa_handler = stop};
    struct ql_watch *source;
    enum ql_code rc;

    if (ctl->stack.amqp_url[0] == '\0')
        return questctl_misused(NO_BROKER);
    if (ql_watch_open_tail(&ctl->call, ctl->stack.amqp_url, "tail", "#", MESSAGES_MAX, &source) !=
        QL_OK)
        return questctl_failed(ctl, &ctl->call.status);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    fputs("questctl: watching\n", stderr);
    rc = watch(ctl, source);
    ql_watch_close(source);
    return rc == QL_OK ? EXIT_FINE : questctl_failed(ctl, &ctl->call.status);
}

static const struct option tail_options[] = {
    {"--type", OPTION_TEXT, offsetof(struct options, type), "TYPE", "only events of this type", 0,
     0},
    {"--user", OPTION_TEXT, offsetof(struct options, user), "ID", "only events about this user", 0,
     0},
    {"--count", OPTION_NUMBER, offsetof(struct options, count), "N", "end after so many", 1,
     INT64_MAX},
    {"--seconds", OPTION_NUMBER, offsetof(struct options, seconds), "N", "end after so long", 1,
     86400},
    {0},
};

const struct command tail_command = {
    .name = "events",
    .action = "tail",
    .synopsis = "",
    .help = "Prints events that are published from now on, one line each, until Ctrl-C. It\n"
            "uses a temporary queue: consumers are not affected.\n",
    .options = tail_options,
    .run = tail_run,
};
