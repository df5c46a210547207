/* The memory that a payload lies in. */
#include "platform/rpc/client/result.h"

#include <string.h>
#include <nng/nng.h>

/* A payload in a message of its own is kept with it; one that lies in a Reply of many
 * results is copied. */
void *ql_rpc_result_take(struct ql_rpc_result *result)
{
    nng_msg *taken = result->owner;

    result->owner = NULL;
    if (taken != NULL || result->payload_length == 0)
        return taken;
    if (nng_msg_alloc(&taken, result->payload_length) != 0)
        return NULL;
    memcpy(nng_msg_body(taken), result->payload, result->payload_length);
    result->payload = nng_msg_body(taken);
    return taken;
}

void ql_rpc_result_free(void *taken)
{
    nng_msg_free(taken); /* nng takes NULL */
}
