"""Random messages of the contract, checked by platform/pb/validate and by protovalidate.

    differential_test.py DRIVER DESCRIPTOR_SET VENV

Both must name the same fields. protovalidate comes from PyPI into a folder of its own;
where it cannot be had, that is said and the test is skipped (77). QL_SEED repeats a run,
QL_MESSAGES says how many."""

import importlib
import json
import os
import random
import struct
import subprocess
import sys
import venv

PACKAGES = ["protovalidate==2.1.0", "protobuf==7.36.2"]
SKIPPED = 77
VIOLATIONS_MAX = 16  # of ours; theirs have no bound
IGNORE_ALWAYS, REQUIRED = 3, 2


def with_packages(folder):
    """Goes on in an interpreter that has protovalidate."""
    python = os.path.join(folder, "bin", "python")
    ready = os.path.join(folder, "ready-" + "-".join(PACKAGES))
    if not os.path.exists(ready):
        venv.create(folder, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "-q", "--timeout", "20", "--retries", "1"]
        if subprocess.run(install + PACKAGES, check=False).returncode != 0:
            print("NOT COMPARED WITH PROTOVALIDATE: PyPI does not give " + ", ".join(PACKAGES))
            sys.exit(SKIPPED)
        with open(ready, "w", encoding="utf-8"):
            pass
    os.execv(python, [python, *sys.argv[:3]])


class Contract:
    """The descriptor set, its request types and their rules."""

    def __init__(self, path):
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

        for name in ("any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"):
            importlib.import_module("google.protobuf.%s_pb2" % name)
        self.factory = message_factory
        self.pool = descriptor_pool.Default()
        with open(path, "rb") as file:
            self.files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        for file in self.files.file:
            if not file.name.startswith("google/protobuf/"):
                self.pool.Add(file)
        self.rules_of = self.pool.FindExtensionByName("buf.validate.field")
        self.behavior_of = self.pool.FindExtensionByName("google.api.field_behavior")
        self.requests = sorted({
            method.input_type.full_name
            for file in self.files.file
            for service in self.pool.FindFileByName(file.name).services_by_name.values()
            for method in service.methods})

    def new(self, name):
        return self.factory.GetMessageClass(self.pool.FindMessageTypeByName(name))()

    def rules(self, field):
        return field.GetOptions().Extensions[self.rules_of]

    def has_behavior(self, field, *behaviors):
        return any(b in behaviors for b in field.GetOptions().Extensions[self.behavior_of])

    def is_ignored(self, field):
        return self.rules(field).ignore == IGNORE_ALWAYS


TEXTS = ["", "a", "ab", "abc", "me", "monster.killed", "monster.*", "a.b.c", "UserSignIn", "diamond",
         "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e11", "0190C5F2-8a51-8cc3-9d0e-5b1f4c3a2e11",
         "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e1", "weapon.kind", "größe.€", "two words", "a\nb", "\x7f",
         "Ada", "a.b_c-9", "😀", "e\u0301"]
CHARACTERS = "ab.z09_-*AZ é€😀\n\x01[]"


class Maker:
    """Makes messages: what is valid, at the bounds, and beyond."""

    def __init__(self, contract, chance):
        self.contract, self.chance = contract, chance

    def text(self, rules):
        chance = self.chance
        bounds = [getattr(rules, name) for name in ("min_len", "max_len", "min_bytes", "max_bytes", "len")
                  if rules.HasField(name)]
        if bounds and chance.random() < 0.4:
            length = max(0, chance.choice(bounds) + chance.choice((-1, 0, 0, 1)))
            return chance.choice(("a", "a", "€", "😀")) * length
        text = chance.choice(TEXTS)
        while chance.random() < 0.3:
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(CHARACTERS) + text[at + chance.randrange(2):]
        return text

    def number(self, rules, bits):
        near = [getattr(rules, name) for name in ("lt", "lte", "gt", "gte") if rules.HasField(name)]
        number = self.chance.choice(near + [0, 1, 7]) + self.chance.choice((-1, 0, 0, 1))
        if self.chance.random() < 0.05:
            number = self.chance.choice((-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
        return max(-(2 ** (bits - 1)), min(2 ** (bits - 1) - 1, number))

    def time(self, rules, time):
        near = [bound.seconds for name in ("lt", "lte", "gt", "gte") if rules.HasField(name)
                for bound in [getattr(rules, name)]]
        time.seconds = self.chance.choice(near + [1800000000]) + self.chance.choice((-1, 0, 1))
        time.nanos = self.chance.choice((0, 0, 1, 999999999))

    def scalar(self, field, rules):
        if field.type == field.TYPE_STRING:
            return self.text(rules.string)
        if field.type in (field.TYPE_INT32, field.TYPE_INT64):
            is_wide = field.type == field.TYPE_INT64
            return self.number(rules.int64 if is_wide else rules.int32, 64 if is_wide else 32)
        if field.type == field.TYPE_ENUM:
            return self.chance.choice([value.number for value in field.enum_type.values] + [-1, 99])
        return {field.TYPE_BOOL: True, field.TYPE_DOUBLE: 1.5, field.TYPE_BYTES: b"x"}.get(field.type, 3)

    def message(self, field, rules, value):
        value.SetInParent()
        if field.message_type.full_name == "google.protobuf.Timestamp":
            self.time(rules.timestamp, value)
        elif field.message_type.full_name == "google.protobuf.Value":
            value.string_value = "x"
        elif not field.message_type.full_name.startswith("google.protobuf."):
            self.fill(value)

    def count(self, most):
        if most and self.chance.random() < (0.2 if most < 100 else 0.01):
            return most + self.chance.choice((0, 1))
        return self.chance.choice((0, 1, 2, 3))

    def texts_by_key(self, rules, pairs):
        for i in range(self.count(rules.max_pairs)):
            key = self.text(rules.keys.string)
            pairs[key + str(i) if key in pairs else key] = self.text(rules.values.string)

    def fill(self, message):
        for field in message.DESCRIPTOR.fields:
            if self.chance.random() < 0.15:
                continue
            rules = self.contract.rules(field)
            if field.is_repeated and field.message_type is not None \
                    and field.message_type.GetOptions().map_entry:
                assert field.message_type.fields_by_name["value"].message_type is None
                self.texts_by_key(rules.map, getattr(message, field.name))
            elif field.is_repeated:
                values = getattr(message, field.name)
                for _ in range(self.count(rules.repeated.max_items)):
                    if field.message_type is None:
                        values.append(self.scalar(field, rules.repeated.items))
                    else:
                        self.message(field, rules.repeated.items, values.add())
            elif field.message_type is None:
                setattr(message, field.name, self.scalar(field, rules))
            else:
                self.message(field, rules, getattr(message, field.name))


def cut(key):
    """Keys of maps come from strangers: 64 bytes of them are shown."""
    return key.encode()[:64].decode(errors="ignore")


class Checker:
    """What protovalidate finds, spelled as we spell it."""

    def __init__(self, contract):
        import protovalidate

        self.contract, self.validator = contract, protovalidate.Validator()

    def path(self, violation, descriptor):
        text = ""
        for element in violation.field.elements:
            field = descriptor.fields_by_name.get(element.field_name)
            name = element.field_name if field is None else field.json_name
            text += ("." if text else "") + name
            if element.subscript is not None and element.subscript.field == "index":
                text += "[%d]" % element.subscript.value
            elif element.subscript is not None:
                text += '["%s"]' % cut(element.subscript.value)
            descriptor = None if field is None else field.message_type
        return text

    def find(self, message):
        found = [violation.proto for violation in self.validator.collect_violations(message)]
        full = [self.path(v, message.DESCRIPTOR) + "[" for v in found
                if v.rule_id in ("repeated.max_items", "map.max_pairs")]
        paths = {self.path(v, message.DESCRIPTOR) for v in found}
        # What there is too much of is not looked at.
        return {path for path in paths if not any(path.startswith(head) for head in full)}

    def missing(self, message):
        """What protovalidate ignores, and has to be there."""
        return {field.json_name for field in message.DESCRIPTOR.fields
                if self.contract.is_ignored(field)
                and self.contract.has_behavior(field, REQUIRED) and not message.HasField(field.name)}

    def update(self, request, resource):
        """Of the resource of an update only what says which one it is."""
        wanted = getattr(request, resource.name)
        identity = wanted.DESCRIPTOR.fields_by_name[resource.name + "_id"]
        if resource.name + "_id" in request.DESCRIPTOR.fields_by_name:
            return set()
        is_right = getattr(wanted, identity.name) and identity.json_name not in self.find(wanted)
        return set() if is_right else {resource.json_name + "." + identity.json_name}

    def expected(self, request):
        expected = self.find(request) | self.missing(request)
        fields = request.DESCRIPTOR.fields_by_name
        if "update_mask" in fields:
            resource = next(f for f in fields.values() if self.contract.is_ignored(f))
            if request.HasField(resource.name):
                expected |= self.update(request, resource)
        return expected


def make_mask(request, chance):
    if "update_mask" not in request.DESCRIPTOR.fields_by_name:
        return
    request.ClearField("update_mask")
    resource = next(f for f in request.DESCRIPTOR.fields
                    if f.message_type is not None and f.name != "update_mask")
    for field in resource.message_type.fields:
        if chance.random() < 0.2:
            request.update_mask.paths.append(field.name)


def ask(driver, messages):
    data = b"".join(
        struct.pack(">I", len(part)) + part
        for message in messages
        for part in (message.DESCRIPTOR.full_name.encode(), message.SerializeToString()))
    lines = subprocess.run([driver], input=data, capture_output=True, check=True).stdout.decode()
    return [json.loads(line) for line in lines.split("\n")[:-1]]


def main(driver, descriptor_set):
    seed = int(os.environ.get("QL_SEED", random.SystemRandom().randrange(2 ** 32)))
    count = int(os.environ.get("QL_MESSAGES", 20000))
    print("seed", seed, flush=True)
    chance, contract = random.Random(seed), Contract(descriptor_set)
    maker, checker = Maker(contract, chance), Checker(contract)
    messages = []
    while len(messages) < count:
        message = contract.new(chance.choice(contract.requests))
        maker.fill(message)
        make_mask(message, chance)
        if message.ByteSize() < 1000000:
            messages.append(message)
    answers, differences, n_valid = ask(driver, messages), 0, 0
    assert len(answers) == len(messages), (len(answers), len(messages))
    for message, answer in zip(messages, answers):
        ours, theirs = set(answer), checker.expected(message)
        n_valid += not theirs
        if ours == theirs or (len(answer) == VIOLATIONS_MAX and ours < theirs):
            continue
        differences += 1
        if differences <= 10:
            print(message.DESCRIPTOR.full_name, "ours alone:", sorted(ours - theirs),
                  "theirs alone:", sorted(theirs - ours), str(message)[:1500])
    print("%d messages of %d types, %d of them valid, %d checked differently"
          % (count, len(contract.requests), n_valid, differences))
    assert count < 1000 or 0.05 < n_valid / count < 0.95
    return 1 if differences else 0


if __name__ == "__main__":
    if len(sys.argv) > 3:
        with_packages(sys.argv[3])
    sys.exit(main(*sys.argv[1:3]))
