/* WalletService: what a user has, and where it came from. That the wallet is the
 * caller's is checked before we are called. */
#include "platform/service/page.h"
#include "questline/user/v1/server.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"
#include "services/user/wallet_pb.h"

enum { BALANCES_MAX = 1000 };

/* GetWallet: a user's balances. */
static enum ql_code wallet_rpc_get(struct ql_call *call, const GetWalletRequest *in,
                                   GetWalletResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct wallet_balance *balances;
    struct user user;
    size_t n_balances;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_get(call, tx, in->user_id, &user);
    if (rc != QL_OK)
        return rc;
    rc = wallet_store_list_balances(call, tx, user.user_id, BALANCES_MAX, &balances, &n_balances);
    if (rc != QL_OK)
        return rc;
    return ql_page_fill(call, NULL,
                        &(const struct ql_page_rows){balances, n_balances, sizeof(*balances),
                                                     wallet_balance_message},
                        out, "balances", &n_balances);
}

static enum ql_code fill_page(struct ql_call *call, const struct ql_page *page,
                              const struct wallet_entry *entries, size_t n_entries,
                              ListWalletEntriesResponse *out)
{
    int64_t end = ql_page_after_number(page);
    size_t n_shown;
    enum ql_code rc;

    rc = ql_page_fill(
        call, page,
        &(const struct ql_page_rows){entries, n_entries, sizeof(*entries), wallet_entry_message},
        out, "entries", &n_shown);
    if (rc != QL_OK)
        return rc;
    if (n_shown > 0)
        end = entries[n_shown - 1].seq;
    if (n_shown < n_entries)
        rc = ql_page_token_number(call, page, end, &out->next_page_token);
    if (rc != QL_OK)
        return rc;
    return ql_page_token_number(call, page, end, &out->resume_page_token);
}

/* ListWalletEntries: the movements of a user's wallet, oldest first. */
static enum ql_code wallet_rpc_list_entries(struct ql_call *call,
                                            const ListWalletEntriesRequest *in,
                                            ListWalletEntriesResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct wallet_entry *entries;
    struct ql_page page;
    size_t n_entries;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    if (!ql_uuid_is_valid(in->user_id)) /* nobody, who has no entries */
        return QL_OK;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One row more than asked for shows whether a page follows. */
    rc = wallet_store_list_entries(call, tx, in->user_id, ql_page_after_number(&page),
                                   page.n_rows + 1, &entries, &n_entries);
    if (rc != QL_OK)
        return rc;
    return fill_page(call, &page, entries, n_entries, out);
}

QL_RPC_SERVE(WalletService_GetWallet, wallet_rpc_get)
QL_RPC_SERVE(WalletService_ListWalletEntries, wallet_rpc_list_entries)
