"""An RPC client that shares no code with ours, friendly and hostile (the envelope)."""
import contextlib
import os
import random
import socket
import struct

import pytest

from kit.sp import HANDSHAKE_REP, HANDSHAKE_REQ, SpClient, in_ms

pytestmark = pytest.mark.catalog

GET_QUEST = "questline.catalog.v1.QuestQueryService/GetQuest"
CREATE_QUEST = "questline.catalog.v1.QuestCommandService/CreateQuest"


@pytest.fixture
def token(api):
    return api.as_user(api.sign_up()).token


@pytest.fixture
def quest(api, token):
    return api.with_token(token).get("/v1/quests").json()["quests"][0]


@pytest.fixture
def client(stack):
    with SpClient(stack.rpc("catalog")) as client:
        yield client


@pytest.fixture(autouse=True)
def the_service_lives(stack):
    """Whatever was sent, it is the same process afterwards, and ready."""
    pid = stack.pid("catalog")
    yield
    assert stack.pid("catalog") == pid and stack.is_ready("catalog")


def test_the_quest_is_got(contract, client, token, quest):
    result = client.call(contract, GET_QUEST, contract.quest_query_service.GetQuestRequest(quest_id=quest["questId"]), token,
                         deadline_unix_ms=in_ms(5000), traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    assert result.status.code == 0, result.status
    got = contract.quest_query_service.GetQuestResponse.FromString(result.payload).quest
    assert (got.quest_id, got.name, got.streak) == (quest["questId"], quest["name"], quest["streak"])


def test_several_calls_in_one_request_are_matched_by_id(contract, client, token, quest):
    payload = contract.quest_query_service.GetQuestRequest(quest_id=quest["questId"]).SerializeToString()
    calls = [contract.envelope.Call(id=i, method=GET_QUEST, payload=payload, authorization=token) for i in (5, 9, 2)]
    calls.append(contract.envelope.Call(id=4, method="questline.rpc.v1.HealthService/CheckHealth"))
    reply = contract.envelope.Reply.FromString(
        client.exchange(contract.envelope.Request(calls=calls).SerializeToString()))
    assert sorted(result.id for result in reply.results) == [2, 4, 5, 9]
    assert all(result.status.code == 0 for result in reply.results)


def test_a_gathered_call_of_a_blocking_method_is_not_started(contract, client, token, quest):
    payload = contract.quest_query_service.GetQuestRequest(quest_id=quest["questId"]).SerializeToString()
    request = contract.envelope.Request(coalesced=True, calls=[
        contract.envelope.Call(id=1, method=CREATE_QUEST, payload=b"", authorization=token),
        contract.envelope.Call(id=2, method=GET_QUEST, payload=payload, authorization=token)])
    reply = contract.envelope.Reply.FromString(client.exchange(request.SerializeToString()))
    assert [(result.id, result.not_started) for result in reply.results] == [(1, True), (2, False)]


@pytest.mark.parametrize("method, fields, code, reason", [
    ("questline.catalog.v1.QuestQueryService/Nothing", {}, 12, "METHOD_NOT_FOUND"),
    ("", {}, 12, "METHOD_NOT_FOUND"),
    (GET_QUEST, {"deadline_unix_ms": 1}, 4, None),
    (GET_QUEST, {"token": ""}, 16, "TOKEN_MISSING"),
    (GET_QUEST, {"token": "nonsense"}, 16, "TOKEN_MALFORMED"),
    (GET_QUEST, {"token": "a.b.c"}, 16, "TOKEN_MALFORMED"),
])
def test_a_bad_call_gets_a_clean_status(contract, client, token, quest, method, fields, code, reason):
    fields = dict(fields)
    result = client.call(contract, method, contract.quest_query_service.GetQuestRequest(quest_id=quest["questId"]),
                         fields.pop("token", token), **fields)
    assert result.status.code == code
    assert reason is None or result.status.reason == reason
    assert result.payload == b""


def test_a_token_with_a_changed_signature_is_refused(contract, client, token, quest):
    head, body, signature = token.split(".")
    forged = ".".join([head, body, ("A" if signature[0] != "A" else "B") + signature[1:]])
    result = client.call(contract, GET_QUEST, contract.quest_query_service.GetQuestRequest(quest_id=quest["questId"]), forged)
    assert (result.status.code, result.status.reason) == (16, "TOKEN_NOT_TRUSTED")


def test_an_unknown_quest_and_a_bad_id_have_different_reasons(contract, client, token):
    missing = client.call(contract, GET_QUEST, contract.quest_query_service.GetQuestRequest(
        quest_id="00000000-0000-4000-8000-000000000000"), token)
    assert (missing.status.code, missing.status.reason) == (5, "QUEST_NOT_FOUND")
    bad = client.call(contract, GET_QUEST, contract.quest_query_service.GetQuestRequest(quest_id="x"), token)
    assert (bad.status.code, [v.field for v in bad.status.violations]) == (3, ["questId"])


def test_a_payload_that_is_no_message_is_refused(contract, client, token):
    for payload in (b"\xff" * 40, b"\x0a\x7fshort", b"\x0a\x02\xff\xfe", b"\x12\x00"):
        call = contract.envelope.Call(id=1, method=GET_QUEST, payload=payload, authorization=token)
        reply = contract.envelope.Reply.FromString(
            client.exchange(contract.envelope.Request(calls=[call]).SerializeToString()))
        assert reply.results[0].status.code == 3, payload


def nested(depth):
    """A message that is nothing but nested messages, as deep as asked."""
    def varint(number):
        out = b""
        while number > 0x7F:
            out += bytes([number & 0x7F | 0x80])
            number >>= 7
        return out + bytes([number])
    body = b""
    for _ in range(depth):
        body = b"\x0a" + varint(len(body)) + body
    return body


@pytest.mark.parametrize("make", [
    lambda: b"", lambda: b"\x00", lambda: os.urandom(1000), lambda: nested(3000), lambda: b"\x0b" * 5000,
    lambda: b"\x0a\xff\xff\xff\xff\x0f", lambda: b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    lambda: b"\x0a\x00" * 100, lambda: b"\x0a\x00" * 200000, lambda: b"\x12" + b"\xff" * 9 + b"\x01",
], ids=["empty", "zero", "random", "deep", "groups", "long", "overflow", "100 calls", "200000 calls", "tag"])
def test_an_envelope_of_garbage_gets_a_clean_answer(stack, contract, make):
    with SpClient(stack.rpc("catalog")) as client:
        try:
            reply = contract.envelope.Reply.FromString(client.exchange(make()))
        except ConnectionError:
            return
        assert all(result.status.code in (3, 8, 12) for result in reply.results)


def test_random_mutations_of_a_good_request_never_do_harm(stack, contract, token, quest):
    rng = random.Random(20240117)
    payload = contract.quest_query_service.GetQuestRequest(quest_id=quest["questId"]).SerializeToString()
    good = contract.envelope.Request(calls=[contract.envelope.Call(
        id=1, method=GET_QUEST, payload=payload, authorization=token)]).SerializeToString()
    with SpClient(stack.rpc("catalog")) as client:
        for _ in range(2000):
            bad = bytearray(good)
            for _ in range(rng.randint(1, 6)):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
            if rng.random() < 0.3:
                del bad[rng.randrange(len(bad)):]
            contract.envelope.Reply.FromString(client.exchange(bytes(bad)))


def test_a_message_over_the_limit_closes_the_pipe(stack):
    with SpClient(stack.rpc("catalog")) as client:
        with pytest.raises((ConnectionError, socket.timeout, BrokenPipeError)):
            client.exchange(b"\x00" * (8 << 20))


def test_truncated_frames_and_bad_handshakes_are_dropped(stack):
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x00SP\x01\x00\x30\x00\x00", b"\x00SP\x00\x00\x10\x00\x00", b"\x00S"):
        with socket.create_connection(stack.rpc("catalog"), timeout=10) as raw:
            rest = b""
            with contextlib.suppress(OSError):  # the service may close before we have said all
                raw.sendall(data)
                raw.shutdown(socket.SHUT_WR)
                while piece := raw.recv(100):
                    rest += piece
            assert rest in (b"", HANDSHAKE_REP)
    for frame in (struct.pack(">Q", 100) + b"short", struct.pack(">Q", 2**63), struct.pack(">QI", 4, 1),
                  struct.pack(">Q", 0)):
        with socket.create_connection(stack.rpc("catalog"), timeout=10) as raw:
            with contextlib.suppress(OSError):
                raw.sendall(HANDSHAKE_REQ + frame)
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(100):
                    pass
