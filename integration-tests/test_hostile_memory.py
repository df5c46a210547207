"""Clients that make the gateway hold what they never take: its memory stays bounded, and others are served.

The abuse comes from one address, the honest client from another, as on the open net. Memory is measured
with the release binary when there is one; QL_LONG=1 makes the abuse as large as it was when it took gigabytes.
"""
import contextlib
import os
import socket
import struct
import threading

import pytest
import requests

from kit import http2
from kit.gateway import Gateway, release_program
from kit.waiting import wait_until

pytestmark = pytest.mark.gateway

IS_LONG = os.environ.get("QL_LONG") == "1"
LIMIT_KB = 400 * 1024
LEFT_KB = 50 * 1024
ANSWERS = 20
LARGEST_BODY = 1024 * 1024  # QL_MAX_BODY_BYTES
SHUT_WINDOW = http2.frame(http2.SETTINGS, 0, struct.pack(">HI", 4, 0))
DESCRIPTION_BLOCK = b"\x82\x86\x04\x0d/openapi.json\x41\x01t"


@pytest.fixture
def gateway(stack, tmp_path):
    with Gateway(stack, tmp_path, release_program(), QL_HTTP_IDLE_TIMEOUT="2s", QL_LOG_LEVEL="error",
                 ASAN_OPTIONS="abort_on_error=1:quarantine_size_mb=1:thread_local_quarantine_size_kb=64") as own:
        yield own


def connect(gateway, receive_bytes=None, address="127.0.0.66"):
    raw = socket.socket()
    raw.bind((address, 0))
    if receive_bytes:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    raw.settimeout(15)
    raw.connect(("127.0.0.1", gateway.port))
    return raw


class Honest(threading.Thread):
    """Asks for the description of the API, over and over, until it is stopped."""

    def __init__(self, gateway):
        super().__init__()
        self.url, self.is_over = gateway.http + "/openapi.json", threading.Event()
        self.served, self.failures, self.highest_kb, self.gateway = 0, [], 0, gateway

    def run(self):
        while not self.is_over.is_set():
            try:
                answer = requests.get(self.url, timeout=30)
                if answer.status_code == 200 and answer.json()["openapi"]:
                    self.served += 1
                else:
                    self.failures.append(answer.status_code)
            except requests.RequestException as trouble:
                self.failures.append(trouble)
            self.highest_kb = max(self.highest_kb, self.gateway.rss_kb())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()


def send_all(raw, data):
    """Until the gateway has had enough."""
    with contextlib.suppress(OSError):
        raw.sendall(data)


def assert_bounded(gateway, abuse):
    """Runs the abuse beside an honest client, lets go, and looks at memory."""
    before_kb = gateway.rss_kb()
    with contextlib.ExitStack() as held:
        with Honest(gateway) as honest:
            for raw in abuse():
                held.enter_context(raw)
            wait_until(lambda: honest.served >= ANSWERS or honest.failures, what="answers for the honest client")
        assert not honest.failures
        assert honest.highest_kb < LIMIT_KB
    wait_until(lambda: gateway.rss_kb() < before_kb + LEFT_KB, 60, "memory given back")


def test_answers_that_wait_for_a_shut_window_are_bounded(gateway):
    connections = 150 if IS_LONG else 30
    data = http2.PREFACE + SHUT_WINDOW + b"".join(
        http2.frame(http2.HEADERS, stream, DESCRIPTION_BLOCK, 5) for stream in range(1, 200, 2))

    def abuse():
        for _ in range(connections):
            raw = connect(gateway)
            send_all(raw, data)
            yield raw
    assert_bounded(gateway, abuse)
    assert gateway.metric('ql_client_limit_reached_total{limit="requests"}') > 0


def test_answers_that_nobody_reads_are_bounded(gateway):
    def abuse():
        for _ in range(500 if IS_LONG else 100):
            raw = connect(gateway, 4096)
            send_all(raw, b"GET /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n" * 4)
            yield raw
    assert_bounded(gateway, abuse)


def test_bodies_that_never_end_are_bounded(gateway):
    head = (b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            b"Content-Length: 4000000\r\n\r\n")

    def abuse():
        for _ in range(300 if IS_LONG else 40):
            raw = connect(gateway)
            send_all(raw, head + b" " * 3900000)
            yield raw
    assert_bounded(gateway, abuse)
    assert gateway.metric('ql_http_cut_total{why="memory"}') > 0


def bodies_without_their_last_byte(gateway, connections):
    """As large as bodies may be, from 250 addresses."""
    head = (b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % LARGEST_BODY)
    for number in range(connections):
        raw = connect(gateway, address=f"127.0.1.{number % 250 + 1}")
        raw.settimeout(2)
        send_all(raw, head + b" " * (LARGEST_BODY - 1))
        yield raw


def test_bodies_from_many_addresses_are_bounded(gateway):
    assert_bounded(gateway, lambda: bodies_without_their_last_byte(gateway, 600 if IS_LONG else 250))


def test_a_gateway_that_holds_much_stops_as_any_other(gateway):
    """The fixture looks at how it ends."""
    with contextlib.ExitStack() as held:
        for raw in bodies_without_their_last_byte(gateway, 400):
            held.enter_context(raw)
        gateway.stop()


def test_answers_to_pings_that_nobody_reads_are_bounded(gateway):
    pings = http2.frame(http2.PING, 0, b"12345678") * (200000 if IS_LONG else 50000)

    def abuse():
        for _ in range(200 if IS_LONG else 20):
            raw = connect(gateway, 4096)
            raw.settimeout(1)
            send_all(raw, http2.greeting() + pings)
            yield raw
    assert_bounded(gateway, abuse)


def ping_until_closed(raw):
    with contextlib.suppress(OSError):
        while True:
            raw.sendall(http2.frame(http2.PING, 0, b"12345678"))
            if not raw.recv(65536):
                return


def test_pings_keep_no_connection(gateway):
    """Each answers its own pings until the gateway ends it."""
    crowd = [connect(gateway) for _ in range(200 if IS_LONG else 20)]
    for raw in crowd:
        raw.sendall(http2.greeting())
    threads = [threading.Thread(target=ping_until_closed, args=(raw,)) for raw in crowd]
    for thread in threads:
        thread.start()
    wait_until(lambda: gateway.metric('ql_http_cut_total{why="idle"}') >= len(crowd), what="idle connections ended")
    for raw, thread in zip(crowd, threads):
        thread.join()
        raw.close()


def test_idle_connections_keep_nobody_out(stack, tmp_path):
    """Three times as many as there are places; who asks gets in."""
    places = 400 if IS_LONG else 40
    with Gateway(stack, tmp_path, QL_MAX_CONNECTIONS=str(places), QL_HTTP_IDLE_TIMEOUT="1h") as own:
        with contextlib.ExitStack() as held:
            for _ in range(3 * places):
                held.enter_context(connect(own))
            for _ in range(ANSWERS):
                assert requests.get(own.http + "/livez", timeout=15).status_code == 200
        assert own.metric('ql_http_cut_total{why="full"}') > 0


def test_one_address_has_its_share_of_connections(stack, tmp_path):
    with Gateway(stack, tmp_path, QL_MAX_CONNECTIONS_PER_ADDRESS="10") as own:
        crowd = [connect(own) for _ in range(20)]
        for raw in crowd:
            send_all(raw, b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n")
        alive = 0
        for raw in crowd:
            with contextlib.suppress(ConnectionError):
                alive += raw.recv(1000).startswith(b"HTTP/1.1 200")
        assert alive == 10
        assert requests.get(own.http + "/livez", timeout=15).status_code == 200
        assert own.metric('ql_client_limit_reached_total{limit="connections"}') == 10
        wait_until(lambda: '"limit":"connections","address":"127.0.0.66"' in own.log(), what="a line in the log")
        assert own.log().count('"event":"limit reached"') == 1
        for raw in crowd:
            raw.close()
