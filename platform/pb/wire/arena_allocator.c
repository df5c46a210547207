/* Allocates, and leaves freeing to the arena. */
#include "platform/pb/wire/arena_allocator.h"

static void *arena_allocate(void *data, size_t size)
{
    return ql_arena_alloc(data, size);
}

static void arena_release(void *data, void *memory)
{
    (void)data;
    (void)memory;
}

void ql_arena_allocator(struct ql_arena *arena, ProtobufCAllocator *ret_allocator)
{
    *ret_allocator = (ProtobufCAllocator){
        .alloc = arena_allocate, .free = arena_release, .allocator_data = arena};
}
