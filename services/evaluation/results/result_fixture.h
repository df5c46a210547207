/* For tests of results: the service on a database of the program's own, and deliveries of
 * attempts, accounts and weeks as the consumer gets them. */
#ifndef QL_EVALUATION_RESULT_FIXTURE_H
#define QL_EVALUATION_RESULT_FIXTURE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/message.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/user/v1/names.h"
#include "services/evaluation/app/evaluation.h"
#include "services/evaluation/results/consumer.h"
#include "services/evaluation/score/item_fixture.h"
#include "services/testing/call.h"
#include "services/testing/database.h"

#define MOMENT_MS  1796083200000 /* 2026-12-01, a Tuesday of 2026-W49 */
#define TEST_QUIZ  "00000000-0000-7000-8000-00000000aa01"
#define OTHER_QUIZ "00000000-0000-7000-8000-00000000aa02"

enum { FIXTURE_QUESTIONS = 3, FIXTURE_SCRATCH = 32 * 1024 * 1024 };

static struct test_database database;
static struct evaluation app;

static inline int test_results_start(void)
{
    test_database_new(&database, evaluation_migrations());
    app.parts.pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "test-run", .max_connections = 4});
    app.scratch = ql_arena_new(FIXTURE_SCRATCH);
    return app.parts.pg == NULL || app.scratch == NULL ? 1 : 0;
}

static inline void test_results_stop(void)
{
    ql_pg_pool_free(app.parts.pg);
    ql_arena_freep(&app.scratch);
}

static inline void test_results_clear(void)
{
    test_sql(&database, "TRUNCATE players, attempts, quiz_results, board_scores, weeks, "
                        "week_standings, question_stats, quiz_stats, inbox, outbox");
}

/* An attempt at a quiz of three true statements, one point each. */
struct test_attempt {
    int user, number; /* which user's, and which attempt of all */
    int32_t ordinal;
    int n_right;
    int64_t submitted_ms;
    const char *quiz_id, *category;
    Questline__Quiz__V1__Grading grading;
    int32_t board_points; /* 0: 100 */
    bool is_practice;
};

static inline void test_user_id(int user, char ret_id[QL_UUID_SIZE])
{
    snprintf(ret_id, QL_UUID_SIZE, "00000000-0000-7000-8000-%012d", user);
}

static inline void test_attempt_id(int number, char ret_id[QL_UUID_SIZE])
{
    snprintf(ret_id, QL_UUID_SIZE, "00000000-0000-7000-9000-%012d", number);
}

static inline void test_pack(struct ql_call *call, const char *type, const char *event_id,
                             const char *user_id, const ProtobufCMessage *body,
                             struct ql_delivery *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (ql_event_make(call, type, event_id, user_id, body, &ret->event) != QL_OK) {
        fprintf(stderr, "%s: %s\n", type, call->status.message);
        abort();
    }
    ret->routing_key = "";
    ret->account = "";
}

static inline void test_fill_items(QuizCompleted *body, struct test_item *items,
                                   CompletedItem **pointers, int n_right)
{
    static char ids[FIXTURE_QUESTIONS][QL_UUID_SIZE];

    for (int i = 0; i < FIXTURE_QUESTIONS; i++) {
        test_item_init(&items[i], QUESTION_TYPE_TRUE_FALSE, 1);
        snprintf(ids[i], sizeof(ids[i]), "00000000-0000-7000-8000-00000000bb%02d", i + 1);
        items[i].item.question_id = ids[i];
        items[i].item.is_true = true;
        test_item_answer(&items[i], NUMBERS(i < n_right ? 1 : 2));
        pointers[i] = &items[i].item;
    }
    body->items = pointers;
    body->n_items = FIXTURE_QUESTIONS;
    body->question_count = FIXTURE_QUESTIONS;
}

/* QuizCompleted of the attempt, under its derived id. */
static inline void test_completed(struct ql_call *call, const struct test_attempt *attempt,
                                  struct ql_delivery *ret)
{
    struct test_item *items = calloc(FIXTURE_QUESTIONS, sizeof(*items));
    char attempt_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    char *event_id = ql_arena_alloc(call->arena, QL_UUID_SIZE);
    CompletedItem *pointers[FIXTURE_QUESTIONS];
    Google__Protobuf__Timestamp submitted_at;
    QuizCompleted body;

    if (items == NULL || event_id == NULL)
        abort();
    test_attempt_id(attempt->number, attempt_id);
    test_user_id(attempt->user, user_id);
    ql_uuid_derive(event_id, (const char *const[]){"quiz_completed", attempt_id}, 2);
    QuizCompleted_init(&body);
    body.attempt_id = attempt_id;
    body.quiz_id = (char *)(attempt->quiz_id == NULL ? TEST_QUIZ : attempt->quiz_id);
    body.category = (char *)(attempt->category == NULL ? "redis" : attempt->category);
    body.ordinal = attempt->ordinal == 0 ? 1 : attempt->ordinal;
    ql_timestamp_set(&submitted_at, attempt->submitted_ms == 0 ? MOMENT_MS : attempt->submitted_ms);
    body.submitted_at = &submitted_at;
    body.duration_ms = 1000;
    body.ended_by = ENDED_BY_PLAYER;
    body.grading = attempt->grading;
    body.practice = attempt->is_practice;
    body.board_points = attempt->board_points == 0 ? 100 : attempt->board_points;
    body.pass_basis_points = 6666;
    test_fill_items(&body, items, pointers, attempt->n_right);
    test_pack(call, EVENT_QUIZ_COMPLETED, event_id, ql_arena_strdup(call->arena, user_id),
              &body.base, ret);
    free(items);
}

/* An event of an account, with an empty body. */
static inline void test_account(struct ql_call *call, const char *type, int user,
                                struct ql_delivery *ret)
{
    static const struct {
        const char *type;
        const ProtobufCMessageDescriptor *body;
    } types[] = {
        {EVENT_USER_REGISTERED, &UserRegistered_descriptor},
        {EVENT_USER_DELETED, &UserDeleted_descriptor},
        {EVENT_USER_BANNED, &UserBanned_descriptor},
        {EVENT_USER_UNBANNED, &UserUnbanned_descriptor},
    };
    union {
        ProtobufCMessage base;
        UserRegistered registered;
    } body;
    char user_id[QL_UUID_SIZE];
    size_t i = 0;

    while (strcmp(types[i].type, type) != 0)
        i++;
    protobuf_c_message_init(types[i].body, &body.base);
    test_user_id(user, user_id);
    test_pack(call, type, NULL, ql_arena_strdup(call->arena, user_id), &body.base, ret);
}

static inline void test_week_closed(struct ql_call *call, const char *week, int64_t n_attempts,
                                    struct ql_delivery *ret)
{
    QuizWeekClosed body;

    QuizWeekClosed_init(&body);
    body.week = (char *)week;
    body.attempts = n_attempts;
    test_pack(call, EVENT_QUIZ_WEEK_CLOSED, NULL, "", &body.base, ret);
}

#endif
