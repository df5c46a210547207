"""Boards: order, pages, ranks, weeks, who leaves, and what is shown while Redis is not what it was."""
import datetime
import random
import uuid

import pytest

from kit.api import error, violated_fields
from kit.attempts import Attempts
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.evaluation

SECOND = datetime.timedelta(seconds=1)
REFUSALS = {"BOARD_REBUILDING", "BOARD_BEHIND"}


@pytest.fixture(name="attempts")
def fixture_attempts(stack, contract):
    return Attempts(stack, contract)


@pytest.fixture(name="reader")
def fixture_reader(api, player):
    """Somebody who looks at boards; a player with no attempt."""
    return api.as_user(player)


@pytest.fixture(name="quiz_id")
def fixture_quiz_id():
    return str(uuid.uuid4())


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - 60 * SECOND


def ids(count):
    return [str(uuid.uuid4()) for _ in range(count)]


def get(reader, board, path="", **query):
    """An answer that is right; a board that cannot be relied on for the moment refuses, and is asked again."""
    def when_it_answers():
        answer = reader.get(f"/v1/leaderboards/{board}{path}", params=query)
        if answer.status_code == 503:
            assert error(answer)[2] in REFUSALS and answer.headers["Retry-After"] == "1"
            return None
        return [answer]  # a response of 400 counts as false

    return wait_until(when_it_answers, what=f"an answer of board {board}")[0]


def page(reader, board, **query):
    answer = get(reader, board, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def places(reader, board, **query):
    """The page as (user, rank, shared rank, points), points in thousandths."""
    return [(entry["userId"], entry["rank"], entry["sharedRank"], entry["millipoints"])
            for entry in page(reader, board, **query)["entries"]]


def total(reader, board, **query):
    return page(reader, board, **query)["total"]


def all_places(reader, board, **query):
    """Every page, by token."""
    found, token = [], ""
    while True:
        body = page(reader, board, pageSize=200, pageToken=token, **query)
        found += [(entry["userId"], entry["rank"], entry["sharedRank"], entry["millipoints"])
                  for entry in body["entries"]]
        token = body["nextPageToken"]
        if not token:
            return found


def board_of(attempts, reader, quiz_id, results, of=3):
    """Attempts of new users, one a second, with these numbers of right answers; the users, once all are listed."""
    users, ended = ids(len(results)), now()
    attempts.publish([attempts.completed(user, quiz_id, right, of, ended + number * SECOND)
                      for number, (user, right) in enumerate(zip(users, results))])
    settled(lambda: total(reader, f"quiz.{quiz_id}"), len(results))
    return users


def test_equal_points_share_a_rank_and_earlier_ones_come_first(attempts, reader, quiz_id):
    a, b, c, d = board_of(attempts, reader, quiz_id, [2, 3, 2, 0])
    assert places(reader, f"quiz.{quiz_id}") == [(b, 1, 1, 100000), (a, 2, 2, 66666), (c, 3, 2, 66666), (d, 4, 4, 0)]


def test_pages_by_token_are_one_list(attempts, reader, quiz_id):
    board = f"quiz.{quiz_id}"
    board_of(attempts, reader, quiz_id, [number % 4 for number in range(25)])
    whole = page(reader, board, pageSize=200)
    assert whole["nextPageToken"] == "" and len(whole["entries"]) == whole["total"] == 25
    sizes, found, token = [], [], ""
    while token or not found:
        part = page(reader, board, pageSize=10, pageToken=token)
        sizes.append(len(part["entries"]))
        found, token = found + part["entries"], part["nextPageToken"]
        if sizes == [10]:
            second = token
    assert sizes == [10, 10, 5] and found == whole["entries"]
    assert page(reader, board, pageSize=10, startRank=11)["entries"] == whole["entries"][10:20]
    assert page(reader, board, pageSize=10, startRank=26)["entries"] == []
    for query, field in [({"pageSize": 201}, "pageSize"), ({"pageToken": "broken"}, "pageToken"),
                         ({"pageToken": second, "startRank": 3}, "startRank"),
                         ({"period": "WEEK", "week": "2026-W54"}, "week"), ({"week": "2026-W49"}, "week")]:
        answer = get(reader, board, **query)
        assert answer.status_code == 400 and violated_fields(answer) == [field]


def test_names_of_boards(reader, quiz_id):
    answer = get(reader, "nonsense")
    assert answer.status_code == 400 and violated_fields(answer) == ["board"]
    assert total(reader, f"quiz.{quiz_id}") == 0
    assert total(reader, f"category.never-{quiz_id[:8]}") == 0


def test_windows_around_a_rank(attempts, reader, quiz_id):
    board = f"quiz.{quiz_id}"
    users = board_of(attempts, reader, quiz_id, [1] * 10)
    for rank, shown in [(1, (1, 5)), (2, (1, 5)), (5, (3, 7)), (10, (6, 10))]:
        body = get(reader, board, f"/ranks/{users[rank - 1]}", around=2).json()
        assert body["entry"]["rank"] == rank and body["total"] == 10
        assert [entry["rank"] for entry in body["entries"]] == list(range(shown[0], shown[1] + 1))
    answer = get(reader, board, "/ranks/me")
    assert error(answer) == (404, "NOT_FOUND", "NOT_RANKED")
    other = str(uuid.uuid4())
    three = board_of(attempts, reader, other, [1] * 3)
    assert len(get(reader, f"quiz.{other}", f"/ranks/{three[1]}", around=5).json()["entries"]) == 3


def test_overall_is_the_sum_of_quizzes_and_practice_is_on_no_board(attempts, reader):
    one, other, practice, user = ids(4)
    category = f"c{one[:8]}"
    attempts.publish([attempts.completed(user, one, 2, 3, now()),
                      attempts.completed(user, other, 3, 3, now() + SECOND, category=category),
                      attempts.completed(user, practice, 3, 3, now() + 2 * SECOND, practice=True)])
    settled(lambda: places(reader, f"category.{category}"), [(user, 1, 1, 100000)])

    def overall():
        answer = get(reader, "overall", f"/ranks/{user}")
        return answer.json()["entry"]["millipoints"] if answer.status_code == 200 else None

    settled(overall, 166666)
    assert total(reader, f"quiz.{practice}") == 0


def test_a_flushed_redis_shows_what_is_right_or_refuses(stack, attempts, reader, quiz_id):
    board, chance = f"quiz.{quiz_id}", random.Random(quiz_id)
    users = board_of(attempts, reader, quiz_id, [chance.randrange(11) for _ in range(1000)], of=10)
    before = all_places(reader, board)
    place = {user: (rank, shared, points) for user, rank, shared, points in before}
    assert len(before) == 1000
    with stack.redis() as client:
        client.flushall()
    # A submit meanwhile succeeds: scores do not wait for Redis.
    late = str(uuid.uuid4())
    attempts.publish([attempts.completed(str(uuid.uuid4()), late, 1, 1, now())])

    def is_back():
        user = chance.choice(users)
        answer = reader.get(f"/v1/leaderboards/{board}/ranks/{user}")
        if answer.status_code == 503:
            assert error(answer)[2] in REFUSALS and answer.headers["Retry-After"] == "1"
            return False
        entry = answer.json()["entry"]
        assert (entry["rank"], entry["sharedRank"], entry["millipoints"]) == place[user]
        return True

    wait_until(is_back, seconds=20, what="the board again")
    assert all_places(reader, board) == before
    settled(lambda: total(reader, f"quiz.{late}"), 1)


def test_a_redis_that_dies_under_attempts_loses_no_points(stack, attempts, reader, quiz_id):
    board, users = f"quiz.{quiz_id}", ids(20)
    seen = dict.fromkeys(users, -1)

    def look():
        answer = reader.get(f"/v1/leaderboards/{board}", params={"pageSize": 200})
        if answer.status_code == 503:
            return
        shown = {entry["userId"]: entry["millipoints"] for entry in answer.json()["entries"]}
        for user, points in seen.items():
            assert shown.get(user, -1) >= points, "a board shows fewer points than before"
        seen.update(shown)

    for right in range(1, 11):
        attempts.publish([attempts.completed(user, quiz_id, right, 10, now() + right * SECOND, ordinal=right)
                          for user in users])
        if right in (3, 7):
            stack.kill("redis")
        look()

    def are_all_full():
        look()
        return all(points == 100000 for points in seen.values())

    wait_until(are_all_full, seconds=60, what="all points on the board")


def test_attempts_wait_while_evaluation_is_stopped(stack, attempts, reader, quiz_id):
    stack.stop("evaluation")
    attempts.publish([attempts.completed(user, quiz_id, 1, 1, now()) for user in ids(20)])
    stack.start("evaluation")
    settled(lambda: total(reader, f"quiz.{quiz_id}"), 20, seconds=60)


def test_who_leaves_leaves_no_gap(stack, api, admin, attempts, reader, quiz_id):
    board, players = f"quiz.{quiz_id}", [api.sign_up() for _ in range(4)]
    attempts.publish([attempts.completed(player.user_id, quiz_id, 3, 3, now() + number * SECOND)
                      for number, player in enumerate(players)])
    settled(lambda: total(reader, board), 4)
    first, second, third, fourth = [player.user_id for player in players]
    assert api.as_user(players[1]).delete_account(players[1]).status_code == 200
    settled(lambda: places(reader, board),
            [(first, 1, 1, 100000), (third, 2, 1, 100000), (fourth, 3, 1, 100000)])
    assert admin.post(f"/v1/users/{first}:ban", {}).status_code == 200
    settled(lambda: places(reader, board), [(third, 1, 1, 100000), (fourth, 2, 1, 100000)])
    assert admin.post(f"/v1/users/{first}:unban", {}).status_code == 200
    settled(lambda: total(reader, board), 3)
    assert places(reader, board)[0] == (first, 1, 1, 100000)
    # A later score of who was deleted is on no board.
    attempts.publish([attempts.completed(second, quiz_id, 3, 3, now(), ordinal=2),
                      attempts.completed(fourth, quiz_id, 3, 3, now(), ordinal=2)])
    settled(lambda: stack.value("evaluation", "SELECT count(*) FROM attempts WHERE quiz_id = %s", quiz_id), 6)
    assert second not in [user for user, *_ in places(reader, board)]


def monday_of(week):
    year, number = week.split("-W")
    return datetime.datetime.fromisocalendar(int(year), int(number), 1).replace(tzinfo=datetime.timezone.utc)


def test_a_week_is_final_once_all_its_attempts_are_counted(stack, api, attempts, reader, quiz_id):
    # A week of long ago that no other test has.
    week = f"{random.randrange(2001, 2020)}-W{random.randrange(1, 53):02}"
    board, query = f"quiz.{quiz_id}", {"period": "WEEK", "week": week}
    player = api.sign_up()
    users = [player.user_id] + ids(3)
    ended = monday_of(week)
    events = [attempts.completed(user, quiz_id, 3 if number < 2 else 1, 3, ended + number * SECOND)
              for number, user in enumerate(users)]
    attempts.publish(events[:3])
    settled(lambda: total(reader, board, **query), 3)
    assert page(reader, board, **query)["state"] == "CLOSING"
    attempts.close_week(week, 4)
    attempts.publish(events[3:])
    settled(lambda: page(reader, board, **query)["state"], "FINAL")
    expected = [(users[0], 1, 1, 100000), (users[1], 2, 1, 100000), (users[2], 3, 3, 33333), (users[3], 4, 3, 33333)]
    assert places(reader, board, **query) == expected
    weeks = reader.get("/v1/leaderboards").json()["weeks"]
    assert weeks[0]["state"] == "OPEN"
    with stack.redis() as client:
        wait_until(lambda: not list(client.scan_iter(f"ql:evaluation:board:*:{week}:*")), what="the week out of Redis")
    # The place of who is deleted stays, and the name is gone.
    assert api.as_user(player).delete_account(player).status_code == 200
    settled(lambda: places(reader, board, **query)[0], ("", 1, 1, 100000))
    assert get(reader, board, f"/ranks/{users[2]}", **query, around=1).json()["entry"]["rank"] == 3
    assert {event["eventType"] for event in api.sign_in("admin", "password").events(userId=users[1])} >= {"WeekRanked"}


def test_a_rebuild_brings_back_what_was_there(stack, admin, attempts, reader, quiz_id):
    board = f"quiz.{quiz_id}"
    board_of(attempts, reader, quiz_id, [1, 3, 2])
    before = places(reader, board)
    epoch = stack.value("evaluation", "SELECT epoch::text FROM board_epoch")
    answer = reader.post("/v1/leaderboards:rebuild", {})
    assert error(answer) == (403, "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")
    assert admin.post("/v1/leaderboards:rebuild", {}).status_code == 200
    assert stack.value("evaluation", "SELECT epoch::text FROM board_epoch") != epoch
    settled(lambda: places(reader, board), before)
