"""Tokens that nobody signed, hundreds at once: whoever comes with a new and honest one is served."""
import collections
import threading
import uuid

import pytest
import requests
from requests.adapters import HTTPAdapter

from kit.api import Api
from kit.forgery import forged_round
from kit.gateway import Gateway, release_program

pytestmark = pytest.mark.gateway

HOSTILE, HONEST = "127.0.0.66", "127.0.0.2"
FORGED, FRESH = 400, 24


@pytest.fixture(scope="module")
def api_key(stack):
    """Of an account whose tokens cost no password check."""
    admin = Api(stack.http).sign_in("admin", "password")
    account = admin.post("/v1/serviceAccounts", {"displayName": "Fresh", "eventTypes": ["fresh.*"]}).json()
    return admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()["apiKey"]


@pytest.fixture
def fresh_tokens(stack, api_key):
    """Makes tokens that the gateway has not seen."""
    def make(n):
        answers = [Api(stack.http).post("/v1/tokens", {"apiKey": api_key}) for _ in range(n)]
        tokens = [answer.json()["accessToken"] for answer in answers]
        assert len(set(tokens)) == n
        return tokens
    return make


def caller_from(address):
    class FromAddress(HTTPAdapter):
        def init_poolmanager(self, *arguments, **options):
            super().init_poolmanager(*arguments, source_address=(address, 0), **options)
    session = requests.Session()
    session.mount("http://", FromAddress())
    return session


class Forger(threading.Thread):
    """Sends round after round of forged tokens until the end of the block."""

    def __init__(self, gateway, token):
        super().__init__()
        self.server, self.token = ("127.0.0.1", gateway.port), token
        self.has_begun, self.is_over, self.answered = threading.Event(), threading.Event(), 0

    def run(self):
        while not self.is_over.is_set():
            self.answered += forged_round(self.server, HOSTILE, self.token, FORGED)
            self.has_begun.set()

    def __enter__(self):
        self.start()
        assert self.has_begun.wait(30)
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()


@pytest.fixture
def statuses(stack, api, player, fresh_tokens, tmp_path):
    """What fresh tokens are answered during rounds of forged ones; the honest client's address is given."""
    def count(honest_address):
        found = collections.Counter()
        token, fresh = api.as_user(player).token, fresh_tokens(FRESH)
        with Gateway(stack, tmp_path, release_program(), QL_LOG_LEVEL="error") as gateway:
            caller = caller_from(honest_address)

            def publish(one):
                event = {"eventId": str(uuid.uuid4()), "eventType": "fresh.start", "userId": player.user_id}
                return caller.post(gateway.http + "/v1/events", json={"events": [event]}, timeout=15,
                                   headers={"Authorization": f"Bearer {one}"}).status_code

            with Forger(gateway, token) as forger:
                for one in fresh[1:]:
                    found[publish(one)] += 1
            assert publish(fresh[0]) == 200
            limited = gateway.metric('ql_client_limit_reached_total{limit="unverified_tokens"}')
        print(f"{dict(found)} beside {forger.answered} forged ones, {limited:.0f} of all answered unseen")
        return found, limited
    return count


def test_fresh_tokens_are_taken_beside_forged_ones_from_another_address(statuses):
    found, limited = statuses(HONEST)
    assert found == {200: FRESH - 1}
    assert limited > 0


def test_beside_forged_ones_from_the_same_address_they_are_taken_or_asked_to_wait(statuses):
    found, _ = statuses(HOSTILE)
    assert set(found) <= {200, 429}
