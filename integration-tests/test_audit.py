"""The audit trail: what administrators did, and who may read it."""
import json
import uuid

import pytest

from kit.api import error
from kit.questctl import Questctl
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.catalog


def trail(admin, **query):
    """Every page of GET /v1/audit."""
    found, token = [], ""
    while True:
        answer = admin.get("/v1/audit", params={**query, "pageSize": 50, "pageToken": token})
        assert answer.status_code == 200, answer.text
        found += answer.json()["entries"]
        token = answer.json()["nextPageToken"]
        if not token:
            return found


def new_quest(admin, **arguments):
    reward = admin.post("/v1/rewards", {"rewardName": "For the trail", "rewardItem": "gold", "rewardQty": 1})
    assert reward.status_code == 200, reward.text
    body = {"rewardId": reward.json()["rewardId"], "name": "For the trail", "description": "", "streak": 1,
            "duplication": 1, "eventTypes": [f"test.t{uuid.uuid4().hex[:8]}"]}
    answer = admin.post("/v1/quests", body, **arguments)
    assert answer.status_code == 200, answer.text
    return body, answer


def test_what_an_administrator_created_is_in_the_trail_once(admin):
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body, made = new_quest(admin, headers=headers)
    assert admin.post("/v1/quests", body, headers=headers).json() == made.json()  # repeated, not done again
    target = f"quest/{made.json()['questId']}"
    settled(lambda: len(trail(admin, target=target)), 1)
    [entry] = trail(admin, target=target)
    assert entry["actorId"] == admin.user["userId"] and entry["role"] == "ADMIN"
    assert entry["method"] == "questline.catalog.v1.QuestCommandService/CreateQuest"
    assert entry["requestId"] == made.headers["X-Request-Id"]
    reward = trail(admin, target=f"reward/{body['rewardId']}")
    assert [act["method"].rsplit("/")[-1] for act in reward] == ["CreateReward"]


def test_the_trail_is_listed_latest_first_by_administrator(admin):
    _, first = new_quest(admin)
    _, second = new_quest(admin)
    ours = [f"quest/{made.json()['questId']}" for made in (second, first)]
    wait_until(lambda: {entry["target"] for entry in trail(admin)} >= set(ours), what="both acts in the trail")
    mine = trail(admin, actorId=admin.user["userId"])
    assert [entry["target"] for entry in mine if entry["target"] in ours] == ours
    assert all(entry["actorId"] == admin.user["userId"] for entry in mine)
    assert trail(admin, actorId=str(uuid.uuid4())) == []


def test_a_refused_act_leaves_no_trail(admin):
    answer = admin.post("/v1/quests", {"rewardId": str(uuid.uuid4()), "name": "No", "streak": 1, "duplication": 1,
                                       "eventTypes": ["a.b"]})
    assert error(answer)[1] == "FAILED_PRECONDITION"
    request_id = answer.headers["X-Request-Id"]
    _, made = new_quest(admin)  # behind it in the same stream
    target = f"quest/{made.json()['questId']}"
    settled(lambda: len(trail(admin, target=target)), 1)
    assert request_id not in {entry["requestId"] for entry in trail(admin)}


def test_what_an_operator_does_with_a_key_is_in_the_trail(stack, admin, player):
    questctl = Questctl(stack)
    questctl.run("call", "UserService/UpdateUser", '{"user": {"timeZone": "Asia/Tokyo"}, "userId": "%s"}'
                 % player.user_id)
    for _ in range(2):
        questctl.run("call", "PersonalDataService/DeleteUser", '{"userId": "%s"}' % player.user_id)
    target = f"user/{player.user_id}"
    settled(lambda: [entry["method"].rsplit("/")[-1] for entry in trail(admin, target=target)],
            ["DeleteUser", "UpdateUser"])
    assert {(entry["actorId"], entry["role"]) for entry in trail(admin, target=target)} == {("questctl", "SERVICE")}


@pytest.mark.parametrize("service", ["catalog", "processing", "user"])
def test_a_services_key_opens_no_account(stack, admin, player, service):
    questctl = Questctl(stack)
    key = str(stack.state / f"keys/{service}.pem")
    for method, body in (("PersonalDataService/DeleteUser", {}), ("PersonalDataService/ExportUser", {}),
                         ("UserService/GetUser", {}), ("ProgressService/ListProgress", {}),
                         ("UserService/UpdateUser", {"user": {"timeZone": "Asia/Tokyo"}})):
        said = questctl.run("call", method, json.dumps({"userId": player.user_id, **body}), "--key", key, status=1)
        assert "ROLE_NOT_ALLOWED" in said, said
    assert admin.get(f"/v1/users/{player.user_id}").json()["status"] == "NEW"


def test_only_administrators_read_the_trail(api, player):
    assert error(api.get("/v1/audit"))[:2] == (401, "UNAUTHENTICATED")
    assert error(api.as_user(player).get("/v1/audit"))[:2] == (403, "PERMISSION_DENIED")
