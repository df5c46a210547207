"""A user's own data are given out and taken away; the id stays (rows Q19, Q14)."""
import uuid

import psycopg2
import pytest

from kit.waiting import settled


def reason(answer):
    return answer.status_code, answer.json()["error"]["details"][0]["reason"]


@pytest.mark.user
def test_export_gives_a_user_everything_and_nobody_else(api, admin, player):
    me = api.as_user(player)
    for _ in range(2):
        assert api.post_session(player).status_code == 200
    settled(lambda: len(me.claims()), 1)
    data = me.get("/v1/users/me:export")
    assert data.status_code == 200, data.text
    kept = data.json()
    assert kept["user"]["userName"] == player.name and kept["createdAt"]
    assert len(kept["sessions"]) == 3 and kept["nextPageToken"] == ""
    assert [claim["rewardItem"] for claim in kept["claims"]] == ["diamond"]
    assert "hash" not in data.text.lower() and player.password not in data.text

    events = me.get("/v1/users/me/events").json()["events"]
    assert [event["eventType"] for event in events if "SignIn" in event["eventType"]] == \
        ["NewUserSignIn", "UserSignIn", "UserSignIn"]
    assert {event["userId"] for event in events} == {player.user_id}

    stranger = api.as_user(api.sign_up())
    for path in (":export", "/events", "/wallet", "/progress"):
        assert reason(stranger.get(f"/v1/users/{player.user_id}{path}")) == (403, "NOT_OWNER")
    assert admin.get(f"/v1/users/{player.user_id}:export").json()["user"] == kept["user"]


@pytest.mark.user
def test_a_deleted_account_is_gone_but_for_its_id(stack, api, admin, player):
    me = api.as_user(player)
    stranger = api.sign_up()
    refused = api.as_user(stranger).post(f"/v1/users/{player.user_id}:delete", {"currentPassword": stranger.password})
    assert reason(refused) == (403, "NOT_OWNER")
    assert me.delete_account(player).status_code == 200
    again = me.delete_account(player)  # harmless, or too late for the token
    assert again.status_code == 200 or reason(again) == (401, "TOKEN_REVOKED")
    assert reason(api.post_session(player)) == (401, "BAD_CREDENTIALS")
    assert admin.get("/v1/users", params={"userName": player.name}).json()["users"] == []
    left = admin.get(f"/v1/users/{player.user_id}").json()
    assert left["status"] == "DELETED" and player.name not in str(left)
    assert stack.value("user", "select count(*) from users where user_name = %s or hashed_password <> '' "
                       "and user_id = %s", player.name, player.user_id) == 0
    # Announced once, and the event table knows.
    settled(lambda: [event["eventType"] for event in admin.events(userId=player.user_id)],
            ["UserRegistered", "NewUserSignIn", "TokensRevoked", "UserDeleted"])
    # The name is nobody's for a while, and then free again, for somebody else.
    wish = {"userName": player.name.upper(), "password": player.password}
    assert reason(api.post("/v1/users", wish)) == (409, "USER_NAME_TAKEN")
    connection = stack.connect("user")
    with connection, connection.cursor() as cursor:
        cursor.execute("update held_names set free_at = free_at - interval '30 days'")
    connection.close()
    assert api.sign_up(name=player.name).user_id != player.user_id


@pytest.mark.user
def test_a_token_alone_deletes_no_account(api, admin, player):
    me = api.as_user(player)
    assert me.call("DELETE", "/v1/users/me").status_code == 405
    for body in (None, {}, {"currentPassword": ""}):
        assert reason(me.post("/v1/users/me:delete", body)) == (400, "INVALID_FIELD")
    wrong = me.post("/v1/users/me:delete", {"currentPassword": "not the password"})
    assert reason(wrong) == (403, "WRONG_PASSWORD")
    assert admin.post(f"/v1/users/{player.user_id}:ban").status_code == 200
    refused = me.delete_account(player)
    assert refused.status_code in (401, 403), refused.text
    assert admin.get(f"/v1/users/{player.user_id}").json()["status"] == "BANNED"
    assert admin.post(f"/v1/users/{player.user_id}:delete").status_code == 200
    assert admin.get(f"/v1/users/{player.user_id}").json()["status"] == "DELETED"
    # An administrator proves their own account as anybody does.
    assert reason(admin.post("/v1/users/me:delete")) == (400, "INVALID_FIELD")


TELLING = ("select count(*) from events where user_id = %s and (payload::text <> '{}' or traceparent is not null "
           "or contents is not null)")
KEPT = "select id, event_type, timestamp, received_at from events where user_id = %s order by seq limit %s"


def game_server(api, admin, kind):
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena EU", "eventTypes": [f"{kind}.*"]})
    assert account.status_code == 200, account.text
    key = admin.post(f"/v1/serviceAccounts/{account.json()['serviceAccountId']}/keys").json()
    return api.with_token(api.post("/v1/tokens", {"apiKey": key["apiKey"]}).json()["accessToken"])


def publish(server, kind, user, weapon):
    event = {"eventId": str(uuid.uuid4()), "eventType": f"{kind}.killed", "userId": user.user_id,
             "payload": {"weapon": weapon}}
    answer = server.post("/v1/events", {"events": [event]})
    assert answer.status_code == 200, answer.text


@pytest.mark.processing
def test_what_the_events_of_a_deleted_user_said_is_erased(stack, api, admin, player):
    kind = f"arena{uuid.uuid4().hex[:10]}"
    server, other, me = game_server(api, admin, kind), api.sign_up(), api.as_user(player)

    def stored(user):
        return stack.value("processing", "select count(*) from events where user_id = %s", user.user_id)

    reward = admin.post("/v1/rewards", {"rewardName": "Five gold", "rewardItem": "gold", "rewardQty": 5}).json()
    quest = admin.post("/v1/quests", {
        "rewardId": reward["rewardId"], "name": "Hunt", "streak": 1, "duplication": 9, "eventTypes": [f"{kind}.killed"],
        "conditions": [{"field": "weapon", "operator": "EQUAL", "value": "bow"}]})
    assert quest.status_code == 200, quest.text
    assert me.call("PATCH", "/v1/users/me?updateMask=timeZone", {"timeZone": "Asia/Tokyo"}).status_code == 200
    for user in (player, other):
        publish(server, kind, user, "bow")
    settled(lambda: [len(api.as_user(user).progress()) > 0 for user in (player, other)], [True, True])
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestCompleted' and "
                                "payload ->> 'questId' = %s", quest.json()["questId"]), 2)
    assert stack.value("processing", TELLING, player.user_id) > 4
    before, told_of_other = stored(player), stack.value("processing", TELLING, other.user_id)
    kept = stack.rows("processing", KEPT, player.user_id, before)

    assert me.delete_account(player).status_code == 200
    settled(lambda: stack.value("processing", "select count(*) from event_erasures where user_id = %s and "
                                "completed_at is not null", player.user_id), 1)
    publish(server, kind, player, "bow")  # late
    settled(lambda: stack.value("processing", "select count(*) from events where user_id = %s and event_type = %s",
                                player.user_id, f"{kind}.killed"), 2)
    settled(lambda: stack.value("processing", TELLING, player.user_id), 0)
    assert stack.rows("processing", KEPT, player.user_id, before) == kept
    assert "Tokyo" not in str(admin.events(userId=player.user_id))
    assert stack.value("processing", TELLING, other.user_id) >= told_of_other
    assert stack.value("processing", "select count(*) from user_quest_rewards where user_id = %s", player.user_id) == 0

    # What can no longer be counted again is in neither of the two.
    report = admin.post("/v1/progress:rebuild", {})
    assert report.status_code == 200, report.text
    assert player.user_id not in report.text and quest.json()["questId"] not in report.text


@pytest.mark.processing
def test_a_service_erases_nothing_of_a_user_who_is_not_deleted(stack, api, player):
    assert api.post_session(player).status_code == 200
    settled(lambda: stack.value("processing", TELLING, player.user_id) > 1, True)
    connection = stack.connect("processing", role="ql_processing")
    with connection, connection.cursor() as cursor:
        cursor.execute("insert into event_erasures (user_id) values (%s)", [player.user_id])
        cursor.execute("select * from event_erase_step(1000, 1000000)")
        assert player.user_id not in str(cursor.fetchall())
        connection.rollback()
    for statement in ("update events set payload = '{}' where user_id = %s",
                      "update event_erasures set after_seq = 0 where user_id = %s"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, [player.user_id])
    connection.close()
    for role in ("ql_processing_owner", None):
        connection = stack.connect("processing", role=role)
        with pytest.raises(psycopg2.errors.RaiseException, match="append-only"):
            with connection, connection.cursor() as cursor:
                cursor.execute("update events set payload = '{}' where user_id = %s", [player.user_id])
        connection.close()
    assert stack.value("processing", TELLING, player.user_id) > 1
