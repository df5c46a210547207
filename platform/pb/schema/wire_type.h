/* How the wire format encodes the types of fields. */
#ifndef QLI_PB_SCHEMA_WIRE_TYPE_H
#define QLI_PB_SCHEMA_WIRE_TYPE_H

#include "platform/pb/schema/schema.h"
#include "platform/pb/wire/wire.h"

/* The wire type of one unpacked value of a field type. */
enum qli_wire_type qli_wire_type_of(enum ql_field_type type);

#endif
