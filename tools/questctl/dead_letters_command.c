/* questctl dead-letters: messages that a service rejected. Directly at the broker, so that
 * it works while services are down. */
#include <string.h>

#include "platform/events/dead_letter.h"
#include "tools/questctl/event_text.h"
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"
#include "tools/questctl/table.h"

enum {
    PAGE_LETTERS = 500,
    PAGE_BYTES_MAX = 8 * 1024 * 1024,
    LIST_BYTES_MAX = 64 * 1024 * 1024,
    TIMEOUT_S = 120,
};

/* The queue that the first argument names; NULL with *ret_status set. */
static const struct ql_queue *queue_of(struct questctl *ctl, int *ret_status)
{
    const struct ql_queue *queue = ql_queue_find_short(ctl->options.arguments[0]);

    *ret_status = EXIT_FINE;
    if (queue == NULL)
        *ret_status = questctl_misused("there is no queue \"%s\"", ctl->options.arguments[0]);
    else if (ctl->stack.amqp_url[0] == '\0')
        *ret_status = questctl_misused(NO_BROKER);
    return *ret_status == EXIT_FINE ? queue : NULL;
}

static void write_dead_letter(struct ql_call *call, const struct ql_dead_letter *letter,
                              struct ql_buffer *out)
{
    const struct ql_event *event = event_read(call, letter->bytes, letter->length);

    ql_call_clear_status(call);
    object_open(out, NULL);
    object_text(out, "letterId", letter->dead_letter_id);
    object_text(out, "type", letter->type);
    object_text(out, "routingKey", letter->routing_key);
    object_text(out, "reason", letter->reason);
    object_text(out, "text", letter->text);
    object_number(out, "bytes", (int64_t)letter->original_length);
    object_flag(out, "isCut", letter->original_length > letter->length);
    if (event != NULL) {
        object_open(out, "event");
        event_write_json(call, event, out);
        object_close(out);
    }
    object_close(out);
}

/* Every page of them, up to --count. */
static enum ql_code list(struct questctl *ctl, const struct ql_queue *queue, struct table *table,
                         struct ql_buffer *json)
{
    size_t limit = ctl->options.count == 0 ? SIZE_MAX : (size_t)ctl->options.count, n_shown = 0;
    const char *after_id = "";
    bool has_more = true;

    while (has_more && n_shown < limit) {
        size_t left = limit - n_shown, n;
        struct ql_dead_letter_choice choice = {.after_id = after_id,
                                               .n_max = left < PAGE_LETTERS ? left : PAGE_LETTERS,
                                               .bytes_max = PAGE_BYTES_MAX};
        struct ql_dead_letter *letters;
        enum ql_code rc = ql_dead_letters_list(&ctl->call, ctl->stack.amqp_url, queue, &choice,
                                               &letters, &n, &has_more);

        if (rc != QL_OK)
            return rc;
        for (size_t i = 0; i < n; i++) {
            if (ctl->options.json)
                write_dead_letter(&ctl->call, &letters[i], json);
            else
                table_add(table, (const char *const[]){letters[i].dead_letter_id, letters[i].type,
                                                       letters[i].routing_key, letters[i].reason});
            after_id = letters[i].dead_letter_id;
        }
        n_shown += n;
        has_more = has_more && n > 0;
    }
    return json->failed ? ql_fail_memory(&ctl->call) : QL_OK;
}

static int list_run(struct questctl *ctl)
{
    static const char *const titles[] = {"EVENT ID", "TYPE", "KEY", "REASON"};
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    const struct ql_queue *queue;
    struct table table;
    int status;

    ql_buffer_init(&json, LIST_BYTES_MAX);
    queue = queue_of(ctl, &status);
    if (queue == NULL)
        return status;
    table_init(&table, ctl->arena, titles, QL_ARRAY_LENGTH(titles));
    array_open(&json, NULL);
    if (list(ctl, queue, &table, &json) != QL_OK)
        return questctl_failed(ctl, &ctl->call.status);
    array_close(&json);
    if (ctl->options.json)
        fprintf(ctl->out, "%s\n", json.data);
    else
        table_print(&table, ctl->out);
    return EXIT_FINE;
}

static enum ql_code show(struct questctl *ctl, const struct ql_queue *queue)
{
    struct ql_dead_letter_choice choice = {.dead_letter_id = ctl->options.arguments[1],
                                           .after_id = "",
                                           .n_max = 1,
                                           .bytes_max = PAGE_BYTES_MAX};
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    struct ql_dead_letter *letters;
    bool has_more;
    size_t n;
    enum ql_code rc;

    ql_buffer_init(&json, LIST_BYTES_MAX);
    rc = ql_dead_letters_list(&ctl->call, ctl->stack.amqp_url, queue, &choice, &letters, &n,
                              &has_more);
    if (rc != QL_OK)
        return rc;
    if (n == 0)
        return ql_fail(&ctl->call, QL_NOT_FOUND, "DEAD_LETTER_NOT_FOUND",
                       "%s has no dead letter %.64s", ctl->options.arguments[0],
                       ctl->options.arguments[1]);
    write_dead_letter(&ctl->call, &letters[0], &json);
    if (json.failed)
        return ql_fail_memory(&ctl->call);
    if (ctl->options.json)
        fprintf(ctl->out, "%s\n", json.data);
    else
        json_print_indented(json.data, ctl->out);
    return QL_OK;
}

static int show_run(struct questctl *ctl)
{
    const struct ql_queue *queue;
    int status;

    queue = queue_of(ctl, &status);
    if (queue == NULL)
        return status;
    return show(ctl, queue) == QL_OK ? EXIT_FINE : questctl_failed(ctl, &ctl->call.status);
}

typedef enum ql_code change(struct ql_call *call, const char *url, const struct ql_queue *queue,
                            const char *dead_letter_id, size_t *ret_n);

/* Replays or drops the one that is named, or all of them. */
static int change_run(struct questctl *ctl, change *how, const char *done)
{
    const char *dead_letter_id = ctl->options.n_arguments > 1 ? ctl->options.arguments[1] : NULL;
    const struct ql_queue *queue;
    size_t n = 0;
    int status;
    enum ql_code rc;

    if ((dead_letter_id == NULL) != ctl->options.all)
        return questctl_misused("say which: an EVENT_ID, or --all");
    queue = queue_of(ctl, &status);
    if (queue == NULL)
        return status;
    rc = how(&ctl->call, ctl->stack.amqp_url, queue, dead_letter_id, &n);
    if (rc == QL_OK && n == 0 && dead_letter_id != NULL)
        rc = ql_fail(&ctl->call, QL_NOT_FOUND, "DEAD_LETTER_NOT_FOUND",
                     "%s has no dead letter %.64s", ctl->options.arguments[0], dead_letter_id);
    if (ctl->options.json)
        fprintf(ctl->out, "{\"%s\":%zu}\n", done, n);
    else
        fprintf(ctl->out, "%s %zu\n", done, n);
    return rc == QL_OK ? EXIT_FINE : questctl_failed(ctl, &ctl->call.status);
}

static int replay_run(struct questctl *ctl)
{
    return change_run(ctl, ql_dead_letters_replay, "replayed");
}

static int drop_run(struct questctl *ctl)
{
    return change_run(ctl, ql_dead_letters_drop, "dropped");
}

static const struct option list_options[] = {
    {"--count", OPTION_NUMBER, offsetof(struct options, count), "N", "show so many at most", 1,
     INT64_MAX},
    {0},
};

static const struct option change_options[] = {
    {"--all", OPTION_FLAG, offsetof(struct options, all), NULL, "every letter that is there", 0, 0},
    {0},
};

const struct command dead_letters_list_command = {
    .name = "dead-letters",
    .action = "list",
    .synopsis = "QUEUE",
    .help = "Lists the dead letters of a queue by event id, without removing them. A queue is\n"
            "named like its service; a further one of it has its own name behind a dot.\n",
    .options = list_options,
    .min_arguments = 1,
    .max_arguments = 1,
    .timeout_s = TIMEOUT_S,
    .run = list_run,
};

const struct command dead_letters_show_command = {
    .name = "dead-letters",
    .action = "show",
    .synopsis = "QUEUE EVENT_ID",
    .help = "Shows one dead letter: its reason and its content.\n",
    .min_arguments = 2,
    .max_arguments = 2,
    .timeout_s = TIMEOUT_S,
    .run = show_run,
};

const struct command dead_letters_replay_command = {
    .name = "dead-letters",
    .action = "replay",
    .synopsis = "QUEUE EVENT_ID | --all",
    .help = "Publishes dead letters to their queue again, and deletes each once the\n"
            "broker has confirmed it. The service ignores events that it has handled.\n",
    .options = change_options,
    .min_arguments = 1,
    .max_arguments = 2,
    .timeout_s = TIMEOUT_S,
    .run = replay_run,
};

const struct command dead_letters_drop_command = {
    .name = "dead-letters",
    .action = "drop",
    .synopsis = "QUEUE EVENT_ID | --all",
    .help = "Deletes dead letters permanently.\n",
    .options = change_options,
    .min_arguments = 1,
    .max_arguments = 2,
    .timeout_s = TIMEOUT_S,
    .run = drop_run,
};
