"""Tokens that nobody signed, and rounds of requests that carry them."""
import base64
import contextlib
import os
import socket

from . import http2

STREAMS = 100  # of an HTTP/2 connection, at once


def forged(token):
    """The token with another signature: as long, as well-formed, and never seen before."""
    signature = base64.urlsafe_b64encode(os.urandom(64)).rstrip(b"=").decode()
    return token.rsplit(".", 1)[0] + "." + signature


def _length(n):
    """Of a plain string, in HPACK."""
    if n < 127:
        return bytes((n,))
    more, n = bytearray((127,)), n - 127
    while n >= 128:
        more.append(n % 128 + 128)
        n //= 128
    return bytes(more) + bytes((n,))


def look_up(stream, token):
    """GET /v1/quests with the token, as one frame."""
    value = b"Bearer " + token.encode()
    # GET, http, :path, :authority t, then authorization (field 23 of the static table), never indexed.
    block = b"\x82\x86\x04\x0a/v1/quests\x41\x01t\x1f\x08" + _length(len(value)) + value
    return http2.frame(http2.HEADERS, stream, block, http2.END_STREAM | http2.END_HEADERS)


def await_answers(raw, n_streams):
    """Reads until so many streams have ended, or the connection has."""
    data, ended = b"", 0
    while ended < n_streams and (piece := raw.recv(65536)):
        data += piece
        while len(data) >= 9 and len(data) >= (whole := 9 + int.from_bytes(data[:3], "big")):
            kind, flags = data[3], data[4]
            ended += kind == http2.RST_STREAM or (kind in (http2.DATA, http2.HEADERS) and flags & http2.END_STREAM)
            data = data[whole:]
    return ended


def forged_round(server, source, token, n_requests):
    """So many requests at once, each with another forged token, over HTTP/2 from one address. Returns how many were
    answered."""
    answered = 0
    with contextlib.ExitStack() as ended:
        crowd = []
        for first in range(0, n_requests, STREAMS):
            raw = socket.create_connection(server, timeout=15, source_address=(source, 0))
            ended.callback(raw.close)
            streams = range(1, 2 * min(STREAMS, n_requests - first), 2)
            crowd.append((raw, len(streams)))
            raw.sendall(http2.greeting() + b"".join(look_up(stream, forged(token)) for stream in streams))
        for raw, n_streams in crowd:
            with contextlib.suppress(OSError):
                answered += await_answers(raw, n_streams)
    return answered
