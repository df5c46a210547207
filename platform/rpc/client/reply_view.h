/* Reading a Reply in place: where one call's result lies, nothing copied. */
#ifndef QL_RPC_CLIENT_REPLY_VIEW_H
#define QL_RPC_CLIENT_REPLY_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/pb/wire/wire.h"

/* Of what is absent data is NULL. */
struct qli_result_view {
    struct qli_bytes status;
    struct qli_bytes payload;
    struct qli_bytes etag;
    bool is_not_started;
    bool is_replayed;
    uint64_t execution;   /* enum Execution of the envelope, or what a later one adds */
    bool is_not_executed; /* see qli_result_read */
};

/* Finds the result with the id in a Reply that passed ql_wire_check; any other bytes do
 * no harm either. False: there is none. */
bool qli_reply_find(const void *reply, size_t length, uint64_t id,
                    struct qli_result_view *ret_result);

/* Takes the next result from the rest of such a Reply; false: there is none. */
bool qli_reply_next(struct qli_bytes *rest, uint64_t *ret_id, struct qli_result_view *ret_result);

#endif
