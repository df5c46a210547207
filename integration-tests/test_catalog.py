"""Quests and rewards: created by administrators, read by everybody signed in (rows Q9, Q20)."""
import uuid

import psycopg2
import pytest

from kit.api import error, violated_fields
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.catalog


def new_reward(admin):
    answer = admin.post("/v1/rewards", {"rewardName": "Five gold", "rewardItem": "gold", "rewardQty": 5})
    assert answer.status_code == 200, answer.text
    return answer.json()


def quest_body(reward, **changes):
    return {"rewardId": reward["rewardId"], "name": "A quest", "description": "with words", "streak": 2,
            "duplication": 1, "eventTypes": [f"test.t{uuid.uuid4().hex[:8]}"], **changes}


def test_a_created_quest_is_read_back_and_announced(stack, admin):
    reward = new_reward(admin)
    assert reward["revision"] == "1"
    body = quest_body(reward)
    made = admin.post("/v1/quests", body)
    assert made.status_code == 200, made.text
    quest = made.json()
    assert {key: quest[key] for key in body} == body
    assert quest["autoClaim"] is False and quest["revision"] == "1"
    assert admin.get(f"/v1/quests/{quest['questId']}").json() == quest
    wait_until(lambda: quest in admin.get("/v1/quests", params={"pageSize": 200}).json()["quests"], 1, "it in the list")
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->>'questId' = %s", quest["questId"]), 1)


@pytest.mark.parametrize("change, field", [
    ({"streak": 0}, "quest.streak"), ({"streak": 1000001}, "quest.streak"), ({"duplication": -1}, "quest.duplication"),
    ({"name": ""}, "quest.name"), ({"name": "x" * 201}, "quest.name"), ({"eventTypes": []}, "quest.eventTypes"),
    ({"eventTypes": ["ok", ""]}, "quest.eventTypes[1]"), ({"questId": str(uuid.uuid4())}, "quest.questId"),
    ({"rewardId": "no"}, "quest.rewardId"), ({"streak": "many"}, "quest.streak"), ({"streek": 3}, "quest.streek"),
    ({"eventTypes": [3]}, "quest.eventTypes[0]"), ({"streak": 2147483648}, "quest.streak"),
])
def test_a_bad_quest_names_the_field(admin, change, field):
    answer = admin.post("/v1/quests", quest_body({"rewardId": str(uuid.uuid4())}, **change))
    assert error(answer)[:2] == (400, "INVALID_ARGUMENT")
    assert field in violated_fields(answer)


def test_a_quest_needs_a_reward_that_exists(admin):
    answer = admin.post("/v1/quests", quest_body({"rewardId": str(uuid.uuid4())}))
    assert error(answer) == (400, "FAILED_PRECONDITION", "REWARD_NOT_FOUND")


def test_players_cannot_create(api, player, admin):
    me = api.as_user(player)
    assert error(me.post("/v1/quests", quest_body(new_reward(admin))))[:2] == (403, "PERMISSION_DENIED")


def test_a_missing_quest_is_404(admin):
    assert error(admin.get(f"/v1/quests/{uuid.uuid4()}")) == (404, "NOT_FOUND", "QUEST_NOT_FOUND")


def test_queries_go_through_a_role_that_cannot_write(stack):
    connection = stack.connect("catalog", role="ql_catalog_read")
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from quests")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        with connection, connection.cursor() as cursor:
            cursor.execute("update quests set name = 'x'")
    connection.close()
