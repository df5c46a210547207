/* ServiceAccountService, the accounts: made, listed, disabled by administrators. */
#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "platform/service/page.h"
#include "questline/user/v1/server.h"
#include "services/user/service_account_pb.h"
#include "services/user/service_account_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_service.h"

/* CreateServiceAccount: an account without a key. */
static enum ql_code service_account_rpc_create(struct ql_call *call,
                                               const CreateServiceAccountRequest *in,
                                               CreateServiceAccountResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const ServiceAccount *wish = in->service_account;
    struct service_account account;
    bool is_repeated = false;
    enum ql_code rc;

    rc = service_account_begin(call, wish->display_name, wish->event_types, wish->n_event_types,
                               &account); /* validate */
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin(call, tx, in, out, &is_repeated);
    if (rc != QL_OK || is_repeated)
        return rc;
    rc = service_account_store_insert(call, tx, &account); /* store */
    if (rc != QL_OK)
        return rc;
    rc = ql_audit_record(call, tx, "serviceAccount", account.service_account_id, NULL);
    if (rc != QL_OK)
        return rc;
    out->service_account = service_account_to_pb(call, &account); /* reply */
    if (out->service_account == NULL)
        return ql_fail_memory(call);
    rc = ql_idempotency_finish(call, tx, out);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

static void *account_message(struct ql_call *call, const void *row)
{
    return service_account_to_pb(call, row);
}

/* ListServiceAccounts: by id. */
static enum ql_code service_account_rpc_list(struct ql_call *call,
                                             const ListServiceAccountsRequest *in,
                                             ListServiceAccountsResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct service_account *accounts;
    struct ql_page page;
    size_t n_accounts, n_shown;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One row more than asked for shows whether a page follows. */
    rc = service_account_store_list(call, tx, ql_page_after_uuid(&page), page.n_rows + 1, &accounts,
                                    &n_accounts);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(
        call, &page,
        &(const struct ql_page_rows){accounts, n_accounts, sizeof(*accounts), account_message}, out,
        "service_accounts", &n_shown);
    if (rc != QL_OK || n_shown == n_accounts)
        return rc;
    return ql_page_token(call, &page, accounts[n_shown - 1].service_account_id,
                         &out->next_page_token);
}

static enum ql_code disable_account(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct service_account *account)
{
    enum ql_code rc = service_account_store_disable(call, tx, account);

    if (rc != QL_OK)
        return rc;
    rc = token_revoke_service_account(call, tx, account->service_account_id);
    if (rc != QL_OK)
        return rc;
    return ql_audit_record(call, tx, "serviceAccount", account->service_account_id, NULL);
}

/* DisableServiceAccount: its keys open nothing any more. */
static enum ql_code service_account_rpc_disable(struct ql_call *call,
                                                const DisableServiceAccountRequest *in,
                                                DisableServiceAccountResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct service_account account;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = service_account_store_lock(call, tx, in->service_account_id, &account);
    if (rc != QL_OK)
        return rc;
    if (!account.is_disabled)
        rc = disable_account(call, tx, &account);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    out->service_account = service_account_to_pb(call, &account);
    return out->service_account == NULL ? ql_fail_memory(call) : QL_OK;
}

QL_RPC_SERVE(ServiceAccountService_CreateServiceAccount, service_account_rpc_create)
QL_RPC_SERVE(ServiceAccountService_ListServiceAccounts, service_account_rpc_list)
QL_RPC_SERVE(ServiceAccountService_DisableServiceAccount, service_account_rpc_disable)
