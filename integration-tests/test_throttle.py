"""Sign-ins that fail too often (row Q10): by account and address, and by account.

The stack trusts the loopback address as a proxy, so that a test says where its
clients are; every test has addresses of its own. An account may fail 10 times at
one address (the setting's default) and 20 times altogether (the stack's).
"""
import random

import pytest

from kit.api import Api, error
from kit.gateway import Gateway
from kit.waiting import wait_until

pytestmark = pytest.mark.user

PER_PLACE, PER_ACCOUNT = 10, 20
WRONG = (401, "UNAUTHENTICATED", "BAD_CREDENTIALS")
TOO_MANY = (429, "RESOURCE_EXHAUSTED", "TOO_MANY_SIGN_INS")


def place():
    """An address that nobody else has."""
    return f"2001:db8:{random.randrange(0x10000):x}:{random.randrange(0x10000):x}::1"


@pytest.fixture
def sign_in(api):
    def post(name, password, where):
        return api.post("/v1/sessions", {"userName": name, "password": password}, headers={"X-Forwarded-For": where})
    return post


@pytest.fixture
def guess(sign_in):
    """Fails to sign in at a place."""
    def guesses(name, where, times=PER_PLACE):
        for _ in range(times):
            assert error(sign_in(name, "not the password", where)) == WRONG
    return guesses


def test_too_many_guesses_at_one_place_are_refused_for_a_while(stack, player, sign_in, guess):
    where = place()
    guess(player.name, where)
    refused = sign_in(player.name, "not the password", where)
    assert error(refused) == TOO_MANY
    assert 1 <= int(refused.headers["Retry-After"]) <= 15 * 60
    assert error(sign_in(player.name, player.password, where)) == TOO_MANY
    assert sign_in(player.name, player.password, place()).status_code == 200
    # It is in the database: a process that starts anew knows of it.
    stack.kill("user")
    wait_until(lambda: stack.is_ready("user"), what="user ready")
    wait_until(lambda: sign_in(player.name, player.password, place()).status_code == 200, what="a sign-in")
    assert error(sign_in(player.name, player.password, where)) == TOO_MANY


def test_a_name_that_nobody_has_is_refused_alike(player, sign_in, guess):
    answers = []
    for name in (player.name, player.name + "-not"):
        where = place()
        guess(name, where)
        answers.append(sign_in(name, "not the password", where))
    assert {error(answer) for answer in answers} == {TOO_MANY}
    assert len({answer.json()["error"]["message"] for answer in answers}) == 1


def test_a_success_forgives_what_was_mistyped(player, sign_in, guess):
    where = place()
    for _ in range(2):
        guess(player.name, where, PER_PLACE - 1)
        assert sign_in(player.name, player.password, where).status_code == 200


def test_no_header_of_a_client_hides_its_address(player, sign_in):
    where = place()
    for _ in range(PER_PLACE):
        assert error(sign_in(player.name, "not the password", f"{place()}, {where}")) == WRONG
    assert error(sign_in(player.name, "not the password", f"{place()}, {where}")) == TOO_MANY


def test_strangers_lock_out_strangers_and_not_the_user(player, sign_in, guess):
    home = place()
    assert sign_in(player.name, player.password, home).status_code == 200
    for _ in range(PER_ACCOUNT // PER_PLACE):
        guess(player.name, place())
    assert error(sign_in(player.name, player.password, place())) == TOO_MANY
    assert sign_in(player.name, player.password, home).status_code == 200


def test_guessing_at_the_change_of_a_password_counts_too(api, player, sign_in):
    where = {"X-Forwarded-For": place()}
    me = api.as_user(player)
    body = {"currentPassword": "not the password", "newPassword": "another good password"}
    for _ in range(PER_PLACE):
        answer = me.post("/v1/users/me:changePassword", body, headers=where)
        assert error(answer) == (403, "PERMISSION_DENIED", "WRONG_PASSWORD")
    body["currentPassword"] = player.password
    assert error(me.post("/v1/users/me:changePassword", body, headers=where)) == TOO_MANY
    assert error(sign_in(player.name, player.password, where["X-Forwarded-For"])) == TOO_MANY


@pytest.mark.parametrize("trusted, n_warnings", [("", 1), ("127.0.0.1", 0)])
def test_a_proxy_that_nobody_named_is_warned_of_once(stack, tmp_path, trusted, n_warnings):
    gateway = Gateway(stack, tmp_path, QL_TRUSTED_PROXIES=trusted)
    try:
        for _ in range(5):
            answer = Api(gateway.http).post("/v1/sessions:refresh", {"refreshToken": "x"},
                                            headers={"X-Forwarded-For": place()})
            assert answer.status_code == 401
    finally:
        gateway.stop()
    warnings = [line for line in gateway.log().splitlines() if "proxy not trusted" in line]
    assert len(warnings) == n_warnings
    assert all('"setting":"QL_TRUSTED_PROXIES"' in line and '"address":"127.0.0.1"' in line for line in warnings)
