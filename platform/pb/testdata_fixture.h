/* What the tests of this room share: the schema of testdata/, a call, and short
 * ways from JSON to wire and back. */
#ifndef QLI_PB_TESTDATA_FIXTURE_H
#define QLI_PB_TESTDATA_FIXTURE_H

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
#include "platform/pb/json.h"
#include "platform/pb/schema.h"

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

/* JSON to wire into fixture->out. */
static inline enum ql_code fixture_read(struct fixture *fixture, const char *type, const char *json)
{
    fixture_clear(fixture);
    return ql_json_to_wire(&fixture->call, fixture->schema, fixture_type(fixture, type), json,
                           strlen(json), "", &fixture->out);
}

/* Wire, in hexadecimal digits, to JSON into fixture->out. */
static inline enum ql_code fixture_print(struct fixture *fixture, const char *type, const char *hex)
{
    size_t length = strlen(hex) / 2;
    unsigned char *wire = malloc(length + 1);
    enum ql_code rc;

    assert_non_null(wire);
    for (size_t i = 0; i < length; i++) {
        unsigned byte = 0;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        wire[i] = (unsigned char)byte;
    }
    fixture_clear(fixture);
    rc = ql_json_from_wire(&fixture->call, fixture->schema, fixture_type(fixture, type), wire,
                           length, &fixture->out);
    free(wire);
    return rc;
}

static inline void fixture_assert_wire(const struct fixture *fixture, const char *label,
                                       const char *hex)
{
    char got[4096] = "";

    assert_true(fixture->out.length < sizeof(got) / 2);
    for (size_t i = 0; i < fixture->out.length; i++)
        snprintf(got + 2 * i, 3, "%02x", (unsigned char)fixture->out.data[i]);
    if (strcmp(got, hex) != 0)
        fail_msg("%s: wire is %s, not %s", label, got, hex);
}

static inline void fixture_assert_refused(const struct fixture *fixture, const char *label,
                                          enum ql_code rc, const char *reason, const char *field)
{
    const struct ql_status *status = &fixture->call.status;

    if (rc != QL_INVALID_ARGUMENT || strcmp(status->reason, reason) != 0 ||
        status->n_violations != 1 || strcmp(status->violations[0].field, field) != 0)
        fail_msg("%s: got %d %s at \"%s\" (%s), not %s at \"%s\"", label, (int)rc, status->reason,
                 status->n_violations == 0 ? "" : status->violations[0].field, status->message,
                 reason, field);
    assert_int_equal(fixture->out.length, 0);
}

#endif
