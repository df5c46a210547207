/* domain -> pb for wallets. */
#include "services/user/wallet_pb.h"

#include "platform/pb/wire/timestamp.h"

void *wallet_balance_message(struct ql_call *call, const void *row)
{
    const struct wallet_balance *balance = row;
    Balance *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    Balance_init(pb);
    pb->item = (char *)balance->item;
    pb->balance = balance->balance;
    return pb;
}

void *wallet_entry_message(struct ql_call *call, const void *row)
{
    const struct wallet_entry *entry = row;
    WalletEntry *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    WalletEntry_init(pb);
    pb->entry_id = (char *)entry->entry_id;
    pb->item = (char *)entry->item;
    pb->amount = entry->amount;
    pb->claim_id = (char *)entry->claim_id;
    pb->created_at = ql_timestamp_new(call, entry->created_ms);
    return pb->created_at == NULL ? NULL : pb;
}
