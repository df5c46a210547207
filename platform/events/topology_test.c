/* Tests of the topology: what the contract declares is what the broker is given. */
#include "platform/events/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/events/event.h"
#include "platform/events/replay.h"

enum { TEXT_MAX = 4096 };

static void append_list(char *text, const char *const *list)
{
    for (; *list != NULL; list++) {
        strncat(text, " ", TEXT_MAX - strlen(text) - 1);
        strncat(text, *list, TEXT_MAX - strlen(text) - 1);
    }
}

/* A broker keeps queues and bindings over a release: a name that changes here leaves a
 * queue behind that nobody reads. So the names stand here once more, as they are. */
static void test_names_and_bindings_stay_as_brokers_have_them(void **state)
{
    static const char expected[] =
        "questline.catalog.v1 questline.catalog.v1.dead dead.catalog questline.catalog.v1.replay"
        " catalog.*\n"
        "questline.evaluation.v1 questline.evaluation.v1.dead dead.evaluation"
        " questline.evaluation.v1.replay quiz.completed quiz.week_closed user.registered"
        " user.deleted user.banned user.unbanned\n"
        "questline.processing.v1 questline.processing.v1.dead dead.processing"
        " questline.processing.v1.replay user.* quest.* catalog.* audit.* quiz.* score.*"
        " leaderboard.* custom.#\n"
        "questline.quiz.v1 questline.quiz.v1.dead dead.quiz questline.quiz.v1.replay"
        " quiz.quiz_changed score.calculated leaderboard.updated user.deleted\n"
        "questline.user.v1 questline.user.v1.dead dead.user questline.user.v1.replay"
        " quest.completed\n"
        "questline.user.scores.v1 questline.user.scores.v1.dead dead.user.scores"
        " questline.user.scores.v1.replay score.calculated\n"
        "questline.revocations.v1 user.tokens_revoked\n";
    char text[TEXT_MAX] = "";
    size_t n_queues, n_streams;
    const struct ql_queue *queues = ql_queues(&n_queues);
    const struct ql_stream *streams = ql_streams(&n_streams);

    (void)state;
    for (size_t i = 0; i < n_queues; i++) {
        const char *const names[] = {queues[i].dead_letter, queues[i].dead_letter_key,
                                     queues[i].replay, NULL};

        strncat(text, queues[i].name, TEXT_MAX - strlen(text) - 1);
        append_list(text, names);
        append_list(text, queues[i].bindings);
        strncat(text, "\n", TEXT_MAX - strlen(text) - 1);
    }
    for (size_t i = 0; i < n_streams; i++) {
        strncat(text, streams[i].name, TEXT_MAX - strlen(text) - 1);
        append_list(text, streams[i].bindings);
        strncat(text, "\n", TEXT_MAX - strlen(text) - 1);
    }
    assert_string_equal(text, expected);
}

static void test_queues_are_found_by_name_and_by_short_name(void **state)
{
    size_t n_queues;
    const struct ql_queue *queues = ql_queues(&n_queues);

    (void)state;
    for (size_t i = 0; i < n_queues; i++) {
        assert_ptr_equal(ql_queue_find(queues[i].name), &queues[i]);
        assert_ptr_equal(ql_queue_find_short(queues[i].short_name), &queues[i]);
        assert_null(ql_queue_find_short(queues[i].name));
    }
    assert_null(ql_queue_find("questline.nobody.v1"));
    assert_null(ql_queue_find_short(""));
    assert_null(ql_queue_find_short("use"));
    assert_null(ql_queue_find_short("user."));
    assert_null(ql_queue_find_short("user.v1"));
}

static void test_streams_are_found_by_the_types_they_keep(void **state)
{
    size_t n_streams, n_types, n_kept = 0;
    const struct ql_event_type *types = ql_schema_event_types(ql_schema_embedded(), &n_types);
    const struct ql_stream *streams = ql_streams(&n_streams);

    (void)state;
    assert_true(n_streams > 0);
    for (size_t i = 0; i < n_types; i++) {
        const struct ql_stream *stream = ql_stream_of_type(types[i].type);

        assert_int_equal(stream != NULL, types[i].stream[0] != '\0');
        n_kept += stream != NULL && stream >= streams && stream < streams + n_streams;
    }
    assert_true(n_kept >= n_streams);
    assert_null(ql_stream_of_type("monster.killed"));
}

/* An event that no queue takes comes back to its publisher's outbox for ever. */
static void test_some_queue_takes_every_event_and_none_takes_dead_letters(void **state)
{
    size_t n_queues, n_types;
    const struct ql_queue *queues = ql_queues(&n_queues);
    const struct ql_event_type *types = ql_schema_event_types(ql_schema_embedded(), &n_types);

    (void)state;
    for (size_t i = 0; i < n_types; i++) {
        size_t n_takers = 0;

        for (size_t j = 0; j < n_queues; j++)
            n_takers += ql_queue_takes(&queues[j], types[i].routing_key);
        if (n_takers == 0)
            fail_msg("no queue takes %s", types[i].routing_key);
        assert_true(ql_key_is_of_events(types[i].routing_key));
    }
    for (size_t i = 0; i < n_queues; i++) {
        assert_false(ql_key_is_of_events(queues[i].dead_letter_key));
        for (size_t j = 0; j < n_queues; j++)
            assert_false(ql_queue_takes(&queues[j], queues[i].dead_letter_key));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_bindings_stay_as_brokers_have_them),
        cmocka_unit_test(test_queues_are_found_by_name_and_by_short_name),
        cmocka_unit_test(test_streams_are_found_by_the_types_they_keep),
        cmocka_unit_test(test_some_queue_takes_every_event_and_none_takes_dead_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
