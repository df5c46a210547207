/* Counting bytes. malloc keeps freed memory for reuse; after a flood that is most of the
 * process's memory, so it is returned to the system. */
#include "gateway/memory.h"

#include <malloc.h>

#include "platform/base/clock.h"

enum {
    TRIM_BYTES = 8 * 1024 * 1024, /* freed since the last trim */
    TRIM_INTERVAL_MS = 2000,
    /* While much is held: freed memory is then fragmented, and may not fit later bodies. */
    SHORT_TRIM_INTERVAL_MS = 100,
};

static bool is_full(const struct memory *memory)
{
    return memory->held - memory->ending > memory->max;
}

enum memory_verdict memory_take(struct memory_account *account, const struct ql_client *client,
                                size_t bytes)
{
    struct memory *memory = account->memory;
    bool was_ending = account->is_ending;

    if (!ql_client_limit_take(memory->limits, QL_LIMIT_HELD_BYTES, client, (int64_t)bytes))
        return MEMORY_CLIENT_FULL;
    memory->held += bytes;
    if (was_ending)
        memory->ending += bytes;
    while (is_full(memory)) {
        if (!memory->relieve(memory)) {
            memory_give(account, client, bytes);
            return MEMORY_LOOP_FULL;
        }
        if (account->is_ending && !was_ending) {
            memory->ending += bytes; /* the cut counted what was held before */
            was_ending = true;
        }
    }
    return MEMORY_TAKEN;
}

void memory_give(struct memory_account *account, const struct ql_client *client, size_t bytes)
{
    struct memory *memory = account->memory;

    memory->held -= bytes;
    memory->freed += bytes;
    if (account->is_ending)
        memory->ending -= bytes;
    ql_client_limit_give(memory->limits, QL_LIMIT_HELD_BYTES, client, (int64_t)bytes);
}

bool memory_set_buffered(struct memory_account *account, const struct ql_client *client,
                         size_t bytes)
{
    size_t before = account->buffered;

    if (bytes > before && memory_take(account, client, bytes - before) != MEMORY_TAKEN)
        return false;
    if (bytes < before)
        memory_give(account, client, before - bytes);
    account->buffered = bytes;
    return true;
}

void memory_expect_end(struct memory_account *account)
{
    account->memory->ending += memory_held_by(account);
    account->is_ending = true;
}

size_t memory_held_by(const struct memory_account *account)
{
    return account->charged + account->buffered;
}

bool memory_is_short(const struct memory *memory)
{
    return memory->held > memory->max / 2;
}

size_t memory_of_buffer(const h2o_buffer_t *buffer)
{
    return buffer != NULL && buffer->bytes != NULL ? buffer->capacity : 0;
}

void memory_trim(struct memory *memory)
{
    int64_t now_ms;

    if (memory->freed < TRIM_BYTES)
        return;
    now_ms = ql_monotonic_ms();
    if (now_ms - memory->trimmed_ms <
        (memory_is_short(memory) ? SHORT_TRIM_INTERVAL_MS : TRIM_INTERVAL_MS))
        return;
    memory->freed = 0;
    memory->trimmed_ms = now_ms;
    malloc_trim(0);
}
