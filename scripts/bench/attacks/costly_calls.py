"""Calls that cost more than they look: forged tokens, deadlines of milliseconds, large payloads, writes."""
import itertools
import pathlib
import tempfile
import uuid

from kit.contract import compile_contract
from kit.forgery import forged_round
from kit.sp import SpClient, in_ms

from .attacker import HOSTILE

GET_USER = "questline.user.v1.UserService/GetUser"
FORGED = 400


def forged_tokens(attacker, source):
    """Rounds of 400 tokens that nobody signed, four a second at most."""
    def act(_):
        attacker.count(forged_round(attacker.http, source, attacker.facts["player"], FORGED))
    attacker.crowd(1, act, 0.25)


def short_deadlines(attacker):
    """8 RPC clients whose deadlines are 2 to 5 ms away."""
    contract = compile_contract(pathlib.Path(tempfile.mkdtemp(dir=attacker.facts["folder"])))
    request, clients = contract.user_service.GetUserRequest(user_id="me"), {}

    def act(number):
        client = clients.get(number) or SpClient(attacker.rpc, timeout=5, source=HOSTILE)
        clients.pop(number, None)
        for _ in range(50):
            attacker.count()
            client.call(contract, GET_USER, request, attacker.facts["player"], deadline_unix_ms=in_ms(2 + number % 4))
        clients[number] = client
    attacker.crowd(8, act, 0.01)


def poison(attacker):
    """Events of 20,000 huge numbers, a quest that counts all of them from the beginning, and the list of them."""
    kind, turns = attacker.facts["poison_type"], itertools.count()

    def act(_):
        turn = next(turns)
        event = {"eventId": str(uuid.uuid4()), "eventType": kind, "userId": str(uuid.uuid4()),
                 "payload": {"a": [1e308] * 20000}}
        attacker.request("POST", "/v1/events", {"events": [event]}, attacker.facts["publisher"])
        if turn % 20 == 0:
            attacker.request("POST", "/v1/quests", {"name": "Poison", "rewardId": attacker.facts["reward"], "streak": 1,
                                                    "duplication": 9, "eventTypes": [kind], "backfill": True},
                             attacker.facts["admin"])
        if turn % 5 == 0:
            attacker.request("GET", f"/v1/events?eventType={kind}&pageSize=200", token=attacker.facts["admin"])
    attacker.crowd(1, act, 0.05)


def zone_changes(attacker):
    """4 clients of one player that change the time zone there and back."""
    zones = itertools.cycle(("Pacific/Apia", "America/St_Johns"))

    def act(_):
        attacker.request("PATCH", "/v1/users/me?updateMask=timeZone", {"timeZone": next(zones)},
                         attacker.facts["player"])
    attacker.crowd(4, act, 0.005)


ATTACKS = {
    "400 forged tokens a round": lambda attacker: forged_tokens(attacker, HOSTILE),
    "the same from the honest client's address": lambda attacker: forged_tokens(attacker, attacker.facts["honest"]),
    "deadlines of 2 to 5 ms": short_deadlines,
    "huge numbers under a backfill": poison,
    "changes of the time zone": zone_changes,
}
