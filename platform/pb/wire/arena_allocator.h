/* protobuf-c's memory from an arena. */
#ifndef QL_PB_WIRE_ARENA_ALLOCATOR_H
#define QL_PB_WIRE_ARENA_ALLOCATOR_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/arena.h"

/* An allocator over the arena; frees nothing. */
void ql_arena_allocator(struct ql_arena *arena, ProtobufCAllocator *ret_allocator);

#endif
