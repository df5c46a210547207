"""HTTP as a client sees it on HTTP/1.1, HTTP/2 and TLS: statuses, limits, preflights (row P12)."""
import json
import socket
import ssl

import pytest

from kit import http2
from kit.api import Api, error
from kit.gateway import free_port
from kit.http2 import Http2Client
from kit.own_gateway import (JSON, ORIGIN, ask, ask_http1, certificate, connect_tls, gateway, other_gateway, read_all,
                             reason_of, token)
from kit.waiting import wait_until

pytestmark = pytest.mark.gateway


# Every status, on every protocol.

def test_statuses_are_the_same_on_every_protocol(ask, token):
    bearer = ("authorization", f"Bearer {token}")
    assert reason_of(ask("GET", "/v1/nothing")) == (404, "ROUTE_NOT_FOUND")
    wrong = ask("DELETE", "/v1/quests", [bearer])
    assert reason_of(wrong) == (405, "METHOD_NOT_ALLOWED") and "GET" in wrong.headers["allow"]
    assert reason_of(ask("GET", "/v1/quests", [bearer, ("accept", "text/html")])) == (406, "NOT_ACCEPTABLE")
    assert reason_of(ask("POST", "/v1/sessions", [("content-type", "text/plain")], b"{}")) == (
        415, "UNSUPPORTED_MEDIA_TYPE")
    assert reason_of(ask("GET", "/v1/quests")) == (401, "TOKEN_MISSING")
    assert ask("GET", "/v1/quests", [bearer]).status == 200


def test_a_body_over_the_limit_is_413_on_every_protocol(ask):
    for size in ((1 << 20) + 1, 3 << 20):
        assert reason_of(ask("POST", "/v1/sessions", [JSON], b" " * size)) == (413, "BODY_TOO_LARGE")


def test_a_large_head_is_431_or_414_on_every_protocol(ask):
    assert reason_of(ask("GET", "/livez", [("x-padding", "p" * 33000)])) == (431, "HEADER_TOO_LARGE")
    assert reason_of(ask("GET", "/v1/quests?pageToken=" + "p" * 33000)) == (414, "URI_TOO_LONG")
    assert ask("GET", "/livez", [("x-padding", "p" * 30000)]).status == 200


def test_more_than_100_fields_are_431_on_every_protocol(ask):
    fields = [(f"x-{i}", "v") for i in range(120)]
    assert reason_of(ask("GET", "/livez", fields)) == (431, "HEADER_TOO_LARGE")
    assert reason_of(ask("POST", "/v1/sessions", [*fields, JSON], b"{}")) == (431, "HEADER_TOO_LARGE")
    assert ask("GET", "/livez", fields[:90]).status == 200


def test_head_is_get_without_its_body(ask):
    got, head = ask("GET", "/livez"), ask("HEAD", "/livez")
    assert (head.status, head.body) == (200, b"") and head.headers["content-length"] == str(len(got.body))
    assert (ask("HEAD", "/v1/nothing").status, ask("HEAD", "/v1/nothing").body) == (404, b"")


def test_options_names_the_verbs(ask):
    answer = ask("OPTIONS", "/v1/sessions")
    assert (answer.status, answer.body, answer.headers["allow"]) == (204, b"", "POST")
    assert "content-length" not in answer.headers
    assert ask("OPTIONS", "/v1/nothing").status == 404


def test_a_service_that_is_away_is_503_and_one_that_hangs_504(other_gateway, token):
    with socket.create_server(("127.0.0.1", 0)) as hung:
        address = f"tcp://127.0.0.1:{hung.getsockname()[1]}"
        own = other_gateway(QL_PROCESSING_ADDRESS=f"tcp://127.0.0.1:{free_port()}", QL_CATALOG_ADDRESS=address,
                            QL_REQUEST_TIMEOUT="1s")
        caller = Api(own.http).with_token(token)
        peer, _ = hung.accept()
        peer.sendall(b"\x00SP\x00\x00\x31\x00\x00")  # greets as a service does, and says no more
        slow = caller.get("/v1/quests")
        assert slow.status_code == 504 and slow.json()["error"]["status"] == "DEADLINE_EXCEEDED"
        away = caller.get("/v1/users/me/progress")
        assert away.status_code == 503 and away.json()["error"]["status"] == "UNAVAILABLE"
        peer.close()


@pytest.mark.parametrize("offered, chosen", [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), ([], None),
                                             (["spdy/3"], None)])
def test_alpn_chooses(gateway, certificate, offered, chosen):
    with connect_tls(gateway, certificate, protocols=offered) as raw:
        assert raw.selected_alpn_protocol() == chosen and raw.version() == "TLSv1.3"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_is_12_with_forward_secrecy_or_better(gateway, certificate):
    with connect_tls(gateway, certificate, most=ssl.TLSVersion.TLSv1_2) as raw:
        assert raw.version() == "TLSv1.2" and raw.cipher()[0].startswith("ECDHE-")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect_tls(gateway, certificate, most=ssl.TLSVersion.TLSv1_1)


def test_http2_can_be_switched_off(other_gateway):
    own = other_gateway(QL_HTTP2="false")
    with own.connect() as raw:
        raw.sendall(http2.greeting())
        assert read_all(raw).startswith(b"HTTP/1.1 400")
    with own.connect() as raw:
        assert Http2Client(raw).upgrade() is None


# Other origins.

def test_preflights_and_answers_for_known_origins_only(ask):
    preflight = [("origin", ORIGIN), ("access-control-request-method", "POST"),
                 ("access-control-request-headers", "authorization,content-type")]
    answer = ask("OPTIONS", "/v1/sessions", preflight)
    assert answer.status == 204 and answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "POST" and answer.headers["vary"] == "Origin"
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert int(answer.headers["access-control-max-age"]) > 0
    actual = ask("GET", "/v1/quests", [("origin", ORIGIN)])
    assert actual.status == 401 and actual.headers["access-control-allow-origin"] == ORIGIN
    assert "X-Request-Id" in actual.headers["access-control-expose-headers"]
    stranger = ask("OPTIONS", "/v1/sessions", [("origin", "https://evil.test"), *preflight[1:]])
    assert stranger.status == 204 and stranger.headers["vary"] == "Origin"
    assert not [name for name in stranger.headers if name.startswith("access-control-")]


def test_without_the_setting_no_origin_is_known(api):
    answer = api.call("OPTIONS", "/v1/sessions", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204 and "Vary" not in answer.headers
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


# What answers reveal.

def test_a_fault_of_ours_shows_the_request_id_and_nothing_else(stack, admin):
    connection = stack.connect("user")
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("alter table wallet_entries rename to entries_away")
    try:
        answer = admin.get("/v1/users/me/wallet/entries", headers={"X-Request-Id": "fault-1"})
    finally:
        cursor.execute("alter table entries_away rename to wallet_entries")
        connection.close()
    assert error(answer) == (500, "INTERNAL", "INTERNAL")
    body = answer.json()["error"]
    assert body["message"] == "internal error"
    assert body["details"] == [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "INTERNAL",
                                "domain": "questline", "metadata": {"requestId": "fault-1"}}]
    for inside in ("wallet", "relation", "SELECT", "postgres", "user", ".c:"):
        assert inside not in answer.text
    wait_until(lambda: "fault-1" in stack.log("user"), what="the rest in the log")


def test_refusals_do_not_echo_secrets(gateway, token):
    secret = "s3cret-in-a-field"
    for fields in ([("authorization", f"Basic {secret}")], [("authorization", f"Bearer {secret}")],
                   [("authorization", f"Bearer {token}"), ("idempotency-key", secret * 20)]):
        with gateway.connect() as raw:
            assert secret.encode() not in ask_http1(raw, "GET", f"/v1/quests?pageToken={secret}", fields).body
    with gateway.connect() as raw:
        body = json.dumps({"userName": "a", "password": secret, secret: 1}).encode()[:-1]
        assert ask_http1(raw, "POST", "/v1/sessions", [JSON], body).status == 400
    assert secret not in gateway.log() and token not in gateway.log()
