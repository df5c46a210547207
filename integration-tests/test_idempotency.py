"""Idempotency-Key: what is created by a call that is sent again is created once."""
import json
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.api import error
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
    assert admin.post("/v1/rewards", reward_body(), headers=with_key("x" * 255)).status_code == 200


def test_nobody_known_has_no_key(api):
    """Sign-up takes none: it has no caller whose key it could be."""
    key = with_key()
    for _ in range(2):
        name = f"idem-{uuid.uuid4().hex[:12]}"
        answer = api.post("/v1/users", {"userName": name, "password": "a good password"}, headers=key)
        assert (answer.status_code, answer.json()["userName"]) == (200, name)
