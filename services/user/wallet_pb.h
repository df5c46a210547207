/* Balances and entries on the wire. */
#ifndef QL_USER_WALLET_PB_H
#define QL_USER_WALLET_PB_H

#include "questline/user/v1/names.h"
#include "services/user/wallet_store.h"

/* For ql_page_rows: a Balance of a struct wallet_balance, and a WalletEntry of a struct
 * wallet_entry. */
void *wallet_balance_message(struct ql_call *call, const void *row);
void *wallet_entry_message(struct ql_call *call, const void *row);

#endif
