/* Writes the seeds of event_envelope: events_seeds FOLDER. One event of every
 * reserved type with a body of defaults, and some with more in them. */
#include <stdio.h>
#include <string.h>

#include "platform/events/event.h"
#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define USER "0190a5d0-0000-7000-8000-000000000001"

static const struct {
    const char *type, *body_type, *json;
} samples[] = {
    {EVENT_USER_SIGN_IN, "questline.user.v1.UserSignedIn",
     "{\"sessionId\":\"0190a5d0-0000-7000-8000-000000000003\"}"},
    {EVENT_QUEST_COMPLETED, "questline.processing.v1.QuestCompleted",
     "{\"questId\":\"sign-in-three\",\"questRevision\":\"2\",\"ordinal\":1,\"causeEventId\":\"c\"}"},
    {EVENT_QUEST_CHANGED, "questline.catalog.v1.QuestChanged",
     "{\"quest\":{\"questId\":\"q\",\"streak\":3,\"eventTypes\":[\"UserSignIn\"],"
     "\"revisedAt\":\"2026-01-01T00:00:00Z\"}}"},
    {"monster.killed", "google.protobuf.Struct",
     "{\"monster\":\"dragon\",\"damage\":[1,2.5,null,{\"fire\":true}]}"},
};

static void seed(const char *folder, const char *type, const char *body_type, const char *json)
{
    struct ql_call *call = fuzz_call_begin();
    struct ql_event event = {
        .event_id = "0190a5d0-0000-7000-8000-000000000002",
        .type = type,
        .user_id = USER,
        .occurred_ms = 1767225600005,
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        .body_type = body_type,
    };
    uint8_t *body, *bytes;
    size_t length;

    FUZZ_CLAIM(call,
               ql_message_from_json(call, body_type, json, &body, &event.body_length) == QL_OK);
    event.body = body;
    FUZZ_CLAIM(call, ql_event_pack(call, &event, &bytes, &length) == QL_OK);
    fuzz_seed_write(folder, "event_envelope", -1, bytes, length);
}

int main(int argc, char **argv)
{
    const struct ql_event_type *types;
    size_t n_types;

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    types = ql_schema_event_types(ql_schema_embedded(), &n_types);
    for (size_t i = 0; i < n_types; i++)
        seed(argv[1], types[i].type, types[i].body, "{}");
    for (size_t i = 0; i < QL_ARRAY_LENGTH(samples); i++)
        seed(argv[1], samples[i].type, samples[i].body_type, samples[i].json);
    return 0;
}
