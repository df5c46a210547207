/* A strict check of the head of an HTTP/1 request. h2o's parser is tolerant in what decides
 * the boundaries of requests (it uses the first Content-Length, ignores it beside
 * Transfer-Encoding, accepts folded lines and LF alone); when two programs disagree on a
 * boundary, requests can be smuggled. */
#ifndef QL_GATEWAY_FRAMING_H
#define QL_GATEWAY_FRAMING_H

#include <stdbool.h>
#include <stddef.h>

struct framing {
    size_t head_length; /* request line and fields, with the empty line */
    size_t n_fields;
    bool is_chunked;
    const char *fault; /* why it is refused, static; NULL: it is valid */
};

/* Reads the head with which bytes begin. Names may be in any case. False when the request
 * has to be refused and its connection closed. */
bool framing_read(const char *bytes, size_t length, struct framing *ret_framing);

#endif
