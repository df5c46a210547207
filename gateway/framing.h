/* A second look at the head of an HTTP/1 request: h2o's parser is lax where the
 * boundaries of requests are decided (the first Content-Length wins, a
 * Transfer-Encoding beats it, lines may be folded or end in LF alone), and two
 * programs that disagree about a boundary is how requests are smuggled. */
#ifndef QL_GATEWAY_FRAMING_H
#define QL_GATEWAY_FRAMING_H

#include <stdbool.h>
#include <stddef.h>

struct framing {
    size_t head_length; /* request line and fields, with the empty line */
    size_t n_fields;
    bool is_chunked;
    const char *fault; /* why it is refused, of static life; NULL: it is good */
};

/* Reads the head that bytes begin with. Names may be in any case. False when
 * the request must be refused and its connection ended. */
bool framing_read(const char *bytes, size_t length, struct framing *ret_framing);

#endif
