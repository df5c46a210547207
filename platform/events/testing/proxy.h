/* For tests: a TCP proxy in front of the broker, which can be away, cut its
 * connections, or stop reading from its clients as a broker does that lacks
 * memory. Runs on a thread of its own; connections beyond the bound are cut. */
#ifndef QL_EVENTS_TESTING_PROXY_H
#define QL_EVENTS_TESTING_PROXY_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "platform/events/testing/broker.h"

enum { PROXY_PAIRS = 8 };

struct proxy {
    struct sockaddr_in broker;
    struct sockaddr_in own;
    char url[BROKER_TEXT_MAX]; /* the broker's, by way of us */
    int listener;              /* -1: away */
    int client[PROXY_PAIRS];   /* -1: free */
    int server[PROXY_PAIRS];
    _Atomic bool wants_away;
    _Atomic bool is_away;
    _Atomic bool is_deaf; /* reads nothing from clients */
    _Atomic bool is_stopping;
    _Atomic int n_accepted;
    pthread_t thread;
};

void proxy_start(struct proxy *proxy);
void proxy_stop(struct proxy *proxy);

/* Returns once connections are cut and new ones refused, or accepted again. */
void proxy_set_away(struct proxy *proxy, bool is_away);

#endif
