/* A bounded bump allocator: many small allocations, one release.
 *
 * The memory of a call comes from its arena and is released in one step. An allocation
 * past the limit returns NULL, so that hostile input cannot exhaust the process.
 * An arena belongs to one thread at a time. */
#ifndef QL_BASE_ARENA_H
#define QL_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"

struct ql_arena;

/* A new arena that allocates at most limit_bytes between two resets. NULL when the first
 * block cannot be allocated. The caller owns it. */
struct ql_arena *ql_arena_new(size_t limit_bytes);
void ql_arena_free(struct ql_arena *arena);   /* NULL is fine */
void ql_arena_freep(struct ql_arena **arena); /* for QL_CLEANUP */

/* Releases every allocation and keeps the first block for reuse. */
void ql_arena_reset(struct ql_arena *arena);

/* The state of an arena at one moment. A rewind releases everything allocated since, so
 * that work can be repeated while its input stays; a mark is invalid after a reset. */
struct ql_arena_mark {
    void *block;
    size_t block_used, used;
};
struct ql_arena_mark ql_arena_mark(const struct ql_arena *arena);
void ql_arena_rewind(struct ql_arena *arena, const struct ql_arena_mark *mark);

/* Work of a block of code in another arena:
 *
 *   QL_CLEANUP(ql_arena_leave)
 *   struct ql_arena_scope scope = ql_arena_enter(&call->arena, rows);
 *
 * call->arena is `rows` from here to the end of the block, and what it was before
 * afterwards, however the block is left. An arena that the block itself frees is declared
 * above the scope. NULL enters nothing, so that it can be checked for afterwards. */
struct ql_arena_scope {
    struct ql_arena **place, *outer;
};
struct ql_arena_scope ql_arena_enter(struct ql_arena **place, struct ql_arena *inner) QL_MUST_CHECK;
void ql_arena_leave(struct ql_arena_scope *scope); /* for QL_CLEANUP */

/* Memory aligned for any object; NULL past the limit. Not zeroed. */
void *ql_arena_alloc(struct ql_arena *arena, size_t size) QL_MUST_CHECK;
/* The same, zeroed, for count objects; NULL when count * size overflows. */
void *ql_arena_calloc(struct ql_arena *arena, size_t count, size_t size) QL_MUST_CHECK;

/* Copies into the arena; all return NULL past the limit. */
char *ql_arena_strdup(struct ql_arena *arena, const char *text);
char *ql_arena_strndup(struct ql_arena *arena, const char *text, size_t length);
void *ql_arena_memdup(struct ql_arena *arena, const void *bytes, size_t length);
char *ql_arena_printf(struct ql_arena *arena, const char *format, ...) QL_PRINTF(2, 3);
char *ql_arena_vprintf(struct ql_arena *arena, const char *format, va_list arguments)
    QL_PRINTF(2, 0);

/* Whether an allocation was refused since the last reset because of the limit. */
bool ql_arena_is_spent(const struct ql_arena *arena);

/* Bytes allocated since the last reset, for limits and tests. */
size_t ql_arena_used(const struct ql_arena *arena);

#endif
