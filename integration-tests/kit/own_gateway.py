"""A gateway of the test's own, over both ports and with short timeouts, and requests to it over each protocol."""
import json
import socket

import pytest

from kit import http2
from kit.gateway import Gateway, free_port, make_certificate
from kit.http2 import Http2Client, tls_connect

IDLE_S = 2
ORIGIN = "https://page.test"
JSON = ("content-type", "application/json")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def gateway(stack, certificate, tmp_path_factory):
    """Over both ports, with short timeouts."""
    own = Gateway(stack, tmp_path_factory.mktemp("gateway"), QL_HTTP_IDLE_TIMEOUT=f"{IDLE_S}s",
                  QL_HTTPS_ADDRESS=f"127.0.0.1:{free_port()}", QL_TLS_CERT_FILE=str(certificate[0]),
                  QL_TLS_KEY_FILE=str(certificate[1]), QL_CORS_ORIGINS=f"{ORIGIN}, http://localhost:3000")
    yield own
    own.stop()


@pytest.fixture
def other_gateway(stack, tmp_path):
    """Starts gateways with other settings."""
    started = []

    def start(**settings):
        started.append(Gateway(stack, tmp_path, **settings))
        return started[-1]
    yield start
    for own in started:
        own.stop()


@pytest.fixture
def token(api, player):
    return api.as_user(player).token


def connect_tls(gateway, certificate, **arguments):
    raw = socket.create_connection(("127.0.0.1", gateway.tls_port), timeout=15)
    return tls_connect(raw, certificate[0], **arguments)


def read_all(raw):
    """Everything up to the end of the stream, however it ends."""
    text = b""
    try:
        while piece := raw.recv(65536):
            text += piece
    except ConnectionError:
        pass
    return text


def ask_http1(raw, verb, path, fields=(), body=None):
    """One request on a connection of its own, as an Answer of kit.http2."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: t", "Connection: close", *(f"{name}: {value}" for name, value in fields)]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    raw.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
    head, _, text = read_all(raw).partition(b"\r\n\r\n")
    answer = http2.Answer()
    answer.status, answer.body = int(head.split(b" ")[1]), text
    answer.headers = {name.lower(): value for name, value in
                      (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])}
    return answer


@pytest.fixture(params=["http/1.1", "h2", "http/1.1 over TLS", "h2 over TLS"])
def ask(request, gateway, certificate):
    """Asks over each protocol, on a new connection."""
    def connect():
        if not request.param.endswith("TLS"):
            return gateway.connect()
        raw = connect_tls(gateway, certificate, protocols=[request.param.split()[0]])
        assert raw.selected_alpn_protocol() == request.param.split()[0]
        return raw

    def over(verb, path, fields=(), body=None):
        with connect() as raw:
            if request.param.startswith("h2"):
                return Http2Client(raw).start().request(verb, path, fields, body)
            return ask_http1(raw, verb, path, fields, body)
    return over


def reason_of(answer):
    details = json.loads(answer.body)["error"]["details"]
    assert details[0]["metadata"]["requestId"] == answer.headers["x-request-id"]
    return answer.status, details[0]["reason"]
