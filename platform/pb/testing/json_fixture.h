/* Short ways from JSON to wire and back for tests, and what they assert. */
#ifndef QLI_PB_TESTING_JSON_FIXTURE_H
#define QLI_PB_TESTING_JSON_FIXTURE_H

#include "platform/pb/json/json.h"
#include "platform/pb/testing/testdata_fixture.h"

/* JSON to wire into fixture->out. */
static inline enum ql_code fixture_read(struct fixture *fixture, const char *type, const char *json)
{
    fixture_clear(fixture);
    return ql_json_to_wire(&fixture->call, fixture->schema, fixture_type(fixture, type), json,
                           strlen(json), "", &fixture->out);
}

/* The bytes that hexadecimal digits spell; the caller frees them. */
static inline unsigned char *fixture_bytes(const char *hex, size_t *ret_length)
{
    size_t length = strlen(hex) / 2;
    unsigned char *bytes = malloc(length + 1);

    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++) {
        unsigned byte = 0;

        /* NOLINTNEXTLINE(cert-err34-c): two digits cannot be too many */
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (unsigned char)byte;
    }
    *ret_length = length;
    return bytes;
}

/* Wire, in hexadecimal digits, to JSON into fixture->out. */
static inline enum ql_code fixture_print(struct fixture *fixture, const char *type, const char *hex)
{
    size_t length;
    unsigned char *wire = fixture_bytes(hex, &length);
    enum ql_code rc;

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
