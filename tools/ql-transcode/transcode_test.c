/* The conformance protocol: what is asked, what is answered, and a pipe that
 * breaks. Messages are those of the contract, which every program holds. */
#include "tools/ql-transcode/transcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/ql-transcode/protocol.h"

enum { MEMORY_BYTES = 64 * 1024 * 1024 };

struct fixture {
    struct transcode transcode;
    struct ql_buffer request;
    struct ql_buffer answer;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->transcode = (struct transcode){.schema = ql_schema_embedded(),
                                            .max_depth = TRANSCODE_DEPTH,
                                            .arena = ql_arena_new(MEMORY_BYTES)};
    ql_buffer_init(&fixture->request, TRANSCODE_MAX_BYTES);
    ql_buffer_init(&fixture->answer, TRANSCODE_MAX_BYTES);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    ql_arena_free(fixture->transcode.arena);
    ql_buffer_done(&fixture->request);
    ql_buffer_done(&fixture->answer);
    free(fixture);
    return 0;
}

static void put_field(struct ql_buffer *out, unsigned number, const char *bytes, size_t length)
{
    assert_true(length < 128);
    ql_buffer_append_byte(out, (char)(number << 3 | 2));
    ql_buffer_append_byte(out, (char)length);
    ql_buffer_append(out, bytes, length);
}

static void put_number(struct ql_buffer *out, unsigned number, unsigned value)
{
    ql_buffer_append_byte(out, (char)(number << 3));
    ql_buffer_append_byte(out, (char)value);
}

struct asked {
    unsigned payload; /* the field's number; 0: none */
    const char *bytes;
    size_t length;
    unsigned wanted;
    const char *type;
    unsigned category;
};

static void ask(struct ql_buffer *out, const struct asked *asked)
{
    if (asked->payload != 0)
        put_field(out, asked->payload, asked->bytes, asked->length);
    put_number(out, 3, asked->wanted);
    put_field(out, 4, asked->type, strlen(asked->type));
    put_number(out, 5, asked->category);
}

#define VALUE    "google.protobuf.StringValue"
#define DURATION "google.protobuf.Duration"
#define ANY_TIME "google.protobuf.Timestamp"

/* What comes back: the result's number, and its bytes; NULL for any text. */
struct exchange {
    struct asked asked;
    enum transcode_result result;
    const char *bytes;
    size_t length;
};

static const struct exchange exchanges[] = {
    {{0, "", 0, 1, "conformance.FailureSet", 0}, RESULT_PROTOBUF, "", 0},
    {{1, "", 0, 1, "conformance.FailureSet", 0}, RESULT_PROTOBUF, "", 0},
    {{2, "\"x\"", 3, 1, VALUE, 2}, RESULT_PROTOBUF, "\n\1x", 3},
    {{2, "\"x\"", 3, 2, VALUE, 2}, RESULT_JSON, "\"x\"", 3},
    {{1, "\n\1x", 3, 2, VALUE, 1}, RESULT_JSON, "\"x\"", 3},
    {{1, "\n\1y\n\1x", 6, 1, VALUE, 1}, RESULT_PROTOBUF, "\n\1x", 3},
    {{1, "\20\1\n\1x", 5, 1, VALUE, 1}, RESULT_PROTOBUF, "\n\1x\20\1", 5},
    {{2, "\"a\\u0000b\"", 10, 1, VALUE, 2}, RESULT_PROTOBUF, "\n\3a\0b", 5},
    {{1, "\10\1", 2, 2, DURATION, 1}, RESULT_JSON, "\"1s\"", 4},
    {{2, "{\"fields\":{}}", 13, 2, "google.protobuf.Struct", 2},
     RESULT_JSON,
     "{\"fields\":{}}",
     13},
    {{2, "{\"nope\":1}", 10, 1, "google.protobuf.Empty", 3}, RESULT_PROTOBUF, "", 0},
    {{2, "{\"nope\":1}", 10, 1, "google.protobuf.Empty", 2}, RESULT_PARSE_ERROR, NULL, 0},
    {{2, "{", 1, 1, "google.protobuf.Empty", 2}, RESULT_PARSE_ERROR, NULL, 0},
    {{2, "{}\0x", 4, 1, "google.protobuf.Empty", 2}, RESULT_PARSE_ERROR, NULL, 0},
    {{1, "\n\1\377", 3, 1, VALUE, 1}, RESULT_PARSE_ERROR, NULL, 0},
    {{1, "\n", 1, 2, VALUE, 1}, RESULT_PARSE_ERROR, NULL, 0},
    {{1, "\20\377\377\377\377\377\377\377\377\377\1", 11, 2, ANY_TIME, 1},
     RESULT_SERIALIZE_ERROR,
     NULL,
     0},
    {{7, "x", 1, 1, VALUE, 4}, RESULT_SKIPPED, NULL, 0},
    {{8, "x", 1, 1, VALUE, 5}, RESULT_SKIPPED, NULL, 0},
    {{1, "", 0, 3, VALUE, 1}, RESULT_SKIPPED, NULL, 0},
    {{1, "", 0, 4, VALUE, 1}, RESULT_SKIPPED, NULL, 0},
    {{1, "", 0, 0, VALUE, 1}, RESULT_RUNTIME_ERROR, NULL, 0},
    {{1, "", 0, 9, VALUE, 1}, RESULT_RUNTIME_ERROR, NULL, 0},
    {{0, "", 0, 1, VALUE, 1}, RESULT_RUNTIME_ERROR, NULL, 0},
    {{1, "", 0, 1, "no.Such", 1}, RESULT_RUNTIME_ERROR, NULL, 0},
};

static void check_answer(const struct exchange *exchange, size_t i, const char *answer,
                         size_t length)
{
    assert_true(length >= 2);
    if ((unsigned char)answer[0] != (exchange->result << 3 | 2))
        fail_msg("exchange %zu: got result %d: %.*s", i, answer[0] >> 3, (int)length, answer);
    if (exchange->bytes == NULL) {
        assert_true(length > 2); /* it says why */
        return;
    }
    assert_int_equal(length, exchange->length + 2);
    assert_memory_equal(answer + 2, exchange->bytes, exchange->length);
}

static void test_each_request_has_its_answer(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(exchanges); i++) {
        ql_buffer_clear(&fixture->request);
        ask(&fixture->request, &exchanges[i].asked);
        assert_true(transcode_answer(&fixture->transcode, (uint8_t *)fixture->request.data,
                                     fixture->request.length, &fixture->answer));
        check_answer(&exchanges[i], i, fixture->answer.data, fixture->answer.length);
    }
}

static void test_bytes_that_are_no_request_have_no_answer(void **state)
{
    struct fixture *fixture = *state;

    assert_false(transcode_answer(&fixture->transcode, (const uint8_t *)"\n", 1, &fixture->answer));
    assert_false(
        transcode_answer(&fixture->transcode, (const uint8_t *)"\0\1", 2, &fixture->answer));
}

/* Serves length bytes; the answers are in *ret_out, which the caller frees. */
static bool serve(struct fixture *fixture, const char *bytes, size_t length, char **ret_out,
                  size_t *ret_length)
{
    FILE *in = tmpfile(), *out = open_memstream(ret_out, ret_length), *errors = tmpfile();
    bool is_done;

    assert_non_null(in);
    assert_non_null(out);
    assert_non_null(errors);
    assert_int_equal(fwrite(bytes, 1, length, in), length);
    rewind(in);
    is_done = transcode_serve(&fixture->transcode, in, out, errors);
    assert_int_equal(ftell(errors) == 0, is_done);
    fclose(in);
    fclose(out);
    fclose(errors);
    return is_done;
}

static void test_pipe_is_served_to_its_end(void **state)
{
    struct fixture *fixture = *state;
    struct ql_buffer *request = &fixture->request;
    size_t n = 0, at = 0, length;
    char *out;

    ql_buffer_clear(request);
    for (; n < QL_ARRAY_LENGTH(exchanges); n++) {
        size_t begin = request->length;

        ql_buffer_append(request, "\0\0\0", 4);
        ask(request, &exchanges[n].asked);
        request->data[begin] = (char)(request->length - begin - 4);
    }
    assert_true(serve(fixture, request->data, request->length, &out, &length));
    for (size_t i = 0; i < n; i++) {
        size_t frame = (unsigned char)out[at];

        check_answer(&exchanges[i], i, out + at + 4, frame);
        at += 4 + frame;
    }
    assert_int_equal(at, length);
    free(out);
}

static void test_pipe_that_breaks_is_an_error(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        bool is_fine;
    } pipes[] = {
        {"", 0, true},
        {"\0\0", 2, false},        /* amid a length */
        {"\5\0\0\0ab", 6, false},  /* amid a request */
        {"\1\0\0\0\n", 5, false},  /* no request */
        {"\1\0\0\10ab", 6, false}, /* 128 MiB are announced */
        {"\377\377\377\377", 4, false},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(pipes); i++) {
        size_t length;
        char *out;

        assert_int_equal(serve(fixture, pipes[i].bytes, pipes[i].length, &out, &length),
                         pipes[i].is_fine);
        assert_int_equal(length, 0);
        free(out);
    }
}

static void test_full_memory_is_no_fault_of_the_message(void **state)
{
    struct fixture *fixture = *state;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *small = ql_arena_new(1024);
    struct transcode transcode = fixture->transcode;
    char many[100];

    memset(many, 0x10, sizeof(many));
    transcode.arena = small;
    ql_buffer_clear(&fixture->request);
    ask(&fixture->request, &(struct asked){1, many, sizeof(many), 1, VALUE, 1});
    assert_true(transcode_answer(&transcode, (uint8_t *)fixture->request.data,
                                 fixture->request.length, &fixture->answer));
    assert_int_equal(fixture->answer.data[0] >> 3, RESULT_RUNTIME_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_request_has_its_answer),
        cmocka_unit_test(test_bytes_that_are_no_request_have_no_answer),
        cmocka_unit_test(test_pipe_is_served_to_its_end),
        cmocka_unit_test(test_pipe_that_breaks_is_an_error),
        cmocka_unit_test(test_full_memory_is_no_fault_of_the_message),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
