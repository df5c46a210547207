"""Going on with a session and ending it (row Q10: what follows a sign-in)."""
import concurrent.futures
import threading

import pytest

from kit.api import error, violated_reasons
from kit.waiting import settled

pytestmark = pytest.mark.user

OVER = (401, "UNAUTHENTICATED", "SESSION_ENDED")
REUSED = (401, "UNAUTHENTICATED", "REFRESH_TOKEN_REUSED")


@pytest.fixture
def begin(api):
    """Begins a session of a user; answers its first refresh token."""
    def begin_session(user):
        answer = api.post_session(user)
        assert answer.status_code == 200, answer.text
        return answer.json()["refreshToken"]
    return begin_session


@pytest.fixture
def refresh(api):
    return lambda token: api.post("/v1/sessions:refresh", {"refreshToken": token})


@pytest.fixture
def turn(refresh):
    """The next token, which must be in the answer."""
    def next_token(token):
        answer = refresh(token)
        assert answer.status_code == 200, answer.text
        return answer.json()["refreshToken"]
    return next_token


@pytest.fixture
def sign_out(api):
    def end(token, **arguments):
        answer = api.post("/v1/sessions:signOut", {"refreshToken": token, **arguments})
        assert (answer.status_code, answer.json()) == (200, {})
    return end


@pytest.fixture
def pass_the_grace(stack):
    """As if the last turn of each of the user's sessions were eleven seconds ago."""
    def move(user):
        connection = stack.connect("user")
        with connection, connection.cursor() as cursor:
            cursor.execute("update sessions set turned_at = turned_at - interval '11 seconds' where user_id = %s",
                           (user.user_id,))
        connection.close()
    return move


def sign_in_events(admin, user):
    return [event["eventType"] for event in admin.events(userId=user.user_id) if "SignIn" in event["eventType"]]


def test_a_session_goes_on_with_a_new_token_each_time(stack, api, player, admin, begin, refresh, pass_the_grace):
    tokens = [begin(player)]
    for _ in range(3):
        answer = refresh(tokens[-1])
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"accessToken", "refreshToken", "expiresIn"}
        assert api.with_token(answer.json()["accessToken"]).get("/v1/users/me").json()["userName"] == player.name
        tokens.append(answer.json()["refreshToken"])
        pass_the_grace(player)
    assert len(set(tokens)) == len(tokens)
    stored = str(stack.rows("user", "select s::text from sessions s where user_id = %s", player.user_id))
    assert not [token for token in tokens if token in stored]
    # However often the session was refreshed, the user signed in once, and then once more.
    begin(player)
    settled(lambda: sign_in_events(admin, player), ["NewUserSignIn", "UserSignIn"])


def test_two_tabs_that_race_with_one_token_both_go_on(player, begin, refresh, turn):
    token = begin(player)
    with concurrent.futures.ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: refresh(token), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refreshToken"] for answer in answers}) == 1
    turn(answers[0].json()["refreshToken"])


def test_ten_tabs_that_share_a_token_all_go_on(player, begin, refresh, turn, pass_the_grace):
    """Restored at once, each sends the token that lies in the storage they share, and lays down what it is answered."""
    storage, answers = [begin(player)], []
    gate = threading.Barrier(10)

    def tab(number):
        token = storage[0]
        gate.wait()
        for _ in range(6):
            answer = refresh(token)
            answers.append(answer.status_code)
            storage[0] = answer.json().get("refreshToken", token)
            # Odd ones look into the storage again, the others hold what they have read.
            token = storage[0] if number % 2 else token

    with concurrent.futures.ThreadPoolExecutor(10) as tabs:
        list(tabs.map(tab, range(10)))
    assert answers == [200] * 60
    pass_the_grace(player)
    assert turn(storage[0]) != storage[0]


def test_a_token_that_comes_back_ends_the_session_for_both(player, begin, refresh, turn, pass_the_grace):
    first, other = begin(player), begin(player)
    stolen = turn(first)
    pass_the_grace(player)
    newest = turn(stolen)
    pass_the_grace(player)
    assert error(refresh(stolen)) == REUSED
    assert error(refresh(newest)) == OVER
    assert error(refresh(first)) == OVER
    turn(other)


def test_signing_out_ends_one_session_and_twice_is_once(player, begin, refresh, turn, sign_out):
    token, other = begin(player), begin(player)
    sign_out(token)
    sign_out(token)
    assert error(refresh(token)) == OVER
    turn(other)


def test_signing_out_everywhere_ends_every_session(player, begin, refresh, sign_out):
    tokens = [begin(player) for _ in range(3)]
    sign_out(tokens[1], everywhere=True)
    assert {error(refresh(token)) for token in tokens} == {OVER}
    begin(player)


def test_a_session_whose_time_is_over_has_ended(stack, player, begin, refresh):
    token = begin(player)
    connection = stack.connect("user")
    with connection, connection.cursor() as cursor:
        cursor.execute("update sessions set expires_at = now() where user_id = %s", (player.user_id,))
    connection.close()
    assert error(refresh(token)) == OVER


def change_password(caller, user_id="me", **body):
    return caller.post(f"/v1/users/{user_id}:changePassword", {"newPassword": "another good password", **body})


def test_a_new_password_ends_the_other_sessions(api, player, begin, refresh, turn):
    mine, other = begin(player), begin(player)
    me = api.as_user(player)
    wrong = change_password(me, currentPassword="not the password", refreshToken=mine)
    assert error(wrong) == (403, "PERMISSION_DENIED", "WRONG_PASSWORD")
    other = turn(other)
    answer = change_password(me, currentPassword=player.password, refreshToken=mine)
    assert (answer.status_code, answer.json()) == (200, {})
    assert error(refresh(other)) == OVER
    turn(mine)
    assert error(api.post_session(player)) == (401, "UNAUTHENTICATED", "BAD_CREDENTIALS")
    player.password = "another good password"
    begin(player)


def test_an_administrator_sets_a_password_and_nobody_else_does(api, player, admin, begin, refresh):
    token = begin(player)
    stranger = api.as_user(api.sign_up())
    assert error(change_password(stranger, player.user_id)) == (403, "PERMISSION_DENIED", "NOT_OWNER")
    assert change_password(admin, player.user_id).status_code == 200
    assert error(refresh(token)) == OVER
    assert error(change_password(admin, admin.user["userId"])) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
    player.password = "another good password"
    begin(player)


def test_an_empty_request_names_what_is_missing_with_the_reason(api):
    required = {"userName": "REQUIRED", "password": "REQUIRED"}
    for path, fields in (("/v1/sessions", required), ("/v1/sessions:refresh", {"refreshToken": "REQUIRED"}),
                         ("/v1/sessions:signOut", {"refreshToken": "REQUIRED"})):
        for body in ({}, dict.fromkeys(fields, "")):
            answer = api.post(path, body)
            assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
            assert violated_reasons(answer) == fields


@pytest.mark.parametrize("token", ["x", "0" * 64, "0" * 10000, "' or 1=1 --"])
def test_what_is_no_token_opens_and_ends_nothing(token, refresh, sign_out):
    assert error(refresh(token)) == OVER
    sign_out(token)
