/* The bump allocator: a chain of blocks, the newest in front.
 *
 * Blocks double in size up to a bound, so that a small call needs one malloc and a large
 * one needs few. The limit counts allocated bytes, not the size of the blocks. */
#include "platform/base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_BLOCK_BYTES = 4096,
    LARGEST_BLOCK_BYTES = 256 * 1024, /* except for one object that is larger */
    ALIGNMENT = _Alignof(max_align_t),
};

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct ql_arena {
    struct block *newest;
    struct block *kept; /* the first block, which survives a reset */
    size_t limit;
    size_t used;
    bool is_spent;
};

static struct block *block_new(size_t size)
{
    struct block *block;

    if (size > SIZE_MAX - sizeof(*block))
        return NULL;
    block = malloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

struct ql_arena *ql_arena_new(size_t limit_bytes)
{
    struct ql_arena *arena = calloc(1, sizeof(*arena));

    if (arena == NULL)
        return NULL;
    arena->kept = block_new(FIRST_BLOCK_BYTES);
    if (arena->kept == NULL) {
        free(arena);
        return NULL;
    }
    arena->newest = arena->kept;
    arena->limit = limit_bytes;
    return arena;
}

void ql_arena_free(struct ql_arena *arena)
{
    if (arena == NULL)
        return;
    ql_arena_reset(arena);
    free(arena->kept);
    free(arena);
}

void ql_arena_freep(struct ql_arena **arena)
{
    ql_arena_free(*arena);
    *arena = NULL;
}

struct ql_arena_scope ql_arena_enter(struct ql_arena **place, struct ql_arena *inner)
{
    struct ql_arena_scope scope = {.place = place, .outer = *place};

    if (inner != NULL)
        *place = inner;
    return scope;
}

void ql_arena_leave(struct ql_arena_scope *scope)
{
    *scope->place = scope->outer;
}

struct ql_arena_mark ql_arena_mark(const struct ql_arena *arena)
{
    return (struct ql_arena_mark){
        .block = arena->newest, .block_used = arena->newest->used, .used = arena->used};
}

void ql_arena_rewind(struct ql_arena *arena, const struct ql_arena_mark *mark)
{
    while (arena->newest != mark->block) {
        struct block *gone = arena->newest;

        arena->newest = gone->next;
        free(gone);
    }
    arena->newest->used = mark->block_used;
    arena->used = mark->used;
    arena->is_spent = false;
}

void ql_arena_reset(struct ql_arena *arena)
{
    ql_arena_rewind(arena, &(const struct ql_arena_mark){.block = arena->kept});
}

/* Adds a block of at least size bytes. */
static bool arena_grow(struct ql_arena *arena, size_t size)
{
    size_t block_size = arena->newest->size * 2;
    struct block *block;

    if (block_size > LARGEST_BLOCK_BYTES)
        block_size = LARGEST_BLOCK_BYTES;
    if (block_size < size)
        block_size = size;
    block = block_new(block_size);
    if (block == NULL)
        return false;
    block->next = arena->newest;
    arena->newest = block;
    return true;
}

void *ql_arena_alloc(struct ql_arena *arena, size_t size)
{
    size_t rounded;
    void *memory;

    if (size == 0)
        size = 1; /* so that every object has an address of its own */
    if (size > SIZE_MAX - ALIGNMENT)
        return NULL;
    rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded > arena->limit - arena->used) {
        arena->is_spent = true;
        return NULL;
    }
    if (rounded > arena->newest->size - arena->newest->used && !arena_grow(arena, rounded))
        return NULL;
    memory = arena->newest->bytes + arena->newest->used;
    arena->newest->used += rounded;
    arena->used += rounded;
    return memory;
}

void *ql_arena_calloc(struct ql_arena *arena, size_t count, size_t size)
{
    void *memory;

    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    memory = ql_arena_alloc(arena, count * size);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

char *ql_arena_strdup(struct ql_arena *arena, const char *text)
{
    return ql_arena_memdup(arena, text, strlen(text) + 1);
}

char *ql_arena_strndup(struct ql_arena *arena, const char *text, size_t length)
{
    size_t copied = strnlen(text, length);
    char *copy;

    if (copied == SIZE_MAX)
        return NULL;
    copy = ql_arena_alloc(arena, copied + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, copied);
    copy[copied] = '\0';
    return copy;
}

void *ql_arena_memdup(struct ql_arena *arena, const void *bytes, size_t length)
{
    void *copy = ql_arena_alloc(arena, length);

    if (copy != NULL && length != 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *ql_arena_printf(struct ql_arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = ql_arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *ql_arena_vprintf(struct ql_arena *arena, const char *format, va_list arguments)
{
    va_list measured;
    char *text;
    int length;

    va_copy(measured, arguments);
    length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    if (length < 0)
        return NULL;
    text = ql_arena_alloc(arena, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

bool ql_arena_is_spent(const struct ql_arena *arena)
{
    return arena->is_spent;
}

size_t ql_arena_used(const struct ql_arena *arena)
{
    return arena->used;
}
