/* Headers as AMQP table entries. */
#include "platform/events/dead_letter_headers.h"

#include "platform/events/argument.h"
#include "platform/events/intake.h"

static int add_text(amqp_table_entry_t *entries, int n, const char *key, const char *text)
{
    if (text == NULL)
        return n;
    entries[n] = qli_argument_text(key, text);
    return n + 1;
}

int qli_dead_letter_headers_write(const struct qli_dead_letter_headers *headers,
                                  amqp_table_entry_t *ret_entries)
{
    int n = 0;

    n = add_text(ret_entries, n, QLI_HEADER_REASON, headers->reason);
    n = add_text(ret_entries, n, QLI_HEADER_TEXT, headers->text);
    n = add_text(ret_entries, n, QLI_HEADER_ROUTING_KEY, headers->routing_key);
    if (headers->account != NULL && headers->account[0] != '\0')
        n = add_text(ret_entries, n, QLI_HEADER_ORIGINAL_ACCOUNT, headers->account);
    if (headers->original_length > 0)
        ret_entries[n++] =
            qli_argument_int64(QLI_HEADER_ORIGINAL_LENGTH, (int64_t)headers->original_length);
    return n;
}
