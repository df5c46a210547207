/* The proxy of the tests: one thread, poll, plain copies. */
#include "platform/events/testing/proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROXY_BUFFER = 65536 };

static void proxy_listen(struct proxy *proxy)
{
    socklen_t length = sizeof(proxy->own);
    int one = 1;

    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(proxy->listener >= 0);
    (void)setsockopt(proxy->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    assert_int_equal(bind(proxy->listener, (struct sockaddr *)&proxy->own, sizeof(proxy->own)), 0);
    assert_int_equal(listen(proxy->listener, 16), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)&proxy->own, &length), 0);
}

static void proxy_cut(struct proxy *proxy, int pair)
{
    if (proxy->client[pair] < 0)
        return;
    (void)close(proxy->client[pair]);
    (void)close(proxy->server[pair]);
    proxy->client[pair] = -1;
    proxy->server[pair] = -1;
}

static void proxy_accept(struct proxy *proxy)
{
    int client = accept(proxy->listener, NULL, NULL);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    proxy->n_accepted++;
    for (int i = 0; i < PROXY_PAIRS; i++) {
        if (proxy->client[i] >= 0)
            continue;
        if (connect(server, (struct sockaddr *)&proxy->broker, sizeof(proxy->broker)) != 0)
            break;
        proxy->client[i] = client;
        proxy->server[i] = server;
        return;
    }
    (void)close(client);
    (void)close(server);
}

static bool proxy_pass(int from, int to)
{
    char bytes[PROXY_BUFFER];
    ssize_t n = recv(from, bytes, sizeof(bytes), 0);

    for (ssize_t sent = 0; n > 0 && sent < n;) {
        ssize_t k = send(to, bytes + sent, (size_t)(n - sent), MSG_NOSIGNAL);

        if (k <= 0)
            return false;
        sent += k;
    }
    return n > 0;
}

static void proxy_turn(struct proxy *proxy)
{
    struct pollfd fds[1 + 2 * PROXY_PAIRS];

    fds[0] = (struct pollfd){proxy->listener, POLLIN, 0};
    for (int i = 0; i < PROXY_PAIRS; i++) {
        fds[1 + 2 * i] = (struct pollfd){proxy->is_deaf ? -1 : proxy->client[i], POLLIN, 0};
        fds[2 + 2 * i] = (struct pollfd){proxy->server[i], POLLIN, 0};
    }
    if (poll(fds, 1 + 2 * PROXY_PAIRS, 10) <= 0)
        return;
    for (int i = 0; i < PROXY_PAIRS; i++) {
        /* Deaf since a moment ago is deaf to what came since. */
        if (fds[1 + 2 * i].revents != 0 && !proxy->is_deaf &&
            !proxy_pass(proxy->client[i], proxy->server[i]))
            proxy_cut(proxy, i);
        else if (fds[2 + 2 * i].revents != 0 && !proxy_pass(proxy->server[i], proxy->client[i]))
            proxy_cut(proxy, i);
    }
    if (fds[0].revents != 0)
        proxy_accept(proxy);
}

static void *proxy_thread(void *argument)
{
    struct proxy *proxy = argument;

    while (!proxy->is_stopping) {
        if (proxy->wants_away && proxy->listener >= 0) {
            (void)close(proxy->listener);
            proxy->listener = -1;
            for (int i = 0; i < PROXY_PAIRS; i++)
                proxy_cut(proxy, i);
        } else if (!proxy->wants_away && proxy->listener < 0) {
            proxy_listen(proxy);
        }
        proxy->is_away = proxy->listener < 0;
        proxy_turn(proxy);
    }
    if (proxy->listener >= 0)
        (void)close(proxy->listener);
    for (int i = 0; i < PROXY_PAIRS; i++)
        proxy_cut(proxy, i);
    return NULL;
}

void proxy_start(struct proxy *proxy)
{
    struct amqp_connection_info info;
    char url[BROKER_TEXT_MAX];

    memset(proxy, 0, sizeof(*proxy));
    snprintf(url, sizeof(url), "%s", broker_url());
    assert_int_equal(amqp_parse_url(url, &info), AMQP_STATUS_OK);
    proxy->broker.sin_family = AF_INET;
    proxy->broker.sin_port = htons((uint16_t)info.port);
    assert_int_equal(inet_pton(AF_INET, info.host, &proxy->broker.sin_addr), 1);
    proxy->own.sin_family = AF_INET;
    proxy->own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    proxy_listen(proxy);
    snprintf(proxy->url, sizeof(proxy->url), "amqp://%s:%s@127.0.0.1:%d/%s", info.user,
             info.password, ntohs(proxy->own.sin_port),
             strcmp(info.vhost, "/") == 0 || info.vhost[0] == '\0' ? "%2f" : info.vhost);
    for (int i = 0; i < PROXY_PAIRS; i++)
        proxy->client[i] = proxy->server[i] = -1;
    assert_int_equal(pthread_create(&proxy->thread, NULL, proxy_thread, proxy), 0);
}

void proxy_set_away(struct proxy *proxy, bool is_away)
{
    proxy->wants_away = is_away;
    while (proxy->is_away != is_away)
        broker_wait_a_little();
}

void proxy_stop(struct proxy *proxy)
{
    proxy->is_stopping = true;
    (void)pthread_join(proxy->thread, NULL);
}
