/* A constructor for each kind of value. */
#include "platform/events/argument.h"

#include <string.h>

/* The value is a union, of which unused bytes are zero. */
static amqp_table_entry_t make_entry(const char *key, amqp_field_value_kind_t kind)
{
    amqp_table_entry_t entry;

    memset(&entry, 0, sizeof(entry));
    entry.key = amqp_cstring_bytes(key);
    entry.value.kind = (uint8_t)kind;
    return entry;
}

amqp_table_entry_t qli_argument_text(const char *key, const char *text)
{
    amqp_table_entry_t entry = make_entry(key, AMQP_FIELD_KIND_UTF8);

    entry.value.value.bytes = amqp_cstring_bytes(text);
    return entry;
}

amqp_table_entry_t qli_argument_flag(const char *key, bool is_set)
{
    amqp_table_entry_t entry = make_entry(key, AMQP_FIELD_KIND_BOOLEAN);

    entry.value.value.boolean = is_set;
    return entry;
}

amqp_table_entry_t qli_argument_int32(const char *key, int32_t number)
{
    amqp_table_entry_t entry = make_entry(key, AMQP_FIELD_KIND_I32);

    entry.value.value.i32 = number;
    return entry;
}

amqp_table_entry_t qli_argument_int64(const char *key, int64_t number)
{
    amqp_table_entry_t entry = make_entry(key, AMQP_FIELD_KIND_I64);

    entry.value.value.i64 = number;
    return entry;
}

amqp_table_entry_t qli_argument_time(const char *key, int64_t unix_s)
{
    amqp_table_entry_t entry = make_entry(key, AMQP_FIELD_KIND_TIMESTAMP);

    entry.value.value.u64 = (uint64_t)unix_s;
    return entry;
}
