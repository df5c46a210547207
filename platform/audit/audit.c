/* Writing AdminActed into the outbox, and checking where one comes from. */
#include "platform/audit/audit.h"

#include <string.h>

#include "platform/base/utf8.h"
#include "platform/outbox/outbox.h"
#include "platform/pb/schema/message.h"
#include "questline/audit/v1/names.h"

#define ACCOUNT_PREFIX "ql_"
#define METHOD_PREFIX  "questline."

/* The role that the audit trail records; NULL for roles that are not recorded. */
static const char *acting_role(enum ql_role role)
{
    if (role == QL_ROLE_ADMIN)
        return "ADMIN";
    return role == QL_ROLE_SERVICE ? "SERVICE" : NULL;
}

/* Copies at most QL_AUDIT_TEXT_MAX bytes, of whole characters. */
static char *copy_cut(struct ql_call *call, const char *text)
{
    size_t length = strnlen(text, QL_AUDIT_TEXT_MAX + 1);

    if (length > QL_AUDIT_TEXT_MAX)
        length = ql_utf8_trim(text, QL_AUDIT_TEXT_MAX);
    return ql_arena_strndup(call->arena, text, length);
}

static enum ql_code facts_to_pb(struct ql_call *call, const struct ql_audit_fact *facts,
                                AdminActed *body)
{
    AdminActed_FactsEntry *entries =
        ql_arena_calloc(call->arena, QL_AUDIT_FACTS_MAX, sizeof(*entries));

    body->facts = ql_arena_calloc(call->arena, QL_AUDIT_FACTS_MAX, sizeof(*body->facts));
    if (entries == NULL || body->facts == NULL)
        return ql_fail_memory(call);
    for (; facts->name != NULL && body->n_facts < QL_AUDIT_FACTS_MAX; facts++) {
        AdminActed_FactsEntry *entry = &entries[body->n_facts];

        AdminActed_FactsEntry_init(entry);
        entry->key = copy_cut(call, facts->name);
        entry->value = copy_cut(call, facts->value);
        if (entry->key == NULL || entry->value == NULL)
            return ql_fail_memory(call);
        body->facts[body->n_facts++] = entry;
    }
    return QL_OK;
}

enum ql_code ql_audit_record(struct ql_call *call, struct ql_pg_tx *tx, const char *target_kind,
                             const char *target_id, const struct ql_audit_fact *facts)
{
    const char *role = acting_role(call->identity.role);
    struct ql_event event;
    AdminActed body;
    enum ql_code rc;

    if (role == NULL)
        return QL_OK;
    AdminActed_init(&body);
    body.actor_id = call->identity.subject;
    body.role = (char *)role;
    body.method = (char *)call->method;
    body.target = ql_arena_printf(call->arena, "%s/%s", target_kind, target_id);
    body.request_id = call->request_id;
    if (body.target == NULL)
        return ql_fail_memory(call);
    if (facts != NULL) {
        rc = facts_to_pb(call, facts, &body);
        if (rc != QL_OK)
            return rc;
    }
    rc = ql_event_make(call, EVENT_ADMIN_ACTED, NULL, "", &body.base, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}

enum ql_code ql_audit_check(struct ql_call *call, const struct ql_event *event, const char *account)
{
    AdminActed *body;
    size_t length;
    enum ql_code rc;

    if (account == NULL || strncmp(account, ACCOUNT_PREFIX, strlen(ACCOUNT_PREFIX)) != 0)
        return QL_OK;
    account += strlen(ACCOUNT_PREFIX);
    rc = ql_message_unpack(call, &AdminActed_descriptor, event->body, event->body_length, &body);
    if (rc != QL_OK)
        return rc;
    length = strlen(account);
    if (strncmp(body->method, METHOD_PREFIX, strlen(METHOD_PREFIX)) == 0 &&
        strncmp(body->method + strlen(METHOD_PREFIX), account, length) == 0 &&
        body->method[strlen(METHOD_PREFIX) + length] == '.')
        return QL_OK;
    return ql_fail(call, QL_INVALID_ARGUMENT, "AUDIT_OF_ANOTHER", "%.64s does not serve %.128s",
                   account, body->method);
}
