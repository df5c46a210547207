/* A table of keys: each is being loaded by one thread, or has a result for a moment. */
#include "platform/copy/flight.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"

struct flight {
    char key[QL_FLIGHT_KEY_MAX + 1]; /* "": free */
    bool is_loading;
    bool is_for_waiters_only;
    bool is_for_nobody; /* the loader ran out of its own time: that says nothing about the key */
    int64_t began_ms, stale_ms;
    uint64_t number; /* of the load: those who waited for it know it by that */
    enum ql_code code;
    char reason[QL_REASON_MAX];
    char message[QL_MESSAGE_MAX];
    void *bytes; /* NULL and QL_OK: it was too large to be shared */
    size_t length;
};

struct ql_flights {
    int64_t fresh_ms;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t landed;
    uint64_t n_loads;
    size_t n_keys;
    struct flight keys[];
};

struct ql_flights *ql_flights_new(size_t n_keys, int64_t fresh_ms)
{
    struct ql_flights *flights = calloc(1, sizeof(*flights) + n_keys * sizeof(struct flight));

    if (flights == NULL)
        return NULL;
    flights->n_keys = n_keys;
    flights->fresh_ms = fresh_ms;
    pthread_mutex_init(&flights->lock, NULL);
    ql_condition_init(&flights->landed);
    return flights;
}

void ql_flights_free(struct ql_flights *flights)
{
    if (flights == NULL)
        return;
    for (size_t i = 0; i < flights->n_keys; i++)
        free(flights->keys[i].bytes);
    pthread_cond_destroy(&flights->landed);
    pthread_mutex_destroy(&flights->lock);
    free(flights);
}

/* The key's place, or the one that is best given to it; NULL: all are loading. */
static struct flight *flight_find(struct ql_flights *flights, const char *key)
{
    struct flight *best = NULL;

    for (size_t i = 0; i < flights->n_keys; i++) {
        struct flight *flight = &flights->keys[i];

        if (strcmp(flight->key, key) == 0)
            return flight;
        if (!flight->is_loading && (best == NULL || flight->began_ms < best->began_ms))
            best = flight;
    }
    return best;
}

/* True when a call that arrived then may have what the flight brought. */
static bool is_fresh(const struct ql_flights *flights, const struct flight *flight,
                     int64_t arrived_ms)
{
    return (flight->code != QL_OK || flight->bytes != NULL) && !flight->is_for_nobody &&
           flight->began_ms + flights->fresh_ms > arrived_ms &&
           (flight->stale_ms == 0 || ql_monotonic_ms() < flight->stale_ms);
}

static enum ql_code give(struct ql_call *call, const struct flight *flight,
                         struct ql_flight_result *ret_result)
{
    if (flight->code != QL_OK)
        return ql_fail(call, flight->code, flight->reason, "%s", flight->message);
    *ret_result = (struct ql_flight_result){
        .bytes = ql_arena_memdup(call->arena, flight->bytes, flight->length),
        .length = flight->length,
        .stale_ms = flight->stale_ms};
    return ret_result->bytes == NULL ? ql_fail_memory(call) : QL_OK;
}

/* Waits for the end of the load under way. False: the deadline came first. */
static bool wait_for(struct ql_call *call, struct ql_flights *flights, const struct flight *flight,
                     uint64_t number)
{
    while (flight->is_loading && flight->number == number)
        if (!ql_condition_wait(&flights->landed, &flights->lock, call->deadline_ms))
            return !(flight->is_loading && flight->number == number);
    return true;
}

static void take_off(struct ql_flights *flights, struct flight *flight, const char *key)
{
    free(flight->bytes);
    *flight = (struct flight){
        .is_loading = true, .began_ms = ql_monotonic_ms(), .number = ++flights->n_loads};
    snprintf(flight->key, sizeof(flight->key), "%s", key);
}

static void land(struct ql_flights *flights, struct flight *flight, const struct ql_call *call,
                 enum ql_code rc, const struct ql_flight_result *result)
{
    pthread_mutex_lock(&flights->lock);
    flight->code = rc;
    if (rc != QL_OK) {
        snprintf(flight->reason, sizeof(flight->reason), "%s", call->status.reason);
        snprintf(flight->message, sizeof(flight->message), "%s", call->status.message);
        flight->is_for_waiters_only = rc != QL_NOT_FOUND;
        flight->is_for_nobody = ql_call_remaining_ms(call) <= 0;
    } else if (result->length <= QL_FLIGHT_RESULT_MAX) {
        flight->bytes = malloc(result->length + 1);
        flight->length = result->length;
        flight->stale_ms = result->stale_ms;
        if (flight->bytes != NULL && result->length > 0)
            memcpy(flight->bytes, result->bytes, result->length);
    }
    flight->is_loading = false;
    pthread_cond_broadcast(&flights->landed);
    pthread_mutex_unlock(&flights->lock);
}

/* Under the lock: true when this call is answered, by somebody else's load or by its
 * deadline; else *ret_mine is the flight that it must make (NULL: without one). */
static bool board(struct ql_call *call, struct ql_flights *flights, const char *key,
                  struct ql_flight_result *ret_result, enum ql_code *ret_rc,
                  struct flight **ret_mine)
{
    int64_t arrived_ms = ql_monotonic_ms();
    uint64_t waited_for = 0;

    for (;;) {
        struct flight *flight = flight_find(flights, key);

        *ret_mine = flight;
        if (flight == NULL)
            return false;
        if (strcmp(flight->key, key) == 0 && flight->is_loading) {
            waited_for = flight->number;
            if (wait_for(call, flights, flight, waited_for))
                continue;
            *ret_rc = ql_fail(call, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                              "the deadline passed while another call looked it up");
            return true;
        }
        if (strcmp(flight->key, key) == 0 && is_fresh(flights, flight, arrived_ms) &&
            (!flight->is_for_waiters_only || flight->number == waited_for)) {
            *ret_rc = give(call, flight, ret_result);
            return true;
        }
        take_off(flights, flight, key);
        return false;
    }
}

enum ql_code ql_flight_run(struct ql_call *call, struct ql_flights *flights, const char *key,
                           ql_flight_load *load, void *argument,
                           struct ql_flight_result *ret_result, bool *ret_is_shared)
{
    struct flight *mine;
    enum ql_code rc = QL_OK;

    *ret_result = (struct ql_flight_result){0};
    pthread_mutex_lock(&flights->lock);
    *ret_is_shared = board(call, flights, key, ret_result, &rc, &mine);
    pthread_mutex_unlock(&flights->lock);
    if (*ret_is_shared)
        return rc;
    rc = load(call, argument, ret_result);
    if (mine != NULL)
        land(flights, mine, call, rc, ret_result);
    return rc;
}
