/* One batcher per backend; one receiver, whose messages are linked into the batchers. */
#include "gateway/batchers.h"

#include <stdlib.h>

bool batchers_init(struct batchers *batchers, const struct backends *backends)
{
    batchers->entries = calloc(backends->n, sizeof(batchers->entries[0]));
    batchers->n = batchers->entries != NULL ? backends->n : 0;
    return batchers->entries != NULL;
}

void batchers_done(struct batchers *batchers)
{
    free(batchers->entries);
    batchers->entries = NULL;
    batchers->n = 0;
}

/* Called on nng's thread, and not again before ql_rpc_batcher_run_callbacks, so that the
 * message is not linked yet. */
static void wake_loop(void *argument)
{
    struct batcher *batcher = argument;

    h2o_multithread_send_message(&batcher->batchers->replies, &batcher->message);
}

static void on_replies(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    h2o_linklist_t *link;

    (void)receiver;
    /* The link is always linked; clang's analyzer does not see that unlinking replaces it. */
    while ((link = messages->next) != messages && h2o_linklist_is_linked(link)) {
        struct batcher *batcher = H2O_STRUCT_FROM_MEMBER(struct batcher, message.link, link);

        h2o_linklist_unlink(link);
        ql_rpc_batcher_run_callbacks(batcher->rpc);
    }
}

void batchers_open(struct batchers *batchers, h2o_multithread_queue_t *queue,
                   const struct backends *backends)
{
    h2o_multithread_register_receiver(queue, &batchers->replies, on_replies);
    for (size_t i = 0; i < batchers->n; i++) {
        struct batcher *batcher = &batchers->entries[i];

        batcher->batchers = batchers;
        batcher->rpc = ql_rpc_batcher_new(backends->entries[i].channel, wake_loop, batcher);
    }
}

void batchers_flush(struct batchers *batchers)
{
    for (size_t i = 0; i < batchers->n; i++)
        if (batchers->entries[i].rpc != NULL)
            ql_rpc_batcher_flush(batchers->entries[i].rpc);
}

void batchers_leave(struct batchers *batchers)
{
    for (size_t i = 0; i < batchers->n; i++)
        if (batchers->entries[i].rpc != NULL)
            ql_rpc_batcher_detach(batchers->entries[i].rpc);
}

void batchers_close(struct batchers *batchers, h2o_multithread_queue_t *queue)
{
    h2o_multithread_unregister_receiver(queue, &batchers->replies);
}
