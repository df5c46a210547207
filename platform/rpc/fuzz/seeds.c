/* Writes the seeds of rpc_envelope: rpc_seeds FOLDER. A Request for every method
 * of the contract by every kind of caller, and some that are coalesced. */
#include <stdio.h>
#include <string.h>

#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/rpc/v1/names.h"
#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "questline/user/v1/names.h"

#define USER "0192d3a4-0000-7000-8000-000000000001" /* whom the token "user" names */

static const char *const callers[] = {"", "user", "admin", "service", "a.b.c"};

/* Requests with something in them; the others' payload is a user id as field 1,
 * which most requests of a user's have. */
static const struct {
    const char *method, *type, *json;
} samples[] = {
    {QuestCommandService_CreateQuest, "questline.catalog.v1.CreateQuestRequest",
     "{\"quest\":{\"questId\":\"q\",\"name\":\"n\",\"streak\":3,\"autoClaim\":true,"
     "\"eventTypes\":[\"UserSignIn\"],\"revisedAt\":\"2026-01-01T00:00:00Z\"}}"},
    {RewardCommandService_CreateReward, "questline.catalog.v1.CreateRewardRequest",
     "{\"reward\":{\"rewardId\":\"r\",\"rewardItem\":\"gold\",\"rewardQty\":10}}"},
    {SessionService_CreateSession, "questline.user.v1.CreateSessionRequest",
     "{\"userName\":\"user\",\"password\":\"password\"}"},
    {UserService_ListUsers, "questline.user.v1.ListUsersRequest",
     "{\"pageSize\":10,\"pageToken\":\"t\",\"userName\":\"u\"}"},
    {ProgressService_ListProgress, "questline.processing.v1.ListProgressRequest",
     "{\"userId\":\"me\",\"pageSize\":5}"},
};

static void request_write(const char *folder, Call *const *calls, size_t n_calls, bool coalesced)
{
    struct ql_call *call = fuzz_call_begin();
    Request request;
    uint8_t *bytes;
    size_t length;

    Request_init(&request);
    request.calls = (Call **)calls;
    request.n_calls = n_calls;
    request.coalesced = coalesced;
    FUZZ_CLAIM(call, ql_message_pack(call, &request, &bytes, &length) == QL_OK);
    fuzz_seed_write(folder, "rpc_envelope", -1, bytes, length);
}

static void call_write(const char *folder, const char *method, const void *payload, size_t length)
{
    Call first, second, *calls[2] = {&first, &second};

    Call_init(&first);
    first.id = 1;
    first.method = (char *)(uintptr_t)method;
    first.payload = (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)payload, .len = length};
    for (size_t i = 0; i < QL_ARRAY_LENGTH(callers); i++) {
        first.authorization = (char *)(uintptr_t)callers[i];
        request_write(folder, calls, 1, false);
    }
    first.traceparent = (char *)"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    first.request_id = (char *)"r-1";
    first.idempotency_key = (char *)"k";
    first.deadline_unix_ms = INT64_MAX;
    second = first;
    second.id = 2;
    second.method = (char *)HealthService_CheckHealth;
    request_write(folder, calls, 2, true);
}

int main(int argc, char **argv)
{
    static const uint8_t user_id[] = "\x0a\x24" USER;
    const struct ql_method *methods;
    size_t n_methods;

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    methods = ql_schema_methods(ql_schema_embedded(), &n_methods);
    for (size_t i = 0; i < n_methods; i++) {
        call_write(argv[1], methods[i].full_name, "", 0);
        call_write(argv[1], methods[i].full_name, user_id, sizeof(user_id) - 1);
    }
    for (size_t i = 0; i < QL_ARRAY_LENGTH(samples); i++) {
        struct ql_call *call = fuzz_call_begin();
        uint8_t *bytes, copy[1024];
        size_t length;

        FUZZ_CLAIM(call, ql_message_from_json(call, samples[i].type, samples[i].json, &bytes,
                                              &length) == QL_OK);
        FUZZ_CLAIM(call, length <= sizeof(copy));
        memcpy(copy, bytes, length); /* the next call empties the arena */
        call_write(argv[1], samples[i].method, copy, length);
    }
    return 0;
}
