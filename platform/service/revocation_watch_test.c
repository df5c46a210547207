/* Tests of the watch, with a real broker: what was revoked before it started and what
 * is revoked afterwards is refused; without the broker administrators wait. */
#include "platform/service/revocation_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/events/event.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "platform/rpc/testing/keys_fixture.h"
#include "questline/tokens.h"

static struct keys_fixture keys;
static struct broker broker;

static int set_up(void **state)
{
    (void)state;
    keys_set_up(&keys);
    broker_open(&broker);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    broker_close(&broker);
    keys_tear_down(&keys);
    return 0;
}

static void call_new(struct ql_call *call)
{
    ql_arena_reset(broker.arena);
    ql_call_init(call, broker.arena, "test", BROKER_WAIT_MS);
}

static void publish_revocation(const char *subject_id, int64_t generation)
{
    struct ql_event event;
    struct ql_call call;
    TokenRevocation body;
    uint8_t *bytes;
    size_t length;

    call_new(&call);
    TokenRevocation_init(&body);
    body.subject_id = (char *)subject_id;
    body.generation = generation;
    assert_int_equal(ql_event_make(&call, EVENT_TOKEN_REVOCATION, NULL, "", &body.base, &event),
                     QL_OK);
    assert_int_equal(ql_event_pack(&call, &event, &bytes, &length), QL_OK);
    broker_publish(&broker, EVENT_TOKEN_REVOCATION_KEY, event.event_id, bytes, length);
}

/* A token of an administrator with a fresh id, of the first generation. */
struct token {
    char subject[QL_UUID_SIZE];
    char text[QL_TOKEN_MAX];
};

static struct token token_new(void)
{
    struct token token = {0};
    struct ql_call call;

    call_new(&call);
    ql_uuid_new(token.subject);
    assert_int_equal(ql_sign_user_token(&call, keys.user, token.subject, QL_ROLE_ADMIN, token.text),
                     QL_OK);
    return token;
}

static enum ql_code verify(const struct token *token)
{
    struct ql_identity identity;
    struct ql_call call;

    call_new(&call);
    return ql_verify_token(&call, keys.verifier, token->text, &identity);
}

static void wait_for(const struct token *token, enum ql_code code)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    while (verify(token) != code) {
        assert_true(ql_monotonic_ms() < end_ms);
        broker_wait_a_little();
    }
}

static void test_revocations_of_before_and_of_now_are_refused(void **state)
{
    struct token before = token_new(), now = token_new(), never = token_new();
    struct qli_revocation_watch *watch;
    char reason[64] = "";

    (void)state;
    publish_revocation(before.subject, 1);
    broker_publish(&broker, EVENT_TOKEN_REVOCATION_KEY, NULL, "rubbish", 7);
    watch = qli_revocation_watch_start(broker_url(), "test", keys.verifier);
    assert_non_null(watch);
    /* Not one administrator is let in before it is known who may not be. */
    assert_int_equal(verify(&never), QL_UNAVAILABLE);
    assert_false(qli_revocation_watch_is_ready(watch, reason, sizeof(reason)));
    assert_string_equal(reason, "the revoked tokens are being read");
    wait_for(&never, QL_OK);
    assert_true(qli_revocation_watch_is_ready(watch, reason, sizeof(reason)));
    assert_int_equal(verify(&before), QL_UNAUTHENTICATED);
    assert_int_equal(verify(&now), QL_OK);
    publish_revocation(now.subject, 1);
    wait_for(&now, QL_UNAUTHENTICATED);
    assert_int_equal(verify(&never), QL_OK);
    qli_revocation_watch_stop(watch);
}

static void test_what_was_revoked_while_the_broker_was_away_is_refused(void **state)
{
    struct token missed = token_new(), never = token_new();
    struct qli_revocation_watch *watch;
    char reason[64] = "";
    struct proxy proxy;
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    (void)state;
    proxy_start(&proxy);
    proxy_set_away(&proxy, true);
    watch = qli_revocation_watch_start(proxy.url, "test", keys.verifier);
    assert_non_null(watch);
    /* Ready, for players, and not for administrators. */
    while (!qli_revocation_watch_is_ready(watch, reason, sizeof(reason))) {
        assert_true(ql_monotonic_ms() < end_ms);
        broker_wait_a_little();
    }
    assert_int_equal(verify(&never), QL_UNAVAILABLE);
    proxy_set_away(&proxy, false);
    wait_for(&never, QL_OK);
    proxy_set_away(&proxy, true);
    publish_revocation(missed.subject, 1);
    assert_int_equal(verify(&missed), QL_OK);
    assert_int_equal(verify(&never), QL_OK); /* what was read stays known */
    proxy_set_away(&proxy, false);
    wait_for(&missed, QL_UNAUTHENTICATED);
    qli_revocation_watch_stop(watch);
    proxy_stop(&proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_revocations_of_before_and_of_now_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_was_revoked_while_the_broker_was_away_is_refused,
                                        set_up, tear_down),
    };

    if (broker_url() == NULL) {
        print_message("QL_TEST_AMQP_URL is not set: skipped\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
