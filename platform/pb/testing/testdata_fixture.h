/* What the tests of this module share: the schema of testdata/, a call, a buffer. */
#ifndef QLI_PB_TESTING_TESTDATA_FIXTURE_H
#define QLI_PB_TESTING_TESTDATA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

struct fixture {
    struct ql_schema *schema;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_buffer out;
};

enum { FIXTURE_ARENA_BYTES = 64 * 1024 * 1024, FIXTURE_OUT_BYTES = 16 * 1024 * 1024 };

static inline unsigned char *fixture_read_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *ret_length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*ret_length + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *ret_length, file), *ret_length);
    fclose(file);
    return bytes;
}

/* Forgets what a case left behind, before the next one. */
static inline void fixture_clear(struct fixture *fixture)
{
    ql_arena_reset(fixture->arena);
    ql_call_init(&fixture->call, fixture->arena, "test", 1000);
    ql_buffer_clear(&fixture->out);
}

static inline int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    char error[256] = "";
    size_t length;
    unsigned char *bytes = fixture_read_file(QL_PB_TESTDATA, &length);

    assert_non_null(fixture);
    fixture->schema = ql_schema_new(bytes, length, error, sizeof(error));
    free(bytes);
    assert_string_equal(error, "");
    fixture->arena = ql_arena_new(FIXTURE_ARENA_BYTES);
    ql_buffer_init(&fixture->out, FIXTURE_OUT_BYTES);
    fixture_clear(fixture);
    *state = fixture;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;

    ql_buffer_done(&fixture->out);
    ql_arena_free(fixture->arena);
    ql_schema_free(fixture->schema);
    free(fixture);
    return 0;
}

static inline const struct ql_message *fixture_type(const struct fixture *fixture, const char *name)
{
    const struct ql_message *message = ql_schema_message(fixture->schema, name);

    assert_non_null(message);
    return message;
}

#endif
