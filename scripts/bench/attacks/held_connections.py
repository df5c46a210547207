"""Clients that keep connections: by pings, and by halves of what was to be sent."""
import contextlib
import struct

from kit import http2
from kit.sp import HANDSHAKE_REP, HANDSHAKE_REQ

from .attacker import many_addresses

HALF_MESSAGE = struct.pack(">QI", 1024 * 1024, 0x80000001) + b"x" * 100000
HALF_OPEN, HALF_MESSAGES, HALF_REQUESTS = 1100, 200, 1100


def pings(attacker):
    """10,000 HTTP/2 connections from 250 addresses that send a ping a second or so and nothing else."""
    turn, ping = [0], http2.frame(http2.PING, 0, b"12345678")

    def make(number):
        raw = attacker.connect(attacker.http, many_addresses(number))
        attacker.send(raw, http2.greeting())
        return raw

    def act(raw):
        turn[0] += 1
        if turn[0] % 10 == 0:
            raw.setblocking(False)
            with contextlib.suppress(OSError):
                raw.send(ping)
                raw.recv(65536)
    attacker.keep(10000, make, act)


def half_of_rpc(attacker):
    """Connections to an RPC port that say nothing, and some whose message never ends."""
    def make(number):
        raw = attacker.connect(attacker.rpc)
        if number < HALF_MESSAGES:
            raw.sendall(HANDSHAKE_REQ)
            if raw.recv(8) == HANDSHAKE_REP:
                attacker.send(raw, HALF_MESSAGE)
        else:
            attacker.count()
        return raw
    attacker.keep(HALF_OPEN + HALF_MESSAGES, make)


def half_of_ops(attacker):
    """Connections to an operators' port whose request never ends."""
    def make(_):
        raw = attacker.connect(attacker.ops)
        attacker.send(raw, b"GET /metrics HTTP/1.1\r\nHo")
        return raw
    attacker.keep(HALF_REQUESTS, make)


ATTACKS = {
    "10,000 connections with pings": pings,
    "half messages on an RPC port": half_of_rpc,
    "half requests on an operators' port": half_of_ops,
}
