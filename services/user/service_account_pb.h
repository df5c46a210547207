/* Service accounts and their keys on the wire. */
#ifndef QL_USER_SERVICE_ACCOUNT_PB_H
#define QL_USER_SERVICE_ACCOUNT_PB_H

#include "questline/user/v1/names.h"
#include "services/user/service_account.h"

/* In the call's arena; NULL when that is full. */
ServiceAccount *service_account_to_pb(struct ql_call *call, const struct service_account *account);
ApiKey *api_key_to_pb(struct ql_call *call, const struct api_key *key);

#endif
