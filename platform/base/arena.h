/* A bounded bump allocator: many small allocations, one release.
 *
 * Memory of a call lives in its arena and is gone in one step. The limit makes
 * hostile input cheap: an allocation past it returns NULL and nothing breaks.
 * An arena belongs to one thread at a time. */
#ifndef QL_BASE_ARENA_H
#define QL_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"

struct ql_arena;

/* A new arena that hands out at most limit_bytes before the next reset. NULL
 * when the first block cannot be had. The caller owns it. */
struct ql_arena *ql_arena_new(size_t limit_bytes);
void ql_arena_free(struct ql_arena *arena);   /* NULL is fine */
void ql_arena_freep(struct ql_arena **arena); /* for QL_CLEANUP */

/* Forgets everything allocated and keeps one block for the next user. */
void ql_arena_reset(struct ql_arena *arena);

/* What an arena holds now. A rewind forgets everything allocated since, so that work can
 * be done a second time beside its input; a mark ends with the next reset. */
struct ql_arena_mark {
    void *block;
    size_t block_used, used;
};
struct ql_arena_mark ql_arena_mark(const struct ql_arena *arena);
void ql_arena_rewind(struct ql_arena *arena, const struct ql_arena_mark *mark);

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

/* Bytes handed out since the last reset, for limits and tests. */
size_t ql_arena_used(const struct ql_arena *arena);

#endif
