"""RPC ports under connections that send half of something, or nothing: others are served, and none stays for ever."""
import contextlib
import os
import resource
import socket
import struct

import pytest

from kit.sp import HANDSHAKE_REP, HANDSHAKE_REQ, SpClient
from kit.waiting import wait_until

pytestmark = pytest.mark.user

IS_LONG = os.environ.get("QL_LONG") == "1"
GET_USER = "questline.user.v1.UserService/GetUser"
HOSTILE, PIPES_PER_ADDRESS = "127.0.0.2", 256
HALF_OPEN = 1500 if IS_LONG else 300
HALF_MESSAGES = 400 if IS_LONG else 300
BEGINNING = struct.pack(">QI", 1024 * 1024, 0x80000001) + b"x" * (100000 if IS_LONG else 1000)


@pytest.fixture(autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(stack, ended):
    raw = socket.create_connection(stack.rpc("user"), timeout=15, source_address=(HOSTILE, 0))
    ended.callback(raw.close)
    return raw


def pipes(stack):
    return stack.metric("user", "ql_rpc_pipes")


def test_half_messages_and_half_open_connections_shut_nobody_out(stack, contract, api, player):
    token = api.as_user(player).token
    refused, halves = 0, 0
    before = pipes(stack)
    with contextlib.ExitStack() as ended:
        for _ in range(HALF_OPEN):
            connect(stack, ended)
        for _ in range(HALF_MESSAGES):
            raw = connect(stack, ended)
            with contextlib.suppress(OSError):
                raw.sendall(HANDSHAKE_REQ)
                if raw.recv(8) != HANDSHAKE_REP:
                    refused += 1
                    continue
                raw.sendall(BEGINNING)
                halves += 1
        wait_until(lambda: stack.metric("user", 'ql_rpc_pipes_closed_total{why="address"}') > 0,
                   what="connections beyond the bound of an address")
        assert pipes(stack) <= before + PIPES_PER_ADDRESS + 4
        # Whoever is honest comes in, asks, and is answered; by HTTP too.
        for _ in range(10):
            with SpClient(stack.rpc("user")) as client:
                result = client.call(contract, GET_USER, contract.user_service.GetUserRequest(user_id="me"), token)
                assert result.status.code == 0, result.status
        assert api.with_token(token).get("/v1/users/me").status_code == 200
        assert stack.is_ready("user")
        if IS_LONG:
            wait_until(lambda: stack.metric("user", 'ql_rpc_pipes_closed_total{why="half_message"}') >= 256, seconds=60,
                       what="the end of all half messages")
            # Those that came in as others were ended have their own time.
            wait_until(lambda: pipes(stack) <= before + 4, seconds=60, what="the end of the last half messages")
    wait_until(lambda: pipes(stack) <= before + 4, what="the end of all hostile connections")
    print(f"{halves} half messages, {refused} refused, of {HALF_MESSAGES}")
