/* For tests with a real broker (QL_TEST_AMQP_URL): an administrator's connection that locks
 * the shared queues against other test programs, copies messages and reads the dead letters.
 * A failure fails the test. */
#ifndef QL_EVENTS_TESTING_BROKER_H
#define QL_EVENTS_TESTING_BROKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/events/connection.h"
#include "platform/events/topology.h"

enum { BROKER_WAIT_MS = 30000, BROKER_TEXT_MAX = 512 };

struct broker {
    struct qli_connection connection;
    struct ql_arena *arena;
};

/* A message read from a queue. */
struct broker_message {
    char routing_key[BROKER_TEXT_MAX];
    char message_id[BROKER_TEXT_MAX];
    char type[BROKER_TEXT_MAX];
    char content_type[BROKER_TEXT_MAX];
    char reason[BROKER_TEXT_MAX];       /* header x-reason */
    char text[BROKER_TEXT_MAX];         /* header x-text */
    char original_key[BROKER_TEXT_MAX]; /* header x-original-routing-key */
    int64_t original_length;            /* header x-original-length */
    int delivery_mode;
    size_t length;
    uint8_t body[300 * 1024];
};

/* NULL: there is no broker to test with. */
const char *broker_url(void);

/* Waits for its turn at the broker, declares the topology, empties every queue. */
void broker_open(struct broker *broker);
void broker_close(struct broker *broker);

/* Declares a private queue with a binding. max_length 0: no bound; else the queue refuses
 * what does not fit. */
void broker_tap(struct broker *broker, const char *queue, const char *pattern, int max_length);

/* Takes the first message out of a queue; false: it is empty. */
bool broker_try_get(struct broker *broker, const char *queue, struct broker_message *ret_message);
/* The same, and waits for one. */
void broker_get(struct broker *broker, const char *queue, struct broker_message *ret_message);

/* The same for a work queue, whose single active consumer forbids a get: takes
 * the first message as a consumer does. No headers. */
void broker_take(struct broker *broker, const char *queue, struct broker_message *ret_message);

/* How many messages a queue has ready. */
size_t broker_count(struct broker *broker, const char *queue);

/* Publishes any bytes, as a foreign client might; message_id NULL: none. */
void broker_publish(struct broker *broker, const char *routing_key, const char *message_id,
                    const void *bytes, size_t length);

/* A short pause, for loops that wait for a condition. */
void broker_wait_a_little(void);

#endif
