"""Game servers publish events of their own, and quests count them (the union; forged, foreign and future ones refused)."""
import datetime
import uuid

import pytest

from kit.waiting import settled

pytestmark = pytest.mark.processing


def reason(answer):
    return answer.status_code, answer.json()["error"]["details"][0]["reason"]


def field(answer):
    assert answer.status_code == 400, answer.text
    return next(violation["field"] for detail in answer.json()["error"]["details"]
                for violation in detail.get("fieldViolations", []))


@pytest.fixture(name="kind")
def fixture_kind():
    """A word for this test's events alone."""
    return f"arena{uuid.uuid4().hex[:10]}"


@pytest.fixture(name="account")
def fixture_account(admin, kind):
    answer = admin.post("/v1/serviceAccounts", {"displayName": "Arena EU", "eventTypes": [f"{kind}.*"]})
    assert answer.status_code == 200, answer.text
    return answer.json()["serviceAccountId"]


@pytest.fixture(name="key")
def fixture_key(admin, account):
    answer = admin.post(f"/v1/serviceAccounts/{account}/keys")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(name="server")
def fixture_server(api, key):
    """A game server with a token."""
    answer = api.post("/v1/tokens", {"apiKey": key["apiKey"]})
    assert answer.status_code == 200, answer.text
    return api.with_token(answer.json()["accessToken"])


def event(kind, user_id, **more):
    return {"eventId": str(uuid.uuid4()), "eventType": f"{kind}.monster_killed", "userId": user_id,
            "payload": {"weapon": "bow", "level": 7}, **more}


def new_quest(admin, kind, **more):
    reward = admin.post("/v1/rewards", {"rewardName": "Five gold", "rewardItem": "gold", "rewardQty": 5}).json()
    answer = admin.post("/v1/quests", {"rewardId": reward["rewardId"], "name": "Hunt", "streak": 2, "duplication": 1,
                                       "eventTypes": [f"{kind}.monster_killed"], **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["questId"]


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_quest_counts_what_happened_since_it_was_made(stack, admin, api, player, kind, server):
    """Whatever is stored first: an event that says it happens in a minute stands for one that overtakes the quest."""
    now = datetime.datetime.now(datetime.timezone.utc)
    minute = datetime.timedelta(minutes=1)
    early, late = event(kind, player.user_id, occurredAt=iso(now + minute)), \
        event(kind, player.user_id, occurredAt=iso(now - minute))

    def publish(published):
        assert server.post("/v1/events", {"events": [published]}).status_code == 200
        settled(lambda: stack.value("processing", "select count(*) from events where id = %s", published["eventId"]), 1)
    publish(early)
    quest_id = new_quest(admin, kind, streak=9)
    me = api.as_user(player)
    settled(lambda: [(p["streak"], p["duplication"]) for p in me.progress() if p["questId"] == quest_id], [(1, 0)])
    publish(late)
    publish(event(kind, player.user_id))
    settled(lambda: [p["streak"] for p in me.progress() if p["questId"] == quest_id], [2])


def test_events_published_at_once_after_a_quest_is_made_count(stack, admin, api, player, kind, server):
    quests = []
    for i in range(12):
        quests.append(new_quest(admin, f"{kind}.n{i}", streak=9))
        assert server.post("/v1/events", {"events": [event(f"{kind}.n{i}", player.user_id)]}).status_code == 200
    me = api.as_user(player)
    settled(lambda: sorted(p["questId"] for p in me.progress() if p["questId"] in quests and p["streak"] == 1),
            sorted(quests))


def test_a_quest_on_a_game_servers_events_is_completed(stack, admin, api, player, kind, server):
    quest_id = new_quest(admin, kind)
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->>'questId' = %s", quest_id), 1)
    killed = event(kind, player.user_id)
    # The same event, sent again and again, counts once.
    for _ in range(3):
        answer = server.post("/v1/events", {"events": [killed, killed]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["accepted"] + answer.json()["known"] == 2 and answer.json()["known"] >= 1, answer.text
    settled(lambda: stack.value("processing", "select count(*) from events where id = %s", killed["eventId"]), 1)
    me = api.as_user(player)
    settled(lambda: [(p["streak"], p["duplication"]) for p in me.progress() if p["questId"] == quest_id], [(1, 0)])
    assert server.post("/v1/events", {"events": [event(kind, player.user_id)]}).status_code == 200
    settled(lambda: [(c["rewardItem"], c["rewardQty"], c["status"]) for c in me.claims()
                     if c["questId"] == quest_id], [("gold", 5, "PENDING")])
    stored = next(e for e in admin.events(userId=player.user_id) if e["eventId"] == killed["eventId"])
    assert stored["payload"] == {"weapon": "bow", "level": 7}


def test_ids_are_an_accounts_own_and_name_one_event(stack, admin, api, player, kind, server):
    other = admin.post("/v1/serviceAccounts", {"displayName": "Arena US", "eventTypes": [f"{kind}.*"]}).json()
    key = admin.post(f"/v1/serviceAccounts/{other['serviceAccountId']}/keys").json()
    second = api.with_token(api.post("/v1/tokens", {"apiKey": key["apiKey"]}).json()["accessToken"])
    first = event(kind, player.user_id)
    changed = {**first, "payload": {"weapon": "axe"}}

    def stored():
        return stack.value("processing", "select count(*) from events where id = %s", first["eventId"])
    assert server.post("/v1/events", {"events": [first]}).json() == {"accepted": 1, "known": 0}
    settled(stored, 1)
    assert second.post("/v1/events", {"events": [changed]}).json() == {"accepted": 1, "known": 0}
    settled(stored, 2)
    answer = server.post("/v1/events", {"events": [event(kind, player.user_id), changed]})
    assert reason(answer) == (409, "EVENT_ID_TAKEN") and "events[1]" in answer.json()["error"]["message"], answer.text
    reordered = {**first, "payload": dict(reversed(first["payload"].items()))}
    assert server.post("/v1/events", {"events": [reordered]}).json() == {"accepted": 0, "known": 1}


def test_a_thousand_events_in_one_call(stack, player, kind, server):
    many = [event(kind, player.user_id) for _ in range(1000)]
    answer = server.post("/v1/events", {"events": many})
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1000, "known": 0}), answer.text
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = %s",
                                f"{kind}.monster_killed"), 1000)
    order = [str(row[0]) for row in stack.rows("processing", "select id from events where event_type = %s order by seq",
                                               f"{kind}.monster_killed")]
    assert order == [one["eventId"] for one in many]
    assert field(server.post("/v1/events", {"events": many + [event(kind, player.user_id)]})) == "events"


def test_forged_foreign_and_future_events_are_refused_with_all_the_rest(stack, player, kind, server):
    good = event(kind, player.user_id)
    later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=6)).isoformat()
    for bad, name in (({"eventType": "QuestCompleted"}, "eventType"), ({"eventType": "UserSignIn"}, "eventType"),
                      ({"eventType": "monster"}, "eventType"), ({"eventId": "1"}, "eventId"), ({"eventId": ""}, "eventId"),
                      ({"eventId": str(uuid.uuid4())[:14] + "8" + str(uuid.uuid4())[15:]}, "eventId"),
                      ({"userId": "me"}, "userId"), ({"occurredAt": later}, "occurredAt"),
                      ({"occurredAt": "1999-12-31T23:59:59Z"}, "occurredAt")):
        refused = server.post("/v1/events", {"events": [good, event(kind, player.user_id, **bad)]})
        assert field(refused) == f"events[1].{name}", bad
    foreign = event(kind, player.user_id, eventType="elsewhere.won")
    assert reason(server.post("/v1/events", {"events": [good, foreign]})) == (403, "EVENT_TYPE_NOT_GRANTED")
    # None of the good ones slipped through with them: the next one is stored alone.
    last = event(kind, player.user_id)
    assert server.post("/v1/events", {"events": [last]}).status_code == 200
    settled(lambda: [str(row[0]) for row in stack.rows("processing", "select id from events where event_type = %s",
                                                       last["eventType"])], [last["eventId"]])


def test_keys_open_what_they_are_for_until_they_are_revoked(admin, api, player, kind, account, key, server):
    # Nothing but publishing, and nobody else publishes.
    assert server.get("/v1/users/me").status_code == 403
    assert server.get("/v1/quests").status_code == 403
    body = {"events": [event(kind, player.user_id)]}
    assert api.post("/v1/events", body).status_code == 401
    for other in (api.as_user(player), admin):
        assert other.post("/v1/events", body).status_code == 403

    keys = admin.get(f"/v1/serviceAccounts/{account}/keys")
    assert [known["keyId"] for known in keys.json()["keys"]] == [key["key"]["keyId"]]
    assert key["apiKey"] not in keys.text
    assert api.as_user(player).get("/v1/serviceAccounts").status_code == 403
    revoked = admin.post(f"/v1/serviceAccounts/{account}/keys/{key['key']['keyId']}:revoke")
    assert revoked.status_code == 200 and revoked.json()["revokedAt"]
    assert reason(api.post("/v1/tokens", {"apiKey": key["apiKey"]})) == (401, "BAD_API_KEY")

    fresh = admin.post(f"/v1/serviceAccounts/{account}/keys").json()["apiKey"]
    assert api.post("/v1/tokens", {"apiKey": fresh}).status_code == 200
    assert admin.post(f"/v1/serviceAccounts/{account}:disable").json()["disabled"] is True
    assert reason(api.post("/v1/tokens", {"apiKey": fresh})) == (401, "BAD_API_KEY")
    refused = admin.post("/v1/serviceAccounts", {"displayName": "Greedy", "eventTypes": ["*"]})
    assert field(refused) == "serviceAccount.eventTypes[0]"
