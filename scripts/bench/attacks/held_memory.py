"""Clients that have the gateway hold what they never take, or never finish."""
import struct

from kit import http2

from .attacker import many_addresses

SHUT_WINDOW = http2.frame(http2.SETTINGS, 0, struct.pack(">HI", 4, 0))
DESCRIPTION_BLOCK = b"\x82\x86\x04\x0d/openapi.json\x41\x01t"
LARGEST_BODY = 1024 * 1024  # QL_MAX_BODY_BYTES


def shut_windows(attacker):
    """150 connections of 100 streams, whose window is 0."""
    data = http2.PREFACE + SHUT_WINDOW + b"".join(
        http2.frame(http2.HEADERS, stream, DESCRIPTION_BLOCK, 5) for stream in range(1, 200, 2))

    def make(_):
        raw = attacker.connect(attacker.http)
        attacker.send(raw, data)
        return raw
    attacker.keep(150, make)


def unread_answers(attacker):
    """500 connections whose client does not read."""
    def make(_):
        raw = attacker.connect(attacker.http, receive_bytes=4096)
        attacker.send(raw, b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 4)
        return raw
    attacker.keep(500, make)


def bodies(attacker, size):
    """300 requests from 250 addresses, each with all of its body but the last byte."""
    data = (b"POST /v1/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % size) + b" " * (size - 1)

    def make(number):
        raw = attacker.connect(attacker.http, many_addresses(number))
        attacker.send(raw, data)
        return raw
    attacker.keep(300, make)


ATTACKS = {
    "HTTP/2, window 0": shut_windows,
    "answers nobody reads": unread_answers,
    "bodies of 1 MiB, unfinished": lambda attacker: bodies(attacker, LARGEST_BODY),
    "bodies of 4 MiB, unfinished": lambda attacker: bodies(attacker, 4 * LARGEST_BODY - 1),
}
