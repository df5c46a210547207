"""Limits agree with each other: what the contract's limits allow is taken, what is beyond one is refused by its name."""
import json
import struct
import uuid

import pytest

from kit.api import error, violated_fields
from kit.sp import SpClient
from kit.waiting import settled

pytestmark = pytest.mark.processing

MIB = 1024 * 1024
EVENTS_MAX, ELEMENTS_MAX = 1000, 131072


@pytest.fixture(name="kind", scope="module")
def fixture_kind():
    return f"limit{uuid.uuid4().hex[:10]}"


@pytest.fixture(name="server")
def fixture_server(admin, api, kind):
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": [f"{kind}.*"]}).json()
    key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()["apiKey"]
    return api.with_token(api.post("/v1/tokens", {"apiKey": key}).json()["accessToken"])


def event(kind, payload, **more):
    return {"eventId": str(uuid.uuid4()), "eventType": f"{kind}.happened", "payload": payload, **more}


def publish(server, events):
    body = json.dumps({"events": events}, separators=(",", ":"))
    answer = server.session.post(f"{server.base}/v1/events", data=body, timeout=60, headers={
        "Authorization": f"Bearer {server.token}", "Content-Type": "application/json"})
    return answer, len(body)


def members(count):
    return {f"m{index}": index for index in range(count)}


def elements(kind, count):
    """A batch that counts so many fields and elements: an event with its id, type and payload counts four, each member
    four more, the user one."""
    left, users = divmod(count - 4 * EVENTS_MAX, 4)
    each, more = divmod(left, EVENTS_MAX)
    return [event(kind, members(each + (index < more)), **({"userId": str(uuid.uuid4())} if index < users else {}))
            for index in range(EVENTS_MAX)]


def fill(kind, n_events, size):
    """Events whose JSON body has exactly size bytes."""
    events = [event(kind, {"a": ""}) for _ in range(n_events)]
    left = size - len(json.dumps({"events": events}, separators=(",", ":")))
    for index, one in enumerate(events):
        one["payload"]["a"] = "x" * (left // n_events + (1 if index < left % n_events else 0))
    return events


@pytest.mark.parametrize("make", [
    lambda kind: [event(kind, {"text": "x" * 700}) for _ in range(EVENTS_MAX)],
    lambda kind: [event(kind, members(16)) for _ in range(EVENTS_MAX)],
    lambda kind: [event(kind, members(28)) for _ in range(EVENTS_MAX)],
    lambda kind: [event(kind, {"list": [None] * 60}) for _ in range(EVENTS_MAX)],
    lambda kind: [event(kind, {"list": [{}] * 20}) for _ in range(EVENTS_MAX)],
    lambda kind: [event(kind, {"text": "x" * (254 * 1024)}) for _ in range(4)],
    lambda kind: elements(kind, ELEMENTS_MAX),
    lambda kind: fill(kind, EVENTS_MAX, MIB),
    lambda kind: fill(kind, 5, MIB),
], ids=["text", "members", "many members", "nulls", "objects", "large events", "elements", "full body", "full body of few"])
def test_a_batch_within_every_limit_is_taken(stack, server, kind, make):
    events = make(kind)
    answer, length = publish(server, events)
    assert length <= MIB
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == len(events)
    last = events[-1]["eventId"]
    settled(lambda: stack.value("processing", "select count(*) from events where id = %s", last), 1, seconds=60)


def test_what_exceeds_a_limit_is_refused_by_its_name(server, kind):
    beyond = {
        "one element too many": (elements(kind, ELEMENTS_MAX + 1), 400, "MESSAGE_TOO_LARGE", str(ELEMENTS_MAX)),
        "one event too many": ([event(kind, {}) for _ in range(EVENTS_MAX + 1)], 400, "INVALID_FIELD", "1000"),
        "one byte too many": (fill(kind, 5, MIB + 1), 413, "BODY_TOO_LARGE", str(MIB)),
        "elements": ([event(kind, members(32)) for _ in range(EVENTS_MAX)], 400, "MESSAGE_TOO_LARGE",
                     str(ELEMENTS_MAX)),
        "a message larger than its JSON": ([event(kind, {"l": [1] * 60000}), event(kind, {"l": [1] * 60000})], 400,
                                           "MESSAGE_TOO_LARGE", str(ELEMENTS_MAX)),
        "an event": ([event(kind, {"text": "x" * (256 * 1024)})], 400, "INVALID_FIELD", "255 KiB"),
    }
    for name, (events, status, reason, text) in beyond.items():
        answer, _ = publish(server, events)
        assert (answer.status_code, error(answer)[2]) == (status, reason), f"{name}: {answer.text}"
        assert text in answer.json()["error"]["message"], f"{name}: {answer.text}"


def nested(levels, kind):
    value = 1
    for _ in range(levels):
        value = {"a": value} if kind == "objects" else [value]
    return value if kind == "objects" else {"a": value}


@pytest.mark.parametrize("shape, most", [("objects", 10), ("lists", 14)])
def test_a_payload_is_nested_as_deep_as_the_contract_allows(server, kind, shape, most):
    answer, _ = publish(server, [event(kind, nested(most, shape))])
    assert answer.status_code == 200, answer.text
    answer, _ = publish(server, [event(kind, nested(most + 1, shape))])
    assert error(answer)[:2] == (400, "INVALID_ARGUMENT")
    assert "deep" in answer.text


def test_what_json_cannot_spell_is_refused_over_rpc_too(stack, contract, server, kind):
    publish_pb2 = contract.publish_service
    good = publish_pb2.PublishedEvent(event_id=str(uuid.uuid4()), event_type=f"{kind}.happened")

    def answer(change):
        one = publish_pb2.PublishedEvent()
        one.CopyFrom(good)
        one.event_id = str(uuid.uuid4())
        change(one)
        call = contract.envelope.Call(
            id=1, method="questline.processing.v1.PublishService/PublishEvents", authorization=server.token,
            payload=publish_pb2.PublishEventsRequest(events=[one]).SerializeToString())
        with SpClient(stack.rpc("processing")) as client:
            reply = client.exchange(contract.envelope.Request(calls=[call]).SerializeToString())
        return contract.envelope.Reply.FromString(reply).results[0].status

    def time(seconds, nanos):
        def change(one):
            one.occurred_at.seconds, one.occurred_at.nanos = seconds, nanos
        return change

    def number(bits):
        def change(one):
            one.payload.fields["n"].number_value = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
        return change

    assert answer(lambda one: None).code == 0
    for change, field in ((time(1700000000, -1), "events[0].occurredAt"), (time(1700000000, 10**9), "events[0].occurredAt"),
                          (time(2**62, 0), "events[0].occurredAt"), (number(0x7ff8 << 48), "events[0].payload"),
                          (number(0x7ff0 << 48), "events[0].payload"), (number(0xfff0 << 48), "events[0].payload")):
        status = answer(change)
        assert (status.code, status.reason) == (3, "INVALID_FIELD"), status
        assert status.violations[0].field.startswith(field)
