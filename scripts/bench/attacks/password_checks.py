"""Clients that have passwords hashed."""
import itertools
import pathlib
import tempfile
import uuid

from kit.contract import compile_contract
from kit.sp import SpClient

from .attacker import HOSTILE, many_addresses

CREATE_SESSION = "questline.user.v1.SessionService/CreateSession"
CHECKS_OF_A_MESSAGE = 64


def sign_ups(attacker, address_of):
    """150 clients that sign up, and again 100 ms after the answer."""
    def act(number):
        account = {"userName": f"flood-{uuid.uuid4().hex[:20]}", "password": "a good password"}
        attacker.request("POST", "/v1/users", account, source=address_of(number))
    attacker.crowd(150, act, 0.1)


def wrong_passwords(attacker):
    """20 clients at one address that guess the passwords of other names each time."""
    def act(_):
        attacker.request("POST", "/v1/sessions", {"userName": f"nobody-{uuid.uuid4().hex[:12]}", "password": "wrong"})
    attacker.crowd(20, act, 0.1)


def checks_in_one_message(attacker):
    """3 RPC clients, each sending messages of 64 password checks that name as many addresses."""
    contract = compile_contract(pathlib.Path(tempfile.mkdtemp(dir=attacker.facts["folder"])))
    addresses = (f"198.51.100.{number % 250 + 1}" for number in itertools.count())

    def act(_):
        request = contract.session_service.CreateSessionRequest(user_name=f"nobody-{uuid.uuid4().hex[:12]}", password="wrong")
        calls = [contract.envelope.Call(id=i + 1, method=CREATE_SESSION, payload=request.SerializeToString(),
                                        client_address=next(addresses)) for i in range(CHECKS_OF_A_MESSAGE)]
        with SpClient(attacker.rpc, timeout=5, source=HOSTILE) as client:
            attacker.count(CHECKS_OF_A_MESSAGE)
            client.exchange(contract.envelope.Request(calls=calls).SerializeToString())
    attacker.crowd(3, act, 0.01)


ATTACKS = {
    "sign-ups from one address": lambda attacker: sign_ups(attacker, lambda _: HOSTILE),
    "sign-ups from 150 addresses": lambda attacker: sign_ups(attacker, many_addresses),
    "wrong passwords from one address": wrong_passwords,
    "64 password checks in a message": checks_in_one_message,
}
