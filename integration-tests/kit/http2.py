"""HTTP/2 as a well-behaved client (the h2 package) and as bare frames."""
import contextlib
import functools
import ssl
import struct

import h2.config
import h2.connection
import h2.events

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
END_STREAM, END_HEADERS = 1, 4
# GET /v1/nothing, http, authority t, in HPACK without its tables.
GET_BLOCK = b"\x82\x86\x04\x0b/v1/nothing\x41\x01t"
POST_BLOCK = b"\x83\x86\x04\x0c/v1/sessions\x41\x01t"


def frame(kind, stream=0, payload=b"", flags=0):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def greeting():
    return PREFACE + frame(SETTINGS)


def reset_flood(pairs):
    """HEADERS and RST_STREAM, for pairs streams."""
    return b"".join(frame(HEADERS, stream, GET_BLOCK, END_STREAM | END_HEADERS)
                    + frame(RST_STREAM, stream, struct.pack(">I", 8)) for stream in range(1, 2 * pairs, 2))


def made_reset_flood(pairs):
    """HEADERS and a WINDOW_UPDATE of nothing, for which a server has to reset the stream."""
    return b"".join(frame(HEADERS, stream, GET_BLOCK, END_STREAM | END_HEADERS)
                    + frame(WINDOW_UPDATE, stream, struct.pack(">I", 0)) for stream in range(1, 2 * pairs, 2))


class Answer:
    def __init__(self):
        self.status, self.headers, self.body, self.reset, self.is_ended = None, {}, b"", None, False


class Http2Client:
    """One connection; request() waits for the whole answer."""

    def __init__(self, raw):
        self.raw = raw
        self.connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True,
                                                                               header_encoding="utf-8"))
        # Huffman's code in Python takes longer than some timeouts for large fields.
        self.connection.encoder.encode = functools.partial(self.connection.encoder.encode, huffman=False)
        self.answers = {}
        self.is_closed = False

    def start(self):
        self.connection.initiate_connection()
        self.flush()
        return self

    def close(self):
        self.raw.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def flush(self):
        # A server that has closed may still have said why.
        with contextlib.suppress(ConnectionError):
            self.raw.sendall(self.connection.data_to_send())

    def receive(self):
        try:
            data = self.raw.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            self.is_closed = True
            return
        for event in self.connection.receive_data(data):
            self._take(event)
        self.flush()

    def _take(self, event):
        if isinstance(event, h2.events.ConnectionTerminated):
            self.is_closed = True
        answer = self.answers.get(getattr(event, "stream_id", None))
        if answer is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            answer.headers = dict(event.headers)
            answer.status = int(answer.headers[":status"])
        elif isinstance(event, h2.events.DataReceived):
            answer.body += event.data
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            answer.reset, answer.is_ended = event.error_code, True
        elif isinstance(event, h2.events.StreamEnded):
            answer.is_ended = True

    def send(self, verb, path, fields=(), body=None, authority="t"):
        """Sends a request and returns its stream. authority may be None."""
        stream = self.connection.get_next_available_stream_id()
        self.answers[stream] = Answer()
        pseudo = [(":method", verb), (":path", path), (":scheme", "http"),
                  *([(":authority", authority)] if authority is not None else [])]
        self.connection.send_headers(stream, [*pseudo, *fields], end_stream=body is None)
        self.flush()
        while body:
            size = min(self.connection.local_flow_control_window(stream), self.connection.max_outbound_frame_size,
                       len(body))
            if size == 0:
                self.receive()
                continue
            self.connection.send_data(stream, body[:size], end_stream=size == len(body))
            body = body[size:]
            self.flush()
        return stream

    def wait_for(self, stream):
        while not self.answers[stream].is_ended and not self.is_closed:
            self.receive()
        return self.answers[stream]

    def request(self, verb, path, fields=(), body=None, authority="t"):
        return self.wait_for(self.send(verb, path, fields, body, authority))

    def upgrade(self, verb="GET", path="/livez", fields="", body=b""):
        """Asks for h2c in an HTTP/1.1 request; its answer is stream 1's. None when it was answered in HTTP/1.1."""
        settings = self.connection.initiate_upgrade_connection().decode()
        self.raw.sendall(f"{verb} {path} HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                         f"HTTP2-Settings: {settings}\r\n{fields}\r\n".encode() + body)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.raw.recv(1)
            assert piece, head
            head += piece
        if b" 101 " not in head.split(b"\r\n")[0]:
            return None
        self.answers[1] = Answer()
        self.flush()
        return self.wait_for(1)


def tls_connect(raw, cert_file, protocols=("h2", "http/1.1"), most=None):
    context = ssl.create_default_context(cafile=str(cert_file))
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if most:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, most
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context.wrap_socket(raw, server_hostname="localhost")
