"""A page token goes on in the list it comes from: for the same caller and the same filter. Any other is refused, and none can be read.

LISTS has every method of the contract that takes a token; a new one fails here until it stands there.
"""
import re
import types
import uuid

import pytest
from google.protobuf import descriptor_pb2

from kit.api import Api, error, violated_fields
from kit.quiz_bank import ok, publish_quiz, true_false
from kit.stack import ROOT
from kit.waiting import settled, wait_until
from test_dead_letters import DEAD, n_dead, poison
from test_publishing import event, new_quest

USER = "questline.user.v1."
CATALOG = "questline.catalog.v1."
PROCESSING = "questline.processing.v1."
QUIZ = "questline.quiz.v1."
EVALUATION = "questline.evaluation.v1."

# Method: path, the list's member, another filter: a query or another path. {user} is the player, {other} another one.
LISTS = {
    USER + "UserService/ListUsers": ("/v1/users", "users", {"userName": "admin"}),
    USER + "ServiceAccountService/ListServiceAccounts": ("/v1/serviceAccounts", "serviceAccounts", None),
    USER + "ClaimService/ListClaims": ("/v1/users/{user}/claims", "claims", {"status": "PENDING"}),
    USER + "WalletService/ListWalletEntries":
        ("/v1/users/{user}/wallet/entries", "entries", "/v1/users/{other}/wallet/entries"),
    USER + "PersonalDataService/ExportUser": ("/v1/users/{user}:export", "claims", "/v1/users/{other}:export"),
    CATALOG + "QuestQueryService/ListQuests": ("/v1/quests", "quests", {"showArchived": "true"}),
    CATALOG + "RewardQueryService/ListRewards": ("/v1/rewards", "rewards", {"showArchived": "true"}),
    PROCESSING + "EventService/ListEvents": ("/v1/events", "events", {"eventType": "UserSignIn"}),
    PROCESSING + "EventService/ListUserEvents": ("/v1/users/{user}/events", "events", "/v1/users/{other}/events"),
    PROCESSING + "ProgressService/ListProgress":
        ("/v1/users/{user}/progress", "progress", "/v1/users/{other}/progress"),
    PROCESSING + "AuditService/ListAuditEntries": ("/v1/audit", "entries", {"actorId": "nobody"}),
    PROCESSING + "DeadLetterService/ListDeadLetters":
        ("/v1/deadLetters/user", "deadLetters", "/v1/deadLetters/processing"),
    QUIZ + "QuizQueryService/ListQuizzes": ("/v1/quizzes", "quizzes", {"showArchived": "true"}),
    QUIZ + "QuestionService/ListQuestions": ("/v1/questions", "questions", {"type": "TRUE_FALSE"}),
    QUIZ + "AttemptService/ListAttempts": ("/v1/users/{user}/attempts", "attempts", "/v1/users/{other}/attempts"),
    EVALUATION + "LeaderboardService/GetLeaderboard":
        ("/v1/leaderboards/quiz.{quiz}", "entries", "/v1/leaderboards/overall"),
    EVALUATION + "LeaderboardService/ListLeaderboards": ("/v1/leaderboards", "boards", None),
    EVALUATION + "StatsService/ListQuizResults":
        ("/v1/users/{user}/quizResults", "results", "/v1/users/{other}/quizResults"),
    EVALUATION + "StatsService/ListQuestionStats":
        ("/v1/quizzes/{quiz}/questionStats", "questions", "/v1/quizzes/{user}/questionStats"),
}
PLAYERS = [method for method, (path, _, _) in LISTS.items() if "{user}" in path]
UNSIZED = USER + "PersonalDataService/ExportUser"  # pages of a fixed size

every_list = pytest.mark.parametrize("method", LISTS, ids=lambda method: method.rsplit("/", 1)[1])


def refused(answer):
    assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_PAGE_TOKEN"), answer.text
    return violated_fields(answer) == ["pageToken"]


def take_quizzes(admin, players):
    """Three quizzes that all players take; the id of one with its figures on boards."""
    quizzes = [publish_quiz(admin, [true_false(f"Statement {number}.") for number in range(3)]) for _ in range(3)]
    for player in players:
        for quiz in quizzes:
            attempt = ok(player.post(f"/v1/quizzes/{quiz['quizId']}/attempts", {}))
            ok(player.post(f"/v1/attempts/{attempt['attemptId']}:submit", {}))
    for quiz in quizzes:
        settled(lambda q=quiz: admin.get(f"/v1/leaderboards/quiz.{q['quizId']}").json().get("total"), len(players))
    return quizzes[0]["quizId"]


@pytest.fixture(scope="module", name="world")
def fixture_world(stack):
    """A player with more than a page of everything, two administrators, and dead letters."""
    anybody = Api(stack.http)
    admin = Api(stack.http).sign_in("admin", "password")
    player, other, second = anybody.sign_up(), anybody.sign_up(), anybody.sign_up()
    me = anybody.as_user(player)
    assert admin.post(f"/v1/users/{second.user_id}:setRole", {"role": "ADMIN"}).status_code == 200
    kind = f"pages{uuid.uuid4().hex[:10]}"
    accounts = [admin.post("/v1/serviceAccounts", {"displayName": "Pages", "eventTypes": [f"{kind}.*"]}).json()
                for _ in range(2)]
    for _ in range(2):
        new_quest(admin, kind, streak=1, duplication=150)
    key = admin.post(f"/v1/serviceAccounts/{accounts[0]['serviceAccountId']}/keys").json()["apiKey"]
    server = anybody.with_token(anybody.post("/v1/tokens", {"apiKey": key}).json()["accessToken"])
    published = server.post("/v1/events", {"events": [event(kind, player.user_id) for _ in range(110)]})
    assert published.status_code == 200, published.text
    settled(lambda: me.get("/v1/users/me/claims").json()["totalSize"], 220)
    for claim in me.claims()[:3]:
        assert me.post(f"/v1/claims/{claim['claimId']}:claim").status_code == 200
    poison(stack, 3)
    wait_until(lambda: n_dead(stack) >= 3)
    wait_until(lambda: len(admin.get("/v1/audit").json()["entries"]) > 2)
    quiz = take_quizzes(admin, [me, anybody.as_user(other), anybody.as_user(second)])
    yield types.SimpleNamespace(quiz=quiz, me=me, admin=admin, second=anybody.as_user(second), player=player, other=other,
                                tokens={})
    assert admin.post(f"/v1/users/{second.user_id}:setRole", {"role": "USER"}).status_code == 200
    with stack.broker() as channel:
        channel.queue_purge(DEAD)


def caller(world, method):
    return world.me if method in PLAYERS else world.admin


def path_of(world, path):
    return path.format(user=world.player.user_id, other=world.other.user_id, quiz=world.quiz)


def page(world, who, method, **query):
    size = {} if method == UNSIZED else {"pageSize": 1}
    return who.get(path_of(world, LISTS[method][0]), params={**size, **query})


def token_of(world, method):
    """The token of the list's second page, for who reads it."""
    if method not in world.tokens:
        answer = page(world, caller(world, method), method)
        assert answer.status_code == 200 and answer.json()["nextPageToken"], answer.text
        world.tokens[method] = answer.json()["nextPageToken"]
    return world.tokens[method]


def test_every_list_of_the_contract_is_tried_here():
    files = descriptor_pb2.FileDescriptorSet.FromString((ROOT / "generated/questline.desc").read_bytes()).file
    paged = {f".{file.package}.{message.name}" for file in files for message in file.message_type
             if any(field.name == "page_token" for field in message.field)}
    assert paged and {f"{file.package}.{service.name}/{method.name}" for file in files for service in file.service
                      for method in service.method if method.input_type in paged} == set(LISTS)


@every_list
def test_a_token_goes_on_with_pages_of_another_size(world, method):
    first = page(world, caller(world, method), method).json()
    token = token_of(world, method)
    assert re.fullmatch(r"[A-Za-z0-9_-]{60,140}", token)
    more = {} if method == UNSIZED else {"pageSize": 2}
    second = page(world, caller(world, method), method, pageToken=token, **more)
    assert second.status_code == 200, second.text
    member = LISTS[method][1]
    rows = second.json()[member]
    assert rows and not [row for row in rows if row in first[member]]
    assert len(rows) <= 2 or method == UNSIZED


@every_list
def test_a_token_of_another_list_or_made_up_is_refused(world, method):
    other = next(name for name in LISTS if name != method and (name in PLAYERS) == (method in PLAYERS))
    who = caller(world, method)
    for token in (token_of(world, other), "7", "7-7", str(uuid.uuid4()), "A" * 100, "ä"):
        assert refused(page(world, who, method, pageToken=token))


@every_list
def test_a_token_of_another_caller_is_refused(world, method):
    who = world.admin if method in PLAYERS else world.second
    assert page(world, who, method).status_code == 200
    assert refused(page(world, who, method, pageToken=token_of(world, method)))


@every_list
def test_a_token_with_one_character_altered_is_refused(world, method):
    token = token_of(world, method)
    for i in (0, len(token) // 2, len(token) - 1):
        altered = token[:i] + ("B" if token[i] == "A" else "A") + token[i + 1:]
        assert refused(page(world, caller(world, method), method, pageToken=altered))
    assert refused(page(world, caller(world, method), method, pageToken=token[:-1]))


@pytest.mark.parametrize("method", [method for method, (_, _, other) in LISTS.items() if other],
                         ids=lambda method: method.rsplit("/", 1)[1])
def test_a_token_of_another_filter_is_refused(world, method):
    other = LISTS[method][2]
    if isinstance(other, dict):
        assert page(world, caller(world, method), method, **other).status_code == 200
        assert refused(page(world, caller(world, method), method, pageToken=token_of(world, method), **other))
        return
    # Another path: an administrator may read both.
    token = page(world, world.admin, method).json()["nextPageToken"]
    assert page(world, world.admin, method, pageToken=token).status_code == 200
    elsewhere = path_of(world, other)
    assert world.admin.get(elsewhere).status_code == 200
    assert refused(world.admin.get(elsewhere, params={"pageToken": token}))


@pytest.mark.parametrize("path", ["claims", "wallet/entries", "events"])
def test_a_token_to_resume_from_is_bound_alike(world, path):
    path = f"/v1/users/{world.player.user_id}/{path}"
    token = world.me.get(path, params={"pageSize": 1}).json()["resumePageToken"]
    assert world.me.get(path, params={"pageToken": token}).status_code == 200
    assert refused(world.admin.get(path, params={"pageToken": token}))
    assert refused(world.me.get("/v1/users/me/progress", params={"pageToken": token}))


def test_tokens_outlive_the_process_that_made_them(stack, world):
    method = CATALOG + "QuestQueryService/ListQuests"
    before = token_of(world, method)
    stack.stop("catalog")
    stack.heal()
    after = page(world, world.admin, method, pageToken=before)
    assert after.status_code == 200, after.text


def test_administrators_list_events_from_a_row_on(stack, world):
    seq, event_id = stack.rows("processing", "select seq, id from events where user_id = %s order by seq limit 1 offset 3",
                               world.player.user_id)[0]
    path = "/v1/events"
    query = {"userId": world.player.user_id, "fromSeq": seq, "pageSize": 2}
    first = world.admin.get(path, params=query).json()
    assert first["events"][0]["eventId"] == str(event_id)
    second = world.admin.get(path, params={**query, "pageToken": first["nextPageToken"]}).json()
    everything = world.admin.events(userId=world.player.user_id)
    assert first["events"] + second["events"] == everything[3:7]
    bad = world.admin.get(path, params={"fromSeq": -1})
    assert error(bad)[2] == "INVALID_FIELD" and violated_fields(bad) == ["fromSeq"]
