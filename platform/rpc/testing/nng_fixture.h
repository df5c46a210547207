/* For the tests of the module: threads of nng that do not go on. Its reaper may get stuck
 * (reaper.h), and a process may get no time. */
#ifndef QL_RPC_NNG_FIXTURE_H
#define QL_RPC_NNG_FIXTURE_H

#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <nng/nng.h>

#include "platform/rpc/testing/keys_fixture.h"

static sem_t reaper_may_go_on;

static inline void reaper_hold(void *argument)
{
    (void)argument;
    sem_wait(&reaper_may_go_on);
}

/* The reaper waits for the callback of what it releases. */
static inline void reaper_block(void)
{
    nng_aio *aio;

    sem_init(&reaper_may_go_on, 0, 0);
    fixture_must(nng_aio_alloc(&aio, reaper_hold, NULL) == 0, "nng_aio_alloc");
    nng_sleep_aio(1, aio);
    nng_aio_reap(aio);
}

static inline void reaper_release(void)
{
    sem_post(&reaper_may_go_on);
}

enum { NNG_TASKS_MAX = 16 }; /* threads of nng that run callbacks: two for each core */

static sem_t tasks_may_go_on;
static atomic_int n_tasks_held;
static nng_aio *task_holders[NNG_TASKS_MAX];

static inline void task_hold(void *argument)
{
    (void)argument;
    atomic_fetch_add(&n_tasks_held, 1);
    sem_wait(&tasks_may_go_on);
}

/* Holds all threads that run callbacks. */
static inline void tasks_block(void)
{
    long n_tasks = 2 * sysconf(_SC_NPROCESSORS_ONLN);

    sem_init(&tasks_may_go_on, 0, 0);
    atomic_store(&n_tasks_held, 0);
    for (int i = 0; i < NNG_TASKS_MAX; i++) {
        fixture_must(nng_aio_alloc(&task_holders[i], task_hold, NULL) == 0, "nng_aio_alloc");
        nng_sleep_aio(1, task_holders[i]);
    }
    while (atomic_load(&n_tasks_held) < (n_tasks < NNG_TASKS_MAX ? n_tasks : NNG_TASKS_MAX))
        sched_yield();
}

static inline void tasks_release(void)
{
    for (int i = 0; i < NNG_TASKS_MAX; i++)
        sem_post(&tasks_may_go_on);
    for (int i = 0; i < NNG_TASKS_MAX; i++)
        nng_aio_free(task_holders[i]);
}

#endif
