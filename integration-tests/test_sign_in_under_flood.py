"""Whoever signs in is served while others send far more than they can be served."""
import itertools
import threading
import uuid

import pytest

from kit.api import Api
from kit.sp import SpClient
from kit.waiting import wait_until

pytestmark = pytest.mark.user

CREATE_SESSION = "questline.user.v1.SessionService/CreateSession"
FLOODERS, SIGN_INS = 24, 3
LARGE = 16


class SignUps(threading.Thread):
    """A client at an address of its own that signs up again and again."""

    def __init__(self, http, number, answered, is_over):
        super().__init__()
        self.api = Api(http)
        self.address = f"198.51.{100 + number // 200}.{number % 200 + 1}"
        self.answered, self.is_over = answered, is_over

    def run(self):
        while not self.is_over.is_set():
            answer = self.api.post("/v1/users", {"userName": f"flood-{uuid.uuid4().hex[:20]}",
                                                 "password": "password"},
                                   headers={"X-Forwarded-For": self.address})
            self.answered.append(answer.status_code)


def test_sign_ups_from_everywhere_delay_a_sign_in_by_a_few(stack, api, player):
    answered, is_over = [], threading.Event()
    crowd = [SignUps(stack.http, number, answered, is_over) for number in range(FLOODERS)]
    overtaken_by = []
    try:
        for client in crowd:
            client.start()
        wait_until(lambda: stack.metric("user", 'ql_rpc_queue_waiting{pool="heavy"}') > FLOODERS // 2,
                   what="a queue of sign-ups")
        for _ in range(SIGN_INS):
            before = len(answered)
            signed_in = api.post("/v1/sessions", {"userName": player.name, "password": player.password},
                                 headers={"X-Forwarded-For": "203.0.113.9"})
            assert signed_in.status_code == 200, signed_in.text
            overtaken_by.append(len(answered) - before)
    finally:
        is_over.set()
        for client in crowd:
            client.join()
    print(f"sign-ups answered during each sign-in: {overtaken_by}")
    assert min(overtaken_by) < FLOODERS // 4


def test_a_message_of_many_password_checks_does_not_go_before_one_sign_in(stack, contract, api, player):
    addresses = (f"198.51.100.{number % 250 + 1}" for number in itertools.count())
    ends = []

    def send_many():
        request = contract.session_service.CreateSessionRequest(user_name=f"nobody-{uuid.uuid4().hex[:12]}", password="wrong")
        calls = [contract.envelope.Call(id=i + 1, method=CREATE_SESSION, payload=request.SerializeToString(),
                                        client_address=next(addresses)) for i in range(LARGE)]
        with SpClient(stack.rpc("user"), timeout=60) as client:
            reply = client.exchange(contract.envelope.Request(calls=calls).SerializeToString())
            ends.append(len(contract.envelope.Reply.FromString(reply).results))

    crowd = [threading.Thread(target=send_many) for _ in range(3)]
    for client in crowd:
        client.start()
    try:
        wait_until(lambda: stack.metric("user", 'ql_rpc_queue_waiting{pool="heavy"}') > 0, what="a queue of checks")
        signed_in = api.post("/v1/sessions", {"userName": player.name, "password": player.password},
                             headers={"X-Forwarded-For": "203.0.113.9"})
        ended_before = len(ends)
    finally:
        for client in crowd:
            client.join()
    assert signed_in.status_code == 200, signed_in.text
    assert ended_before == 0 and ends == [LARGE] * 3
