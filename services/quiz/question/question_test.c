/* The rules of a question. */
#include "services/quiz/question/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/quiz/question/matching.h"
#include "services/quiz/question/question_fixture.h"

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(4 * 1024 * 1024);

    if (arena == NULL)
        return -1;
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static enum ql_code check(struct ql_call *call, Question *question)
{
    ql_call_clear_status(call);
    assert_int_equal(question_normalize(call, question), QL_OK);
    return question_validate(call, question);
}

/* The fields that are violated, "," between them. */
static const char *violated(const struct ql_call *call)
{
    static char text[1000];

    text[0] = '\0';
    for (size_t i = 0; i < call->status.n_violations; i++) {
        strcat(text, i == 0 ? "" : ",");
        strcat(text, call->status.violations[i].field);
    }
    return text;
}

static void test_a_question_of_each_type_is_valid(void **state)
{
    static const char *const valid[] = {TEST_SINGLE,  TEST_MULTIPLE,   TEST_TRUE_FALSE,
                                        TEST_NUMERIC, TEST_SHORT_TEXT, TEST_ORDERING,
                                        TEST_MATCHING};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(valid); i++)
        if (check(*state, test_question(*state, valid[i])) != QL_OK)
            fail_msg("%s: %s", valid[i], violated(*state));
}

static void test_defaults_are_spelled_out(void **state)
{
    Question *single = test_question(*state, TEST_SINGLE);
    Question *ordering = test_question(*state, TEST_ORDERING);
    Question *matching = test_question(*state, TEST_MATCHING);

    assert_int_equal(check(*state, single), QL_OK);
    assert_int_equal(single->points, 1);
    assert_int_equal(single->text_format, TEXT_FORMAT_PLAIN);
    assert_int_equal(single->partial_credit, PARTIAL_CREDIT_UNSPECIFIED);
    assert_int_equal(check(*state, ordering), QL_OK);
    assert_int_equal(ordering->partial_credit, PARTIAL_CREDIT_RIGHT_MINUS_WRONG);
    assert_int_equal(check(*state, matching), QL_OK);
    assert_int_equal(matching->partial_credit, PARTIAL_CREDIT_PROPORTIONAL);
}

#define SINGLE(rest)       TEST_HEAD("SINGLE_CHOICE", "t") "," rest "}"
#define MULTIPLE(rest)     TEST_HEAD("MULTIPLE_CHOICE", "t") "," rest "}"
#define NUMERIC(rest)      TEST_HEAD("NUMERIC", "t") ",\"numericAnswers\":[" rest "]}"
#define SHORT_TEXT(rest)   TEST_HEAD("SHORT_TEXT", "t") ",\"textAnswers\":[" rest "]}"
#define ORDERING(rest)     TEST_HEAD("ORDERING", "t") ",\"orderItems\":[" rest "]}"
#define MATCHING(rest)     TEST_HEAD("MATCHING", "t") ",\"pairs\":[" rest "]}"
#define TRUE_FALSE(rest)   TEST_HEAD("TRUE_FALSE", "t") "," rest "}"
#define FULL               "{\"text\":\"a\",\"creditPpm\":1000000}"
#define HALF(text, credit) "{\"text\":\"" text "\",\"creditPpm\":" credit "}"

struct refusal {
    const char *question, *fields;
};

static void check_refusals(struct ql_call *call, const struct refusal *refused, size_t n_refused)
{
    for (size_t i = 0; i < n_refused; i++) {
        assert_int_equal(check(call, test_question(call, refused[i].question)),
                         QL_INVALID_ARGUMENT);
        if (strcmp(violated(call), refused[i].fields) != 0)
            fail_msg("%s: %s", refused[i].question, violated(call));
    }
}

static void test_every_violation_of_an_answer_names_its_field(void **state)
{
    static const struct refusal refused[] = {
        {SINGLE("\"options\":[" FULL ",{\"text\":\"b\"}],\"isTrue\":true"), "question.isTrue"},
        {SINGLE("\"options\":[" FULL ",{\"text\":\"b\"}],\"partialCredit\":\"WEIGHTED\""),
         "question.partialCredit"},
        {TRUE_FALSE("\"keepOrder\":true,\"caseSensitive\":true,\"rightFeedback\":\"x\""),
         "question.keepOrder,question.caseSensitive"},
        {TRUE_FALSE("\"options\":[" FULL "],\"extraMatches\":[\"x\"]"),
         "question.options,question.extraMatches"},
        {SINGLE("\"options\":[" HALF("a", "999999") ",{\"text\":\"b\"}]"), "question.options"},
        {SINGLE("\"options\":[" FULL "]"), "question.options"},
        {SINGLE("\"options\":[" FULL "," FULL "]"), "question.options[1].text"},
        {SINGLE("\"options\":[" FULL ",{\"text\":\" \\t\"}]"), "question.options[1].text"},
        {SINGLE("\"options\":[" FULL "," HALF("b", "1000001") "]"),
         "question.options[1].creditPpm"},
        {MULTIPLE("\"options\":[" HALF("a", "0") "," HALF("b", "-1") "]"), "question.options"},
        {MULTIPLE("\"options\":[" FULL "," HALF("b", "-1") "],\"partialCredit\":\"PROPORTIONAL\""),
         "question.partialCredit"},
        {MULTIPLE("\"options\":[" HALF("a", "495000") "," HALF(
             "b", "494999") "],\"partialCredit\":\"WEIGHTED\""),
         "question.options"},
        {NUMERIC("{\"minimum\":\"2\",\"maximum\":\"1\",\"creditPpm\":1000000}"),
         "question.numericAnswers[0]"},
        {NUMERIC("{\"minimum\":\"1e5\",\"maximum\":\"1\",\"creditPpm\":1000000}"),
         "question.numericAnswers[0].minimum"},
        {NUMERIC("{\"minimum\":\"0.1234567890123456\",\"maximum\":\"1\",\"creditPpm\":1000000}"),
         "question.numericAnswers[0].minimum"},
        {NUMERIC("{\"minimum\":\"0\",\"maximum\":\"1\",\"creditPpm\":999999}"),
         "question.numericAnswers"},
        {NUMERIC(""), "question.numericAnswers"},
        {SHORT_TEXT(""), "question.textAnswers"},
        {SHORT_TEXT(HALF("a", "5")), "question.textAnswers"},
        {SHORT_TEXT(FULL "," HALF(" ", "5")), "question.textAnswers[1].text"},
        {SHORT_TEXT(FULL "," HALF("b", "0")), "question.textAnswers[1].creditPpm"},
    };

    check_refusals(*state, refused, QL_ARRAY_LENGTH(refused));
}

static void test_every_violation_of_items_and_pairs_names_its_field(void **state)
{
    static const struct refusal refused[] = {
        {ORDERING("\"one\""), "question.orderItems"},
        {ORDERING("\"one\",\"one\""), "question.orderItems"},
        {ORDERING("\"one\",\" \""), "question.orderItems[1]"},
        {ORDERING("\"one\",\"two\"],\"partialCredit\":\"WEIGHTED\",\"tags\":["),
         "question.partialCredit"},
        {MATCHING("{\"prompt\":\"A\",\"match\":\"x\"},{\"prompt\":\"a\",\"match\":\"y\"}"),
         "question.pairs[1].prompt"},
        {MATCHING("{\"prompt\":\"A\",\"match\":\"x\"},{\"prompt\":\"b\",\"match\":\" X\"}"),
         "question.pairs"},
        {MATCHING("{\"prompt\":\"A\",\"match\":\"x\"}"), "question.pairs"},
        {MATCHING("{\"prompt\":\"A\",\"match\":\"x\"},{\"prompt\":\"b\"}"),
         "question.pairs[1].match"},
        {MATCHING("{\"prompt\":\" \",\"match\":\"x\"},{\"prompt\":\"b\",\"match\":\"\\u2003\"}"),
         "question.pairs[0].prompt,question.pairs[1].match"},
    };

    check_refusals(*state, refused, QL_ARRAY_LENGTH(refused));
}

static void test_every_violation_of_texts_names_its_field(void **state)
{
    static const struct refusal refused[] = {
        {TRUE_FALSE("\"sourceUrl\":\"http://x\",\"title\":\" \",\"tags\":[\"b\",\"B\"]"),
         "question.tags[1],question.sourceUrl,question.title"},
        {TRUE_FALSE("\"points\":101,\"tags\":[\"b\",\"b\"]"), "question.tags,question.points"},
        {TEST_HEAD("TRUE_FALSE", " ") "}", "question.text"},
        {"{\"text\":\"t\",\"category\":\"Not A Slug\"}", "question.type,question.category"},
    };

    check_refusals(*state, refused, QL_ARRAY_LENGTH(refused));
}

static void test_weights_may_miss_the_whole_by_one_percent(void **state)
{
    Question *question = test_question(
        *state, MULTIPLE("\"options\":[" HALF("a", "495000") "," HALF("b", "495000") "," HALF(
                    "c", "-1000000") "],\"partialCredit\":\"WEIGHTED\""));

    assert_int_equal(check(*state, question), QL_OK);
    question->options[0]->credit_ppm = 515000;
    assert_int_equal(check(*state, question), QL_OK);
    question->options[0]->credit_ppm = 515001;
    assert_int_equal(check(*state, question), QL_INVALID_ARGUMENT);
}

static void test_equal_matches_are_one_choice(void **state)
{
    Question *question = test_question(*state, TEST_MATCHING);
    struct matching_choices choices;

    question->pairs[1]->match = (char *)" DataBase";
    question->extra_matches[0] = (char *)"BROKER";
    assert_int_equal(matching_choices_of(*state, question, &choices), QL_OK);
    assert_int_equal(choices.n_texts, 2);
    assert_string_equal(choices.texts[0], "database");
    assert_string_equal(choices.texts[1], "broker");
    assert_int_equal(choices.matches[0], 0);
    assert_int_equal(choices.matches[1], 0);
    assert_int_equal(choices.matches[2], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_question_of_each_type_is_valid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_defaults_are_spelled_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_violation_of_an_answer_names_its_field, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_every_violation_of_items_and_pairs_names_its_field,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_violation_of_texts_names_its_field, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_weights_may_miss_the_whole_by_one_percent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_equal_matches_are_one_choice, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
