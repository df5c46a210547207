/* Methods of a kind of resource, each served by the function that serves every kind:
 *
 *   CATALOG_COMMAND(QuestCommandService_CreateQuest, ql_resource_create, quest_kind)
 *   CATALOG_QUERY(QuestQueryService_GetQuest, ql_query_serve_cached, ql_query_get, CATALOG_QUESTS)
 */
#ifndef QL_CATALOG_RESOURCE_RPC_H
#define QL_CATALOG_RESOURCE_RPC_H

#include "questline/catalog/v1/server.h"
#include "platform/readside/query.h"
#include "platform/readside/query_page.h"
#include "services/catalog/catalog.h"
#include "platform/resource/standard_command.h"

#define CATALOG_COMMAND(served, command, kind)                                                     \
    static enum ql_code served##_command(struct ql_call *call, const served##_input *in,           \
                                         served##_output *out)                                     \
    {                                                                                              \
        return command(call, &(kind), &in->base, &out->base);                                      \
    }                                                                                              \
    QL_RPC_SERVE_WHOLE(served, served##_, QL_RPC_POOL_NORMAL, served##_command, NULL)

#define CATALOG_QUERY(served, serve_cached, query, kind)                                           \
    static bool served##_fast(struct ql_call *call, const void *in, struct ql_rpc_bytes *ret_out)  \
    {                                                                                              \
        return serve_cached(call, &((struct catalog *)call->app)->reads, kind, in, ret_out);       \
    }                                                                                              \
    static enum ql_code served##_query(struct ql_call *call, const served##_input *in,             \
                                       served##_output *out)                                       \
    {                                                                                              \
        return query(call, &((struct catalog *)call->app)->reads, kind, &in->base, &out->base);    \
    }                                                                                              \
    QL_RPC_SERVE_WHOLE(served, served##_, QL_RPC_POOL_NORMAL, served##_query, served##_fast)

#endif
