/* Claims about asking the catalog, against a catalog of our own in this process. */
#include "services/processing/live/event_consumer.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/processing_fixture.h"

#include <stdatomic.h>
#include <unistd.h>

#include "platform/auth/key.h"
#include "platform/rpc/server/server.h"
#include "services/processing/live/sync.h"

#define CATALOG_ADDRESS "inproc://processing-sync-test"

/* A catalog: pages of one quest each. */
struct catalog {
    Quest quests[3];
    size_t n_quests;
    atomic_int n_asked;
    atomic_int fails_from; /* page from which it answers an error; 0: never */
};

static struct catalog catalog;
static struct {
    char folder[64], key[128], jwks[128];
    struct ql_signer *signer;
    struct ql_verifier *verifier;
    struct ql_rpc_server *server;
} wire;

static enum ql_code catalog_list(struct ql_call *call, const ListQuestsRequest *in,
                                 ListQuestsResponse *out)
{
    size_t page = in->page_token[0] == '\0' ? 0 : (size_t)(in->page_token[0] - '0');

    atomic_fetch_add(&catalog.n_asked, 1);
    if (catalog.fails_from != 0 && page + 1 >= (size_t)catalog.fails_from)
        return ql_fail(call, QL_UNAVAILABLE, "DATABASE_UNAVAILABLE", "no database");
    out->quests = ql_arena_calloc(call->arena, 1, sizeof(*out->quests));
    if (out->quests == NULL)
        return ql_fail_memory(call);
    if (page < catalog.n_quests)
        out->quests[out->n_quests++] = &catalog.quests[page];
    if (page + 1 < catalog.n_quests)
        out->next_page_token = ql_arena_printf(call->arena, "%zu", page + 1);
    return QL_OK;
}

QL_RPC_HANDLER(catalog_list, ListQuestsRequest, ListQuestsResponse)

static const struct ql_rpc_method catalog_methods[] = {
    QL_RPC_METHOD(QuestQueryService_ListQuests, catalog_list, ListQuestsRequest, ListQuestsResponse,
                  QL_RPC_POOL_NORMAL),
    {0},
};
static const struct ql_rpc_method *const catalog_lists[] = {catalog_methods, NULL};

static void catalog_start(void)
{
    char error[256] = "";

    wire.server =
        ql_rpc_server_start(&(const struct ql_rpc_server_options){.service = "catalog",
                                                                  .address = CATALOG_ADDRESS,
                                                                  .methods = catalog_lists,
                                                                  .verifier = wire.verifier,
                                                                  .n_workers = 1,
                                                                  .n_heavy_workers = 1,
                                                                  .heavy_queue = 1},
                            error, sizeof(error));
    if (wire.server == NULL)
        fail_msg("%s", error);
}

static void catalog_stop(void)
{
    ql_rpc_server_stop(wire.server);
    wire.server = NULL;
}

static void make_keys(void)
{
    char jwk[1024], error[256] = "";
    FILE *file;

    snprintf(wire.folder, sizeof(wire.folder), "/tmp/ql-sync-test-XXXXXX");
    if (mkdtemp(wire.folder) == NULL)
        exit(EXIT_FAILURE);
    snprintf(wire.key, sizeof(wire.key), "%s/processing.pem", wire.folder);
    snprintf(wire.jwks, sizeof(wire.jwks), "%s/jwks.json", wire.folder);
    if (!ql_key_make("processing", wire.key, jwk, sizeof(jwk), error, sizeof(error)) ||
        (file = fopen(wire.jwks, "w")) == NULL)
        exit(EXIT_FAILURE);
    fprintf(file, "{\"keys\":[%s]}", jwk);
    fclose(file);
    wire.signer = ql_signer_new("processing", wire.key, wire.jwks, error, sizeof(error));
    wire.verifier = ql_verifier_new("catalog", wire.jwks, error, sizeof(error));
    if (wire.signer == NULL || wire.verifier == NULL) {
        fprintf(stderr, "%s\n", error);
        exit(EXIT_FAILURE);
    }
}

static void drop_keys(void)
{
    ql_verifier_free(wire.verifier);
    ql_signer_free(wire.signer);
    unlink(wire.key);
    unlink(wire.jwks);
    rmdir(wire.folder);
}

static void app_connect(struct processing *app)
{
    char error[256] = "";

    app->parts.callees[0].name = "catalog";
    app->parts.callees[0].channel =
        ql_rpc_channel_new(&(const struct ql_rpc_channel_options){.service = "catalog",
                                                                  .address = CATALOG_ADDRESS,
                                                                  .signer = wire.signer,
                                                                  .max_in_flight = 4},
                           error, sizeof(error));
    if (app->parts.callees[0].channel == NULL)
        fail_msg("%s", error);
}

static int open_all(void **state)
{
    static char quest_ids[3][QL_UUID_SIZE];
    struct fixture *f;

    fixture_open(state);
    f = *state;
    for (int i = 0; i < 3; i++) {
        snprintf(quest_ids[i], sizeof(quest_ids[i]), "0192d3a4-0000-7000-8000-00000000000%d", i);
        quest_fill(&catalog.quests[i], quest_ids[i], 1, 1, 1);
    }
    catalog.n_quests = 3;
    catalog.n_asked = 0;
    catalog.fails_from = 0;
    app_connect(&f->app);
    return 0;
}

static int close_all(void **state)
{
    struct fixture *f = *state;

    ql_rpc_channel_free(f->app.parts.callees[0].channel);
    if (wire.server != NULL)
        catalog_stop();
    return fixture_close(state);
}

static enum ql_code consume_sign_in(struct fixture *f)
{
    struct ql_delivery delivery;

    ql_call_clear_status(&f->call);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    return event_consume(&f->call, &delivery, 1);
}

static void test_quests_of_the_catalog_come_before_the_first_event(void **state)
{
    struct fixture *f = *state;

    catalog_start();
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_string_equal(types_of_rows(f, ""), "QuestChanged QuestChanged QuestChanged UserSignIn "
                                              "QuestCompleted QuestCompleted QuestCompleted");
    assert_int_equal(COUNT("events WHERE \"timestamp\" = '2026-01-02T03:04:05.678Z'"
                           " AND event_type = 'QuestChanged' AND user_id IS NULL"),
                     3);
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_int_equal(catalog.n_asked, 3); /* three pages, once */
}

static void test_catalogs_own_event_of_a_synced_quest_is_known(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery changed;

    catalog_start();
    assert_int_equal(consume_sign_in(f), QL_OK);
    event_quest_changed(f, &changed, &catalog.quests[1]);
    assert_int_equal(event_consume(&f->call, &changed, 1), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestChanged'"), 3);
}

static void test_restarted_process_appends_only_what_is_missing(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery nothing;
    struct processing again;

    catalog_start();
    catalog.n_quests = 2;
    assert_int_equal(consume_sign_in(f), QL_OK);
    catalog.n_quests = 3;
    quest_fill(&catalog.quests[0], catalog.quests[0].quest_id, 4, 2, 9);
    app_open(&again);
    app_connect(&again);
    f->call.app = &again;
    assert_int_equal(event_consume(&f->call, &nothing, 0), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestChanged'"), 4);
    assert_int_equal(definitions_count(again.definitions), 3);
    assert_int_equal(definitions_find(again.definitions, catalog.quests[0].quest_id)->revision, 4);
    ql_rpc_channel_free(again.parts.callees[0].channel);
    app_close(&again);
}

static void test_events_wait_while_no_quest_is_known_and_count_later(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(consume_sign_in(f), QL_UNAVAILABLE);
    assert_string_equal(f->call.status.reason, "CATALOG_UNAVAILABLE");
    assert_int_equal(COUNT("events"), 0);
    catalog_start();
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 3);
}

static void test_half_an_answer_is_none(void **state)
{
    struct fixture *f = *state;

    catalog_start();
    catalog.fails_from = 2;
    assert_int_equal(consume_sign_in(f), QL_UNAVAILABLE);
    assert_int_equal(COUNT("events"), 0);
    catalog.fails_from = 0;
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestChanged'"), 3);
}

static void test_known_quests_serve_while_the_catalog_is_down(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery changed;
    int n_asked;

    event_quest_changed(f, &changed, &catalog.quests[2]);
    must_evaluate(f, &changed, 1);
    catalog_start();
    catalog.fails_from = 1;
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 1);
    n_asked = catalog.n_asked;
    catalog.fails_from = 0;
    assert_int_equal(consume_sign_in(f), QL_OK); /* too early to ask again */
    assert_int_equal(catalog.n_asked, n_asked);
    f->app.sync_again_ms = 0; /* as five seconds later */
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestChanged'"), 3);
}

static void test_empty_catalog_is_an_answer(void **state)
{
    struct fixture *f = *state;

    catalog_start();
    catalog.n_quests = 0;
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_string_equal(types_of_rows(f, ""), EVENT_USER_SIGN_IN);
    assert_int_equal(consume_sign_in(f), QL_OK);
    assert_int_equal(catalog.n_asked, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(test_quests_of_the_catalog_come_before_the_first_event),
        TEST(test_catalogs_own_event_of_a_synced_quest_is_known),
        TEST(test_restarted_process_appends_only_what_is_missing),
        TEST(test_events_wait_while_no_quest_is_known_and_count_later),
        TEST(test_half_an_answer_is_none),
        TEST(test_known_quests_serve_while_the_catalog_is_down),
        TEST(test_empty_catalog_is_an_answer),
#undef TEST
    };
    int n_failed;

    fixture_migrate();
    make_keys();
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    drop_keys();
    return n_failed;
}
