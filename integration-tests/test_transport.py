"""Which names the gateway answers to, and what it does for those who come over TLS."""
import socket
import ssl

import pytest

from kit.gateway import Gateway, free_port, make_certificate
from kit.http2 import Http2Client

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def start(stack, certificate, tmp_path_factory):
    started = []

    def start_one(**settings):
        started.append(Gateway(stack, tmp_path_factory.mktemp("gateway"), **{
            "QL_HTTP_HOSTS": "", "QL_HTTPS_ADDRESS": f"127.0.0.1:{free_port()}",
            "QL_TLS_CERT_FILE": str(certificate[0]), "QL_TLS_KEY_FILE": str(certificate[1]), **settings}))
        return started[-1]
    yield start_one
    for own in started:
        own.stop()


@pytest.fixture(scope="module")
def gateway(start):
    return start()


@pytest.fixture(scope="module")
def other(start):
    """One whose operator lists a name."""
    return start(QL_HTTP_HOSTS="api.example")


def head_of(raw, host):
    with raw:
        raw.sendall(f"GET /livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        text = b""
        while piece := raw.recv(65536):
            text += piece
    return text.partition(b"\r\n\r\n")[0].decode().lower(), text


def connect_tls(gateway, certificate, session=None):
    context = ssl.create_default_context(cafile=str(certificate[0]))
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # whose session is there with the handshake
    if session is not None:
        context = session[0]
    raw = context.wrap_socket(socket.create_connection(("127.0.0.1", gateway.tls_port), timeout=15),
                              server_hostname="localhost", session=session and session[1])
    return raw, (context, raw.session)


@pytest.mark.parametrize("host, local, listed", [
    ("localhost:8000", 200, 200), ("127.0.0.1", 200, 200), ("[::1]:8000", 200, 200), ("page.localhost", 200, 200),
    ("evil.example", 421, 421), ("localhost.evil.example:8000", 421, 421), ("10.0.0.1", 421, 421),
    ("api.example", 421, 200),
])
def test_local_mode_answers_to_names_of_this_machine_alone(gateway, other, host, local, listed):
    """A name of a stranger that points at 127.0.0.1 makes its page one origin with us (DNS rebinding)."""
    for own, status in ((gateway, local), (other, listed)):
        head, text = head_of(own.connect(), host)
        assert head.startswith(f"http/1.1 {status} "), head
        assert status == 200 or b"HOST_NOT_ANSWERED" in text


@pytest.mark.parametrize("target, version, host, status", [
    ("http://evil.example/livez", "1.1", "127.0.0.1", 421), ("HTTP://evil.example:80", "1.1", "127.0.0.1", 421),
    ("http://127.0.0.1:80@evil.example/livez", "1.1", "127.0.0.1", 400), ("http://ada@127.0.0.1/livez", "1.1", "127.0.0.1", 400),
    ("http://ada:secret@127.0.0.1?livez", "1.1", "127.0.0.1", 400), ("http://@127.0.0.1", "1.0", None, 400),
    ("http://127.0.0.1/livez?ada@x", "1.1", "127.0.0.1", 200), ("http://evil.example/livez", "1.0", None, 421),
    ("http://127.0.0.1/livez", "1.1", "evil.example", 200), ("http://localhost/livez", "1.0", None, 200),
    ("/livez", "1.0", None, 200)])
def test_a_target_s_host_counts_and_host_beside_it_does_not(gateway, target, version, host, status):
    with gateway.connect() as raw:
        raw.sendall(f"GET {target} HTTP/{version}\r\nConnection: close\r\n".encode()
                    + (f"Host: {host}\r\n\r\n" if host else "\r\n").encode())
        text = b""
        while piece := raw.recv(65536):
            text += piece
    assert int(text.split()[1]) == status, text
    assert status == 200 or {400: b"MALFORMED_REQUEST", 421: b"HOST_NOT_ANSWERED"}[status] in text


@pytest.mark.parametrize("authority, hosts, status", [
    (None, ["evil.example"], 421), (None, ["127.0.0.1"], 200), (None, [], 200),
    (None, ["127.0.0.1", "evil.example"], 400), ("127.0.0.1", ["evil.example"], 400),
    ("evil.example", ["127.0.0.1"], 400), ("127.0.0.1:80@evil.example", [], 400), ("ada@127.0.0.1", [], 400), (None, ["ada@127.0.0.1"], 400), ("evil.example", ["evil.example"], 421),
    ("127.0.0.1", ["127.0.0.1:80"], 200), ("localhost", ["LOCALHOST"], 200)])
def test_host_in_http_2_stands_in_for_authority_or_is_the_same(gateway, authority, hosts, status):
    with Http2Client(gateway.connect()).start() as client:
        client.connection.config.validate_outbound_headers = False
        answer = client.request("GET", "/livez", [("host", host) for host in hosts], authority=authority)
    assert answer.status == status


def test_answers_over_tls_ask_to_stay_there(gateway, other, certificate):
    field = "strict-transport-security: max-age=31536000"
    assert field in head_of(connect_tls(other, certificate)[0], "api.example")[0]
    assert field in head_of(connect_tls(other, certificate)[0], "127.0.0.1")[0]
    # It would hold for every program of the machine.
    assert field not in head_of(connect_tls(gateway, certificate)[0], "localhost")[0]
    assert field not in head_of(gateway.connect(), "127.0.0.1")[0]


def test_a_session_is_resumed_by_the_process_that_sealed_it_and_no_other(gateway, other, certificate):
    raw, session = connect_tls(gateway, certificate)
    raw.close()
    assert session[1].has_ticket and 0 < session[1].ticket_lifetime_hint <= 3600
    raw, _ = connect_tls(gateway, certificate, session)
    assert raw.session_reused
    raw.close()
    raw, _ = connect_tls(other, certificate, session)
    assert not raw.session_reused
    raw.close()
