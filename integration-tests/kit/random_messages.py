"""Random messages of any type, and bytes that mean them in unusual ways.

Everything that protobuf's JSON can say comes up: every kind of field, both ends of
each range, NaN and infinities, text of all planes, the well-known messages. A
message sets few of its fields, so that many messages cover all of them."""
import random
import struct

from google.protobuf import any_pb2
from google.protobuf.descriptor import FieldDescriptor as Field

TEXT = ["", "a", "Hello", "\x00", "\x1f\t\n", "\"\\/", "é", "谷歌", "\u2028", "\uffff", "😁", "\x7f<>&'"]
MASK_PARTS = ["foo", "bar_baz", "a", "x.y", "user_name.first_x", "b2c"]
INTEGERS = {
    Field.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    Field.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e-7, 123456789.0, 1e15, 1e21, float("inf"), float("-inf"),
          float("nan")]
MAX_DEPTH = 4


def is_misread(field):
    """What JSON says of the field, protobuf's Python 3.21 gets wrong: it prints
    repeated extensions by their plain names and takes no null into an array."""
    is_null = field.enum_type is not None and \
        field.enum_type.full_name == "google.protobuf.NullValue"
    return field.label == Field.LABEL_REPEATED and (field.is_extension or is_null)


class Maker:
    def __init__(self, seed, any_types):
        self.is_for_json = True
        self.random = random.Random(seed)
        self.any_types = any_types

    def message(self, kind):
        message = kind()
        self.fill(message, 0)
        return message

    def integer(self, cpp_type):
        low, high = INTEGERS[cpp_type]
        return self.random.choice([0, 1, low, high, low + 1, high - 1, self.random.randint(low, high),
                                   self.random.randint(max(low, -200), 200), min(high, 2**53 + 1)])

    def floating(self, cpp_type):
        if self.random.random() < 0.5:
            return self.random.choice(FLOATS)
        if cpp_type == Field.CPPTYPE_DOUBLE:
            value = struct.unpack("<d", self.random.randbytes(8))[0]
        else:
            value = struct.unpack("<f", self.random.randbytes(4))[0]
        return 0.5 if value != value else value  # a NaN's payload has no JSON

    def text(self):
        n = self.random.randrange(4)
        return "".join(self.random.choice(TEXT) for _ in range(n))

    def scalar(self, field):
        if field.cpp_type in INTEGERS:
            return self.integer(field.cpp_type)
        if field.cpp_type in (Field.CPPTYPE_DOUBLE, Field.CPPTYPE_FLOAT):
            return self.floating(field.cpp_type)
        if field.cpp_type == Field.CPPTYPE_BOOL:
            return self.random.random() < 0.5
        if field.cpp_type == Field.CPPTYPE_ENUM:
            return self.enum(field)
        if field.type == Field.TYPE_BYTES:
            return self.random.randbytes(self.random.randrange(6))
        return self.text()

    def enum(self, field):
        is_open = field.enum_type.file.syntax == "proto3"
        is_null = field.enum_type.full_name == "google.protobuf.NullValue"
        if is_open and not is_null and self.random.random() < 0.2:
            return self.random.choice([77, -(2**31), 2**31 - 1])
        return self.random.choice(field.enum_type.values).number

    def fill(self, message, depth):
        special = getattr(self, "fill_" + message.DESCRIPTOR.full_name.replace(".", "_"), None)
        if special is not None:
            special(message, depth)
            return
        fields = list(message.DESCRIPTOR.fields)
        fields += message.DESCRIPTOR.file.pool.FindAllExtensions(message.DESCRIPTOR)
        count = self.random.choice([0, 1, 2, 4, 8, 16]) if depth == 0 else self.random.randrange(3)
        if self.is_for_json:
            fields = [f for f in fields if not is_misread(f)]
        chosen = self.random.sample(fields, min(len(fields), count))
        chosen += [f for f in fields if f.label == Field.LABEL_REQUIRED and f not in chosen]
        for field in chosen:
            self.set(message, field, depth)

    def set(self, message, field, depth):
        if field.message_type is not None and depth >= MAX_DEPTH:
            return
        if field.is_extension:
            holder = message.Extensions[field] if field.label == Field.LABEL_REPEATED or \
                field.message_type is not None else None
        elif field.label == Field.LABEL_REPEATED or field.message_type is not None:
            holder = getattr(message, field.name)
        else:
            holder = None
        if field.label == Field.LABEL_REPEATED:
            self.set_many(field, holder, depth)
        elif field.message_type is not None:
            holder.SetInParent()
            self.fill(holder, depth + 1)
        elif field.is_extension:
            message.Extensions[field] = self.scalar(field)
        else:
            setattr(message, field.name, self.scalar(field))

    def set_many(self, field, holder, depth):
        entry = field.message_type
        is_map = entry is not None and entry.GetOptions().map_entry
        for _ in range(self.random.choice([1, 1, 2, 3])):
            if is_map:
                key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
                if value.message_type is not None:
                    self.fill(holder[self.scalar(key)], depth + 2)
                else:
                    holder[self.scalar(key)] = self.scalar(value)
            elif entry is not None:
                self.fill(holder.add(), depth + 1)
            else:
                holder.append(self.scalar(field))

    def fill_google_protobuf_Timestamp(self, message, _):
        message.seconds = self.random.choice([-62135596800, 253402300799, 0, -1, 1,
                                              self.random.randint(-62135596800, 253402300799)])
        message.nanos = self.nanos()

    def fill_google_protobuf_Duration(self, message, _):
        seconds = self.random.choice([0, 1, 315576000000, self.random.randint(0, 315576000000)])
        nanos = 0 if seconds == 315576000000 else self.nanos()
        sign = self.random.choice([-1, 1])
        message.seconds, message.nanos = sign * seconds, sign * nanos

    def nanos(self):
        return self.random.choice([0, 1, 999999999, 500000000, 10000, 120000000,
                                   self.random.randrange(10**9)])

    def fill_google_protobuf_FieldMask(self, message, _):
        for _ in range(self.random.randrange(3)):
            message.paths.append(self.random.choice(MASK_PARTS))

    def fill_google_protobuf_Value(self, message, depth):
        kind = self.random.randrange(6 if depth < MAX_DEPTH + 3 else 4)
        if kind == 0:
            message.null_value = 0
        elif kind == 1:
            message.number_value = self.random.choice([0, -0.0, 1, -2.5, 1e300, 2**53])
        elif kind == 2:
            message.string_value = self.text()
        elif kind == 3:
            message.bool_value = self.random.random() < 0.5
        elif kind == 4:
            message.struct_value.SetInParent()
            self.fill(message.struct_value, depth + 1)
        else:
            message.list_value.SetInParent()
            self.fill(message.list_value, depth + 1)

    def fill_google_protobuf_Struct(self, message, depth):
        for _ in range(self.random.randrange(3)):
            self.fill(message.fields[self.text()], depth + 1)

    def fill_google_protobuf_ListValue(self, message, depth):
        for _ in range(self.random.randrange(3)):
            self.fill(message.values.add(), depth + 1)

    def fill_google_protobuf_Any(self, message, depth):
        if self.random.random() < 0.1:
            return
        inner = any_pb2.Any() if depth < MAX_DEPTH and self.random.random() < 0.2 else \
            self.random.choice(self.any_types)()
        self.fill(inner, depth + 1)
        message.Pack(inner)


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def split(wire):
    """The fields of a message that protobuf wrote, as (number, type, bytes with tag)."""
    pieces, at, groups, start = [], 0, 0, 0

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = wire[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(wire):
        if groups == 0:
            start = at
        tag = read_varint()
        if tag & 7 == 0:
            read_varint()
        elif tag & 7 == 2:
            length = read_varint()
            at += length
        elif tag & 7 in (1, 5):
            at += 8 if tag & 7 == 1 else 4
        groups += {3: 1, 4: -1}.get(tag & 7, 0)
        if groups == 0:
            pieces.append((tag >> 3, tag & 7, wire[start:at]))
    return pieces


def disturb(maker, wire, other):
    """Bytes of the same type that no writer makes: two messages' fields among each
    other, with unknown fields and fields of another wire type between them."""
    pieces = [piece for _, _, piece in split(wire) + split(other)]
    numbers = [number for number, _, _ in split(wire)]
    for number in maker.random.sample(numbers, min(2, len(numbers))) + [9999]:
        pieces.append(varint(number << 3) + varint(maker.random.choice([0, 1, 300, 2**64 - 1])))
        if maker.random.random() < 0.3:
            pieces.append(varint(number << 3 | 5) + maker.random.randbytes(4))
        if maker.random.random() < 0.3:
            pieces.append(varint(number << 3 | 3) + b"\x08\x01" + varint(number << 3 | 4))
    maker.random.shuffle(pieces)
    wire = b"".join(pieces)
    if wire and maker.random.random() < 0.2:
        wire = wire[: maker.random.randrange(len(wire))]
    return wire
