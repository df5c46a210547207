"""A token is refused, by every service, within a second or two of what took its owner's rights away."""
import time

import pytest

from kit.api import error
from kit.sp import SpClient
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.user

REVOKED = (401, "UNAUTHENTICATED", "TOKEN_REVOKED")
UNAUTHENTICATED = 16
# One call an administrator may make of each service; a wish that nothing comes of.
ADMINS_CALLS = {
    "user": ("GET", "/v1/users?pageSize=1", None),
    "catalog": ("POST", "/v1/quests", {"name": "A million diamonds"}),
    "processing": ("GET", "/v1/events?pageSize=1", None),
}
BOUND_S = 2


@pytest.fixture
def deputy(api, player, admin):
    """Another administrator, signed in."""
    assert admin.post(f"/v1/users/{player.user_id}:setRole", {"role": "ADMIN"}).status_code == 200
    caller = api.as_user(player)
    assert {service: answer.status_code for service, answer in answers(caller).items()} == \
        {"user": 200, "catalog": 400, "processing": 200}
    yield caller
    # Other tests count on one administrator. What is deleted is none any more.
    assert admin.post(f"/v1/users/{player.user_id}:setRole", {"role": "USER"}).status_code in (200, 400)


def outcome(answer):
    return answer.status_code if answer.status_code == 200 else error(answer)


def answers(caller):
    return {service: caller.call(verb, path, body) for service, (verb, path, body) in ADMINS_CALLS.items()}


def refused_everywhere(caller):
    return all(outcome(answer) == REVOKED for answer in answers(caller).values())


def assert_refused_soon(caller):
    began = time.monotonic()
    wait_until(lambda: refused_everywhere(caller), what="refused by every service")
    assert time.monotonic() - began < BOUND_S * 5  # a busy machine's seconds are long


@pytest.mark.parametrize("action", ["demotion", "ban", "deletion", "new password"])
def test_an_administrators_token_ends_with_the_rights(api, player, admin, deputy, action):
    path = f"/v1/users/{player.user_id}"
    answer = {
        "demotion": lambda: admin.post(f"{path}:setRole", {"role": "USER"}),
        "ban": lambda: admin.post(f"{path}:ban", {}),
        "deletion": lambda: admin.post(f"{path}:delete"),
        "new password": lambda: admin.post(f"{path}:changePassword", {"newPassword": "another good password"}),
    }[action]()
    assert answer.status_code == 200, answer.text
    assert_refused_soon(deputy)


def test_the_services_themselves_refuse_it(stack, contract, player, admin, deputy):
    assert admin.post(f"/v1/users/{player.user_id}:ban", {}).status_code == 200
    calls = {"user": ("questline.user.v1.UserService/GetUser", contract.user_service.GetUserRequest(user_id=player.user_id)),
             "processing": ("questline.processing.v1.ProgressService/ListProgress",
                            contract.progress_service.ListProgressRequest(user_id=player.user_id))}
    for service, (method, request) in calls.items():
        with SpClient(stack.rpc(service)) as client:
            settled(lambda: client.call(contract, method, request, deputy.token).status.reason, "TOKEN_REVOKED")


def test_who_signs_in_at_once_after_a_new_password_is_let_in(api, player):
    me = api.as_user(player)
    for turn in range(3):
        fresh = f"another good password {turn}"
        answer = me.post("/v1/users/me:changePassword",
                         {"currentPassword": player.password, "newPassword": fresh})
        assert answer.status_code == 200, answer.text
        player.password, old = fresh, me
        me = api.as_user(player)  # within the same second
        settled(lambda: outcome(old.get("/v1/users/me")), REVOKED)
        for path in ("/v1/users/me", "/v1/users/me/progress", "/v1/quests"):
            assert me.get(path).status_code == 200


def test_the_session_that_set_the_password_goes_on_with_a_refresh(api, player):
    session = api.post_session(player).json()
    me = api.with_token(session["accessToken"])
    assert me.post("/v1/users/me:changePassword", {
        "currentPassword": player.password, "newPassword": "another good password",
        "refreshToken": session["refreshToken"]}).status_code == 200
    settled(lambda: outcome(me.get("/v1/users/me/progress")), REVOKED)
    turned = api.post("/v1/sessions:refresh", {"refreshToken": session["refreshToken"]})
    assert turned.status_code == 200, turned.text
    assert api.with_token(turned.json()["accessToken"]).get("/v1/users/me/progress").status_code == 200


def test_signing_out_ends_that_sessions_tokens_and_everywhere_all(api, player):
    sessions = [api.post_session(player).json() for _ in range(3)]
    callers = [api.with_token(session["accessToken"]) for session in sessions]
    sign_out = {"refreshToken": sessions[0]["refreshToken"]}
    assert api.post("/v1/sessions:signOut", sign_out).status_code == 200
    settled(lambda: outcome(callers[0].get("/v1/users/me/progress")), REVOKED)
    assert [caller.get("/v1/users/me/progress").status_code for caller in callers[1:]] == [200, 200]
    everywhere = {"refreshToken": sessions[1]["refreshToken"], "everywhere": True}
    assert api.post("/v1/sessions:signOut", everywhere).status_code == 200
    for caller in callers[1:]:
        settled(lambda: caller.get("/v1/users/me/progress").status_code, 401)
    assert api.as_user(player).get("/v1/users/me/progress").status_code == 200


@pytest.mark.parametrize("action", ["revoked key", "disabled account"])
def test_a_game_servers_token_ends_with_its_key(api, admin, player, action):
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": ["arena.*"]}).json()
    path = f"/v1/serviceAccounts/{account['serviceAccountId']}"
    keys = [admin.post(f"{path}/keys").json() for _ in range(2)]
    token = api.post("/v1/tokens", {"apiKey": keys[0]["apiKey"]}).json()["accessToken"]
    wish = {"events": [{"eventId": "no id", "eventType": "arena.won", "userId": player.user_id}]}
    server = api.with_token(token)
    assert server.post("/v1/events", wish).status_code == 400
    if action == "revoked key":
        assert admin.post(f"{path}/keys/{keys[0]['key']['keyId']}:revoke", {}).status_code == 200
    else:
        assert admin.post(f"{path}:disable", {}).status_code == 200
    settled(lambda: server.post("/v1/events", wish).status_code, 401)
    assert error(server.post("/v1/events", wish)) == REVOKED
    other = api.post("/v1/tokens", {"apiKey": keys[1]["apiKey"]})
    assert other.status_code == (200 if action == "revoked key" else 401)
    if action == "revoked key":
        assert api.with_token(other.json()["accessToken"]).post("/v1/events", wish).status_code == 400


def test_a_service_that_starts_afterwards_refuses_it_too(stack, player, admin, deputy):
    assert admin.post(f"/v1/users/{player.user_id}:ban", {}).status_code == 200
    wait_until(lambda: refused_everywhere(deputy), what="refused by every service")
    stack.stop("catalog")
    stack.start("catalog")
    wait_until(lambda: stack.is_ready("catalog"), what="the catalog")
    verb, path, body = ADMINS_CALLS["catalog"]
    answer = deputy.call(verb, path, body)
    assert error(answer) == REVOKED
