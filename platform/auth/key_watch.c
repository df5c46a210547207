/* Re-reading the JWKS file when it changes. */
#include "platform/auth/key_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"

enum { CHECK_EVERY_MS = 1000 };

/* Identifies a state of the file. The time alone may be the same for two writes within a
 * tick of the kernel's clock. */
struct file_state {
    bool exists;
    struct timespec modified;
    off_t size;
    ino_t inode;
};

struct qli_key_watch {
    char *path;
    _Atomic int64_t next_check_ms;
    _Atomic uint64_t generation;
    _Atomic bool is_changed;  /* the file, since it was read last */
    pthread_mutex_t reading;  /* held by the one thread that reads the file */
    struct file_state warned; /* the state that was logged last; under reading */
    pthread_mutex_t mutex;    /* of all below; never held for long */
    struct qli_key_set *set;
    struct file_state state; /* when it was read last */
};

static struct file_state read_state(const char *path)
{
    struct file_state state = {0};
    struct stat file;

    if (stat(path, &file) == 0) {
        state.exists = true;
        state.modified = file.st_mtim;
        state.size = file.st_size;
        state.inode = file.st_ino;
    }
    return state;
}

static bool is_same(const struct file_state *a, const struct file_state *b)
{
    return a->exists == b->exists && a->modified.tv_sec == b->modified.tv_sec &&
           a->modified.tv_nsec == b->modified.tv_nsec && a->size == b->size && a->inode == b->inode;
}

struct qli_key_watch *qli_key_watch_new(const char *jwks_file, char *error, size_t error_size)
{
    struct qli_key_watch *watch = calloc(1, sizeof(*watch));

    if (watch != NULL)
        watch->path = strdup(jwks_file);
    if (watch == NULL || watch->path == NULL) {
        snprintf(error, error_size, "out of memory");
        free(watch);
        return NULL;
    }
    pthread_mutex_init(&watch->reading, NULL);
    pthread_mutex_init(&watch->mutex, NULL);
    /* Before reading, so that a change in between is found at the next check. */
    watch->state = read_state(jwks_file);
    watch->next_check_ms = ql_monotonic_ms() + CHECK_EVERY_MS;
    watch->set = qli_key_set_load(jwks_file, error, error_size);
    if (watch->set == NULL) {
        qli_key_watch_free(watch);
        return NULL;
    }
    return watch;
}

void qli_key_watch_free(struct qli_key_watch *watch)
{
    if (watch == NULL)
        return;
    qli_key_set_free(watch->set);
    pthread_mutex_destroy(&watch->mutex);
    pthread_mutex_destroy(&watch->reading);
    free(watch->path);
    free(watch);
}

uint64_t qli_key_watch_generation(struct qli_key_watch *watch)
{
    return watch->generation;
}

bool qli_key_watch_is_current(struct qli_key_watch *watch)
{
    int64_t now_ms = ql_monotonic_ms(), due_ms = watch->next_check_ms;
    struct file_state state;

    /* When a check is due, one thread does it. */
    if (now_ms >= due_ms &&
        atomic_compare_exchange_strong(&watch->next_check_ms, &due_ms, now_ms + CHECK_EVERY_MS)) {
        state = read_state(watch->path);
        pthread_mutex_lock(&watch->mutex);
        if (!is_same(&state, &watch->state))
            watch->is_changed = true;
        pthread_mutex_unlock(&watch->mutex);
    }
    return !watch->is_changed;
}

/* A broken file is read again at the next check, as it may have been half-written; each
 * state is logged once. */
static void keep_old_keys(struct qli_key_watch *watch, const struct file_state *state,
                          const char *error)
{
    if (!is_same(state, &watch->warned))
        QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "JWKS file not usable, old keys stay in use"),
               QL_TEXT("message", error));
    watch->warned = *state;
}

static void read_again(struct qli_key_watch *watch)
{
    char error[256] = "";
    struct file_state state;
    struct qli_key_set *set, *old;

    watch->is_changed = false;
    state = read_state(watch->path);
    set = qli_key_set_load(watch->path, error, sizeof(error));
    if (set == NULL) {
        keep_old_keys(watch, &state, error);
        return;
    }
    pthread_mutex_lock(&watch->mutex);
    old = watch->set;
    watch->set = set;
    watch->state = state;
    watch->generation++;
    pthread_mutex_unlock(&watch->mutex);
    qli_key_set_free(old);
}

void qli_key_watch_refresh(struct qli_key_watch *watch)
{
    /* While another thread reads the file, this one uses the old keys. */
    if (qli_key_watch_is_current(watch) || pthread_mutex_trylock(&watch->reading) != 0)
        return;
    if (watch->is_changed)
        read_again(watch);
    pthread_mutex_unlock(&watch->reading);
}

void qli_key_watch_write(struct qli_key_watch *watch, struct ql_buffer *out)
{
    char jwk[QL_JWK_MAX];

    ql_buffer_append_text(out, "{\"keys\":[");
    pthread_mutex_lock(&watch->mutex);
    for (size_t i = 0; i < watch->set->n_keys; i++) {
        const struct qli_public_key *key = &watch->set->keys[i];
        int length = qli_ec_public_jwk(key->kid, &key->point, jwk, sizeof(jwk));

        if (length < 0 || (size_t)length >= sizeof(jwk))
            continue;
        ql_buffer_append_text(out, i == 0 ? "" : ",");
        ql_buffer_append(out, jwk, (size_t)length);
    }
    pthread_mutex_unlock(&watch->mutex);
    ql_buffer_append_text(out, "]}");
}

struct evp_pkey_st *qli_key_watch_find(struct qli_key_watch *watch, const char *kid,
                                       char ret_issuer[QL_ISSUER_MAX], uint64_t *ret_generation)
{
    const struct qli_public_key *found;
    struct evp_pkey_st *key = NULL;

    pthread_mutex_lock(&watch->mutex);
    found = qli_key_set_find(watch->set, kid);
    if (found != NULL) {
        snprintf(ret_issuer, QL_ISSUER_MAX, "%s", found->issuer);
        *ret_generation = watch->generation;
        key = qli_ec_public_use(found->key);
    }
    pthread_mutex_unlock(&watch->mutex);
    return key;
}
