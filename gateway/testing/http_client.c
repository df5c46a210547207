/* Raw sockets with a time limit on every read, so that no test can hang. */
#include "gateway/testing/http_client.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

enum { READ_LIMIT_S = 20 };

static bool connect_to(int fd, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

bool http_port_is_open(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_open;

    assert_true(fd >= 0);
    is_open = connect_to(fd, port);
    close(fd);
    return is_open;
}

void http_client_open(struct http_client *client, int port)
{
    struct timeval limit = {.tv_sec = READ_LIMIT_S};

    client->length = 0;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client->fd >= 0);
    assert_int_equal(setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    assert_true(connect_to(client->fd, port));
}

void http_client_close(struct http_client *client)
{
    close(client->fd);
    client->fd = -1;
}

void http_client_send(struct http_client *client, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(client->fd, bytes, length, MSG_NOSIGNAL);

        assert_true(sent > 0);
        bytes += sent;
        length -= (size_t)sent;
    }
}

void http_client_print(struct http_client *client, const char *format, ...)
{
    char text[16 * 1024];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    assert_true(length > 0 && (size_t)length < sizeof(text));
    http_client_send(client, text, (size_t)length);
}

static void receive_more(struct http_client *client)
{
    ssize_t got;

    assert_true(client->length < sizeof(client->bytes));
    got =
        recv(client->fd, client->bytes + client->length, sizeof(client->bytes) - client->length, 0);
    if (got <= 0)
        fail_msg("the connection ended before the response: %.*s", (int)client->length,
                 client->bytes);
    client->length += (size_t)got;
}

static void consume(struct http_client *client, size_t length)
{
    memmove(client->bytes, client->bytes + length, client->length - length);
    client->length -= length;
}

static size_t content_length(const struct http_response *response)
{
    const char *field = strcasestr(response->head, "\r\nContent-Length:");

    if (field == NULL && (response->status == 204 || response->status == 304))
        return 0;
    assert_non_null(field);
    return strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
}

static size_t read_head(struct http_client *client, struct http_response *ret_response)
{
    const char *end;
    size_t length;

    while ((end = memmem(client->bytes, client->length, "\r\n\r\n", 4)) == NULL)
        receive_more(client);
    length = (size_t)(end - client->bytes) + 4;
    assert_true(length < sizeof(ret_response->head));
    memcpy(ret_response->head, client->bytes, length);
    ret_response->head[length] = '\0';
    assert_true(length > strlen("HTTP/1.1 ") &&
                memcmp(ret_response->head, "HTTP/1.1 ", strlen("HTTP/1.1 ")) == 0);
    ret_response->status = (int)strtol(ret_response->head + strlen("HTTP/1.1 "), NULL, 10);
    consume(client, length);
    return content_length(ret_response);
}

void http_client_read_head(struct http_client *client, struct http_response *ret_response)
{
    ret_response->body_length = read_head(client, ret_response);
}

void http_client_read(struct http_client *client, struct http_response *ret_response)
{
    size_t length = read_head(client, ret_response);

    assert_true(length < sizeof(ret_response->body));
    while (client->length < length)
        receive_more(client);
    memcpy(ret_response->body, client->bytes, length);
    ret_response->body[length] = '\0';
    ret_response->body_length = length;
    consume(client, length);
}

bool http_client_is_ended(struct http_client *client)
{
    char byte;

    return client->length == 0 && recv(client->fd, &byte, 1, 0) == 0;
}

void http_ask(int port, const char *verb, const char *path, const char *fields, const char *body,
              struct http_response *ret_response)
{
    struct http_client *client = malloc(sizeof(*client));

    assert_non_null(client);
    http_client_open(client, port);
    http_client_print(client, "%s %s HTTP/1.1\r\nHost: test\r\n%s", verb, path, fields);
    if (body != NULL) {
        http_client_print(client, "Content-Length: %zu\r\n\r\n", strlen(body));
        http_client_send(client, body, strlen(body));
    } else {
        http_client_print(client, "\r\n");
    }
    http_client_read(client, ret_response);
    http_client_close(client);
    free(client);
}

bool http_has_field(const struct http_response *response, const char *line)
{
    char wanted[512];

    snprintf(wanted, sizeof(wanted), "\r\n%s\r\n", line);
    return strcasestr(response->head, wanted) != NULL;
}
