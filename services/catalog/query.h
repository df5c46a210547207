/* Reading quests and rewards: from the copy in memory, else from Redis, else from
 * PostgreSQL; each of the first two only while it is proven to lack nothing
 * (keeper.h). Whoever answers, a revision is shown from the same moment on; but to
 * administrators, who read the newest one from PostgreSQL at once. */
#ifndef QL_CATALOG_QUERY_H
#define QL_CATALOG_QUERY_H

#include "platform/rpc/server/method.h"
#include "services/catalog/model.h"

/* How many reads were answered from there: "memory", "redis", "postgres", "shared".
 * The metric appears once it is registered. */
void query_metrics_register(void);
int64_t query_answered_from(const char *from);

/* For fast handlers: answers in wire bytes from memory, which holds nothing archived,
 * or false. The response's first field is the message, or the messages; the second the
 * next page's token. */
bool query_peek(struct ql_call *call, int kind, const char *id, int64_t revision,
                struct ql_rpc_bytes *ret_out);
bool query_peek_page(struct ql_call *call, int kind, const void *request, bool with_archived,
                     struct ql_rpc_bytes *ret_out);

/* One revision, 0 for the newest that is shown; sets the call's etag. NOT_FOUND;
 * INVALID_ARGUMENT names the field id_field ("questId"). */
enum ql_code query_get(struct ql_call *call, int kind, const char *id_field, const char *id,
                       int64_t revision, struct ql_copy_item *ret_item) QL_MUST_CHECK;

/* The page that a List request asks for, from PostgreSQL. INVALID_ARGUMENT names pageSize
 * or pageToken. *ret_next_token is "" on the last page. */
enum ql_code query_list(struct ql_call *call, int kind, const void *request, bool with_archived,
                        struct ql_copy_page *ret_page, char **ret_next_token) QL_MUST_CHECK;

#endif
