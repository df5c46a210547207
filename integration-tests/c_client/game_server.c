/* A game server in C: exchanges its API key for a token and publishes that a
 * player killed monsters. It knows Questline by its installed client library only.
 *
 *   QL_USER_ADDRESS=tcp://… QL_PROCESSING_ADDRESS=tcp://… QL_API_KEY=… \
 *       game_server USER_ID MONSTERS
 */
#include <stdio.h>
#include <stdlib.h>

#include <questline/client.h>

#include "questline/processing/v1/client.h"
#include "questline/user/v1/client.h"

enum { MEMORY_BYTES = 4 * 1024 * 1024, TIMEOUT_MS = 10000, MONSTERS_MAX = 1000 };

struct kill { /* one event with its parts, which a request points to */
    PublishedEvent event;
    Google__Protobuf__Struct payload;
    Google__Protobuf__Struct__FieldsEntry entry, *entries[1];
    Google__Protobuf__Value level;
    char id[QL_UUID_SIZE];
};

static void kill_fill(struct kill *kill, char *user_id, int level)
{
    google__protobuf__value__init(&kill->level);
    kill->level.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
    kill->level.number_value = level;
    google__protobuf__struct__fields_entry__init(&kill->entry);
    kill->entry.key = "level";
    kill->entry.value = &kill->level;
    kill->entries[0] = &kill->entry;
    google__protobuf__struct__init(&kill->payload);
    kill->payload.n_fields = 1;
    kill->payload.fields = kill->entries;
    ql_uuid_new(kill->id); /* kept: an event that is sent again counts once */
    PublishedEvent_init(&kill->event);
    kill->event.event_id = kill->id;
    kill->event.event_type = "monster.killed";
    kill->event.user_id = user_id;
    kill->event.payload = &kill->payload;
}

static struct ql_rpc_channel *connect_to(const char *service, const char *variable)
{
    const char *address = getenv(variable);
    struct ql_rpc_channel_options options = {
        .service = service, .address = address == NULL ? "" : address, .max_in_flight = 16};
    char error[256] = "";
    struct ql_rpc_channel *channel = ql_rpc_channel_new(&options, error, sizeof(error));

    if (channel == NULL)
        fprintf(stderr, "%s: %s\n", variable, error);
    return channel;
}

static enum ql_code get_token(struct ql_call *call, struct ql_rpc_channel *users,
                              CreateTokenResponse **ret_out)
{
    CreateTokenRequest in;

    CreateTokenRequest_init(&in);
    in.api_key = getenv("QL_API_KEY");
    return service_account_service_create_token_as(call, users, "", &in, ret_out);
}

static enum ql_code publish(struct ql_call *call, struct ql_rpc_channel *processing,
                            const char *token, char *user_id, int n_monsters)
{
    struct kill *kills = ql_arena_calloc(call->arena, (size_t)n_monsters, sizeof(*kills));
    PublishedEvent **events = ql_arena_calloc(call->arena, (size_t)n_monsters, sizeof(*events));
    PublishEventsResponse *out;
    PublishEventsRequest in;
    enum ql_code rc;

    if (kills == NULL || events == NULL)
        return ql_fail_memory(call);
    for (int i = 0; i < n_monsters; i++) {
        kill_fill(&kills[i], user_id, i + 1);
        events[i] = &kills[i].event;
    }
    PublishEventsRequest_init(&in);
    in.n_events = (size_t)n_monsters;
    in.events = events;
    rc = publish_service_publish_events_as(call, processing, token, &in, &out);
    if (rc == QL_OK)
        printf("accepted %d, the first is %s\n", out->accepted, kills[0].id);
    return rc;
}

static enum ql_code play(struct ql_arena *arena, char *user_id, int n_monsters)
{
    struct ql_rpc_channel *users = connect_to("user", "QL_USER_ADDRESS");
    struct ql_rpc_channel *processing = connect_to("processing", "QL_PROCESSING_ADDRESS");
    enum ql_code rc = QL_INVALID_ARGUMENT;
    CreateTokenResponse *token;
    struct ql_call call;

    if (users != NULL && processing != NULL) {
        ql_call_init(&call, arena, "game", TIMEOUT_MS);
        rc = get_token(&call, users, &token);
        if (rc == QL_OK)
            rc = publish(&call, processing, token->access_token, user_id, n_monsters);
        if (rc != QL_OK)
            fprintf(stderr, "%s: %s\n", call.status.reason, call.status.message);
    }
    ql_rpc_channel_free(processing);
    ql_rpc_channel_free(users);
    return rc;
}

int main(int argc, char **argv)
{
    int n_monsters = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    struct ql_arena *arena;
    enum ql_code rc;

    if (n_monsters < 1 || n_monsters > MONSTERS_MAX || getenv("QL_API_KEY") == NULL) {
        fprintf(stderr, "usage: QL_API_KEY=... %s USER_ID MONSTERS\n", argv[0]);
        return EXIT_FAILURE;
    }
    ql_log_setup("game", QL_LOG_ERROR);
    arena = ql_arena_new(MEMORY_BYTES);
    rc = arena == NULL ? QL_RESOURCE_EXHAUSTED : play(arena, argv[1], n_monsters);
    ql_arena_free(arena);
    return rc == QL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
