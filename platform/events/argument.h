/* Entries of AMQP tables: arguments of declarations and subscriptions, headers of messages.
 * Keys and texts must outlive the entry. Module-internal. */
#ifndef QLI_EVENTS_ARGUMENT_H
#define QLI_EVENTS_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <amqp.h>

amqp_table_entry_t qli_argument_text(const char *key, const char *text);
amqp_table_entry_t qli_argument_flag(const char *key, bool is_set);
amqp_table_entry_t qli_argument_int32(const char *key, int32_t number);
amqp_table_entry_t qli_argument_int64(const char *key, int64_t number);
amqp_table_entry_t qli_argument_time(const char *key, int64_t unix_s);

#endif
