"""Signing up, signing in, looking at users (rows Q10, Q19)."""

import pytest

from kit.api import Api, error, violated_fields
from kit.waiting import settled

pytestmark = pytest.mark.user


def test_a_new_user_is_new_until_the_first_sign_in(api, player, admin):
    found = admin.get("/v1/users", params={"userName": player.name}).json()["users"]
    assert found == [{"userId": player.user_id, "userName": player.name, "gold": 0, "diamond": 0,
                      "status": "NEW", "role": "USER", "timeZone": "UTC"}]
    me = api.as_user(player)
    assert me.get("/v1/users/me").json()["status"] == "ACTIVE"


@pytest.mark.parametrize("name, password, fields", [
    ("ab", "a good password", ["userName"]),
    ("a" * 65, "a good password", ["userName"]),
    ("with space", "a good password", ["userName"]),
    ("", "", ["userName", "password"]),
    ("somebody", "short", ["password"]),
    ("somebody", "x" * 129, ["password"]),
    ("somebody", "e\u0301" * 4, ["password"]),
])
def test_a_bad_sign_up_names_its_fields(api, name, password, fields):
    answer = api.post("/v1/users", {"userName": name, "password": password})
    assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
    assert violated_fields(answer) == fields


def test_a_taken_name_is_refused_in_any_case_of_letters(api, player):
    answer = api.post("/v1/users", {"userName": player.name.upper(), "password": "another password"})
    assert error(answer) == (409, "ALREADY_EXISTS", "USER_NAME_TAKEN")


def test_a_time_zone_is_the_users_own_to_change(api, player, admin):
    me = api.as_user(player)
    answer = me.call("PATCH", "/v1/users/me", {"timeZone": "Pacific/Apia"}, params={"updateMask": "timeZone"})
    assert (answer.status_code, answer.json()["timeZone"]) == (200, "Pacific/Apia")
    for _ in range(2):
        assert me.call("PATCH", "/v1/users/me", {"timeZone": "America/St_Johns"}).status_code == 200
    assert me.get("/v1/users/me").json()["timeZone"] == "America/St_Johns"
    settled(lambda: [event["payload"]["timeZone"] for event in admin.events(userId=player.user_id)
                     if event["eventType"] == "UserChanged"], ["Pacific/Apia", "America/St_Johns"])
    stranger = api.as_user(api.sign_up())
    refused = stranger.call("PATCH", f"/v1/users/{player.user_id}", {"timeZone": "UTC"})
    assert error(refused) == (403, "PERMISSION_DENIED", "NOT_OWNER")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../../etc/passwd", "/etc/localtime", "localtime",
                                  "right/UTC", "+01:00", "Europe", "x" * 100])
def test_what_is_no_time_zone_is_refused(api, player, zone):
    changed = api.as_user(player).call("PATCH", "/v1/users/me", {"timeZone": zone})
    made = api.post("/v1/users", {"userName": f"{player.name}-2", "password": player.password, "timeZone": zone})
    for answer, field in ((changed, "user.timeZone"), (made, "timeZone")):
        assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
        assert violated_fields(answer) == [field]


def test_nothing_else_of_a_user_is_the_users_to_change(api, player):
    me = api.as_user(player)
    for field, value in (("gold", 1000000), ("role", "ADMIN"), ("status", "NEW"), ("userName", "somebody-else")):
        answer = me.call("PATCH", "/v1/users/me", {"timeZone": "UTC", field: value}, params={"updateMask": field})
        assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
        assert violated_fields(answer) == [f"user.{field}"]
    assert me.get("/v1/users/me").json() == {"userId": player.user_id, "userName": player.name, "gold": 0,
                                             "diamond": 0, "status": "ACTIVE", "role": "USER", "timeZone": "UTC"}


def test_a_sign_up_states_where_its_days_begin(api, admin):
    name = api.sign_up().name + "-tz"
    answer = api.post("/v1/users", {"userName": name, "password": "a good password", "timeZone": "Asia/Kathmandu"})
    assert (answer.status_code, answer.json()["timeZone"]) == (200, "Asia/Kathmandu")
    settled(lambda: [event["payload"] for event in admin.events(userId=answer.json()["userId"])],
            [{"timeZone": "Asia/Kathmandu"}])


def test_wrong_name_and_wrong_password_get_the_same_answer(api, player):
    wrong = [api.post("/v1/sessions", {"userName": player.name, "password": "not the password"}),
             api.post("/v1/sessions", {"userName": "nobody-of-this-name", "password": "not the password"})]
    for answer in wrong:
        assert error(answer) == (401, "UNAUTHENTICATED", "BAD_CREDENTIALS")
    messages = [answer.json()["error"]["message"] for answer in wrong]
    assert messages[0] == messages[1]


def audit_entries(admin, user, field):
    """What the audit trail has of a user, oldest first."""
    entries = admin.get("/v1/audit", params={"target": f"user/{user.user_id}"}).json()["entries"]
    return [entry[field] for entry in reversed(entries)]


def test_a_banned_user_is_refused_until_the_ban_ends(api, player, admin):
    session = api.post_session(player).json()
    for _ in range(2):
        answer = admin.post(f"/v1/users/{player.user_id}:ban", {})
        assert (answer.status_code, answer.json()["status"]) == (200, "BANNED")
    assert error(api.post_session(player)) == (403, "PERMISSION_DENIED", "USER_BANNED")
    refused = api.post("/v1/sessions:refresh", {"refreshToken": session["refreshToken"]})
    assert error(refused) == (401, "UNAUTHENTICATED", "SESSION_ENDED")
    for _ in range(2):
        assert admin.post(f"/v1/users/{player.user_id}:unban", {}).json()["status"] == "ACTIVE"
    assert api.post_session(player).status_code == 200
    service = "questline.user.v1.UserAdminService"
    settled(lambda: audit_entries(admin, player, "method"), [f"{service}/BanUser", f"{service}/UnbanUser"])


def test_a_ban_leaves_a_first_sign_in_first(api, player, admin):
    admin.post(f"/v1/users/{player.user_id}:ban", {})
    assert admin.post(f"/v1/users/{player.user_id}:unban", {}).json()["status"] == "NEW"
    api.post_session(player)
    settled(lambda: [event["eventType"] for event in admin.events(userId=player.user_id)
                     if "SignIn" in event["eventType"]], ["NewUserSignIn"])


def test_administrators_are_made_by_administrators(api, player, admin):
    me = api.as_user(player)
    assert error(me.post(f"/v1/users/{player.user_id}:setRole", {"role": "ADMIN"}))[:2] == (403, "PERMISSION_DENIED")
    assert admin.post(f"/v1/users/{player.user_id}:setRole", {"role": "ADMIN"}).json()["role"] == "ADMIN"
    assert error(me.get("/v1/users"))[:2] == (403, "PERMISSION_DENIED")  # the token of before
    deputy = api.as_user(player)
    assert deputy.get("/v1/users", params={"pageSize": 1}).status_code == 200
    assert admin.post(f"/v1/users/{player.user_id}:setRole", {"role": "USER"}).json()["role"] == "USER"
    for verb, body in (("setRole", {"role": "ADMIN"}), ("ban", {})):  # with the token of before
        answer = deputy.post(f"/v1/users/{player.user_id}:{verb}", body)
        assert error(answer) in ((403, "PERMISSION_DENIED", "ROLE_NOT_ALLOWED"),
                                 (401, "UNAUTHENTICATED", "TOKEN_REVOKED"))
    settled(lambda: audit_entries(admin, player, "facts"), [{"role": "ADMIN"}, {"role": "USER"}])


def test_an_operator_makes_the_first_administrator(stack, api, player):
    assert stack.command("user", "--make-admin", player.name).returncode == 0
    assert api.as_user(player).get("/v1/users/me").json()["role"] == "ADMIN"
    failed = stack.command("user", "--make-admin", player.name + "-not")
    assert failed.returncode == 1 and "USER_NOT_FOUND" in failed.stdout
    stack.rows("user", "update users set role = 'user' where user_id = %s returning 1", player.user_id)


def test_the_only_administrator_stays(admin):
    only = admin.user["userId"]
    for verb, body in (("ban", {}), ("setRole", {"role": "USER"})):
        answer = admin.post(f"/v1/users/{only}:{verb}", body)
        assert error(answer) == (400, "FAILED_PRECONDITION", "LAST_ADMIN")
    assert admin.get("/v1/users/me").json()["role"] == "ADMIN"


def test_passwords_and_refresh_tokens_are_stored_hashed(stack, api, player):
    answer = api.post_session(player).json()
    hashed = stack.value("user", "select hashed_password from users where user_id = %s", player.user_id)
    assert hashed.startswith("$argon2id$") and player.password not in hashed
    dump = stack.rows("user", "select * from sessions where user_id = %s", player.user_id)
    assert answer["refreshToken"] not in str(dump) and len(dump) == 1
    assert answer["expiresIn"] == 600


def test_users_are_listed_to_an_administrator_only_in_pages(api, admin):
    made = {api.sign_up().user_id for _ in range(3)}
    seen, token = [], ""
    while True:
        page = admin.get("/v1/users", params={"pageSize": 2, "pageToken": token}).json()
        assert len(page["users"]) <= 2
        seen += [user["userId"] for user in page["users"]]
        token = page["nextPageToken"]
        if not token:
            break
    assert made <= set(seen) and len(seen) == len(set(seen))
    player = api.as_user(api.sign_up())
    assert error(player.get("/v1/users"))[:2] == (403, "PERMISSION_DENIED")
    assert error(Api(api.base).get("/v1/users"))[:2] == (401, "UNAUTHENTICATED")


def test_ledger_sums_equal_the_balances(stack):
    rows = stack.rows("user", """
        select u.user_id from users u
        left join (select user_id, sum(amount) filter (where item = 'gold') as gold,
                          sum(amount) filter (where item = 'diamond') as diamond
                   from wallet_entries group by user_id) w using (user_id)
        where u.gold <> coalesce(w.gold, 0) or u.diamond <> coalesce(w.diamond, 0)""")
    assert rows == []


def test_a_password_is_the_same_on_every_keyboard(api):
    """One character, or a letter and an accent: systems differ in what they send."""
    player = api.sign_up(password="cafe\u0301 au lait")
    for typed in ("caf\u00e9 au lait", "cafe\u0301\u00a0au lait"):
        player.password = typed
        assert api.post_session(player).status_code == 200
    player.password = "cafe au lait"
    assert api.post_session(player).status_code == 401


def test_the_longest_password_may_be_typed_decomposed(api):
    player = api.sign_up(password="\u00e9" * 128)
    player.password = "e\u0301" * 128
    assert api.post_session(player).status_code == 200


def test_a_zone_there_and_back_ends_in_a_refusal(stack, api, player):
    me = api.as_user(player)
    answers = [me.call("PATCH", "/v1/users/me", {"timeZone": zone}) for zone in ("Asia/Tokyo", "UTC") * 11]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429, 200]
    assert answers[20].json()["error"]["details"][0]["reason"] == "TOO_MANY_CHANGES"
    assert 1 <= int(answers[20].headers["Retry-After"]) <= 15 * 60


def test_a_password_there_and_back_ends_in_a_refusal(api, player):
    """Each change revokes tokens, by an event that is kept for good."""
    passwords = (player.password, "another good password")
    answers = []
    for turn in range(22):
        me = api.as_user(player)
        after = passwords[(turn + 1) % 2]
        answers.append(me.post("/v1/users/me:changePassword",
                               {"currentPassword": player.password, "newPassword": after}))
        if answers[-1].status_code != 200:
            break
        player.password = after
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert error(answers[-1]) == (429, "RESOURCE_EXHAUSTED", "TOO_MANY_CHANGES")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 15 * 60


def test_the_current_password_is_no_new_one(api, player):
    me = api.as_user(player)
    answer = me.post("/v1/users/me:changePassword",
                     {"currentPassword": player.password, "newPassword": player.password})
    assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
    assert me.get("/v1/users/me").status_code == 200
