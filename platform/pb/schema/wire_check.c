/* Walking a message as its type says. Nothing is allocated on the way; a frame
 * per nested message remembers enough to spell the path of what is wrong. */
#include "platform/pb/schema/wire_check.h"

#include <string.h>

#include "platform/base/utf8.h"
#include "platform/pb/schema/path.h"
#include "platform/pb/schema/wire_type.h"
#include "platform/pb/wire/wire.h"

struct check {
    struct ql_call *call;
    size_t elements_left;
    unsigned depth_left;
};

struct frame {
    const struct frame *parent;
    const struct ql_message *message;
    const uint8_t *begin; /* of the message's bytes */
    const uint8_t *end;
    const struct ql_field *field; /* being looked at */
    const uint8_t *start;         /* where its tag lies */
};

static enum ql_code check_message(struct check *check, struct frame *frame);

/* Which occurrence of its field this is: counted only for a violation. */
static size_t occurrence_of(const struct frame *frame)
{
    struct qli_wire wire = {.at = frame->begin, .end = frame->end};
    struct qli_wire_field field;
    size_t index = 0;

    while (wire.at < frame->start &&
           qli_wire_next(&wire, QL_WIRE_MAX_DEPTH, &field) == QLI_WIRE_FIELD)
        if (field.start < frame->start && field.number == frame->field->number)
            index++;
    return index;
}

static enum ql_code violate_field(struct check *check, const struct frame *frame,
                                  const struct qli_path *deeper, struct qli_path *deepest,
                                  const char *problem)
{
    struct qli_path field = {.name = frame->field->json_name,
                             .length = strlen(frame->field->json_name)};
    struct qli_path element = {.parent = &field};

    /* The path is built from the inside out: what lies deeper hangs on us. */
    if (frame->field->is_repeated)
        element.index = occurrence_of(frame);
    if (deepest != NULL)
        deepest->parent = frame->field->is_repeated ? &element : &field;
    if (deeper == NULL)
        deeper = frame->field->is_repeated ? &element : &field;
    if (frame->parent != NULL)
        return violate_field(check, frame->parent, deeper, &field, problem);
    return ql_violate(check->call, qli_path_text(check->call->arena, "", deeper), "%s", problem);
}

static enum ql_code fail_malformed(struct check *check, const struct frame *frame)
{
    return ql_fail(check->call, QL_INVALID_ARGUMENT, "MALFORMED_MESSAGE",
                   "the bytes are no %s: cut off or not protobuf", frame->message->full_name);
}

static enum ql_code too_deep(struct check *check)
{
    return ql_fail(check->call, QL_INVALID_ARGUMENT, "MESSAGE_TOO_DEEP",
                   "messages are nested more than %d deep", QL_WIRE_MAX_DEPTH);
}

static enum ql_code too_large(struct check *check)
{
    return ql_fail(check->call, QL_INVALID_ARGUMENT, "MESSAGE_TOO_LARGE",
                   "the message has more than %d bytes or %d fields and elements",
                   QL_WIRE_MAX_BYTES, QL_WIRE_MAX_ELEMENTS);
}

static enum ql_code check_packed(struct check *check, const struct frame *frame,
                                 const struct qli_wire_field *field, enum qli_wire_type element)
{
    struct qli_wire wire = qli_wire_of(field->data, field->length);
    uint64_t ignored;

    while (wire.at < wire.end) {
        if (check->elements_left-- == 0)
            return too_large(check);
        if (!qli_wire_read_element(&wire, element, &ignored))
            return violate_field(check, frame, NULL, NULL, "its packed elements are cut off");
    }
    return QL_OK;
}

/* Numbers of fields in google/protobuf/{struct,timestamp,duration}.proto. */
enum { VALUE_NUMBER = 2, TIME_SECONDS = 1, TIME_NANOS = 2 };

static const int64_t oldest_s = -62135596800, newest_s = 253402300799, longest_s = 315576000000;
enum { NANOS_PER_SECOND = 1000000000 };

static bool is_finite(uint64_t bits)
{
    const uint64_t exponent = UINT64_C(0x7ff) << 52;

    return (bits & exponent) != exponent;
}

/* What is wrong with a value of a well-known type; NULL: nothing. A message in several
 * pieces is as wrong as the worst of them. */
static const char *well_known_problem(const struct ql_message *message,
                                      const struct qli_wire_field *field)
{
    int64_t seconds = (int64_t)field->bits;
    int32_t nanos = (int32_t)field->bits;

    switch (message->well_known) {
    case QL_WELL_KNOWN_VALUE:
        if (field->number == VALUE_NUMBER && !is_finite(field->bits))
            return "must be a finite number";
        break;
    case QL_WELL_KNOWN_TIMESTAMP:
        if (field->number == TIME_SECONDS && (seconds < oldest_s || seconds > newest_s))
            return "must be a time from the year 1 to the year 9999";
        if (field->number == TIME_NANOS && (nanos < 0 || nanos >= NANOS_PER_SECOND))
            return "must have nanos of 0 to 999999999";
        break;
    case QL_WELL_KNOWN_DURATION:
        if (field->number == TIME_SECONDS && (seconds < -longest_s || seconds > longest_s))
            return "must be a duration of at most 10000 years";
        if (field->number == TIME_NANOS &&
            (nanos <= -NANOS_PER_SECOND || nanos >= NANOS_PER_SECOND))
            return "must have nanos of less than a second";
        break;
    default:
        break;
    }
    return NULL;
}

static enum ql_code check_inner(struct check *check, const struct frame *frame,
                                const struct qli_wire_field *field)
{
    struct frame inner = {.parent = frame,
                          .message = frame->field->message,
                          .begin = field->data,
                          .end = field->data + field->length};
    enum ql_code rc;

    if (check->depth_left == 0)
        return too_deep(check);
    check->depth_left--;
    rc = check_message(check, &inner);
    check->depth_left++;
    return rc;
}

static enum ql_code check_field(struct check *check, const struct frame *frame,
                                const struct qli_wire_field *field)
{
    const struct ql_field *known = frame->field;
    enum qli_wire_type expected = qli_wire_type_of(known->type);

    if (field->type == QLI_WIRE_BYTES && expected != QLI_WIRE_BYTES && known->is_repeated &&
        expected != QLI_WIRE_GROUP)
        return check_packed(check, frame, field, expected);
    if (field->type != expected)
        return violate_field(check, frame, NULL, NULL, "its wire type does not fit the field");
    if (known->type == QL_TYPE_MESSAGE || known->type == QL_TYPE_GROUP)
        return check_inner(check, frame, field);
    if (frame->message->well_known != QL_WELL_KNOWN_NONE && frame->parent != NULL) {
        const char *problem = well_known_problem(frame->message, field);

        if (problem != NULL)
            return violate_field(check, frame->parent, NULL, NULL, problem);
    }
    if (known->type == QL_TYPE_STRING) {
        if (!ql_utf8_is_valid(field->data, field->length))
            return violate_field(check, frame, NULL, NULL, "must be valid UTF-8");
        if (memchr(field->data, 0, field->length) != NULL)
            return violate_field(check, frame, NULL, NULL, "must not contain NUL");
    }
    return QL_OK;
}

static enum ql_code check_message(struct check *check, struct frame *frame)
{
    struct qli_wire wire = {.at = frame->begin, .end = frame->end};
    struct qli_wire_field field;
    enum qli_wire_step step;
    enum ql_code rc;

    while ((step = qli_wire_next(&wire, check->depth_left, &field)) == QLI_WIRE_FIELD) {
        if (check->elements_left-- == 0)
            return too_large(check);
        frame->field = ql_message_field_by_number(frame->message, field.number);
        frame->start = field.start;
        if (frame->field == NULL)
            continue;
        rc = check_field(check, frame, &field);
        if (rc != QL_OK)
            return rc;
    }
    if (step == QLI_WIRE_TOO_DEEP)
        return too_deep(check);
    return step == QLI_WIRE_END ? QL_OK : fail_malformed(check, frame);
}

enum ql_code ql_wire_check(struct ql_call *call, const struct ql_message *message,
                           const void *bytes, size_t length)
{
    struct check check = {
        .call = call, .elements_left = QL_WIRE_MAX_ELEMENTS, .depth_left = QL_WIRE_MAX_DEPTH};
    struct qli_wire wire = qli_wire_of(bytes, length);
    struct frame frame = {.message = message, .begin = wire.at, .end = wire.end};

    if (length > QL_WIRE_MAX_BYTES + QL_WIRE_ENVELOPE_BYTES)
        return too_large(&check);
    return check_message(&check, &frame);
}
