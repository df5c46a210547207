/* Publishing to the replay exchange of a queue, and matching keys with bindings. */
#include "platform/events/replay.h"

#include <stdlib.h>
#include <string.h>

#include "platform/events/dead_letter_headers.h"

enum { HEARTBEAT_S = 10 };

struct ql_replay {
    struct ql_publisher *publisher;
    const struct ql_queue *queue;
};

enum ql_code ql_replay_open(struct ql_call *call, const char *url, const struct ql_queue *queue,
                            struct ql_replay **ret_replay)
{
    struct ql_replay *replay = calloc(1, sizeof(*replay));

    if (replay == NULL)
        return ql_fail_memory(call);
    replay->queue = queue;
    replay->publisher = qli_publisher_new(url, "replay", HEARTBEAT_S);
    if (replay->publisher == NULL) {
        ql_replay_close(replay);
        return ql_fail_memory(call);
    }
    *ret_replay = replay;
    return QL_OK;
}

void ql_replay_close(struct ql_replay *replay)
{
    if (replay == NULL)
        return;
    ql_publisher_free(replay->publisher);
    free(replay);
}

void ql_replay_closep(struct ql_replay **replay)
{
    ql_replay_close(*replay);
    *replay = NULL;
}

enum ql_code qli_replay_put(struct ql_call *call, struct ql_replay *replay,
                            struct ql_message_out *messages,
                            const struct qli_dead_letter_headers *headers, size_t n_messages)
{
    return qli_publisher_publish(call, replay->publisher, replay->queue->replay, messages, headers,
                                 n_messages);
}

enum ql_code ql_replay_put(struct ql_call *call, struct ql_replay *replay,
                           struct ql_message_out *messages, size_t n_messages)
{
    return qli_replay_put(call, replay, messages, NULL, n_messages);
}

/* The words after the first one; NULL when there are none. */
static const char *next_word(const char *words)
{
    const char *dot = strchr(words, '.');

    return dot == NULL ? NULL : dot + 1;
}

/* True when words match a pattern; NULL is no words. Patterns come from the contract and
 * have one "#" at most, which bounds the recursion. */
static bool pattern_matches(const char *pattern, const char *words)
{
    size_t length;

    if (pattern == NULL)
        return words == NULL;
    length = strcspn(pattern, ".");
    if (length == 1 && pattern[0] == '#')
        return pattern_matches(next_word(pattern), words) ||
               (words != NULL && pattern_matches(pattern, next_word(words)));
    if (words == NULL)
        return false;
    if (!(length == 1 && pattern[0] == '*') &&
        (strcspn(words, ".") != length || strncmp(pattern, words, length) != 0))
        return false;
    return pattern_matches(next_word(pattern), next_word(words));
}

bool ql_queue_takes(const struct ql_queue *queue, const char *routing_key)
{
    for (const char *const *pattern = queue->bindings; *pattern != NULL; pattern++)
        if (pattern_matches(*pattern, routing_key))
            return true;
    return false;
}
