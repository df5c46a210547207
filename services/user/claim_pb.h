/* Claims on the wire. */
#ifndef QL_USER_CLAIM_PB_H
#define QL_USER_CLAIM_PB_H

#include "questline/user/v1/names.h"
#include "services/user/claim.h"

/* In the call's arena; NULL when that is full. */
Claim *claim_to_pb(struct ql_call *call, const struct claim *claim);
/* For ql_page_rows, of a struct claim. */
void *claim_message(struct ql_call *call, const void *row);

#endif
