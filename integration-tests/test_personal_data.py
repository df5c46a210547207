"""A user's own data are given out and taken away; the id stays (rows Q19, Q14)."""
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
