/* Announcing accounts and sign-ins: rows in the outbox, in the transaction of
 * the change. */
#include "services/user/user_events.h"

#include <string.h>

#include "platform/outbox/outbox.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/user/v1/names.h"

/* Nothing stands for UTC. */
static char *announced_zone(const char *time_zone)
{
    return (char *)(strcmp(time_zone, "UTC") == 0 ? "" : time_zone);
}

static enum ql_code publish(struct ql_call *call, struct ql_pg_tx *tx, const char *type,
                            const struct user *user, const ProtobufCMessage *body)
{
    struct ql_event event;
    enum ql_code rc;

    rc = ql_event_make(call, type, NULL, user->user_id, body, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}

enum ql_code user_publish_registered(struct ql_call *call, struct ql_pg_tx *tx,
                                     const struct user *user)
{
    UserRegistered body;

    UserRegistered_init(&body);
    body.time_zone = announced_zone(user->time_zone);
    return publish(call, tx, EVENT_USER_REGISTERED, user, &body.base);
}

enum ql_code user_publish_changed(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct user *user, const char *zone_before,
                                  int64_t starts_ms)
{
    UserChanged body;

    UserChanged_init(&body);
    body.time_zone = announced_zone(user->time_zone);
    body.zone_before = announced_zone(zone_before);
    body.starts_at = ql_timestamp_new(call, starts_ms);
    if (body.starts_at == NULL)
        return ql_fail_memory(call);
    return publish(call, tx, EVENT_USER_CHANGED, user, &body.base);
}

enum ql_code user_publish_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct user *user)
{
    UserDeleted body;

    UserDeleted_init(&body);
    return publish(call, tx, EVENT_USER_DELETED, user, &body.base);
}

enum ql_code user_publish_banned(struct ql_call *call, struct ql_pg_tx *tx, const struct user *user)
{
    UserBanned body;

    UserBanned_init(&body);
    return publish(call, tx, EVENT_USER_BANNED, user, &body.base);
}

enum ql_code user_publish_unbanned(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct user *user)
{
    UserUnbanned body;

    UserUnbanned_init(&body);
    return publish(call, tx, EVENT_USER_UNBANNED, user, &body.base);
}

enum ql_code user_publish_signed_in(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct user *user, const char *session_id,
                                    const char **ret_event_id)
{
    UserSignedIn body;
    struct ql_event event;
    enum ql_code rc;

    UserSignedIn_init(&body);
    body.session_id = (char *)session_id;
    rc = ql_event_make(call, user_sign_in_event(user->status), NULL, user->user_id, &body.base,
                       &event);
    if (rc != QL_OK)
        return rc;
    rc = ql_outbox_add(call, tx, &event, 1);
    if (rc != QL_OK)
        return rc;
    *ret_event_id = event.event_id;
    return QL_OK;
}
