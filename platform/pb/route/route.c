/* The table of routes: making it, and matching a verb and a path against it.
 *
 * Routes with as many segments as the path lie together, special before general
 * (a suffix before none, a literal before a variable), so the first that fits is
 * the right one. */
#include "platform/pb/route/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/route/table.h"
#include "platform/pb/route/template.h"

enum { ROUTES_MAX_BYTES = 16 * 1024 * 1024, ALLOWED_MAX = 8 };

static int text_compare(const struct qli_segment *left, const struct qli_segment *right)
{
    size_t shorter = left->length < right->length ? left->length : right->length;
    int order;

    /* What is fixed is more special than what is free. */
    if (left->text == NULL || right->text == NULL)
        return (left->text == NULL) - (right->text == NULL);
    order = memcmp(left->text, right->text, shorter);
    if (order != 0)
        return order;
    return left->length < right->length ? -1 : left->length > right->length;
}

static int shape_compare(const struct qli_route *left, const struct qli_route *right)
{
    int order;

    if (left->n_segments != right->n_segments)
        return left->n_segments < right->n_segments ? -1 : 1;
    if ((left->suffix.text == NULL) != (right->suffix.text == NULL))
        return left->suffix.text == NULL ? 1 : -1;
    for (size_t i = 0; i < left->n_segments; i++) {
        order = text_compare(&left->segments[i], &right->segments[i]);
        if (order != 0)
            return order;
    }
    return text_compare(&left->suffix, &right->suffix);
}

static int route_compare(const void *left, const void *right)
{
    const struct qli_route *a = left, *b = right;
    int order = shape_compare(a, b);

    return order != 0 ? order : strcmp(a->method->http.verb, b->method->http.verb);
}

/* Sorts the routes and notes where those of each number of segments start. */
static bool routes_order(struct ql_routes *routes, char *error, size_t error_size)
{
    size_t i = 0;

    qsort(routes->routes, routes->n_routes, sizeof(*routes->routes), route_compare);
    for (size_t j = 1; j < routes->n_routes; j++)
        if (route_compare(&routes->routes[j - 1], &routes->routes[j]) == 0) {
            snprintf(error, error_size, "%s and %s have the same route",
                     routes->routes[j - 1].method->full_name, routes->routes[j].method->full_name);
            return false;
        }
    for (size_t n = 0; n < QL_ARRAY_LENGTH(routes->starts); n++) {
        while (i < routes->n_routes && routes->routes[i].n_segments < n)
            i++;
        routes->starts[n] = i;
    }
    return true;
}

static bool routes_compile(struct ql_routes *routes, char *error, size_t error_size)
{
    const struct ql_method *methods;
    size_t n_methods;

    methods = ql_schema_methods(routes->schema, &n_methods);
    routes->routes = ql_arena_calloc(routes->arena, n_methods, sizeof(*routes->routes));
    if (routes->routes == NULL) {
        snprintf(error, error_size, "out of memory");
        return false;
    }
    for (size_t i = 0; i < n_methods; i++)
        if (methods[i].http.verb != NULL &&
            !qli_route_compile(&routes->routes[routes->n_routes++], &methods[i], error, error_size))
            return false;
    return routes_order(routes, error, error_size);
}

struct ql_routes *ql_routes_new(const struct ql_schema *schema, char *error, size_t error_size)
{
    struct ql_arena *arena = ql_arena_new(ROUTES_MAX_BYTES);
    struct ql_routes *routes = NULL;

    if (arena != NULL)
        routes = ql_arena_calloc(arena, 1, sizeof(*routes));
    if (routes == NULL) {
        snprintf(error, error_size, "out of memory");
        ql_arena_free(arena);
        return NULL;
    }
    routes->arena = arena;
    routes->schema = schema;
    if (!routes_compile(routes, error, error_size)) {
        ql_arena_free(arena);
        return NULL;
    }
    return routes;
}

void ql_routes_free(struct ql_routes *routes)
{
    if (routes != NULL)
        ql_arena_free(routes->arena);
}

/* The segments of a path; 0 when it has too many or does not start with '/'. */
static size_t path_split(const char *path, size_t length,
                         struct qli_segment segments[QLI_ROUTE_MAX_SEGMENTS])
{
    const char *end = path + length;
    size_t n = 0;

    if (length == 0 || *path != '/')
        return 0;
    while (path < end) {
        const char *slash = memchr(path + 1, '/', (size_t)(end - path - 1));
        const char *next = slash == NULL ? end : slash;

        if (n == QLI_ROUTE_MAX_SEGMENTS)
            return 0;
        segments[n++] = (struct qli_segment){.text = path + 1, .length = (size_t)(next - path - 1)};
        path = next;
    }
    return n;
}

/* The caller has as many segments as the route, which clang-tidy cannot see.
 * NOLINTBEGIN(clang-analyzer-core.UndefinedBinaryOperatorResult) */
/* The bytes of a colon that ends text: one, or three when it is percent-encoded; 0 for
 * none. */
static size_t colon_before(const char *text, const char *end)
{
    if (end > text && end[-1] == ':')
        return 1;
    return end - text >= 3 && (memcmp(end - 3, "%3A", 3) == 0 || memcmp(end - 3, "%3a", 3) == 0)
               ? 3
               : 0;
}

/* The bytes of the suffix with its colon at the end of a segment; 0 when it does not end
 * with that. */
static size_t suffix_length(const struct qli_segment *segment, const struct qli_segment *suffix)
{
    const char *end;
    size_t colon;

    if (segment->length <= suffix->length)
        return 0;
    end = segment->text + segment->length - suffix->length;
    colon = colon_before(segment->text, end);
    return colon > 0 && memcmp(end, suffix->text, suffix->length) == 0 ? suffix->length + colon : 0;
}

/* No id has a colon: what follows one is a verb. */
static bool has_verb(const struct qli_segment *segment)
{
    for (size_t i = 1; i <= segment->length; i++)
        if (colon_before(segment->text, segment->text + i) > 0)
            return true;
    return false;
}

static bool route_fits(const struct qli_route *route, const struct qli_segment *segments,
                       struct ql_route_match *ret_match)
{
    ret_match->n_variables = 0;
    for (size_t i = 0; i < route->n_segments; i++) {
        struct qli_segment segment = segments[i];

        if (i == route->n_segments - 1 && route->suffix.text != NULL) {
            size_t length = suffix_length(&segment, &route->suffix);

            if (length == 0)
                return false;
            segment.length -= length;
        } else if (i == route->n_segments - 1 && has_verb(&segment)) {
            return false;
        }
        if (route->segments[i].text != NULL) {
            if (segment.length != route->segments[i].length ||
                memcmp(segment.text, route->segments[i].text, segment.length) != 0)
                return false;
            continue;
        }
        if (segment.length == 0)
            return false;
        ret_match->variables[ret_match->n_variables].text = segment.text;
        ret_match->variables[ret_match->n_variables++].length = segment.length;
    }
    return true;
}
/* NOLINTEND(clang-analyzer-core.UndefinedBinaryOperatorResult) */

static bool verb_is(const char *verb, const char *asked, size_t asked_length)
{
    if (asked_length == 4 && memcmp(asked, "HEAD", 4) == 0 && strcmp(verb, "GET") == 0)
        return true;
    return strlen(verb) == asked_length && memcmp(verb, asked, asked_length) == 0;
}

/* Verbs that would do, each once, in alphabetical order. */
struct allowed {
    const char *verbs[ALLOWED_MAX];
    size_t n;
};

static void allow_verb(struct allowed *allowed, const char *verb)
{
    size_t i = 0;

    while (i < allowed->n && strcmp(allowed->verbs[i], verb) < 0)
        i++;
    if (allowed->n == ALLOWED_MAX || (i < allowed->n && strcmp(allowed->verbs[i], verb) == 0))
        return;
    memmove(&allowed->verbs[i + 1], &allowed->verbs[i],
            (allowed->n - i) * sizeof(allowed->verbs[0]));
    allowed->verbs[i] = verb;
    allowed->n++;
}

static void allow_print(const struct allowed *allowed, char out[QL_ALLOW_MAX])
{
    size_t length = 0;

    out[0] = '\0';
    for (size_t i = 0; i < allowed->n; i++) {
        const char *comma = i == 0 ? "" : ", ";

        if (length + strlen(comma) + strlen(allowed->verbs[i]) >= QL_ALLOW_MAX)
            return;
        length +=
            (size_t)snprintf(out + length, QL_ALLOW_MAX - length, "%s%s", comma, allowed->verbs[i]);
    }
}

enum ql_route_result ql_routes_match(const struct ql_routes *routes, const char *verb,
                                     size_t verb_length, const char *path, size_t path_length,
                                     struct ql_route_match *ret_match, char ret_allow[QL_ALLOW_MAX])
{
    struct qli_segment segments[QLI_ROUTE_MAX_SEGMENTS];
    size_t n = path_split(path, path_length, segments);
    struct allowed allowed = {.n = 0};
    bool fits_suffix = false;

    ret_allow[0] = '\0';
    for (size_t i = routes->starts[n]; i < routes->starts[n + 1]; i++) {
        const struct qli_route *route = &routes->routes[i];

        /* "x:ban" that is a verb of ours is never the value of a variable. */
        if (fits_suffix && route->suffix.text == NULL)
            break;
        if (!route_fits(route, segments, ret_match))
            continue;
        fits_suffix = route->suffix.text != NULL;
        if (verb_is(route->method->http.verb, verb, verb_length)) {
            ret_match->method = route->method;
            ret_match->route = route;
            return QL_ROUTE_FOUND;
        }
        allow_verb(&allowed, route->method->http.verb);
        if (strcmp(route->method->http.verb, "GET") == 0)
            allow_verb(&allowed, "HEAD");
    }
    allow_print(&allowed, ret_allow);
    return allowed.n != 0 ? QL_ROUTE_WRONG_VERB : QL_ROUTE_NOT_FOUND;
}

void ql_routes_print(const struct ql_routes *routes, struct ql_buffer *out)
{
    static const char *const names[] = {
        [QL_ACCESS_UNSPECIFIED] = "unspecified",
        [QL_ACCESS_PUBLIC] = "public",
        [QL_ACCESS_USER] = "user",
        [QL_ACCESS_ADMIN] = "admin",
        [QL_ACCESS_INTERNAL] = "internal",
        [QL_ACCESS_PUBLISHER] = "publisher",
        [QL_ACCESS_OPERATOR] = "operator",
    };
    const struct ql_method *methods;
    size_t n_methods;

    methods = ql_schema_methods(routes->schema, &n_methods);
    for (size_t i = 0; i < n_methods; i++)
        if (methods[i].http.verb != NULL)
            ql_buffer_printf(out, "%-6s %-40s %-60s %s\n", methods[i].http.verb,
                             methods[i].http.path, methods[i].full_name, names[methods[i].access]);
}
