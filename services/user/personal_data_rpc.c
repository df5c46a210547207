/* PersonalDataService: what is kept about a user, given out and taken away. That
 * the data are the caller's is checked before we are called. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/audit/audit.h"
#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "questline/user/v1/server.h"
#include "services/user/caller.h"
#include "services/user/claim_pb.h"
#include "services/user/claim_store.h"
#include "services/user/name_hold.h"
#include "services/user/personal_data_store.h"
#include "services/user/password_check.h"
#include "services/user/session_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_events.h"
#include "services/user/user_pb.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"
#include "services/user/wallet_pb.h"

enum { ROWS_PER_PAGE = 200, BALANCES_MAX = 1000 };

/* As many claims as entries. */
static const struct ql_page page_of_each = {.n_rows = ROWS_PER_PAGE};

/* Where a page begins: behind these numbers. */
struct place {
    int64_t claim_seq;
    int64_t entry_seq;
};

/* A page's key is "<claim>-<entry>"; "" is the beginning. */
static struct place read_place(const struct ql_page *page)
{
    struct place place = {0};
    char *end;

    if (page->is_first)
        return place;
    place.claim_seq = strtoll(page->after, &end, 10);
    if (*end == '-')
        place.entry_seq = strtoll(end + 1, NULL, 10);
    return place;
}

/* All tokens are equally long. */
static enum ql_code make_token(struct ql_call *call, const struct ql_page *page,
                               const struct place *place, char **ret_token)
{
    char key[QL_SEAL_TEXT_SIZE];

    snprintf(key, sizeof(key), "%019" PRId64 "-%019" PRId64, place->claim_seq, place->entry_seq);
    return ql_page_token(call, page, key, ret_token);
}

static void *session_message(struct ql_call *call, const void *row)
{
    const struct exported_session *session = row;
    ExportedSession *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    ExportedSession_init(pb);
    pb->session_id = (char *)session->session_id;
    pb->created_at = ql_timestamp_new(call, session->created_ms);
    pb->expires_at = ql_timestamp_new(call, session->expires_ms);
    return pb->created_at == NULL || pb->expires_at == NULL ? NULL : pb;
}

static enum ql_code export_sessions(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                    ExportUserResponse *out)
{
    struct exported_session *sessions;
    size_t n_sessions;
    enum ql_code rc;

    rc = personal_data_store_sessions(call, tx, user_id, SESSIONS_PER_USER_MAX, &sessions,
                                      &n_sessions);
    if (rc != QL_OK)
        return rc;
    return ql_page_fill(
        call, NULL,
        &(const struct ql_page_rows){sessions, n_sessions, sizeof(*sessions), session_message}, out,
        "sessions", &n_sessions);
}

static enum ql_code export_balances(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                    ExportUserResponse *out)
{
    struct wallet_balance *balances;
    size_t n_balances;
    enum ql_code rc;

    rc = wallet_store_list_balances(call, tx, user_id, BALANCES_MAX, &balances, &n_balances);
    if (rc != QL_OK)
        return rc;
    return ql_page_fill(call, NULL,
                        &(const struct ql_page_rows){balances, n_balances, sizeof(*balances),
                                                     wallet_balance_message},
                        out, "balances", &n_balances);
}

static enum ql_code export_account(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct user *user, ExportUserResponse *out)
{
    int64_t created_ms;
    enum ql_code rc;

    rc = personal_data_store_created(call, tx, user->user_id, &created_ms);
    if (rc != QL_OK)
        return rc;
    out->user = user_to_pb(call, user);
    out->created_at = ql_timestamp_new(call, created_ms);
    if (out->user == NULL || out->created_at == NULL)
        return ql_fail_memory(call);
    rc = export_sessions(call, tx, user->user_id, out);
    if (rc != QL_OK)
        return rc;
    return export_balances(call, tx, user->user_id, out);
}

/* Moves the cursor behind what was exported; *ret_has_more: claims are left. */
static enum ql_code export_claims(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                  struct place *place, bool *ret_has_more, ExportUserResponse *out)
{
    struct claim *claims;
    size_t n_claims, n_shown;
    enum ql_code rc;

    rc = claim_store_list(call, tx, user_id, NULL, place->claim_seq, ROWS_PER_PAGE + 1, &claims,
                          &n_claims);
    if (rc != QL_OK)
        return rc;
    rc =
        ql_page_fill(call, &page_of_each,
                     &(const struct ql_page_rows){claims, n_claims, sizeof(*claims), claim_message},
                     out, "claims", &n_shown);
    if (rc != QL_OK)
        return rc;
    *ret_has_more = n_shown < n_claims;
    if (n_shown > 0)
        place->claim_seq = claims[n_shown - 1].seq;
    return QL_OK;
}

/* The same for entries. */
static enum ql_code export_entries(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   struct place *place, bool *ret_has_more, ExportUserResponse *out)
{
    struct wallet_entry *entries;
    size_t n_entries, n_shown;
    enum ql_code rc;

    rc = wallet_store_list_entries(call, tx, user_id, place->entry_seq, ROWS_PER_PAGE + 1, &entries,
                                   &n_entries);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(
        call, &page_of_each,
        &(const struct ql_page_rows){entries, n_entries, sizeof(*entries), wallet_entry_message},
        out, "entries", &n_shown);
    if (rc != QL_OK)
        return rc;
    *ret_has_more = n_shown < n_entries;
    if (n_shown > 0)
        place->entry_seq = entries[n_shown - 1].seq;
    return QL_OK;
}

/* ExportUser: a page of what is kept about a user. */
static enum ql_code personal_data_rpc_export(struct ql_call *call, const ExportUserRequest *in,
                                             ExportUserResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool has_more_claims, has_more_entries;
    struct ql_page page;
    struct place place;
    struct user user;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    place = read_place(&page);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_get(call, tx, in->user_id, &user);
    if (rc != QL_OK)
        return rc;
    if (page.is_first)
        rc = export_account(call, tx, &user, out);
    if (rc != QL_OK)
        return rc;
    rc = export_claims(call, tx, user.user_id, &place, &has_more_claims, out);
    if (rc != QL_OK)
        return rc;
    rc = export_entries(call, tx, user.user_id, &place, &has_more_entries, out);
    if (rc != QL_OK || (!has_more_claims && !has_more_entries))
        return rc;
    return make_token(call, &page, &place, &out->next_page_token);
}

/* An administrator goes only when another one stays. */
static enum ql_code keep_an_admin(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct user *user)
{
    bool has_other = true;
    enum ql_code rc = QL_OK;

    if (user->role == QL_ROLE_ADMIN)
        rc = user_store_lock_other_admins(call, tx, user->user_id, &has_other);
    if (rc != QL_OK)
        return rc;
    if (!has_other)
        rc = ql_fail(call, QL_FAILED_PRECONDITION, "LAST_ADMIN",
                     "the only administrator cannot be deleted");
    return rc;
}

struct deletion {
    const char *user_id;
    const struct user *checked; /* as its owner proved it; NULL for who acts for another */
    int64_t hold_name_ms;
};

/* Whether the locked account is one that the caller may delete. */
static enum ql_code check_right(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct deletion *deletion, const struct user *locked)
{
    if (deletion->checked != NULL)
        return password_check_still_holds(call, deletion->checked, locked);
    return caller_check_admin(call, tx);
}

/* The answers that the user's Idempotency-Keys would repeat: of sign-ups, which go by
 * name, and of everything else. */
static enum ql_code forget_answers(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct user *user)
{
    struct ql_idempotency_seal seal;
    enum ql_code rc;

    rc = user_service_seal(call, "name", user->user_name, &seal);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_forget(call, tx, &seal);
    if (rc != QL_OK)
        return rc;
    rc = user_service_seal(call, "user", user->user_id, &seal);
    if (rc != QL_OK)
        return rc;
    return ql_idempotency_forget(call, tx, &seal);
}

static enum ql_code erase_user(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct deletion *deletion)
{
    const char *user_id = deletion->user_id;
    struct user user;
    enum ql_code rc;

    rc = user_store_get(call, tx, user_id, &user);
    if (rc != QL_OK)
        return rc;
    rc = keep_an_admin(call, tx, &user);
    if (rc != QL_OK)
        return rc;
    rc = user_store_lock(call, tx, user_id, &user);
    if (rc != QL_OK)
        return rc;
    /* Another transaction may have made the user one meanwhile. */
    rc = keep_an_admin(call, tx, &user);
    if (rc != QL_OK || user.status == USER_IS_DELETED)
        return rc;
    rc = check_right(call, tx, deletion, &user);
    if (rc != QL_OK)
        return rc;
    rc = name_hold_begin(call, tx, user.user_name, deletion->hold_name_ms); /* store */
    if (rc != QL_OK)
        return rc;
    rc = personal_data_store_erase(call, tx, user.user_id);
    if (rc != QL_OK)
        return rc;
    rc = forget_answers(call, tx, &user);
    if (rc != QL_OK)
        return rc;
    rc = token_revoke_user(call, tx, user.user_id);
    if (rc != QL_OK)
        return rc;
    rc = user_publish_deleted(call, tx, &user); /* announce */
    if (rc != QL_OK)
        return rc;
    return ql_audit_record(call, tx, "user", user.user_id, NULL);
}

/* DeleteUser: the account goes, the id stays. Its owner proves that it is theirs;
 * for an account that is deleted already there is nothing to prove. */
static enum ql_code personal_data_rpc_delete(struct ql_call *call, const DeleteUserRequest *in,
                                             DeleteUserResponse *out)
{
    struct user_service *app = call->app;
    struct deletion deletion = {
        .user_id = in->user_id,
        .hold_name_ms = app->settings.hold_name_ms,
    };
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user checked;
    enum ql_code rc;

    (void)out;
    if (caller_is(call, in->user_id)) {
        if (in->current_password[0] == '\0')
            return ql_violate(call, "currentPassword", "must not be empty");
        rc = password_check(call, app, in->user_id, in->current_password, &checked);
        if (rc == QL_FAILED_PRECONDITION && checked.status == USER_IS_DELETED) {
            ql_call_clear_status(call);
            return QL_OK;
        }
        if (rc != QL_OK)
            return rc;
        deletion.checked = &checked;
    }
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = erase_user(call, tx, &deletion);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

QL_RPC_SERVE(PersonalDataService_ExportUser, personal_data_rpc_export)
QL_RPC_SERVE_ON(PersonalDataService_DeleteUser, QL_RPC_POOL_HEAVY, personal_data_rpc_delete)
