"""Ten thousand connections' worth of abuse leave the gateway as it was (row P12).

The abuse comes in rounds of every kind, 200 connections at once. The first round
warms up: h2o keeps a pool of buffers for each thread, malloc an arena, and both
grow to the size of a round. From then on memory must stay where it was. The
release binary is measured when it is there; one with AddressSanitizer keeps what
was freed in a quarantine, which is made small for this.
"""
import contextlib
import itertools
import os
import socket
import struct
import threading
import time

import pytest

from kit import http2
from kit.api import Api
from kit.gateway import Gateway, free_port, make_certificate, release_program
from kit.waiting import wait_until

pytestmark = pytest.mark.gateway

IS_LONG = os.environ.get("QL_LONG") == "1"
CONNECTIONS = 100000 if IS_LONG else 10000
AT_ONCE = 200
# A leak of one buffer of 4 KiB in each fourth connection would show.
SLACK_KB = 10 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
GET = b"GET /v1/nothing HTTP/1.1\r\nHost: t\r\n"
TLS_HELLO = bytes.fromhex("1603010200010001fc0303") + b"r" * 200


def shapes(token):
    """What a connection sends, by kind, and whether it goes by a reset."""
    look_up = b"GET /v1/quests HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode()
    open_body = http2.frame(http2.HEADERS, 1, http2.POST_BLOCK, 4) + http2.frame(http2.DATA, 1, b" " * 10000)
    streams = b"".join(http2.frame(http2.HEADERS, stream, http2.GET_BLOCK, 5) for stream in range(1, 101, 2))
    return [
        (b"", False), (b"", True),
        (GET, False), (GET, True),
        (GET + b"\r\n", False), (GET + b"\r\n", True),
        ((GET + b"\r\n") * 30, True),
        (GET + b"X: " + b"x" * 40000 + b"\r\n\r\n", False),
        (GET + b"X: " + b"x" * 60000, True),
        (b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n" + b" " * 50000, True),
        (b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n" + b" " * 5000, False),
        (b"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + b" " * 5000, True),
        (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx" + GET, False),
        (look_up, False), (look_up * 5, True),
        (os.urandom(2000), False),
        (http2.PREFACE[:10], True), (http2.greeting(), False), (http2.greeting(), True),
        (http2.greeting() + streams, False), (http2.greeting() + streams, True),
        (http2.greeting() + open_body, True),
        (http2.greeting() + http2.reset_flood(300), False),
        (http2.greeting() + http2.frame(http2.HEADERS, 1, http2.GET_BLOCK, 0), True),
        (http2.greeting() + http2.frame(http2.PING, 0, b"12345678") * 200, True),
        (http2.greeting() + b"\xff" * 200, False),
    ]


def abuse(gateway, kinds, count):
    """count connections, AT_ONCE at a time, each of the next kind; one in ten to the port with TLS."""
    for first in range(0, count, AT_ONCE):
        crowd = []
        for number in range(first, min(first + AT_ONCE, count)):
            data, by_reset = next(kinds)
            over_tls = number % 10 == 9
            raw = socket.create_connection(("127.0.0.1", gateway.tls_port if over_tls else gateway.port), timeout=15)
            raw.setblocking(False)
            with contextlib.suppress(OSError):
                raw.send(TLS_HELLO[:number % 210] if over_tls else data)
            crowd.append((raw, by_reset))
        for raw, by_reset in crowd:
            with contextlib.suppress(OSError):
                raw.recv(1000)
                if by_reset:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                else:
                    raw.shutdown(socket.SHUT_WR)
            raw.close()


class LookUps(threading.Thread):
    """An honest client that looks something up, all the time, and counts."""

    def __init__(self, gateway, token):
        super().__init__()
        self.caller = Api(gateway.http).with_token(token)
        self.is_over = threading.Event()
        self.count, self.slowest, self.failures = 0, 0.0, []

    def run(self):
        while not self.is_over.is_set():
            began = time.monotonic()
            try:
                answer = self.caller.get("/v1/quests")
                if answer.status_code != 200:
                    self.failures.append(answer.text)
            except OSError as trouble:
                self.failures.append(trouble)
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.count += 1
            time.sleep(0.01)  # a client's pace, not a wait

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()


def is_quiet(gateway):
    return gateway.metric("ql_http_in_flight") == 0 and gateway.metric("ql_http_connections") <= 1


def test_ten_thousand_hostile_connections_leave_memory_where_it_was(stack, api, player, tmp_path):
    cert, key = make_certificate(tmp_path)
    token = api.as_user(player).token
    kinds = itertools.cycle(shapes(token))
    with Gateway(stack, tmp_path, release_program(), QL_HTTP_IDLE_TIMEOUT="2s", QL_LOG_LEVEL="error",
                 QL_HTTPS_ADDRESS=f"127.0.0.1:{free_port()}", QL_TLS_CERT_FILE=str(cert), QL_TLS_KEY_FILE=str(key),
                 ASAN_OPTIONS="abort_on_error=1:quarantine_size_mb=1:thread_local_quarantine_size_kb=64") as gateway:
        with LookUps(gateway, token) as look_ups:
            abuse(gateway, kinds, CONNECTIONS // 5)
            wait_until(lambda: is_quiet(gateway), what="the end of the first round")
            rss_kb, descriptors = gateway.rss_kb(), gateway.descriptors()
            abuse(gateway, kinds, CONNECTIONS)
            wait_until(lambda: is_quiet(gateway), what="the end of the abuse")
            grown_kb, left = gateway.rss_kb() - rss_kb, gateway.descriptors() - descriptors
        print(f"{look_ups.count} look-ups, the slowest {look_ups.slowest:.3f} s; {rss_kb} KiB, then {grown_kb:+} KiB")
        assert not look_ups.failures and look_ups.count > 50 and look_ups.slowest < 5
        assert left <= 2 and grown_kb < SLACK_KB
        assert gateway.metric('ql_http_cut_total{why="resets"}') > 0
