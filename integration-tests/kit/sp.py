"""A foreign RPC client: SP REQ over a plain TCP socket, protobuf's own Python.

It shares no code with ours. The wire is that of the SP protocol family: an eight
byte handshake each way, then frames of a 64-bit length and a message whose first
four bytes are the request id with the top bit set.
"""
import itertools
import socket
import struct
import time

HANDSHAKE_REQ = b"\x00SP\x00\x00\x30\x00\x00"
HANDSHAKE_REP = b"\x00SP\x00\x00\x31\x00\x00"

_ids = itertools.count(1)


class SpClient:
    def __init__(self, address, timeout=15, source=None):
        self.socket = socket.create_connection(address, timeout=timeout, source_address=source and (source, 0))
        self.socket.sendall(HANDSHAKE_REQ)
        assert self._read(8) == HANDSHAKE_REP

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed by the service")
            data += piece
        return data

    def send_raw(self, data):
        self.socket.sendall(data)

    def exchange(self, body, request_id=None):
        """Sends one SP message and returns the body of its reply."""
        request_id = (request_id or next(_ids)) | 0x80000000
        self.socket.sendall(struct.pack(">QI", len(body) + 4, request_id) + body)
        (length,) = struct.unpack(">Q", self._read(8))
        reply = self._read(length)
        assert struct.unpack(">I", reply[:4])[0] == request_id
        return reply[4:]

    def call(self, contract, method, request, token="", **fields):
        """One call in one Request; returns its Result."""
        call = contract.envelope.Call(id=7, method=method, payload=request.SerializeToString(),
                                      authorization=token, **fields)
        message = contract.envelope.Request(calls=[call])
        reply = contract.envelope.Reply.FromString(self.exchange(message.SerializeToString()))
        assert [result.id for result in reply.results] == [7]
        return reply.results[0]


def in_ms(milliseconds):
    """A deadline for Call.deadline_unix_ms."""
    return int(time.time() * 1000) + milliseconds
