"""HTTP's less common forms: targets, codings, media types, preconditions, verbs, found from the contract where it has them."""
import gzip
import json
import re
import socket
import uuid

import pytest

from kit.api import error
from kit.http2 import Http2Client
from kit.openapi import FILE, Document

pytestmark = pytest.mark.gateway

OPERATIONS = Document(FILE.read_text()).operations
NOBODY = "018f0000-0000-7000-8000-00000000dead"
ACTIONS = sorted({operation.path for operation in OPERATIONS if ":" in operation.path})
CHANGES = [operation for operation in OPERATIONS if operation.verb != "GET" and operation.roles]


def address(stack):
    host, port = stack.http.removeprefix("http://").split(":")
    return host, int(port)


def raw(stack, text):
    """The head of the answer to exactly these bytes."""
    with socket.create_connection(address(stack), timeout=15) as connection:
        connection.sendall(text.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            if not piece:
                break
            head += piece
    lines = head.decode().split("\r\n\r\n")[0].split("\r\n")
    fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), fields


def filled(path):
    return re.sub(r"{[^}]*}", NOBODY, path)


@pytest.mark.parametrize("target, status", [
    ("http://u/livez", 200), ("HTTP://u:80/livez", 200), ("https://u/livez?x=1", 200),
    ("http://u/v1/users/me", 401), ("http://u", None), ("http:///livez", 404)])
def test_a_target_in_absolute_form_is_its_path(stack, target, status):
    answer, _ = raw(stack, f"GET {target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    assert answer == (status or raw(stack, "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")[0])


def test_options_list_what_is_allowed_everywhere(stack):
    for path in ("*", "/livez", "/readyz", "/openapi.json", "/.well-known/jwks.json"):
        status, fields = raw(stack, f"OPTIONS {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        assert status == 204 and {"GET", "HEAD"} <= set(fields["allow"].split(", ")), path


def test_allow_names_head_wherever_it_names_get(api):
    by_path = {}
    for operation in OPERATIONS:
        by_path.setdefault(filled(operation.path), set()).add(operation.verb)
    for path, verbs in by_path.items():
        allowed = set(api.call("OPTIONS", path).headers["Allow"].split(", "))
        assert allowed == verbs | ({"HEAD"} if "GET" in verbs else set()), path
        wrong = api.call(next(verb for verb in ("PUT", "PATCH", "DELETE") if verb not in verbs), path)
        assert (wrong.status_code, set(wrong.headers["Allow"].split(", "))) == (405, allowed), path


def test_no_100_continue_to_http_1_0(stack):
    body = json.dumps({"userName": f"u{uuid.uuid4().hex}", "password": "b"})
    head = (f"POST /v1/sessions HTTP/%s\r\nHost: t\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n")
    assert raw(stack, head % "1.0" + body)[0] == 401
    with socket.create_connection(address(stack), timeout=15) as connection:
        connection.sendall((head % "1.1").encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 100 ")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, identity", "x"])
def test_a_coded_body_is_415_and_told_what_is_taken(api, coding):
    plain = json.dumps({"userName": f"u{uuid.uuid4().hex}", "password": "b"}).encode()
    for body in (plain, gzip.compress(plain)):
        answer = api.session.post(f"{api.base}/v1/sessions", data=body, timeout=15, headers={
            "Content-Type": "application/json", "Content-Encoding": coding})
        assert error(answer) == (415, "INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE")
        assert answer.headers["Accept-Encoding"] == "identity"
    answer = api.session.post(f"{api.base}/v1/sessions", data=plain, timeout=15, headers={
        "Content-Type": "application/json", "Content-Encoding": "Identity"})
    assert answer.status_code == 401


@pytest.mark.parametrize("first, second, expected", [
    ("Content-Encoding: identity", "Content-Encoding: gzip", (415, "UNSUPPORTED_MEDIA_TYPE")),
    ("Content-Encoding: identity", "Content-Encoding: identity", (401, "BAD_CREDENTIALS")),
    ("Content-Type: application/json", "Content-Type: text/plain", (415, "UNSUPPORTED_MEDIA_TYPE")),
    ("Idempotency-Key: a", "Idempotency-Key: b", (400, "BAD_IDEMPOTENCY_KEY"))])
def test_a_field_s_second_line_counts(stack, first, second, expected):
    """In HTTP/1.1 and HTTP/2 alike, in either order."""
    body = json.dumps({"userName": f"u{uuid.uuid4().hex}", "password": "b"})
    for lines in ([first, second], [second, first]):
        lines = [*lines, *(["Content-Type: application/json"] if not first.startswith("Content-Type") else [])]
        assert raw(stack, "\r\n".join(["POST /v1/sessions HTTP/1.1", "Host: t", "Connection: close", *lines,
                                       f"Content-Length: {len(body)}", "", body]))[0] == expected[0], lines
        fields = [(name.lower(), value) for name, value in (line.split(": ") for line in lines)]
        with Http2Client(socket.create_connection(address(stack), timeout=15)).start() as client:
            answer = client.request("POST", "/v1/sessions", fields, body.encode())
        assert answer.status == expected[0] and expected[1].encode() in answer.body, (lines, answer.body)


@pytest.mark.parametrize("fields", [{"Accept": ""}, {"Content-Type": "application/json; charset=utf8"},
                                    {"Content-Type": 'application/json;charset="UTF8"'}])
def test_media_types_are_taken_as_they_are_meant(api, fields):
    body = json.dumps({"userName": f"u{uuid.uuid4().hex}", "password": "b"})
    answer = api.session.post(f"{api.base}/v1/sessions", data=body, timeout=15,
                              headers={"Content-Type": "application/json", **fields})
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("path", ACTIONS)
def test_a_colon_before_a_verb_may_be_encoded_and_no_other_verb_is_an_id(api, path):
    verb = next(operation.verb for operation in OPERATIONS if operation.path == path)
    encoded = "%3A".join(filled(path).rsplit(":", 1))
    assert api.call(verb, encoded, {} if verb == "POST" else None).status_code \
        == api.call(verb, filled(path), {} if verb == "POST" else None).status_code != 404
    for other in (filled(path) + "s", encoded + "s"):
        for any_verb in ("GET", "POST", "PATCH", "DELETE"):
            answer = api.call(any_verb, other)
            assert error(answer) == (404, "NOT_FOUND", "ROUTE_NOT_FOUND"), f"{any_verb} {other}: {answer.text}"


@pytest.mark.parametrize("operation", CHANGES, ids=[operation.id for operation in CHANGES])
def test_if_match_is_looked_at_wherever_something_changes(admin, api, operation):
    if operation.roles == ["publisher"]:
        pytest.skip("no publisher here")
    caller = admin if "admin" in operation.roles else api.as_user(api.sign_up())
    if operation.id == "ProgressService_RebuildProgress":
        return
    answer = caller.call(operation.verb, filled(operation.path), operation.body(), headers={"If-Match": '"nothing-has-this"'})
    if "If-Match" in [parameter["name"] for parameter in operation.parameters]:
        assert answer.status_code in (400, 404, 412), answer.text  # after whether there is such a thing
    elif operation.id == "TryOutService_TryOutQuest":
        assert answer.status_code != 412  # changes nothing
    else:
        assert error(answer) == (412, "ABORTED", "ETAG_MISMATCH")


def test_several_if_match_fields_are_one_list(stack, admin):
    made = admin.post("/v1/rewards", {"rewardName": "Ten", "rewardItem": "gold", "rewardQty": 10}).json()
    body = json.dumps({"rewardQty": 11})
    head = (f"PATCH /v1/rewards/{made['rewardId']} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {admin.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n")
    assert raw(stack, head + 'If-Match: "8"\r\nIf-Match: "9"\r\n\r\n' + body)[0] == 412
    assert raw(stack, head + 'If-Match: "9"\r\nIf-Match: "1"\r\n\r\n' + body)[0] == 200
