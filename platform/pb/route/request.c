/* From an HTTP request to a request message, and from a response message to a
 * body. The message is put together on the wire: first what the body says, then
 * path variables and query parameters behind it, of which the last counts
 * (https://protobuf.dev/programming-guides/encoding/#last-one-wins), within the
 * messages that the body holds already. */
#include "platform/pb/route/request.h"

#include <string.h>

#include "platform/base/hex.h"
#include "platform/base/utf8.h"
#include "platform/pb/json/collect.h"
#include "platform/pb/json/field.h"
#include "platform/pb/json/json.h"
#include "platform/pb/json/parse.h"
#include "platform/pb/json/print.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/json/scalar.h"
#include "platform/pb/json/well_known.h"
#include "platform/pb/route/nest.h"
#include "platform/pb/route/table.h"
#include "platform/pb/route/template.h"
#include "platform/pb/route/update.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/schema/wire_check.h"

enum { PARAMETERS_MAX = 128 };

struct request {
    struct qli_json_parse parse;
    size_t begin; /* of the request in the buffer */
    const struct qli_route *route;
    struct qli_chain *given; /* by the query, so far */
    size_t n_given;
    bool has_mask; /* the query names what an update changes */
};

/* Undoes percent-encoding. NULL with *ret_problem set for what must not be, NULL
 * without one when the arena is full. */
static char *percent_decode(struct ql_arena *arena, struct qli_text text, bool plus_is_space,
                            size_t *ret_length, const char **ret_problem)
{
    char *decoded = ql_arena_alloc(arena, text.length + 1);
    size_t n = 0;

    *ret_problem = NULL;
    if (decoded == NULL)
        return NULL;
    *ret_problem = "is not percent-encoded UTF-8";
    for (size_t i = 0; i < text.length; i++) {
        int high, low;

        if (text.bytes[i] != '%') {
            decoded[n++] = text.bytes[i] == '+' && plus_is_space ? ' ' : text.bytes[i];
            continue;
        }
        high = i + 2 < text.length ? ql_hex_digit(text.bytes[i + 1]) : -1;
        low = i + 2 < text.length ? ql_hex_digit(text.bytes[i + 2]) : -1;
        if (high < 0 || low < 0)
            return NULL;
        decoded[n++] = (char)(high * 16 + low);
        i += 2;
    }
    if (memchr(decoded, '\0', n) != NULL || !ql_utf8_is_valid(decoded, n))
        return NULL;
    *ret_length = n;
    return decoded;
}

static enum ql_code text_decode(struct request *request, const struct qli_path *path,
                                struct qli_text *text, bool plus_is_space)
{
    struct ql_call *call = request->parse.call;
    const char *problem;

    text->bytes = percent_decode(call->arena, *text, plus_is_space, &text->length, &problem);
    if (text->bytes != NULL)
        return QL_OK;
    return problem == NULL ? ql_fail_memory(call)
                           : qli_json_violate(&request->parse, path, "%s", problem);
}

/* The path of a chain as violations spell it; nodes must live as long. */
static const struct qli_path *chain_path(const struct qli_chain *chain,
                                         struct qli_path nodes[QLI_CHAIN_MAX])
{
    for (size_t i = 0; i < chain->n; i++)
        nodes[i] = qli_path_field(i == 0 ? NULL : &nodes[i - 1], chain->fields[i]->json_name,
                                  strlen(chain->fields[i]->json_name));
    return &nodes[chain->n - 1];
}

static enum ql_code put_leaf(struct qli_json_parse *parse, const struct qli_path *path,
                             const struct ql_field *field, struct qli_text text)
{
    const struct qli_scalar scalar = {.kind = QLI_SCALAR_PLAIN, .text = text};
    struct qli_value value;
    size_t mark;
    enum ql_code rc;

    if (field->message == NULL) {
        rc = qli_scalar_convert(parse, path, field, &scalar, &value);
        if (rc == QL_OK)
            qli_value_put(parse->out, field, &value);
        return rc;
    }
    if (field->type == QL_TYPE_GROUP)
        return qli_json_violate(parse, path, "has no form as plain text");
    rc = qli_json_open(parse, path, field->number, &mark);
    if (rc != QL_OK)
        return rc;
    rc = qli_json_parse_text(parse, path, field->message, text);
    qli_json_close(parse, mark);
    return rc;
}

/* Opens the messages of the chain that are not there yet, and appends the field. */
static enum ql_code put_nested(struct qli_json_parse *parse, const struct qli_path *path,
                               const struct qli_chain *chain, size_t n_found, struct qli_text text)
{
    size_t marks[QLI_CHAIN_MAX], n_open = n_found;
    enum ql_code rc;

    for (; n_open + 1 < chain->n; n_open++) {
        rc = qli_json_open(parse, path, chain->fields[n_open]->number, &marks[n_open]);
        if (rc != QL_OK)
            return rc;
    }
    rc = put_leaf(parse, path, chain->fields[chain->n - 1], text);
    if (rc != QL_OK)
        return rc;
    while (n_open > n_found)
        qli_json_close(parse, marks[--n_open]);
    return QL_OK;
}

/* Writes the field into its messages: quest { quest_id: ... }. */
static enum ql_code put_chain(struct request *request, const struct qli_path *path,
                              const struct qli_chain *chain, struct qli_text text)
{
    struct ql_buffer *out = request->parse.out;
    size_t tail = out->length;
    struct qli_nest nest;
    enum ql_code rc;

    qli_nest_find(&nest, chain, out, request->begin);
    rc = put_nested(&request->parse, path, chain, nest.n_found, text);
    if (rc == QL_OK)
        qli_nest_move(&nest, out, tail);
    return rc;
}

static enum ql_code read_body(struct request *request, const char *body, size_t length)
{
    struct qli_json_parse *parse = &request->parse;
    const struct ql_field *field = request->route->body;
    struct qli_path path;
    enum ql_code rc;

    if (length == 0)
        return QL_OK;
    if (!request->route->takes_body)
        return ql_fail(parse->call, QL_INVALID_ARGUMENT, "BODY_NOT_ALLOWED", "%s takes no body",
                       request->route->method->http.path);
    if (field == NULL)
        return ql_json_to_wire(parse->call, parse->schema, request->route->method->input, body,
                               length, "", parse->out);
    path = qli_path_field(NULL, field->json_name, strlen(field->json_name));
    qli_json_reader_init(&parse->reader, parse->call->arena, body, length);
    rc = qli_json_parse_field(parse, &path, field);
    if (rc == QL_OK && !qli_json_at_end(&parse->reader))
        rc = qli_json_malformed(parse, &path);
    return rc;
}

/* What the body says already is not said again. */
static enum ql_code put_variable(struct request *request, const struct qli_path *path,
                                 const struct qli_chain *chain, struct qli_text text)
{
    struct qli_bytes said = qli_buffer_rest(request->parse.out, request->begin);

    switch (request->parse.out->failed ? QLI_BODY_SILENT : qli_route_compare(chain, text, said)) {
    case QLI_BODY_SAME:
        return QL_OK;
    case QLI_BODY_OTHER:
        return qli_json_violate(&request->parse, path, "is another one in the path");
    case QLI_BODY_SILENT:
        break;
    }
    return put_chain(request, path, chain, text);
}

static enum ql_code read_variables(struct request *request, const struct ql_route_match *match)
{
    for (size_t i = 0; i < match->n_variables; i++) {
        const struct qli_chain *chain = &request->route->variables[i];
        struct qli_text text = {.bytes = match->variables[i].text,
                                .length = match->variables[i].length};
        struct qli_path nodes[QLI_CHAIN_MAX];
        const struct qli_path *path = chain_path(chain, nodes);
        enum ql_code rc = text_decode(request, path, &text, false);

        if (rc != QL_OK)
            return rc;
        rc = put_variable(request, path, chain, text);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

/* Whether two chains set different members of one oneof. */
static bool chain_excludes(const struct qli_chain *left, const struct qli_chain *right)
{
    size_t i = 0;

    while (i < left->n && i < right->n && left->fields[i] == right->fields[i])
        i++;
    return i < left->n && i < right->n && left->fields[i]->oneof_index >= 0 &&
           left->fields[i]->oneof_index == right->fields[i]->oneof_index;
}

static enum ql_code check_chain(struct request *request, const struct qli_path *path,
                                const struct qli_chain *chain)
{
    const struct qli_route *route = request->route;
    struct qli_json_parse *parse = &request->parse;

    if (route->takes_body && (route->body == NULL || route->body == chain->fields[0]))
        return qli_json_violate(parse, path, "belongs in the body, not in the query");
    for (size_t i = 0; i < route->n_variables; i++)
        if (qli_chain_equals(&route->variables[i], chain))
            return qli_json_violate(parse, path, "is given by the path already");
    for (size_t i = 0; i < request->n_given; i++) {
        if (!chain->fields[chain->n - 1]->is_repeated &&
            qli_chain_equals(&request->given[i], chain))
            return qli_json_violate(parse, path, "appears twice");
        if (chain_excludes(&request->given[i], chain))
            return qli_json_violate(parse, path, "excludes another field that is set too");
    }
    if (request->n_given == PARAMETERS_MAX)
        return qli_json_violate(parse, path, "there are more than %d query parameters",
                                PARAMETERS_MAX);
    request->given[request->n_given++] = *chain;
    return QL_OK;
}

static enum ql_code read_parameter(struct request *request, struct qli_text name,
                                   struct qli_text value)
{
    struct qli_path path = qli_path_field(NULL, "query", strlen("query"));
    struct qli_path nodes[QLI_CHAIN_MAX];
    const struct qli_path *deepest;
    struct qli_chain chain;
    enum ql_code rc;

    rc = text_decode(request, &path, &name, true);
    if (rc != QL_OK)
        return rc;
    path = qli_path_field(NULL, name.bytes, name.length);
    if (!qli_chain_resolve(request->route->method->input, name.bytes, name.length, &chain))
        return qli_json_violate(&request->parse, &path, "is no query parameter of this path");
    deepest = chain_path(&chain, nodes);
    rc = check_chain(request, deepest, &chain);
    if (rc != QL_OK)
        return rc;
    rc = text_decode(request, deepest, &value, true);
    if (rc != QL_OK)
        return rc;
    request->has_mask |= chain.fields[0] == request->route->update_mask && value.length > 0;
    return put_chain(request, deepest, &chain, value);
}

/* How many parameters there can be at most. */
static size_t parameters_count(const char *query, size_t length)
{
    size_t n = 1;

    for (size_t i = 0; i < length && n < PARAMETERS_MAX; i++)
        n += query[i] == '&';
    return n;
}

static enum ql_code read_query(struct request *request, const char *query, size_t length)
{
    const char *at = query, *end = query + length, *next;
    enum ql_code rc;

    if (length == 0)
        return QL_OK;
    request->given = ql_arena_alloc(request->parse.call->arena,
                                    parameters_count(query, length) * sizeof(*request->given));
    if (request->given == NULL)
        return ql_fail_memory(request->parse.call);
    for (; at < end; at = next + 1) {
        const char *equals;
        struct qli_text name, value = {.bytes = ""};

        next = memchr(at, '&', (size_t)(end - at));
        if (next == NULL)
            next = end;
        if (next == at)
            continue;
        equals = memchr(at, '=', (size_t)(next - at));
        name = (struct qli_text){.bytes = at,
                                 .length = (size_t)((equals == NULL ? next : equals) - at)};
        if (equals != NULL)
            value = (struct qli_text){.bytes = equals + 1, .length = (size_t)(next - equals - 1)};
        rc = read_parameter(request, name, value);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code ql_route_read_request(struct ql_call *call, const struct ql_routes *routes,
                                   const struct ql_route_match *match, const char *query,
                                   size_t query_length, const char *body, size_t body_length,
                                   struct ql_buffer *out)
{
    struct request request = {.route = match->route, .begin = out->length};
    enum ql_code rc;

    qli_json_parse_init(&request.parse, call, routes->schema, out, "");
    rc = read_body(&request, body, body_length);
    /* From here on every value is written, to win over what the body said. */
    request.parse.writes_defaults = true;
    if (rc == QL_OK)
        rc = read_variables(&request, match);
    if (rc == QL_OK)
        rc = read_query(&request, query, query_length);
    if (rc == QL_OK && request.route->update_mask != NULL && !request.has_mask && body_length > 0)
        rc = qli_route_put_names(&request.parse, request.route, body, body_length);
    if (rc == QL_OK && out->failed)
        rc = ql_fail(call, QL_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                     "the request is larger than %zu bytes", out->limit);
    if (rc != QL_OK)
        out->length = request.begin;
    return rc;
}

enum ql_code ql_route_write_response(struct ql_call *call, const struct ql_routes *routes,
                                     const struct ql_route_match *match, const void *wire,
                                     size_t length, struct ql_buffer *out)
{
    const struct qli_route *route = match->route;
    const struct ql_message *message = route->method->output;
    struct qli_json_print print;
    const struct qli_bytes bytes = {.data = wire, .length = length};
    const struct qli_content *content;
    struct qli_content *contents;
    size_t begin = out->length;
    enum ql_code rc;

    if (route->response_body == NULL)
        return ql_json_from_wire(call, routes->schema, message, wire, length, out);
    qli_json_print_init(&print, call, routes->schema, out);
    rc = qli_json_collect(&print, message, bytes, &contents);
    if (rc != QL_OK)
        return rc;
    content = &contents[route->response_body - message->fields];
    if (route->response_body->has_presence && content->n_pieces == 0)
        ql_buffer_append_text(out, "null");
    else
        rc = qli_json_print_field(&print, route->response_body, content);
    if (rc == QL_OK && out->failed)
        rc = ql_fail(call, QL_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                     "the JSON is larger than %zu bytes", out->limit);
    if (rc != QL_OK)
        out->length = begin;
    return rc;
}
