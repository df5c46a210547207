"""What hostile and clumsy HTTP clients do to the gateway: little (row P12)."""
import json
import re
import select
import socket
import ssl
import struct
import threading
import time

import pytest

from kit import http2
from kit.api import Api
from kit.http2 import Http2Client
from kit.own_gateway import IDLE_S, certificate, connect_tls, gateway, other_gateway, read_all, token
from kit.waiting import wait_until

pytestmark = pytest.mark.gateway

NEXT = b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def test_what_follows_too_many_fields_is_not_read(gateway):
    with gateway.connect() as raw:
        fields = "".join(f"x-{i}: v\r\n" for i in range(120))
        body = "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n"
        raw.sendall(f"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: {len(body)}\r\n{fields}\r\n{body}".encode())
        text = read_all(raw)
    assert text.startswith(b"HTTP/1.1 431 ") and text.count(b"HTTP/1.1 ") == 1


def test_a_flood_of_sign_ins_is_429_and_look_ups_go_on(gateway, api, token):
    user = api.sign_up()
    body = json.dumps({"userName": user.name, "password": "a wrong password"})
    floods = [gateway.connect() for _ in range(200)]  # more than wait for password checks
    try:
        for raw in floods:
            raw.sendall(("POST /v1/sessions HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        assert Api(gateway.http).with_token(token).get("/v1/users/me").status_code == 200
        answers = [read_all(raw).partition(b"\r\n\r\n") for raw in floods]
    finally:
        for raw in floods:
            raw.close()
    turned_away = [(head, text) for head, _, text in answers if head.startswith(b"HTTP/1.1 429 ")]
    # Those that wait are checked, or on a busy machine too late.
    assert turned_away and {head.split(b" ")[1] for head, _, _ in answers} <= {b"401", b"429", b"504"}
    for head, text in turned_away:
        assert 1 <= int(re.search(rb"(?im)^retry-after: (\d+)", head).group(1)) <= 900
        failure = json.loads(text)["error"]
        assert failure["status"] == "RESOURCE_EXHAUSTED"
        assert any(detail.get("retryDelay", "").endswith("s") for detail in failure["details"])


# HTTP/2 and TLS.

def test_an_upgrade_to_h2c_is_ignored(gateway):
    """Else a client tunnels through a proxy in front and writes its own X-Forwarded-For."""
    with gateway.connect() as raw:
        client = Http2Client(raw)
        assert client.upgrade() is None


def test_a_hundred_streams_at_once_are_answered(gateway, token):
    with gateway.connect() as raw:
        client = Http2Client(raw).start()
        streams = [client.send("GET", "/v1/quests", [("authorization", f"Bearer {token}")]) for _ in range(100)]
        assert {client.wait_for(stream).status for stream in streams} == {200}


# Requests whose end can be read in two ways.

SMUGGLING = {
    "two lengths": b"Host: t\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "two equal lengths": b"Host: t\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": b"Host: t\r\nContent-Length: 0, 0\r\n\r\n",
    "a signed length": b"Host: t\r\nContent-Length: +0\r\n\r\n",
    "length and chunks": b"Host: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Host: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Host: t\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "identity, then chunked": b"Host: t\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked, identity": b"Host: t\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "an unknown coding": b"Host: t\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a folded length": b"Host: t\r\nContent-Length:\r\n 0\r\n\r\n",
    "a folded line": b"Host: t\r\nA: b\r\n\tc\r\n\r\n",
    "space before the colon": b"Host: t\r\nContent-Length : 0\r\n\r\n",
    "LF alone": b"Host: t\r\nA: b\nContent-Length: 0\r\n\r\n",
    "LF alone at the end": b"Host: t\r\nA: b\r\n\n",
    "CR alone": b"Host: t\r\nA: b\rC: d\r\n\r\n",
    "NUL in a field": b"Host: t\r\nA: b\0c\r\n\r\n",
    "no host": b"A: b\r\n\r\n",
    "two hosts": b"Host: t\r\nHost: u\r\n\r\n",
    "a list of hosts": b"Host: t, u\r\n\r\n",
    "a broken chunk": b"Host: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk too large to count": b"Host: t\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n\r\n",
}


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("shape", SMUGGLING)
def test_a_request_with_two_ends_is_refused_and_nothing_behind_it_is_read(gateway, certificate, shape, over_tls):
    with connect_tls(gateway, certificate, protocols=["http/1.1"]) if over_tls else gateway.connect() as raw:
        # Not the first request of its connection: no look at the first bytes would do.
        raw.sendall(NEXT + b"POST /livez HTTP/1.1\r\n" + SMUGGLING[shape] + NEXT)
        text = read_all(raw)
    assert text.count(b"HTTP/1.1 ") == 2 and text.startswith(b"HTTP/1.1 200"), text
    assert b"HTTP/1.1 400 " in text and b"onnection: close" in text


def test_a_chunked_request_is_the_last_of_its_connection(gateway):
    with gateway.connect() as raw:
        raw.sendall(b"GET /livez HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0;junk\n\r\n" + NEXT)
        text = read_all(raw)
    assert text.count(b"HTTP/1.1 ") == 1 and b"onnection: close" in text


def test_http_1_0_and_an_empty_line_before_a_request_are_fine(gateway):
    with gateway.connect() as raw:
        raw.sendall(b"\r\nGET /livez HTTP/1.0\r\n\r\n")
        assert read_all(raw).startswith(b"HTTP/1.1 200")


# Clients that flood, drip, wait and vanish.

def assert_serves(gateway, token):
    """A look-up through to the catalog, in good time."""
    began = time.monotonic()
    assert Api(gateway.http).with_token(token).get("/v1/quests").status_code == 200
    assert time.monotonic() - began < 5


def send_until_cut(raw, data):
    """Sends while somebody listens; also reads, as a client would."""
    raw.setblocking(False)
    view, deadline = memoryview(data), time.monotonic() + 15
    while view and time.monotonic() < deadline:
        readable, writable, _ = select.select([raw], [raw], [], 5)
        try:
            if readable and not raw.recv(65536):
                return
            if writable:
                view = view[raw.send(view[:16384]):]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            continue
        except ConnectionError:
            return
    raw.settimeout(15)
    read_all(raw)


@pytest.mark.parametrize("over_tls", [False, True], ids=["h2c", "TLS"])
def test_a_rapid_reset_is_cut_off_while_others_are_served(gateway, certificate, token, over_tls):
    before, descriptors = gateway.metric('ql_http_cut_total{why="resets"}'), gateway.descriptors()
    answered = gateway.metric('ql_http_requests_total{status="404"}')
    flood = http2.greeting() + http2.reset_flood(20000)
    began = time.monotonic()
    attackers = []
    for _ in range(3):
        raw = connect_tls(gateway, certificate) if over_tls else gateway.connect()
        attackers.append(threading.Thread(target=send_until_cut, args=(raw, flood)))
        attackers[-1].start()
    assert_serves(gateway, token)
    for attacker in attackers:
        attacker.join(30)
    assert time.monotonic() - began < 15
    wait_until(lambda: gateway.metric('ql_http_cut_total{why="resets"}') == before + 3, what="three cuts")
    # What had been buffered when the guard struck, and not 60,000.
    assert gateway.metric('ql_http_requests_total{status="404"}') - answered < 10000
    wait_until(lambda: gateway.descriptors() <= descriptors + 2, what="the connections gone")
    assert_serves(gateway, token)


def test_a_client_that_makes_the_server_reset_is_cut_off(gateway, token):
    before = gateway.metric('ql_http_cut_total{why="resets"}')
    with gateway.connect() as raw:
        send_until_cut(raw, http2.greeting() + http2.made_reset_flood(5000))
    wait_until(lambda: gateway.metric('ql_http_cut_total{why="resets"}') == before + 1, what="the cut")
    assert_serves(gateway, token)


def test_a_client_that_resets_now_and_then_is_not_cut(gateway):
    with gateway.connect() as raw:
        client = Http2Client(raw).start()
        for _ in range(150):
            client.connection.reset_stream(client.send("GET", "/livez"))
            client.flush()
        assert client.request("GET", "/livez").status == 200


def drip(raw, data):
    """Sends byte by byte until it is cut off, for four times the limit at most."""
    began = time.monotonic()
    try:
        for at in range(len(data)):
            raw.sendall(data[at:at + 1])
            if select.select([raw], [], [], 0.1)[0] and not read_all_ready(raw):
                break
            if time.monotonic() - began > 4 * IDLE_S:
                raise AssertionError("it is still served")
    except (ConnectionError, ssl.SSLError):
        pass
    assert time.monotonic() - began < 3 * IDLE_S + 1


def read_all_ready(raw):
    return raw.recv(65536)


DRIPPING = {
    "a head": b"GET /livez HTTP/1.1\r\nHost: t\r\nX: " + b"x" * 1000,
    "a body": b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000,
    "chunks": b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 200,
    "an HTTP/2 preface": http2.PREFACE[:23],
    "an HTTP/2 frame": http2.greeting() + http2.frame(http2.HEADERS, 1, b"x" * 1000, 4)[:900],
    "HTTP/2 header fragments": http2.greeting() + http2.frame(http2.HEADERS, 1, http2.GET_BLOCK)
                               + http2.frame(9, 1, b"\0") * 100,
    "an HTTP/2 body": http2.greeting() + http2.frame(http2.HEADERS, 1, http2.POST_BLOCK, 4)
                      + http2.frame(http2.DATA, 1, b" ") * 200,
}


def test_whatever_drips_is_cut_off(gateway, token):
    drippers, failures = [], []

    def run(name):
        try:
            with gateway.connect() as raw:
                # At once up to where it starts to drip.
                start = DRIPPING[name].index(b"\r\n") if b"HTTP/1.1" in DRIPPING[name] else 20
                raw.sendall(DRIPPING[name][:start])
                drip(raw, DRIPPING[name][start:] + DRIPPING[name][-9:] * 50)
        except Exception as trouble:  # pylint: disable=broad-except
            failures.append((name, trouble))
    for name in DRIPPING:
        drippers.append(threading.Thread(target=run, args=(name,)))
        drippers[-1].start()
    assert_serves(gateway, token)
    for dripper in drippers:
        dripper.join(60)
    assert not failures


def test_silent_connections_are_closed(gateway):
    began = time.monotonic()
    silent = [gateway.connect(), socket.create_connection(("127.0.0.1", gateway.tls_port), timeout=15)]
    silent.append(gateway.connect())
    silent[2].sendall(http2.greeting())
    silent.append(gateway.connect())
    silent[3].sendall(NEXT)
    for raw in silent:
        read_all(raw)
        raw.close()
    assert time.monotonic() - began < 3 * IDLE_S + 1


def test_a_half_closed_client_gets_its_answer(gateway, token):
    with gateway.connect() as raw:
        raw.sendall(b"GET /v1/quests HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode())
        raw.shutdown(socket.SHUT_WR)
        assert read_all(raw).startswith(b"HTTP/1.1 200")
    with gateway.connect() as raw:
        raw.sendall(b"GET /v1/quests HTTP/1.1\r\nHost: t\r\n")
        raw.shutdown(socket.SHUT_WR)
        assert read_all(raw) == b""


def test_clients_that_vanish_leave_nothing_behind(gateway, certificate, token):
    request = b"GET /v1/quests HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode()
    descriptors = gateway.descriptors()
    for turn in range(60):
        raw = connect_tls(gateway, certificate) if turn % 3 == 2 else gateway.connect()
        if turn % 3 == 0:
            raw.sendall(request)
        else:
            client = Http2Client(raw).start()
            for _ in range(10):
                client.send("GET", "/v1/quests", [("authorization", f"Bearer {token}")])
        if turn % 2:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        raw.close()
    wait_until(lambda: gateway.descriptors() <= descriptors + 2 and gateway.metric("ql_http_in_flight") == 0,
               what="all of them gone")
    assert_serves(gateway, token)


def test_connections_over_the_limit_wait_and_the_others_are_served(other_gateway):
    own = other_gateway(QL_MAX_CONNECTIONS="20", QL_HTTP_IDLE_TIMEOUT="1s")
    crowd = [own.connect() for _ in range(60)]
    for raw in crowd:
        raw.sendall(NEXT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    for raw in crowd:
        assert read_all(raw).startswith(b"HTTP/1.1 200")
        raw.close()
    idle = [own.connect() for _ in range(60)]
    with own.connect() as late:  # behind sixty that say nothing: served as they time out
        late.sendall(NEXT)
        assert late.recv(4096).startswith(b"HTTP/1.1 200")
    for raw in idle:
        raw.close()


def test_pipelined_requests_are_answered_in_order_and_others_between(gateway, token):
    with gateway.connect() as raw:
        raw.sendall(b"".join(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nX-Request-Id: p%03d\r\n\r\n" % i for i in range(300)))
        assert_serves(gateway, token)
        text = b""
        while text.count(b'"requestId"') < 300:
            piece = raw.recv(65536)
            assert piece
            text += piece
    ids = [line[14:] for line in text.split(b"\r\n") if line.startswith(b"x-request-id: ")]
    assert ids == [b"p%03d" % i for i in range(300)]


GARBAGE = [b"\x16\x03\x01\x00\x05hello", b"\0" * 500, b"\xff" * 500, b"GET", b"GET / HTTP/2.0\r\n\r\n", b"\r\n\r\n\r\n",
           b"A" * 100000, http2.PREFACE + b"\xff" * 100, http2.greeting() + http2.frame(http2.HEADERS, 0),
           http2.greeting() + http2.frame(http2.HEADERS, 2, http2.GET_BLOCK, 5),
           http2.greeting() + http2.frame(http2.HEADERS, 1, b"\xff" * 50, 5),
           http2.greeting() + http2.frame(http2.DATA, 1, b"x"),
           http2.greeting() + http2.frame(http2.SETTINGS, 0, b"x"),
           http2.greeting() + http2.frame(8, 0, b"\xff" * 4), http2.greeting() + http2.frame(5, 1, b"x" * 10, 4)]


def test_garbage_on_either_port_hurts_nobody(gateway, token):
    for port in (gateway.port, gateway.tls_port):
        for data in GARBAGE:
            with socket.create_connection(("127.0.0.1", port), timeout=15) as raw:
                raw.sendall(data)
                raw.shutdown(socket.SHUT_WR)
                read_all(raw)
    assert_serves(gateway, token)


def test_frames_of_unknown_types_are_no_way_to_fill_the_log(gateway):
    with gateway.connect() as raw:
        raw.sendall(http2.greeting() + http2.frame(0x2a, 0, b"grease") * 20000 + http2.frame(http2.PING, 0, b"12345678"))
        text = b""
        while b"12345678" not in text:
            piece = raw.recv(65536)
            assert piece
            text += piece
    assert "skipping" not in gateway.log()
