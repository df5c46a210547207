/* https://protobuf.dev/programming-guides/encoding/#structure */
#include "platform/pb/schema/wire_type.h"

enum qli_wire_type qli_wire_type_of(enum ql_field_type type)
{
    switch (type) {
    case QL_TYPE_DOUBLE:
    case QL_TYPE_FIXED64:
    case QL_TYPE_SFIXED64:
        return QLI_WIRE_FIXED64;
    case QL_TYPE_FLOAT:
    case QL_TYPE_FIXED32:
    case QL_TYPE_SFIXED32:
        return QLI_WIRE_FIXED32;
    case QL_TYPE_STRING:
    case QL_TYPE_BYTES:
    case QL_TYPE_MESSAGE:
        return QLI_WIRE_BYTES;
    case QL_TYPE_GROUP:
        return QLI_WIRE_GROUP;
    default:
        return QLI_WIRE_VARINT;
    }
}
