/* Rejecting a delivery, and the checks of a received message. */
#include "platform/events/delivery.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void ql_delivery_reject(struct ql_delivery *delivery, const char *reason, const char *format, ...)
{
    va_list arguments;

    snprintf(delivery->reject_reason, sizeof(delivery->reject_reason), "%s", reason);
    va_start(arguments, format);
    vsnprintf(delivery->reject_text, sizeof(delivery->reject_text), format, arguments);
    va_end(arguments);
}

enum ql_code qli_received_read(struct ql_call *call, const struct qli_received *received,
                               const char *own_account, struct ql_event *ret_event)
{
    enum ql_code rc = ql_event_unpack(call, received->bytes, received->length, ret_event);

    if (rc != QL_OK)
        return rc;
    if (!ql_event_type_fits_key(ret_event->type, received->routing_key))
        return ql_fail(call, QL_INVALID_ARGUMENT, "TYPE_DOES_NOT_FIT_KEY",
                       "an event of type %.80s does not travel under %.80s", ret_event->type,
                       received->routing_key);
    if (received->message_id[0] != '\0' &&
        strcasecmp(received->message_id, ret_event->event_id) != 0)
        return ql_fail(call, QL_INVALID_ARGUMENT, "MESSAGE_ID_DIFFERS",
                       "message_id %.40s is not event_id %s", received->message_id,
                       ret_event->event_id);
    return ql_account_check(call, own_account, &received->origin, ret_event->type);
}
