/* Checks a password again and again on a number of threads: the part of a
 * sign-in that cannot be made cheaper.
 *
 *   ql-bench-pwhash THREADS SECONDS
 *
 * prints "checks=… seconds=…". */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform/auth/password.h"
#include "platform/base/arena.h"
#include "platform/base/clock.h"

enum { THREADS_MAX = 64, SECONDS_MAX = 60 };

static char hash[QL_PASSWORD_HASH_SIZE];
static atomic_bool is_ending;
static atomic_long n_checks;

static void *check(void *argument)
{
    (void)argument;
    while (!atomic_load(&is_ending))
        if (ql_password_matches(hash, "a good password") && !atomic_load(&is_ending))
            atomic_fetch_add(&n_checks, 1);
    return NULL;
}

static int run(long n_threads, long seconds)
{
    pthread_t threads[THREADS_MAX];
    long n_started = 0, checks;
    int64_t began_ms = ql_monotonic_ms(), ended_ms;

    while (n_started < n_threads && pthread_create(&threads[n_started], NULL, check, NULL) == 0)
        n_started++;
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    checks = atomic_load(&n_checks);
    ended_ms = ql_monotonic_ms();
    atomic_store(&is_ending, true);
    for (long i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    printf("checks=%ld seconds=%.3f\n", checks, (double)(ended_ms - began_ms) / 1000);
    return n_started == n_threads && checks > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    long n_threads = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    long seconds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_call call;
    int status = 1;

    if (n_threads < 1 || n_threads > THREADS_MAX || seconds < 1 || seconds > SECONDS_MAX) {
        fprintf(stderr, "usage: ql-bench-pwhash THREADS SECONDS\n");
        ql_arena_free(arena);
        return 2;
    }
    if (arena == NULL)
        return 1;
    ql_call_init(&call, arena, "bench", 60000);
    if (ql_password_hash(&call, "a good password", hash) == QL_OK)
        status = run(n_threads, seconds);
    ql_arena_free(arena);
    return status;
}
