/* The steps of a request from h2o's handler to its answer:
 *
 *   on_req -> bounds -> own paths -> route -> header fields -> token -> access
 *          -> JSON to message -> call -> message to JSON -> reply
 *
 * Each step returns a verdict. This file alone replies to a request, once, and frees it. */
#ifndef QL_GATEWAY_PIPELINE_H
#define QL_GATEWAY_PIPELINE_H

#include <h2o.h>

/* h2o's handler for every path. Its context (h2o_context_set_handler_context) is the
 * loop's struct requests. */
int pipeline_on_req(h2o_handler_t *handler, h2o_req_t *req);

#endif
