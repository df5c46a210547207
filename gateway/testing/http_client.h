/* An HTTP/1.1 client for tests: raw bytes out, one parsed response at a time in.
 * Whatever goes wrong fails the running cmocka test. */
#ifndef QL_GATEWAY_TESTING_HTTP_CLIENT_H
#define QL_GATEWAY_TESTING_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct http_client {
    int fd;
    size_t length;
    char bytes[256 * 1024];
};

struct http_response {
    int status;
    char head[4096]; /* status line and fields */
    char body[128 * 1024];
    size_t body_length;
};

void http_client_open(struct http_client *client, int port);
void http_client_close(struct http_client *client);

void http_client_send(struct http_client *client, const char *bytes, size_t length);
void http_client_print(struct http_client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads the next response; its body is what Content-Length says. */
void http_client_read(struct http_client *client, struct http_response *ret_response);
/* The same for an answer to HEAD, which has no body. */
void http_client_read_head(struct http_client *client, struct http_response *ret_response);

/* Waits for the end of the stream; false when bytes come instead. */
bool http_client_is_ended(struct http_client *client);

/* One request on a connection of its own. fields end with \r\n each; body may be
 * NULL. */
void http_ask(int port, const char *verb, const char *path, const char *fields, const char *body,
              struct http_response *ret_response);

/* True when somebody listens on the port. */
bool http_port_is_open(int port);

/* True when the head has this field line, "Allow: GET", name in any case. */
bool http_has_field(const struct http_response *response, const char *line);

#endif
