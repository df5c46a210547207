/* Balances and entries on the wire. */
#ifndef QL_USER_WALLET_PB_H
#define QL_USER_WALLET_PB_H

#include "questline/user/v1/names.h"
#include "services/user/wallet_store.h"

/* In the call's arena; NULL when that is full. */
Balance *wallet_balance_to_pb(struct ql_call *call, const struct wallet_balance *balance);
WalletEntry *wallet_entry_to_pb(struct ql_call *call, const struct wallet_entry *entry);

#endif
