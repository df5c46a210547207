/* For the tests of the module: a client that shares nothing with our channel,
 * only protobuf and a plain SP REQ socket, and requests for it. */
#ifndef QL_RPC_FOREIGN_FIXTURE_H
#define QL_RPC_FOREIGN_FIXTURE_H

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

#include "platform/rpc/testing/service_fixture.h"

enum { FOREIGN_TIMEOUT_MS = 20000, FOREIGN_CALLS_MAX = 80 };

/* A Request in the making; the texts of its calls are the caller's. */
struct foreign {
    Request request;
    Call calls[FOREIGN_CALLS_MAX];
    Call *pointers[FOREIGN_CALLS_MAX];
    uint8_t payloads[FOREIGN_CALLS_MAX][256];
};

static inline void foreign_init(struct foreign *foreign)
{
    Request_init(&foreign->request);
    foreign->request.calls = foreign->pointers;
}

/* Adds a call with id 1, 2, 3, ... and ten seconds to live. */
static inline Call *foreign_add(struct foreign *foreign, const char *method, const char *token,
                                const void *in)
{
    size_t index = foreign->request.n_calls++;
    Call *call = &foreign->calls[index];

    Call_init(call);
    foreign->pointers[index] = call;
    call->id = index + 1;
    call->method = (char *)(uintptr_t)method;
    call->authorization = (char *)(uintptr_t)token;
    call->deadline_unix_ms = ql_unix_ms() + 10000;
    if (in != NULL) {
        fixture_must(protobuf_c_message_get_packed_size(in) <= sizeof(foreign->payloads[0]),
                     "the payload is too large for the fixture");
        call->payload.len = protobuf_c_message_pack(in, foreign->payloads[index]);
        call->payload.data = foreign->payloads[index];
    }
    return call;
}

static inline Call *foreign_add_get_user(struct foreign *foreign, const char *token,
                                         const char *user_id)
{
    GetUserRequest in;

    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)user_id;
    return foreign_add(foreign, METHOD_GET_USER, token, &in);
}

static inline Call *foreign_add_get_quest(struct foreign *foreign, const char *token,
                                          const char *quest_id)
{
    GetQuestRequest in;

    GetQuestRequest_init(&in);
    in.quest_id = (char *)(uintptr_t)quest_id;
    return foreign_add(foreign, METHOD_GET_QUEST, token, &in);
}

/* Sends bytes as one Request and returns the Reply, NULL when the connection
 * was lost. The caller frees it. */
static inline Reply *foreign_exchange_bytes(const char *address, const void *bytes, size_t length)
{
    Reply *reply = NULL;
    nng_socket client;
    size_t size = 0;
    void *answer;

    fixture_must(nng_req0_open(&client) == 0, "nng_req0_open");
    nng_socket_set_ms(client, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    nng_socket_set_ms(client, NNG_OPT_RECVTIMEO, FOREIGN_TIMEOUT_MS);
    fixture_must(nng_dial(client, address, NULL, 0) == 0, "nng_dial");
    fixture_must(nng_send(client, (void *)(uintptr_t)bytes, length, 0) == 0, "nng_send");
    if (nng_recv(client, &answer, &size, NNG_FLAG_ALLOC) == 0) {
        reply = Reply_unpack(NULL, size, answer);
        nng_free(answer, size);
    }
    nng_close(client);
    return reply;
}

static inline Reply *foreign_exchange(const char *address, const Request *request)
{
    size_t length = Request_pack_size(request);
    uint8_t *bytes = malloc(length);
    Reply *reply;

    Request_pack(request, bytes);
    reply = foreign_exchange_bytes(address, bytes, length);
    free(bytes);
    return reply;
}

static inline void reply_free(Reply *reply)
{
    questline__rpc__v1__reply__free_unpacked(reply, NULL);
}

static inline const Result *reply_result(const Reply *reply, uint64_t id)
{
    for (size_t i = 0; reply != NULL && i < reply->n_results; i++) {
        if (reply->results[i]->id == id)
            return reply->results[i];
    }
    return NULL;
}

#endif
