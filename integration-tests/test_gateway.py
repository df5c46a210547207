"""The gateway's manners: routes, errors, headers (row P12)."""
import base64
import json
import pathlib
import re
import socket
import uuid

import pytest
import requests

from kit.api import Api, error, violated_fields
from kit.waiting import wait_until

pytestmark = pytest.mark.gateway


def test_live_and_ready(stack):
    for base in (stack.http, stack.ops("gateway")):
        for path in ("/livez", "/readyz"):
            assert requests.get(base + path, timeout=5).status_code == 200


def test_anybody_can_have_the_public_keys_and_only_those(api, player):
    answer = requests.get(api.base + "/.well-known/jwks.json", timeout=5)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    keys = answer.json()["keys"]
    assert {frozenset(key) for key in keys} == {frozenset(("kty", "crv", "use", "alg", "kid", "x", "y"))}
    header = api.post_session(player).json()["accessToken"].split(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    assert kid in {key["kid"] for key in keys}
    assert requests.post(api.base + "/.well-known/jwks.json", timeout=5).headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("name", ["user", "catalog", "processing", "gateway"])
def test_every_process_has_an_operators_port(stack, name):
    assert requests.get(stack.ops(name) + "/livez", timeout=5).status_code == 200
    assert requests.get(stack.ops(name) + "/readyz", timeout=5).status_code == 200
    metrics = requests.get(stack.ops(name) + "/metrics", timeout=5)
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert re.search(r"^# TYPE ql_\w+ counter$", metrics.text, re.M)


@pytest.mark.parametrize("name", ["user", "catalog", "processing", "gateway"])
def test_nng_runs_two_task_threads_in_every_process(stack, name):
    """It would start two for each core, which then wait for each other: docs/benchmarks.md."""
    threads = [task.read_text().strip() for task in pathlib.Path(f"/proc/{stack.pid(name)}/task").glob("*/comm")]
    assert threads.count("nng:task") == 2


def test_unknown_paths_and_wrong_verbs(api):
    assert error(api.get("/v1/nothing")) == (404, "NOT_FOUND", "ROUTE_NOT_FOUND")
    wrong = api.call("DELETE", "/v1/sessions")
    assert wrong.status_code == 405 and wrong.headers["Allow"] == "POST"


@pytest.mark.parametrize("body, field", [
    ('{"userName": "a", "password": "b", "more": 1}', "more"),
    ('{"userName": 3, "password": "b"}', "userName"),
    ('{"userName": "a", "userName": "b", "password": "c"}', "userName"),
    ('{"userName": "a", "user_name": "b", "password": "c"}', None),
    ('{"userName": "a\\u0000b", "password": "c"}', "userName"),
    ('{"userName": "\\ud800", "password": "c"}', "userName"),
])
def test_bad_json_fields_are_named(api, body, field):
    answer = api.session.post(api.base + "/v1/sessions", data=body, headers={"Content-Type": "application/json"})
    assert error(answer)[:2] == (400, "INVALID_ARGUMENT")
    if field:
        assert violated_fields(answer) == [field]


@pytest.mark.parametrize("body", ['{', '{} {}', '[]', 'null x', '{"userName": "a",}', "{'userName': 1}", '\ufeff{}'])
def test_what_is_no_json_is_refused(api, body):
    answer = api.session.post(api.base + "/v1/sessions", data=body.encode(),
                              headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_unknown_query_parameters_are_refused(admin):
    answer = admin.get("/v1/quests", params={"pagesize": 3})
    assert error(answer)[:2] == (400, "INVALID_ARGUMENT") and violated_fields(answer) == ["pagesize"]
    answer = admin.get("/v1/quests", params={"pageSize": "many"})
    assert violated_fields(answer) == ["pageSize"]


def test_media_types(api):
    text = api.session.post(api.base + "/v1/sessions", data="{}", headers={"Content-Type": "text/plain"})
    assert error(text)[0] == 415
    assert error(api.get("/v1/quests", headers={"Accept": "text/html"}))[0] in (406, 401)


def test_a_body_over_the_limit_is_413(api):
    answer = api.session.post(api.base + "/v1/sessions", data=b'{"userName":"' + b"x" * (2 << 20),
                              headers={"Content-Type": "application/json"})
    assert error(answer)[0] == 413


def test_request_ids_are_kept_or_made(api):
    given = api.get("/v1/nothing", headers={"X-Request-Id": "mine-1"})
    assert given.headers["X-Request-Id"] == "mine-1"
    made = api.get("/v1/nothing", headers={"X-Request-Id": "a bad id!"})
    assert re.fullmatch(r"[0-9a-f-]{36}", made.headers["X-Request-Id"])
    assert made.json()["error"]["details"][0]["metadata"]["requestId"] == made.headers["X-Request-Id"]


def test_a_trace_is_carried_from_the_front_end_to_the_event(stack, contract, api, player):
    trace = uuid.uuid4().hex
    with stack.broker() as channel:
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, "questline", "user.signed_in")
        answer = api.post("/v1/sessions", {"userName": player.name, "password": player.password},
                          headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        assert answer.status_code == 200
        letter = wait_until(lambda: [body for _, _, body in [channel.basic_get(queue, auto_ack=True)] if body])[0]
    event = contract.event.Event.FromString(letter)
    assert event.event_id == answer.json()["eventId"] and event.user_id == player.user_id
    assert event.traceparent.split("-")[1] == trace
    for name in ("gateway", "user"):
        wait_until(lambda n=name: trace in stack.log(n), what=f"the trace in the log of {name}")


def test_secrets_stay_out_of_the_logs(stack, api):
    user = api.sign_up(password="a very secret passphrase")
    session = api.post_session(user).json()
    api.with_token(session["accessToken"]).get("/v1/users/me")
    api.get("/v1/quests?pageToken=a-query-to-hide")
    for name in ("gateway", "user", "catalog", "processing"):
        text = stack.log(name)
        for secret in (user.password, session["accessToken"], session["refreshToken"], "a-query-to-hide"):
            assert secret not in text


def test_tokens_with_the_wrong_role_or_none(api, player):
    anonymous = Api(api.base).get("/v1/users/me")
    assert error(anonymous) == (401, "UNAUTHENTICATED", "TOKEN_MISSING")
    assert anonymous.headers["WWW-Authenticate"].startswith("Bearer")
    bad = api.with_token("not.a.token").get("/v1/users/me")
    assert error(bad)[:2] == (401, "UNAUTHENTICATED")
    assert error(api.as_user(player).get("/v1/users"))[:2] == (403, "PERMISSION_DENIED")


def test_keep_alive_and_pipelining_answer_in_order(stack):
    host, port = stack.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"".join(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nX-Request-Id: p%d\r\n\r\n" % i for i in range(5)))
        text = b""
        while text.count(b'"requestId"') < 5:
            piece = raw.recv(65536)
            assert piece, text
            text += piece
    ids = re.findall(rb"(?i)^x-request-id: (p\d)", text, re.M)
    assert ids == [b"p0", b"p1", b"p2", b"p3", b"p4"]


def test_http_2_is_spoken_by_prior_knowledge(stack):
    host, port = stack.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        assert raw.recv(9)[3] == 4  # its SETTINGS


def test_http_2_begins_a_connection_or_does_not_come(stack):
    """Behind a request of HTTP/1 its preface is none, by RFC 9113: a proxy may use the connection for others."""
    host, port = stack.http.removeprefix("http://").split(":")
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    for is_pipelined in (False, True):
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            text = b""
            raw.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" + (preface if is_pipelined else b""))
            while not text.endswith(b"ok\n") and (piece := raw.recv(65536)):
                text += piece
            if not is_pipelined:
                raw.sendall(preface)
            try:
                while piece := raw.recv(65536):
                    text += piece
            except ConnectionResetError:
                pass
        assert text.startswith(b"HTTP/1.1 200 ") and text.count(b"HTTP/1.1 ") == 1, text
        assert text.endswith(b"ok\n"), text


def test_clients_that_vanish_leave_the_gateway_well(stack, api, player):
    host, port = stack.http.removeprefix("http://").split(":")
    body = b'{"userName":"%s","password":"wrong password"}' % player.name.encode()
    for _ in range(50):
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert api.post_session(player).status_code in (200, 429)
