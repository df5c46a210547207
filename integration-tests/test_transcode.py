"""Random messages of every kind of field come through ql-transcode as protobuf's
own Python has them: to JSON, from JSON, and from bytes that nobody would write.

It needs no stack. The seed is printed; QL_TRANSCODE_SEED repeats a run."""
import itertools
import json
import os
import random

import pytest
from google.protobuf import json_format, symbol_database
from google.protobuf.message import DecodeError

from kit.random_messages import Maker, disturb
from kit.transcoder import Transcoder, compile_trials

MESSAGES = 10000
DISTURBED = 4000


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return compile_trials(tmp_path_factory.mktemp("trials"))


@pytest.fixture
def everything_runs_again():
    """No stack here, nothing to heal."""


@pytest.fixture
def transcoder(trials):
    return Transcoder(trials[2], trials[3])


@pytest.fixture
def maker(trials):
    trial3, trial2, _, _ = trials
    seed = int(os.environ.get("QL_TRANSCODE_SEED", random.SystemRandom().randrange(2**32)))
    print(f"QL_TRANSCODE_SEED={seed}")
    from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
    return Maker(seed, [trial3.Trial, trial3.Inner, trial2.Trial, trial2.Strict,
                        timestamp_pb2.Timestamp, duration_pb2.Duration, struct_pb2.Struct,
                        struct_pb2.Value, wrappers_pb2.UInt64Value, wrappers_pb2.BytesValue])


@pytest.fixture
def kinds(trials):
    return [trials[0].Trial, trials[1].Trial]


def spelled(maker, message):
    """The message's JSON in one of the spellings that readers have to take."""
    choose = maker.random.random
    return json_format.MessageToJson(
        message, preserving_proto_field_name=choose() < 0.5, use_integers_for_enums=choose() < 0.5,
        including_default_value_fields=choose() < 0.1, sort_keys=choose() < 0.5,
        indent=None if choose() < 0.5 else 1, ensure_ascii=choose() < 0.5)


def settle(message):
    """One form for what may be written in several: maps within an Any have no order, and
    protobuf's Python keeps entries of one key beside each other until somebody looks."""
    if message.DESCRIPTOR.full_name == "google.protobuf.Any" and message.type_url:
        inner = symbol_database.Default().GetSymbol(message.type_url.split("/")[-1])()
        inner.ParseFromString(message.value)
        settle(inner)
        message.value = inner.SerializePartialToString(deterministic=True)
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = [value[key] for key in value] \
                if field.message_type.fields_by_name["value"].message_type is not None else \
                list(value) and []
        else:
            inner = value if field.label == field.LABEL_REPEATED else [value]
        for each in inner:
            settle(each)


def same(one, other):
    """NaN is no reason for two messages to differ."""
    settle(one)
    settle(other)
    return one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)


def test_random_messages_come_through_as_protobuf_has_them(transcoder, maker, kinds):
    messages = [maker.message(kind) for _, kind in zip(range(MESSAGES), itertools.cycle(kinds))]
    texts = [spelled(maker, message) for message in messages]
    requests = []
    for message, text in zip(messages, texts):
        requests.append(transcoder.request(type(message), message.SerializeToString(), "JSON"))
        requests.append(transcoder.request(type(message), text, "PROTOBUF"))
    answers = transcoder.answer(requests)
    assert len(answers) == 2 * MESSAGES
    for message, text, printed, read in zip(messages, texts, answers[::2], answers[1::2]):
        assert printed[0] == "json", (text, printed)
        assert json.loads(printed[1]) == json.loads(json_format.MessageToJson(message))
        assert read[0] == "protobuf", (text, read)
        got, expected = type(message).FromString(read[1]), json_format.Parse(text, type(message)())
        assert same(got, expected), text


def test_json_that_we_print_is_json_that_protobuf_reads(transcoder, maker, kinds):
    messages = [maker.message(kind) for _, kind in zip(range(MESSAGES // 10),
                                                       itertools.cycle(kinds))]
    answers = transcoder.answer(transcoder.request(type(message), message.SerializeToString(),
                                                   "JSON") for message in messages)
    for message, (which, printed) in zip(messages, answers):
        assert which == "json"
        assert same(json_format.Parse(printed, type(message)()), message), printed


def understood(kind, wire):
    """What protobuf makes of the bytes; None when they are no message."""
    message = kind()
    try:
        message.ParseFromString(wire)
    except DecodeError:
        return None
    return message if message.IsInitialized() else None


def test_bytes_out_of_the_ordinary_mean_what_protobuf_takes_them_for(transcoder, maker, kinds):
    maker.is_for_json = False
    cases = []
    for _, kind in zip(range(DISTURBED), itertools.cycle(kinds)):
        wire, other = (maker.message(kind).SerializeToString() for _ in range(2))
        cases.append((kind, disturb(maker, wire, other)))
    answers = transcoder.answer(transcoder.request(kind, wire, "PROTOBUF") for kind, wire in cases)
    assert len(answers) == DISTURBED
    refused = 0
    for (kind, wire), (which, answer) in zip(cases, answers):
        expected = understood(kind, wire)
        if expected is None:
            refused += 1
            assert which == "parse_error", (wire, which, answer)
            continue
        assert which == "protobuf", (wire, which, answer)
        assert same(kind.FromString(answer), expected), wire
    assert 0 < refused < DISTURBED
