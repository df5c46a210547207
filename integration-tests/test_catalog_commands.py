"""Quests and rewards change: by mask, by etag, once; nothing of what was is lost (rows Q9, Q20)."""
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from kit.api import error, violated_fields
from kit.waiting import settled

pytestmark = pytest.mark.catalog


def new_reward(admin):
    answer = admin.post("/v1/rewards", {"rewardName": "Five gold", "rewardItem": "gold", "rewardQty": 5})
    assert answer.status_code == 200, answer.text
    return answer.json()


def quest_body(reward, **changes):
    return {"rewardId": reward["rewardId"], "name": "A quest", "description": "with words", "streak": 2,
            "duplication": 1, "eventTypes": [f"test.t{uuid.uuid4().hex[:8]}"], **changes}


def new_quest(admin, reward=None, **changes):
    answer = admin.post("/v1/quests", quest_body(reward or new_reward(admin), **changes))
    assert answer.status_code == 200, answer.text
    return answer.json()


def update(admin, quest, body, mask=None, **arguments):
    return admin.call("PATCH", f"/v1/quests/{quest['questId']}", body, params={"updateMask": mask} if mask else {},
                      **arguments)


def time_after(time):
    return (datetime.fromisoformat(time) + timedelta(milliseconds=1)).isoformat()


def revisions(stack, quest):
    return stack.value("catalog", "select count(*) from quest_revisions where quest_id = %s", quest["questId"])


def test_a_quest_has_everything_that_was_asked_for(stack, admin):
    first = new_quest(admin)
    body = {"conditions": [{"field": "scorePercent", "operator": "GREATER_OR_EQUAL", "value": 80},
                           {"field": "weapon.kind", "operator": "ONE_OF", "value": ["sword", "ä \"bow\"", 3]},
                           {"field": "cheated", "operator": "EXISTS", "value": False}],
            "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00.500Z",
            "prerequisiteQuestId": first["questId"], "streakRule": "DAILY_IN_A_ROW", "backfill": True}
    quest = new_quest(admin, **body)
    assert {key: quest[key] for key in body} == body
    assert (quest["revision"], quest["etag"], quest["archived"]) == ("1", "1", False)
    assert admin.get(f"/v1/quests/{quest['questId']}").json() == quest
    settled(lambda: stack.rows("processing", "select payload->'quest'->'conditions'->0->>'field' from events where "
                               "event_type = 'QuestChanged' and payload->'quest'->>'questId' = %s",
                               quest["questId"]), [("scorePercent",)])
    assert first["streakRule"] == "EVERY_EVENT" and "startsAt" not in first and first["conditions"] == []


def test_an_update_by_mask_is_a_revision_and_the_old_one_is_kept(stack, admin):
    quest = new_quest(admin)
    changed = update(admin, quest, {"name": "Renamed", "streak": 7}, "name")
    assert changed.status_code == 200, changed.text
    changed = changed.json()
    assert {**quest, "name": "Renamed", "revision": "2", "etag": "2", "revisedAt": changed["revisedAt"]} == changed
    sent = update(admin, quest, {"streak": 7, "etag": "2"}).json()
    assert (sent["streak"], sent["name"], sent["revision"]) == (7, "Renamed", "3")
    cleared = update(admin, quest, {"startsAt": None}, "description,startsAt").json()
    assert (cleared["description"], cleared["revision"]) == ("", "4")
    for revision, name, streak in (("1", "A quest", 2), ("2", "Renamed", 2), ("4", "Renamed", 7)):
        kept = admin.get(f"/v1/quests/{quest['questId']}", params={"revision": revision}).json()
        assert (kept["revision"], kept["name"], kept["streak"]) == (revision, name, streak)
    settled(lambda: stack.rows("processing", "select payload->'quest'->>'revision' from events where event_type = "
                               "'QuestChanged' and payload->'quest'->>'questId' = %s order by seq", quest["questId"]),
            [("1",), ("2",), ("3",), ("4",)])


def test_an_update_that_changes_nothing_makes_no_revision(stack, admin):
    quest = new_quest(admin)
    body = {key: value for key, value in quest.items() if key not in ("revision", "revisedAt", "createdAt", "archived")}
    assert update(admin, quest, body, "*").json() == quest
    assert update(admin, quest, {}).json() == quest
    assert revisions(stack, quest) == 1


def test_another_etag_is_a_conflict(stack, admin):
    quest = new_quest(admin)
    assert update(admin, quest, {"name": "Second", "etag": quest["etag"]}).status_code == 200
    assert error(update(admin, quest, {"name": "Third", "etag": quest["etag"]})) == (409, "ABORTED", "ETAG_MISMATCH")
    stale = admin.post(f"/v1/quests/{quest['questId']}:archive", {"etag": quest["etag"]})
    assert error(stale) == (409, "ABORTED", "ETAG_MISMATCH")
    assert revisions(stack, quest) == 2

    stale = update(admin, quest, {"name": "Third"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412 and stale.json()["error"]["details"][0]["reason"] == "ETAG_MISMATCH"
    third = update(admin, quest, {"name": "Third"}, headers={"If-Match": '"2"'})
    assert (third.status_code, third.headers["ETag"], third.json()["etag"]) == (200, '"3"', "3")


def test_of_two_updates_at_once_one_wins(stack, admin):
    quest = new_quest(admin)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: update(admin.with_token(admin.token), quest,
                                                 {"name": f"Name {n}", "etag": "1"}), range(8)))
    winners = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(winners) == 1 and revisions(stack, quest) == 2
    assert {error(answer)[2] for answer in answers if answer.status_code != 200} == {"ETAG_MISMATCH"}
    assert admin.get(f"/v1/quests/{quest['questId']}", params={"revision": "2"}).json() == winners[0]


def test_an_archived_quest_stays_and_is_not_listed(admin):
    reward = new_reward(admin)
    quest = new_quest(admin, reward)
    in_use = admin.post(f"/v1/rewards/{reward['rewardId']}:archive", {})
    assert error(in_use) == (400, "FAILED_PRECONDITION", "REWARD_IN_USE")
    assert violated_fields(in_use) == ["rewardId"]

    path = f"/v1/quests/{quest['questId']}"
    archived = admin.post(path + ":archive", {"etag": "1"})
    assert archived.status_code == 200 and archived.json()["archived"] is True and archived.json()["revision"] == "2"
    assert admin.post(path + ":archive", {}).json() == archived.json()
    settled(lambda: admin.get(path).json(), archived.json())
    settled(lambda: quest["questId"] in [q["questId"] for q in admin.get(
        "/v1/quests", params={"pageSize": 200}).json()["quests"]], False)
    assert error(update(admin, quest, {"name": "Later"})) == (400, "FAILED_PRECONDITION", "QUEST_ARCHIVED")

    gone = admin.post(f"/v1/rewards/{reward['rewardId']}:archive", {})
    assert gone.status_code == 200 and gone.json()["archived"] is True
    late = admin.post("/v1/quests", quest_body(reward))
    assert error(late) == (400, "FAILED_PRECONDITION", "REWARD_ARCHIVED") and violated_fields(late) == ["quest.rewardId"]
    late = update(admin, new_quest(admin), {"rewardId": reward["rewardId"]})
    assert error(late) == (400, "FAILED_PRECONDITION", "REWARD_ARCHIVED") and violated_fields(late) == ["quest.rewardId"]


def test_a_reward_changes_by_mask_and_keeps_its_revisions(admin):
    reward = new_reward(admin)
    path = f"/v1/rewards/{reward['rewardId']}"
    changed = admin.call("PATCH", path, {"rewardQty": 6, "rewardName": "Six"}, params={"updateMask": "rewardQty"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["rewardQty"], changed.json()["rewardName"], changed.json()["etag"]) == (6, "Five gold", "2")
    assert admin.get(path, params={"revision": "1"}).json() == reward
    stale = admin.call("PATCH", path, {"rewardQty": 7, "etag": "1"})
    assert error(stale) == (409, "ABORTED", "ETAG_MISMATCH")
    bad = admin.call("PATCH", path, {"rewardQty": 0}, params={"updateMask": "rewardQty,rewardItem"})
    assert violated_fields(bad) == ["reward.rewardItem", "reward.rewardQty"]


@pytest.mark.parametrize("change, field", [
    ({"eventTypes": ["UserSignin"]}, "quest.eventTypes[0]"), ({"eventTypes": ["QuestChanged"]}, "quest.eventTypes[0]"),
    ({"eventTypes": ["a.b", "RaffleDrawn"]}, "quest.eventTypes[1]"), ({"eventTypes": ["a-b.c"]}, "quest.eventTypes[0]"),
    ({"conditions": [{"field": "a", "value": 1}]}, "quest.conditions[0].operator"),
    ({"conditions": [{"field": "a..b", "operator": "EQUAL", "value": 1}]}, "quest.conditions[0].field"),
    ({"conditions": [{"field": "a", "operator": "EXISTS", "value": True},
                     {"field": "a", "operator": "LESS", "value": "1"}]}, "quest.conditions[1].value"),
    ({"conditions": [{"field": "a", "operator": "ONE_OF", "value": [1, None]}]}, "quest.conditions[0].value[1]"),
    ({"conditions": [{"field": "a", "operator": "SAME", "value": 1}]}, "quest.conditions[0].operator"),
    ({"conditions": [{"field": "a", "operator": "EXISTS", "value": True}] * 17}, "quest.conditions"),
    ({"startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-02T00:00:00Z"}, "quest.endsAt"),
    ({"startsAt": "1999-12-31T23:59:59Z"}, "quest.startsAt"), ({"endsAt": "tomorrow"}, "quest.endsAt"),
    ({"name": "a\n"}, "quest.name"), ({"name": "a\u0085b"}, "quest.name"),
    ({"streakRule": "WEEKLY"}, "quest.streakRule"), ({"streakRule": 4}, "quest.streakRule"),
    ({"prerequisiteQuestId": "no"}, "quest.prerequisiteQuestId"),
    ({"archived": True}, "quest.archived"), ({"revision": "2"}, "quest.revision"),
])
def test_every_refusal_names_its_field(admin, change, field):
    made = admin.post("/v1/quests", quest_body(new_reward(admin), **change))
    assert error(made) == (400, "INVALID_ARGUMENT", "INVALID_FIELD") and violated_fields(made) == [field]
    changed = update(admin, new_quest(admin), change)
    assert error(changed) == (400, "INVALID_ARGUMENT", "INVALID_FIELD") and violated_fields(changed) == [field]


@pytest.mark.parametrize("body, mask, field", [
    ({"backfill": True}, None, "quest.backfill"), ({"backfill": True}, "backfill", "quest.backfill"),
    ({}, "name", "quest.name"), ({}, "nothing", "updateMask"), ({}, "revision", "quest.revision"),
    ({"archived": True}, "name", "quest.archived"), ({}, "conditions.field", "updateMask"), ({}, "event_types", "updateMask"),
])
def test_an_update_that_cannot_be_names_the_field(admin, body, mask, field):
    answer = update(admin, new_quest(admin), body, mask)
    assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD") and violated_fields(answer) == [field]


UNREACHABLE = [({"eventTypes": ["UserDeleted"]}, "quest.eventTypes[0]"),
               ({"eventTypes": ["UserSignIn", "UserDeleted"]}, "quest.eventTypes[1]"),
               ({"eventTypes": ["UserRegistered"], "streak": 2}, "quest.streak"),
               ({"eventTypes": ["UserRegistered", "NewUserSignIn"], "streak": 3}, "quest.streak"),
               ({"conditions": [{"field": "level", "operator": "GREATER", "value": 5},
                                {"field": "level", "operator": "LESS", "value": 3}]}, "quest.conditions[1]"),
               ({"conditions": [{"field": "a.b", "operator": "EQUAL", "value": 1}, {"field": "c", "operator": "EXISTS", "value": True},
                                {"field": "a", "operator": "EXISTS", "value": False}]}, "quest.conditions[2]"),
               ({"endsAt": "2026-01-01T00:00:00Z"}, "quest.endsAt")]


@pytest.mark.parametrize("change, field", UNREACHABLE)
def test_a_quest_that_nobody_can_complete_is_refused(admin, change, field):
    made = admin.post("/v1/quests", quest_body(new_reward(admin), **change))
    assert error(made) == (400, "INVALID_ARGUMENT", "INVALID_FIELD") and violated_fields(made) == [field]
    quest = new_quest(admin)
    changed = update(admin, quest, change)
    assert error(changed) == (400, "INVALID_ARGUMENT", "INVALID_FIELD") and violated_fields(changed) == [field]
    assert admin.get(f"/v1/quests/{quest['questId']}").json() == quest


def test_a_quest_whose_window_has_passed_is_edited_and_archived_still(admin):
    """A window may end before the quest was made when the quest counts what happened then, and an end that lies
    behind its creation ends a quest."""
    def try_out(draft):
        return admin.post("/v1/quests:tryOut", {"quest": draft})
    over = new_quest(admin, endsAt="2026-01-01T00:00:00Z", backfill=True)
    assert try_out(over).status_code == 200
    quest = new_quest(admin, endsAt="2099-01-01T00:00:00Z")
    ended = update(admin, quest, {"endsAt": time_after(quest["createdAt"])})
    assert ended.status_code == 200, ended.text
    renamed = update(admin, quest, {"name": "It is over"})
    assert renamed.status_code == 200 and renamed.json()["name"] == "It is over"
    assert try_out(renamed.json()).status_code == 200
    archived = admin.post(f"/v1/quests/{quest['questId']}:archive", {})
    assert archived.status_code == 200
    refused = try_out(archived.json())
    assert error(refused) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
    assert violated_fields(refused) == ["quest.archived"]


def test_a_quest_does_not_come_to_need_an_archived_one(admin):
    needed = new_quest(admin)
    quest = new_quest(admin, prerequisiteQuestId=needed["questId"])
    assert admin.post(f"/v1/quests/{needed['questId']}:archive", {}).status_code == 200
    made = admin.post("/v1/quests", quest_body(new_reward(admin), prerequisiteQuestId=needed["questId"]))
    for answer in (made, update(admin, new_quest(admin), {"prerequisiteQuestId": needed["questId"]})):
        assert error(answer) == (400, "FAILED_PRECONDITION", "PREREQUISITE_ARCHIVED")
        assert violated_fields(answer) == ["quest.prerequisiteQuestId"]
    assert update(admin, quest, {"name": "Needs it already"}).status_code == 200


def test_a_draft_is_tried_out_when_it_could_be_made_and_only_then(admin):
    def try_out(draft):
        return admin.post("/v1/quests:tryOut", {"quest": draft})
    draft = {"streak": 1, "duplication": 1, "eventTypes": ["UserSignIn"]}
    assert try_out(draft).status_code == 200
    for change, field in UNREACHABLE + [
            ({"streak": 0}, "quest.streak"), ({"eventTypes": ["AdminActed"]}, "quest.eventTypes[0]"),
            ({"name": "x" * 201}, "quest.name"), ({"startsAt": "2027-01-01T00:00:00Z",
                                                   "endsAt": "2026-01-01T00:00:00Z"}, "quest.endsAt"),
            ({"conditions": [{"field": "level", "operator": "LESS", "value": "ten"}]}, "quest.conditions[0].value")]:
        answer = try_out({**draft, **change})
        assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD") and violated_fields(answer) == [field]
    answer = try_out({**draft, "prerequisiteQuestId": str(uuid.uuid4())})
    assert error(answer) == (400, "FAILED_PRECONDITION", "PREREQUISITE_NOT_FOUND")
    made = new_quest(admin)  # as it was read, with all that the service has set
    assert try_out(made).status_code == 200, try_out(made).text


def test_quests_do_not_come_to_need_each_other(admin):
    first = new_quest(admin)
    second = new_quest(admin, prerequisiteQuestId=first["questId"])
    third = new_quest(admin, prerequisiteQuestId=second["questId"])
    for other, reason in ((third["questId"], "PREREQUISITE_CYCLE"), (str(uuid.uuid4()), "PREREQUISITE_NOT_FOUND")):
        answer = update(admin, first, {"prerequisiteQuestId": other})
        assert error(answer) == (400, "FAILED_PRECONDITION", reason)
        assert violated_fields(answer) == ["quest.prerequisiteQuestId"]
    itself = update(admin, first, {"prerequisiteQuestId": first["questId"]})
    assert error(itself)[1] == "INVALID_ARGUMENT" and violated_fields(itself) == ["quest.prerequisiteQuestId"]

    left, right = new_quest(admin), new_quest(admin)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: update(admin.with_token(admin.token), pair[0],
                                                    {"prerequisiteQuestId": pair[1]["questId"]}),
                                ((left, right), (right, left))))
    assert sorted(answer.status_code for answer in answers) == [200, 400]


def test_a_repeated_command_takes_effect_once(stack, admin):
    quest, key = new_quest(admin), {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (update(admin, quest, {"name": "Once", "etag": "1"}, headers=key) for _ in range(2))
    assert first.status_code == 200 and second.json() == first.json()
    assert revisions(stack, quest) == 2
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (admin.post(f"/v1/quests/{quest['questId']}:archive", {"etag": "2"}, headers=key)
                     for _ in range(2))
    assert first.status_code == 200 and second.json() == first.json()
    assert revisions(stack, quest) == 3


def test_players_cannot_change_anything(api, player, admin):
    me, quest = api.as_user(player), new_quest(admin)
    for answer in (update(me, quest, {"name": "Mine"}), me.post(f"/v1/quests/{quest['questId']}:archive", {}),
                   me.call("PATCH", f"/v1/rewards/{quest['rewardId']}", {"rewardQty": 9}),
                   me.post(f"/v1/rewards/{quest['rewardId']}:archive", {})):
        assert error(answer)[:2] == (403, "PERMISSION_DENIED")


def test_revisions_are_kept_for_ever(stack):
    roles = stack.value("catalog", "select count(*) from information_schema.role_table_grants where table_name in "
                        "('quest_revisions', 'reward_revisions') and grantee like 'ql\\_catalog%%' and grantee not "
                        "like '%%\\_owner' and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')")
    assert roles == 0


def labelled(caller, *labels, **parameters):
    answer = caller.get("/v1/quests", params={"label": labels, "pageSize": "200", **parameters})
    assert answer.status_code == 200, answer.text
    return {quest["questId"] for quest in answer.json()["quests"]}


def test_a_front_end_labels_quests_and_lists_by_label(stack, admin):
    category = f"c-{uuid.uuid4().hex}"
    first = new_quest(admin, labels={"category": category, "picture": "ä \"sword\".png"})
    second = new_quest(admin, labels={"category": category, "sort": "2:1"})
    assert first["labels"] == {"category": category, "picture": "ä \"sword\".png"}
    assert new_quest(admin)["labels"] == {}
    assert admin.get(f"/v1/quests/{first['questId']}").json() == first
    assert labelled(admin, f"category:{category}") == {first["questId"], second["questId"]}
    assert labelled(admin, f"category:{category}", "sort:2:1") == {second["questId"]}
    assert labelled(admin, f"category:{category}", "sort:2") == set()
    changed = update(admin, first, {"labels": {"category": "another"}}).json()
    assert (changed["labels"], changed["revision"]) == ({"category": "another"}, "2")
    assert labelled(admin, f"category:{category}") == {second["questId"]}
    assert update(admin, second, {"labels": {}}).json()["labels"] == {}
    settled(lambda: stack.rows("processing", "select payload->'quest'->'labels'->>'category' from events where "
                               "event_type = 'QuestChanged' and payload->'quest'->>'questId' = %s order by seq",
                               first["questId"]), [(category,), ("another",)])


def test_what_is_no_label_is_named(admin):
    refused = admin.post("/v1/quests", quest_body(new_reward(admin), labels={"Two words": "x"}))
    assert (refused.status_code, violated_fields(refused)) == (400, ['quest.labels["Two words"]'])
    refused = admin.post("/v1/quests", quest_body(new_reward(admin), labels={f"k{n}": "" for n in range(17)}))
    assert (refused.status_code, violated_fields(refused)) == (400, ["quest.labels"])
    for label in ("category", ":x", "Category:x"):
        refused = admin.get("/v1/quests", params={"label": label})
        assert (refused.status_code, violated_fields(refused)) == (400, ["label[0]"])
