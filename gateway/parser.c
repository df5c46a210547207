/* h2o answers a request with too many fields by a text of its own, before any
 * handler, filter or log; it obeys Upgrade: h2c before any handler sees it, takes no
 * target in absolute form, and answers 100 Continue to HTTP/1.0. So the parser that it
 * calls is called through here; see
 * docs/adr/0011-a-second-look-at-heads.md. */
#include "gateway/parser.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <dlfcn.h>

enum { MALFORMED = -1, INCOMPLETE = -2 };

/* As in picohttpparser.h, which the package does not have. */
struct phr_header {
    const char *name; /* NULL: a folded line's rest */
    size_t name_length;
    const char *value;
    size_t value_length;
};
typedef int parse_request(const char *bytes, size_t length, const char **method,
                          size_t *method_length, const char **path, size_t *path_length,
                          int *minor_version, struct phr_header *fields, size_t *n_fields,
                          size_t last_length);
parse_request phr_parse_request;

static parse_request *library_parse;

bool parser_init(void)
{
    void *found = dlsym(RTLD_NEXT, "phr_parse_request");

    memcpy(&library_parse, &found, sizeof(library_parse));
    return library_parse != NULL;
}

/* Behind the empty line; 0 when it has not come yet. */
static size_t head_length(const char *bytes, size_t length)
{
    static const char *const ends[] = {"\r\n\r\n", "\n\n"};
    size_t shortest = 0;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *at = memmem(bytes, length, ends[i], strlen(ends[i]));
        size_t end = at != NULL ? (size_t)(at - bytes) + strlen(ends[i]) : 0;

        if (end > 0 && (shortest == 0 || end < shortest))
            shortest = end;
    }
    return shortest;
}

/* "GET http://host/path": what a client says to a proxy, and every server must take
 * (RFC 9112 section 3.2.2). The path is what counts here. */
static void target_shorten(const char **path, size_t *path_length)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i]), host;

        if (*path_length <= length || strncasecmp(*path, schemes[i], length) != 0)
            continue;
        for (host = length; host < *path_length; host++)
            if (strchr("/?#", (*path)[host]) != NULL)
                break;
        if (host == length)
            return; /* no host: no such form */
        if (host == *path_length || (*path)[host] != '/') {
            if (host < *path_length)
                return; /* "http://host?query" is left alone and found nowhere */
            *path = "/";
            *path_length = 1;
            return;
        }
        *path += host;
        *path_length -= host;
        return;
    }
}

/* A field that the library does not get to see. */
static void field_hide(const char *name, struct phr_header *fields, size_t *n_fields)
{
    size_t n = 0;

    for (size_t i = 0; i < *n_fields; i++)
        if (fields[i].name == NULL || fields[i].name_length != strlen(name) ||
            strncasecmp(fields[i].name, name, strlen(name)) != 0)
            fields[n++] = fields[i];
    *n_fields = n;
}

/* Takes the place of the library's. */
int phr_parse_request(const char *bytes, size_t length, const char **method, size_t *method_length,
                      const char **path, size_t *path_length, int *minor_version,
                      struct phr_header *fields, size_t *n_fields, size_t last_length)
{
    const size_t fields_max = *n_fields;
    size_t end;
    int rv = library_parse(bytes, length, method, method_length, path, path_length, minor_version,
                           fields, n_fields, last_length);

    if (rv > 0)
        target_shorten(path, path_length);
    /* Upgrade: h2c would make an HTTP/2 connection of one that a proxy in front may go on
     * to use for other clients, and passes through without looking into it. A server may
     * ignore the field (RFC 9110 section 7.8). */
    if (rv > 0)
        field_hide("upgrade", fields, n_fields);
    /* HTTP/1.0 knows no 100 Continue: who asks for it there is not answered it (RFC 9110
     * section 10.1.1). */
    if (rv > 0 && *minor_version == 0)
        field_hide("expect", fields, n_fields);
    if (rv != MALFORMED || *n_fields < fields_max)
        return rv;
    end = head_length(bytes, length);
    if (end == 0)
        return INCOMPLETE;
    /* Without fields there is no body to wait for; the connection ends with this. */
    *n_fields = 0;
    return (int)end;
}
