/* Varints of the wire format, written into memory of the caller's. */
#ifndef QL_PB_WIRE_VARINT_H
#define QL_PB_WIRE_VARINT_H

#include <stddef.h>
#include <stdint.h>

enum { QL_VARINT_MAX_BYTES = 10 };

/* How many bytes the value takes. */
size_t ql_varint_size(uint64_t value);

/* Writes them and returns their number. */
size_t ql_varint_write(uint8_t *to, uint64_t value);

#endif
