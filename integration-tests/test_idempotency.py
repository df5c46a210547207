"""Idempotency-Key: what is created by a call that is sent again is created once."""
import json
import re
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.api import Api, error, violated_fields
from kit.openapi import FILE, Document
from kit.waiting import settled

pytestmark = pytest.mark.catalog


def reward_body(**changes):
    return {"rewardName": f"Reward {uuid.uuid4().hex[:12]}", "rewardItem": "gold", "rewardQty": 5, **changes}


def with_key(key=None):
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def rewards_called(stack, name):
    return stack.value("catalog", "select count(*) from rewards where reward_name = %s", name)


def test_the_same_call_twice_creates_once_and_is_answered_the_same(stack, admin):
    key, body = with_key(), reward_body()
    first = admin.post("/v1/rewards", body, headers=key)
    assert first.status_code == 200, first.text
    second = admin.post("/v1/rewards", body, headers=key)
    assert (second.status_code, second.json()) == (200, first.json())
    assert rewards_called(stack, body["rewardName"]) == 1

    key = with_key()
    quest = {"rewardId": first.json()["rewardId"], "name": "Once", "description": "", "streak": 1, "duplication": 1,
             "eventTypes": [f"test.t{uuid.uuid4().hex[:8]}"]}
    first, second = (admin.post("/v1/quests", quest, headers=key) for _ in range(2))
    assert first.status_code == 200, first.text
    assert (second.status_code, second.json()) == (200, first.json())
    # One announcement: the event table has what every consumer got.
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->'eventTypes'->>0 = %s", quest["eventTypes"][0]), 1)


def test_the_key_with_another_body_is_a_conflict(stack, admin):
    key, body = with_key(), reward_body()
    assert admin.post("/v1/rewards", body, headers=key).status_code == 200
    other = admin.post("/v1/rewards", {**body, "rewardQty": 6}, headers=key)
    assert error(other) == (409, "ALREADY_EXISTS", "IDEMPOTENCY_KEY_REUSED")
    assert rewards_called(stack, body["rewardName"]) == 1


def test_a_refused_call_leaves_its_key_free(admin):
    key = with_key()
    assert admin.post("/v1/rewards", reward_body(rewardQty=0), headers=key).status_code == 400
    assert admin.post("/v1/rewards", reward_body(), headers=key).status_code == 200


def test_an_answer_that_was_lost_is_asked_for_again(stack, admin):
    key, body = with_key(), reward_body()
    content = json.dumps(body).encode()
    host, port = stack.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(f"POST /v1/rewards HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin.token}\r\n"
                    f"Content-Type: application/json\r\nIdempotency-Key: {key['Idempotency-Key']}\r\n"
                    f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
        settled(lambda: rewards_called(stack, body["rewardName"]), 1)
    # Nobody read the answer. Which reward was it?
    again = admin.post("/v1/rewards", body, headers=key)
    assert again.status_code == 200, again.text
    assert admin.get(f"/v1/rewards/{again.json()['rewardId']}").json() == again.json()
    assert rewards_called(stack, body["rewardName"]) == 1


def test_a_call_sent_eight_times_at_once_creates_once(stack, admin):
    key, body = with_key(), reward_body()
    callers = [admin.with_token(admin.token) for _ in range(8)]
    with ThreadPoolExecutor(len(callers)) as pool:
        answers = list(pool.map(lambda caller: caller.post("/v1/rewards", body, headers=key), callers))
    assert [answer.status_code for answer in answers] == [200] * len(callers), [answer.text for answer in answers]
    assert len({answer.json()["rewardId"] for answer in answers}) == 1
    assert rewards_called(stack, body["rewardName"]) == 1


def test_the_answer_outlives_the_process_that_gave_it(stack, admin):
    key, body = with_key(), reward_body()
    first = admin.post("/v1/rewards", body, headers=key)
    assert first.status_code == 200, first.text
    stack.kill("catalog")
    stack.heal()
    assert admin.post("/v1/rewards", body, headers=key).json() == first.json()
    assert rewards_called(stack, body["rewardName"]) == 1


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
def test_a_key_that_is_none_is_refused(admin, key):
    answer = admin.post("/v1/rewards", reward_body(), headers={"Idempotency-Key": key})
    assert error(answer) == (400, "INVALID_ARGUMENT", "BAD_IDEMPOTENCY_KEY")
    assert "Idempotency-Key" in answer.json()["error"]["message"]


def test_the_longest_key_is_taken(admin):
    assert admin.post("/v1/rewards", reward_body(), headers=with_key((uuid.uuid4().hex * 8)[:255])).status_code == 200


def test_a_repeated_answer_is_marked_and_a_first_one_is_not(admin):
    key, body = with_key(), reward_body()
    first, second = (admin.post("/v1/rewards", body, headers=key) for _ in range(2))
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in admin.post("/v1/rewards", body, headers=with_key()).headers


def sign_up_body(**changes):
    return {"userName": f"idem-{uuid.uuid4().hex[:12]}", "password": "a good password", **changes}


def test_a_sign_up_that_is_sent_again_is_the_same_account(stack, api):
    key, body = with_key(), sign_up_body(timeZone="Europe/Berlin")
    answers = [api.post("/v1/users", body, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3, answers[1].text
    assert len({answer.json()["userId"] for answer in answers}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    user_id = answers[0].json()["userId"]
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'UserRegistered' and "
                                "user_id = %s", user_id), 1)
    # Neither somebody else's password nor another name is answered with the account.
    other = api.post("/v1/users", {**body, "password": "another password"}, headers=key)
    assert error(other) == (409, "ALREADY_EXISTS", "IDEMPOTENCY_KEY_REUSED")
    assert api.post("/v1/users", sign_up_body(), headers=key).status_code == 200
    without = api.post("/v1/users", body)
    assert error(without) == (409, "ALREADY_EXISTS", "USER_NAME_TAKEN")


def test_a_sign_up_sent_eight_times_at_once_is_one_account(api):
    key, body = with_key(), sign_up_body()
    callers = [Api(api.base) for _ in range(8)]
    with ThreadPoolExecutor(len(callers)) as pool:
        answers = list(pool.map(lambda caller: caller.post("/v1/users", body, headers=key), callers))
    assert [answer.status_code for answer in answers] == [200] * len(callers), [answer.text for answer in answers]
    assert len({answer.json()["userId"] for answer in answers}) == 1


def test_a_sign_in_that_is_sent_again_is_one_session_and_one_event(stack, api, player):
    key, body = with_key(), {"userName": player.name, "password": player.password}
    first, second = (api.post("/v1/sessions", body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200), second.text
    for name in ("refreshToken", "eventId", "user"):
        assert first.json()[name] == second.json()[name]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert api.with_token(second.json()["accessToken"]).get("/v1/users/me").status_code == 200
    assert stack.value("user", "select count(*) from sessions where user_id = %s", player.user_id) == 1
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'NewUserSignIn' and "
                                "user_id = %s", player.user_id), 1)
    assert api.post("/v1/sessions:refresh", {"refreshToken": second.json()["refreshToken"]}).status_code == 200
    # The key alone opens nothing.
    wrong = api.post("/v1/sessions", {**body, "password": "a wrong password"}, headers=key)
    assert error(wrong) == (401, "UNAUTHENTICATED", "BAD_CREDENTIALS")


def sign_in_with_key(api, user):
    """A call that can be sent again, and its first answer."""
    key, body = with_key(), {"userName": user.name, "password": user.password}
    first = api.post("/v1/sessions", body, headers=key)
    assert first.status_code == 200, first.text
    return lambda: api.post("/v1/sessions", body, headers=key), first.json()


@pytest.mark.parametrize("end", ["sign-out", "sign-out everywhere", "ban"])
def test_a_sign_in_whose_session_has_ended_is_not_answered_again(api, admin, player, end):
    again, first = sign_in_with_key(api, player)
    if end == "ban":
        for verb in ("ban", "unban"):
            assert admin.post(f"/v1/users/{player.user_id}:{verb}", {}).status_code == 200
    else:
        assert api.post("/v1/sessions:signOut", {"refreshToken": first["refreshToken"],
                                                 "everywhere": end.endswith("everywhere")}).status_code == 200
    answer = again()
    assert error(answer) == (401, "UNAUTHENTICATED", "SESSION_ENDED"), answer.text
    assert "Idempotency-Replayed" not in answer.headers
    assert api.post_session(player).status_code == 200  # another call begins another session


def test_a_sign_in_whose_session_went_on_is_not_answered_with_a_token_that_ends_it(stack, api, player):
    again, first = sign_in_with_key(api, player)
    token = first["refreshToken"]
    for _ in range(2):
        turned = api.post("/v1/sessions:refresh", {"refreshToken": token})
        assert turned.status_code == 200, turned.text
        token = turned.json()["refreshToken"]
        assert error(again()) == (409, "ALREADY_EXISTS", "SESSION_REFRESHED")
        connection = stack.connect("user")
        with connection, connection.cursor() as cursor:  # as if the grace were over
            cursor.execute("update sessions set turned_at = turned_at - interval '11 seconds' where user_id = %s",
                           (player.user_id,))
        connection.close()
    assert api.post("/v1/sessions:refresh", {"refreshToken": token}).status_code == 200


def test_signing_out_ends_the_token_of_a_sign_in_that_was_repeated_late(stack, api, player):
    again, first = sign_in_with_key(api, player)
    connection = stack.connect("user")
    with connection, connection.cursor() as cursor:  # no token of the first answer lives
        cursor.execute("update sessions set created_at = created_at - interval '1 hour' where user_id = %s",
                       (player.user_id,))
    connection.close()
    me = api.with_token(again().json()["accessToken"])
    assert me.get("/v1/users/me").status_code == 200
    assert api.post("/v1/sessions:signOut", {"refreshToken": first["refreshToken"]}).status_code == 200
    settled(lambda: me.get("/v1/users/me").status_code, 401)


def test_an_api_key_whose_answer_was_lost_is_shown_again(stack, admin, api):
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": ["monster.*"]},
                         headers=with_key()).json()["serviceAccountId"]
    key = with_key()
    first, second = (admin.post(f"/v1/serviceAccounts/{account}/keys", headers=key) for _ in range(2))
    assert first.status_code == 200, first.text
    assert (second.json(), second.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert api.post("/v1/tokens", {"apiKey": second.json()["apiKey"]}).status_code == 200
    assert len(admin.get(f"/v1/serviceAccounts/{account}/keys").json()["keys"]) == 1
    # The table that stores it reveals nothing.
    secret = first.json()["apiKey"].encode().hex()
    assert stack.value("user", "select count(*) from idempotency_answers where key = %s or "
                       "encode(answer, 'hex') like '%%' || %s || '%%'", key["Idempotency-Key"], secret) == 0


OPERATIONS = Document(FILE.read_text()).operations
WITHOUT_KEY = [operation for operation in OPERATIONS
               if "Idempotency-Key" not in [parameter["name"] for parameter in operation.parameters]]


def test_what_creates_takes_a_key():
    taking = {f"{operation.verb} {operation.path}" for operation in OPERATIONS if operation not in WITHOUT_KEY}
    assert taking >= {"POST /v1/users", "POST /v1/sessions", "POST /v1/serviceAccounts", "POST /v1/quests",
                      "POST /v1/rewards", "POST /v1/serviceAccounts/{service_account_id}/keys"}


@pytest.fixture(scope="module")
def callers(stack):
    admin = Api(stack.http).sign_in("admin", "password")
    player = admin.as_user(Api(stack.http).sign_up())
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": ["monster.*"]}).json()
    key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()["apiKey"]
    token = Api(stack.http).post("/v1/tokens", {"apiKey": key}).json()["accessToken"]
    return {"admin": admin, "user": player, "publisher": admin.with_token(token)}


@pytest.mark.parametrize("operation", WITHOUT_KEY, ids=[operation.id for operation in WITHOUT_KEY])
def test_where_nobody_looks_at_a_key_it_is_refused(stack, callers, operation):
    caller = callers[operation.roles[0]] if operation.roles else Api(stack.http)
    path = re.sub(r"{[^}]*user_id}", "me", operation.path)
    path = re.sub(r"{[^}]*}", "018f0000-0000-7000-8000-00000000dead", path)
    answer = caller.call(operation.verb, path, operation.body(), headers=with_key())
    if operation.verb == "HEAD":
        assert answer.status_code == 400
    else:
        assert error(answer) == (400, "INVALID_ARGUMENT", "IDEMPOTENCY_KEY_NOT_TAKEN"), answer.text
        assert violated_fields(answer) == ["Idempotency-Key"]
