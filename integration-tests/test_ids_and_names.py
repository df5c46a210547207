"""Ids in any case of letters, names that can be seen, bodies that say nothing, refusals that name what they refuse."""
import uuid

import pytest

from kit.api import error, violated_fields
from kit.openapi import FILE, Document
from kit.waiting import settled

pytestmark = pytest.mark.user

OWNED = [operation for operation in Document(FILE.read_text()).operations
         if operation.verb == "GET" and "NOT_OWNER" in operation.reasons(403) and "{user_id}" in operation.path]


@pytest.mark.parametrize("operation", OWNED, ids=[operation.id for operation in OWNED])
def test_an_own_id_in_capitals_is_ones_own(api, player, operation):
    me = api.as_user(player)
    paths = [operation.path.replace("{user_id}", user_id) for user_id in (player.user_id.upper(), player.user_id)]

    def both():
        answers = [me.get(path) for path in paths]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
        return answers[0].json() == answers[1].json()
    settled(both, True)  # the player's sign-in may be counted between the two
    stranger = api.as_user(api.sign_up())
    assert stranger.get(operation.path.replace("{user_id}", player.user_id.upper())).status_code == 403


def test_the_audit_trail_is_found_by_ids_in_capitals(admin, api):
    user_id = api.sign_up().user_id
    assert admin.post(f"/v1/users/{user_id}:ban").status_code == 200

    def targets(**query):
        return [entry["target"] for entry in admin.get("/v1/audit", params=query).json()["entries"]]
    settled(lambda: targets(target=f"user/{user_id}"), [f"user/{user_id}"])
    assert targets(target=f"user/{user_id.upper()}") == [f"user/{user_id}"]
    admin_id = admin.user["userId"]
    assert f"user/{user_id}" in targets(actorId=admin_id.upper())


@pytest.mark.parametrize("name", ["", " ", "\t", "\u00a0", "\u2003", "\u200b", "x" * 101])
def test_a_service_account_has_a_name_that_can_be_seen(admin, name):
    answer = admin.post("/v1/serviceAccounts", {"displayName": name, "eventTypes": ["a.b"]})
    assert (answer.status_code, violated_fields(answer)) == (400, ["serviceAccount.displayName"])


def test_a_reward_has_a_name_that_can_be_seen(admin):
    answer = admin.post("/v1/rewards", {"rewardName": "\u3000", "rewardItem": "gold", "rewardQty": 1})
    assert (answer.status_code, violated_fields(answer)) == (400, ["reward.rewardName"])


def test_every_action_takes_an_empty_object_or_nothing(admin):
    """What is done by POST to a path with a verb has a body, if only {}."""
    for operation in Document(FILE.read_text()).operations:
        if operation.verb == "POST" and ":" in operation.path:
            assert "requestBody" in operation.node, operation.id
    for verb in ("replay", "drop"):
        path = f"/v1/deadLetters/user/{uuid.uuid4()}:{verb}"
        for body in (None, {}):
            answer = admin.post(path, body)
            assert (answer.status_code, list(answer.json().values())) == (200, [0]), answer.text


def test_a_type_that_is_not_granted_is_named_with_its_event(admin, api):
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": ["granted.*"]}).json()
    key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()["apiKey"]
    server = api.with_token(api.post("/v1/tokens", {"apiKey": key}).json()["accessToken"])
    events = [{"eventId": str(uuid.uuid4()), "eventType": kind} for kind in ("granted.one", "granted.two", "other.one")]
    answer = server.post("/v1/events", {"events": events})
    assert error(answer) == (403, "PERMISSION_DENIED", "EVENT_TYPE_NOT_GRANTED")
    assert violated_fields(answer) == ["events[2].eventType"]
    assert "other.one" in answer.json()["error"]["message"]
