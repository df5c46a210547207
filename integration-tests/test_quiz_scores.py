"""Scores of quizzes: what answers earn, what of that counts, what is published, and that deliveries in any order, or more
than once, come to the same."""
import datetime
import random
import uuid

import pytest

from kit.attempts import Attempts
from kit.quizzes import (Q1, Q2, Q3, Q5, Q6, Q7, get_review, new_quiz, player_of, right, scored, start, submit, take,
                         true_questions)
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.evaluation

TRACE = "0af7651916cd43dd8448eb211c80319c"
SECOND = datetime.timedelta(seconds=1)
BROKERS = ["RabbitMQ", "NATS", "PostgreSQL", "Sentinel", "Adminer"]
ROW = ["commit", "relay", "exchange", "queue"]


@pytest.fixture(name="player")
def fixture_player(api):
    return player_of(api)


def score_of(player, quiz, said):
    """The score of a new attempt with these answers."""
    return scored(player, take(player, quiz, said)["attemptId"])["score"]


def earned(player, quiz, name, answers):
    """What a new attempt with each of these answers to one question earns."""
    return [score_of(player, quiz, {name: said})["millipoints"] for said in answers]


def user_of(player):
    return player.get("/v1/users/me").json()["userId"]


def week_of(moment):
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def entry_of(player, board, **query):
    """The player's entry on a board; None while there is none, or while boards are filled."""
    answer = player.get(f"/v1/leaderboards/{board}/ranks/me", params=query)
    return answer.json()["entry"] if answer.status_code == 200 else None


def points_of(player, board, **query):
    entry = entry_of(player, board, **query)
    return entry and entry["millipoints"]


# What answers earn.

def test_options_that_are_right_minus_those_that_are_wrong(admin, player):
    quiz = new_quiz(admin, [Q2])
    assert earned(player, quiz, "Q2", [["RabbitMQ"], ["RabbitMQ", "PostgreSQL"], ["RabbitMQ", "NATS", "PostgreSQL"],
                                       BROKERS, None]) == [2000, 666, 2666, 0, 0]
    strict = new_quiz(admin, [{**Q2, "partialCredit": "ALL_OR_NOTHING"}])
    assert earned(player, strict, "Q2", [["NATS", "RabbitMQ"], ["RabbitMQ"], BROKERS[:3]]) == [4000, 0, 0]


def test_orders_and_matches(admin, player):
    swapped, reverse = [ROW[1], ROW[0], *ROW[2:]], ROW[::-1]
    assert earned(player, new_quiz(admin, [Q6]), "Q6", [ROW, swapped, reverse]) == [3000, 2000, 0]
    in_place = new_quiz(admin, [{**Q6, "partialCredit": "PROPORTIONAL"}])
    assert earned(player, in_place, "Q6", [ROW, swapped, reverse]) == [3000, 1500, 0]
    matches = new_quiz(admin, [{**Q7, "partialCredit": "RIGHT_MINUS_WRONG"}])
    assert earned(player, matches, "Q7", [["database", "cache", "broker"],
                                          ["database", None, "broker"]]) == [666, 1333]


def test_wrong_answers_cost_where_formula_scoring_says_so(admin, player):
    quiz = new_quiz(admin, [Q1, Q3, Q5], formulaScoring=True)
    attempt = take(player, quiz, {"Q1": "5432", "Q3": True})
    assert scored(player, attempt["attemptId"])["score"]["millipoints"] == 0
    review = get_review(player, attempt["attemptId"])
    items = {quiz.name(item["question"]["questionId"]): item["millipoints"] for item in review["questions"]}
    assert items == {"Q1": -333, "Q3": -1000, "Q5": 0}
    two = new_quiz(admin, [Q1, Q5], formulaScoring=True)
    score = score_of(player, two, {"Q1": "5432", "Q5": "can't"})
    assert (score["millipoints"], score["maxMillipoints"]) == (667, 2000)


def test_a_share_that_is_rounded_down_decides_about_passing(admin, player):
    for pass_basis_points, passed in ((6666, True), (6667, False)):
        quiz = new_quiz(admin, true_questions(3), passBasisPoints=pass_basis_points)
        score = score_of(player, quiz, right(2, of=3))
        assert (score["percent"], score["basisPoints"], score["passed"]) == (66, 6666, passed)


# What is published, and what of it counts.

def test_an_attempt_is_one_completion_and_one_score(stack, admin, player):
    quiz, user = new_quiz(admin, true_questions(3)), user_of(player)
    attempt = start(player, quiz)
    answer = player.post(f"/v1/attempts/{attempt['attemptId']}:submit", {}, headers={
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    assert answer.status_code == 200, answer.text
    other = take(player, quiz, right(2, of=3))

    def events(kind):
        return [event for event in admin.events(userId=user) if event["eventType"] == kind]

    wait_until(lambda: len(events("ScoreCalculated")) == 2, what="both scores")
    completed, calculated = events("QuizCompleted"), events("ScoreCalculated")
    assert len(completed) == 2
    payload = next(event["payload"] for event in calculated if event["payload"]["attemptId"] == other["attemptId"])
    ended = datetime.datetime.fromisoformat(payload["submittedAt"].replace("Z", "+00:00"))
    expected = {"millipoints": 2000, "maxMillipoints": 3000, "scorePercent": 66, "scoreBasisPoints": 6666,
                "ordinal": 2, "week": week_of(ended), "quizId": quiz.quiz_id, "category": "redis"}
    assert {key: payload[key] for key in expected} == expected
    assert not payload.get("passed") and not payload.get("firstPass")
    assert not [event for event in completed + calculated if "items" in event["payload"]]
    traces = stack.rows("processing", "SELECT event_type, split_part(traceparent, '-', 2) FROM events "
                                      "WHERE user_id = %s AND payload->>'attemptId' = %s ORDER BY event_type",
                        user, attempt["attemptId"])
    assert traces == [("QuizCompleted", TRACE), ("ScoreCalculated", TRACE)]


def test_what_a_user_has_reached(admin, player):
    quiz = new_quiz(admin, true_questions(3))
    score_of(player, quiz, right(2, of=3))
    expected = {"attempts": 1, "quizzes": 1, "quizzesPassed": 0, "millipoints": 66666, "averageBasisPoints": 6666}

    def shown():
        stats = player.get("/v1/users/me").json().get("quizStats", {})
        return {key: stats.get(key) for key in expected}

    settled(shown, expected)
    stats = player.get("/v1/users/me/stats").json()
    assert {key: stats[key] for key in expected} == expected
    assert stats["bestBasisPoints"] == 6666
    assert [category["category"] for category in stats["categories"]] == ["redis"]
    assert stats["categories"][0]["millipoints"] == 66666
    [result] = player.get("/v1/users/me/quizResults").json()["results"]
    assert (result["quizId"], result["attempts"], result["millipoints"]) == (quiz.quiz_id, 1, 66666)


@pytest.mark.parametrize("grading, points, reached", [("BEST", 100000, 0), ("LAST", 33333, 2), ("AVERAGE", 66666, 2)])
def test_grading_decides_what_counts_and_when_it_was_reached(admin, player, grading, points, reached):
    # pylint: disable=too-many-arguments
    quiz = new_quiz(admin, true_questions(3), grading=grading, boardPoints=100)
    attempts = []
    for count in (3, 2, 1):
        attempts.append(take(player, quiz, right(count, of=3)))
        scored(player, attempts[-1]["attemptId"])
    settled(lambda: points_of(player, f"quiz.{quiz.quiz_id}"), points)
    assert entry_of(player, f"quiz.{quiz.quiz_id}")["reachedAt"] == attempts[reached]["endedAt"]


def test_boards_add_up_quizzes_and_practice_is_on_none(admin, player):
    categories = [f"c{uuid.uuid4().hex[:8]}" for _ in range(2)]
    for category, count in zip(categories, (2, 3)):
        score_of(player, new_quiz(admin, true_questions(3), category=category), right(count, of=3))
    practice = new_quiz(admin, true_questions(3), practice=True)
    score_of(player, practice, right(3, of=3))
    settled(lambda: points_of(player, "overall"), 166666)
    settled(lambda: points_of(player, "overall", period="WEEK"), 166666)
    settled(lambda: [points_of(player, f"category.{category}") for category in categories], [66666, 100000])
    assert points_of(player, f"quiz.{practice.quiz_id}") is None
    stats = player.get("/v1/users/me/stats").json()
    assert (stats["attempts"], stats["quizzes"], stats["millipoints"]) == (3, 3, 166666)
    results = {result["quizId"]: result for result in player.get("/v1/users/me/quizResults").json()["results"]}
    assert results[practice.quiz_id]["millipoints"] == 0
    assert results[practice.quiz_id]["bestBasisPoints"] == 10000


def test_statistics_of_questions_are_for_administrators(admin, api):
    quiz = new_quiz(admin, true_questions(2))
    for count in (2, 1, 1):
        player = player_of(api)
        score_of(player, quiz, right(count, of=2))
    path = f"/v1/quizzes/{quiz.quiz_id}/questionStats"
    assert player.get(path).status_code == 403
    questions = {quiz.name(item["questionId"]): item for item in admin.get(path).json()["questions"]}
    assert (questions["T1"]["attempts"], questions["T1"]["facilityBasisPoints"]) == (3, 10000)
    assert questions["T2"]["facilityBasisPoints"] == 3333
    assert not questions["T2"].get("reliable")


# Deliveries.

@pytest.mark.parametrize("away", ["evaluation", "rabbitmq"])
def test_attempts_are_taken_while_nobody_scores_them(stack, admin, api, away):
    quiz = new_quiz(admin, true_questions(1))
    players = [player_of(api) for _ in range(20)]
    started = [start(player, quiz) for player in players]
    stack.stop(away)
    for player, attempt in zip(players, started):
        submit(player, quiz, attempt, right(1, of=1))
    stack.start(away)
    for player, attempt in zip(players, started):
        assert scored(player, attempt["attemptId"])["score"]["percent"] == 100
    for player in players:
        settled(lambda p=player: points_of(p, f"quiz.{quiz.quiz_id}"), 100000)
        settled(lambda p=player: p.get("/v1/users/me").json().get("quizStats", {}).get("attempts"), 1)


def rows_of(stack, quiz_id, users):
    """What is stored of attempts at a quiz, with users by their place in the list."""
    place = {user: number for number, user in enumerate(users)}

    def read(sql):
        return sorted((place[user], *rest) for user, *rest in stack.rows("evaluation", sql, quiz_id))

    return (read("SELECT user_id::text, ordinal, millipoints, submitted_at, worth_millipoints FROM attempts "
                 "WHERE quiz_id = %s"),
            read("SELECT user_id::text, period, attempts, passed_attempts, sum_basis_points, millipoints, reached_at "
                 "FROM quiz_results WHERE quiz_id = %s"),
            read("SELECT user_id::text, period, millipoints, reached_at, is_listed FROM board_scores "
                 "WHERE board = 'quiz.' || %s"),
            stack.rows("evaluation", "SELECT players, attempts, passed_attempts, sum_basis_points FROM quiz_stats "
                                     "WHERE quiz_id = %s", quiz_id),
            stack.rows("evaluation", "SELECT sum(n), sum(sum_x), sum(sum_xy) FROM question_stats WHERE quiz_id = %s",
                       quiz_id))


@pytest.mark.parametrize("grading", ["BEST", "LAST", "AVERAGE"])
def test_deliveries_in_any_order_and_three_times_come_to_the_same(stack, contract, grading):
    attempts, chance = Attempts(stack, contract), random.Random(41)
    ended = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - 3600 * SECOND
    plan = [(number % 5, 1 + number // 5, chance.randrange(4), ended + number * SECOND) for number in range(60)]

    def deliver(times):
        """A quiz, and users who take it as planned; their events so many times, shuffled when more than once."""
        quiz_id, users = str(uuid.uuid4()), [str(uuid.uuid4()) for _ in range(5)]
        events = [attempts.completed(users[user], quiz_id, count, 3, moment, ordinal=ordinal, grading=grading)
                  for user, ordinal, count, moment in plan] * times
        if times > 1:
            chance.shuffle(events)
        # The queue is in order: what is before the last one has been handled when that has.
        last = str(uuid.uuid4())
        attempts.publish([*events, attempts.completed(users[0], last, 1, 1, ended)])
        settled(lambda: stack.value("evaluation", "SELECT count(*) FROM attempts WHERE quiz_id = %s", last), 1)
        return quiz_id, users

    once, thrice = deliver(1), deliver(3)
    assert len(rows_of(stack, *once)[0]) == 60
    assert rows_of(stack, *once) == rows_of(stack, *thrice)
    checked = stack.command("evaluation", "--check")
    assert checked.returncode == 0, checked.stdout
