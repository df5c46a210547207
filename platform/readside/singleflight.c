/* A table of keys: each is being loaded by one thread, or has a result for a moment. */
#include "platform/readside/singleflight.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"

struct shared_load {
    char key[QL_SINGLEFLIGHT_KEY_MAX + 1]; /* "": free */
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

struct ql_singleflight {
    int64_t fresh_ms;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t finished;
    uint64_t n_loads;
    size_t n_keys;
    struct shared_load keys[];
};

struct ql_singleflight *ql_singleflight_new(size_t n_keys, int64_t fresh_ms)
{
    struct ql_singleflight *group = calloc(1, sizeof(*group) + n_keys * sizeof(struct shared_load));

    if (group == NULL)
        return NULL;
    group->n_keys = n_keys;
    group->fresh_ms = fresh_ms;
    pthread_mutex_init(&group->lock, NULL);
    ql_condition_init(&group->finished);
    return group;
}

void ql_singleflight_free(struct ql_singleflight *group)
{
    if (group == NULL)
        return;
    for (size_t i = 0; i < group->n_keys; i++)
        free(group->keys[i].bytes);
    pthread_cond_destroy(&group->finished);
    pthread_mutex_destroy(&group->lock);
    free(group);
}

/* The key's place, or the one that is best given to it; NULL: all are loading. */
static struct shared_load *find_load(struct ql_singleflight *group, const char *key)
{
    struct shared_load *best = NULL;

    for (size_t i = 0; i < group->n_keys; i++) {
        struct shared_load *load = &group->keys[i];

        if (strcmp(load->key, key) == 0)
            return load;
        if (!load->is_loading && (best == NULL || load->began_ms < best->began_ms))
            best = load;
    }
    return best;
}

/* True when a call that arrived then may share what the load brought. */
static bool can_share(const struct ql_singleflight *group, const struct shared_load *load,
                      int64_t arrived_ms)
{
    return (load->code != QL_OK || load->bytes != NULL) && !load->is_for_nobody &&
           load->began_ms + group->fresh_ms > arrived_ms &&
           (load->stale_ms == 0 || ql_monotonic_ms() < load->stale_ms);
}

static enum ql_code copy_result(struct ql_call *call, const struct shared_load *load,
                                struct ql_singleflight_result *ret_result)
{
    if (load->code != QL_OK)
        return ql_fail(call, load->code, load->reason, "%s", load->message);
    *ret_result = (struct ql_singleflight_result){
        .bytes = ql_arena_memdup(call->arena, load->bytes, load->length),
        .length = load->length,
        .stale_ms = load->stale_ms};
    return ret_result->bytes == NULL ? ql_fail_memory(call) : QL_OK;
}

/* Waits for the end of the load under way. False: the deadline came first. */
static bool wait_for_end(struct ql_call *call, struct ql_singleflight *group,
                         const struct shared_load *load, uint64_t number)
{
    while (load->is_loading && load->number == number)
        if (!ql_condition_wait(&group->finished, &group->lock, call->deadline_ms))
            return !(load->is_loading && load->number == number);
    return true;
}

static void start_load(struct ql_singleflight *group, struct shared_load *load, const char *key)
{
    free(load->bytes);
    *load = (struct shared_load){
        .is_loading = true, .began_ms = ql_monotonic_ms(), .number = ++group->n_loads};
    snprintf(load->key, sizeof(load->key), "%s", key);
}

static void finish_load(struct ql_singleflight *group, struct shared_load *load,
                        const struct ql_call *call, enum ql_code rc,
                        const struct ql_singleflight_result *result)
{
    pthread_mutex_lock(&group->lock);
    load->code = rc;
    if (rc != QL_OK) {
        snprintf(load->reason, sizeof(load->reason), "%s", call->status.reason);
        snprintf(load->message, sizeof(load->message), "%s", call->status.message);
        load->is_for_waiters_only = rc != QL_NOT_FOUND;
        load->is_for_nobody = ql_call_remaining_ms(call) <= 0;
    } else if (result->length <= QL_SINGLEFLIGHT_RESULT_MAX) {
        load->bytes = malloc(result->length + 1);
        load->length = result->length;
        load->stale_ms = result->stale_ms;
        if (load->bytes != NULL && result->length > 0)
            memcpy(load->bytes, result->bytes, result->length);
    }
    load->is_loading = false;
    pthread_cond_broadcast(&group->finished);
    pthread_mutex_unlock(&group->lock);
}

/* Under the lock: true when this call is answered, by somebody else's load or by its
 * deadline; else *ret_mine is the load that it must make (NULL: without one). */
static bool join_or_start(struct ql_call *call, struct ql_singleflight *group, const char *key,
                          struct ql_singleflight_result *ret_result, enum ql_code *ret_rc,
                          struct shared_load **ret_mine)
{
    int64_t arrived_ms = ql_monotonic_ms();
    uint64_t waited_for = 0;

    for (;;) {
        struct shared_load *load = find_load(group, key);

        *ret_mine = load;
        if (load == NULL)
            return false;
        if (strcmp(load->key, key) == 0 && load->is_loading) {
            waited_for = load->number;
            if (wait_for_end(call, group, load, waited_for))
                continue;
            *ret_rc = ql_fail(call, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                              "the deadline passed while another call looked it up");
            return true;
        }
        if (strcmp(load->key, key) == 0 && can_share(group, load, arrived_ms) &&
            (!load->is_for_waiters_only || load->number == waited_for)) {
            *ret_rc = copy_result(call, load, ret_result);
            return true;
        }
        start_load(group, load, key);
        return false;
    }
}

enum ql_code ql_singleflight_run(struct ql_call *call, struct ql_singleflight *group,
                                 const char *key, ql_singleflight_load *load, void *argument,
                                 struct ql_singleflight_result *ret_result, bool *ret_is_shared)
{
    struct shared_load *mine;
    enum ql_code rc = QL_OK;

    *ret_result = (struct ql_singleflight_result){0};
    pthread_mutex_lock(&group->lock);
    *ret_is_shared = join_or_start(call, group, key, ret_result, &rc, &mine);
    pthread_mutex_unlock(&group->lock);
    if (*ret_is_shared)
        return rc;
    rc = load(call, argument, ret_result);
    if (mine != NULL)
        finish_load(group, mine, call, rc, ret_result);
    return rc;
}

bool ql_singleflight_find(struct ql_call *call, struct ql_singleflight *group, const char *key,
                          struct ql_singleflight_result *ret_result)
{
    const struct shared_load *load;
    bool is_found = false;

    if (pthread_mutex_trylock(&group->lock) != 0)
        return false;
    load = find_load(group, key);
    if (load != NULL && strcmp(load->key, key) == 0 && !load->is_loading && load->code == QL_OK &&
        can_share(group, load, ql_monotonic_ms())) {
        *ret_result = (struct ql_singleflight_result){
            .bytes = ql_arena_memdup(call->arena, load->bytes, load->length),
            .length = load->length,
            .stale_ms = load->stale_ms};
        is_found = ret_result->bytes != NULL;
    }
    pthread_mutex_unlock(&group->lock);
    return is_found;
}
