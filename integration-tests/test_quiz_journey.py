"""A player's way through quizzes to a reward, with one trace from a submit to the ledger (rows P1 to P8,
P10, P13 and the union), and what nobody may learn of a key on the way."""
import uuid

import pytest

from kit.api import Api
from kit.own_stack import own_stack
from kit.quiz_bank import FULL, ok, options, publish_quiz, question, true_false
from kit.waiting import settled, wait_until

pytestmark = [pytest.mark.quiz, pytest.mark.evaluation]

SUBMITS = 3


def make_quest(admin):
    """Pass three quizzes with at least 80 per cent: paid at once."""
    item = f"medal_{uuid.uuid4().hex[:8]}"
    reward = ok(admin.post("/v1/rewards", {"rewardName": "A medal", "rewardItem": item, "rewardQty": 1}))
    made = ok(admin.post("/v1/quests", {
        "name": "Pass three quizzes", "rewardId": reward["rewardId"], "streak": SUBMITS, "duplication": 1,
        "autoClaim": True, "eventTypes": ["ScoreCalculated"],
        "conditions": [{"field": "scorePercent", "operator": "GREATER_OR_EQUAL", "value": 80}]}))
    return {**made, "item": item}


def patiently(send):
    """What a client does when a replica is killed under its call: every call here may be repeated."""
    return wait_until(lambda: (answer := send()).status_code != 503 and answer, what="an answer")


def take(me, quiz, right, trace=None):
    """An attempt with that many of three statements answered as they are; the attempt once it is scored."""
    attempt = ok(patiently(lambda: me.post(f"/v1/quizzes/{quiz['quizId']}/attempts", {})))
    answers = [{"questionId": shown["questionId"], "answer": {"choices": [1 if place < right else 2]}}
               for place, shown in enumerate(attempt["questions"])]
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"} if trace else {}
    one = f"/v1/attempts/{attempt['attemptId']}"
    ok(patiently(lambda: me.post(f"{one}:submit", {"answers": answers}, headers=headers)))
    return wait_until(lambda: (now := ok(patiently(lambda: me.get(one))))["state"] == "SCORED" and now, 60, "the score")


def statements():
    return [true_false(f"T{number}") for number in (1, 2, 3)]


def traces(stack, user, kind):
    return {row[0].split("-")[1] for row in stack.rows(
        "processing", "select traceparent from events where user_id = %s and event_type = %s", user, kind)}


def journey(stack, api, admin, kill=lambda: None):
    quest = make_quest(admin)
    quizzes = [publish_quiz(admin, statements(), title=f"Number {number}", category=f"c{uuid.uuid4().hex[:12]}")
               for number in range(SUBMITS)]
    player = api.sign_up()
    me = api.as_user(player)
    rival = api.as_user(api.sign_up())
    submits = [uuid.uuid4().hex for _ in quizzes]
    take(rival, quizzes[0], 2)
    for quiz, trace in zip(quizzes, submits):
        assert take(me, quiz, 3, trace)["score"] == {
            "millipoints": 3000, "maxMillipoints": 3000, "percent": 100, "basisPoints": 10000, "passed": True}
        kill()

    # Profile and statistics.
    totals = {"attempts": 3, "quizzes": 3, "quizzesPassed": 3, "millipoints": 300000, "averageBasisPoints": 10000}
    settled(lambda: me.get("/v1/users/me").json().get("quizStats"), totals, 60)
    stats = ok(patiently(lambda: me.get("/v1/users/me/stats")))
    assert {key: stats[key] for key in totals} == totals
    assert sorted(part["category"] for part in stats["categories"]) == sorted(quiz["category"] for quiz in quizzes)

    # Score, rank, ranks around, by name.
    board = f"category.{quizzes[0]['category']}"
    page = settled(lambda: [(entry["rank"], entry["userId"], entry["millipoints"])
                            for entry in me.get(f"/v1/leaderboards/{board}").json().get("entries", [])],
                   [(1, player.user_id, 100000), (2, rival.user["userId"], 66666)], 60)
    around = ok(patiently(lambda: me.get(f"/v1/leaderboards/{board}/ranks/me?around=1")))
    assert around["entry"]["rank"] == 1 and [entry["userId"] for entry in around["entries"]] == \
        [user for _, user, _ in page]
    names = ok(patiently(lambda: me.get("/v1/profiles", params={"userIds": [user for _, user, _ in page]})))["profiles"]
    assert {profile["userId"]: profile["userName"] for profile in names} == \
        {player.user_id: player.name, rival.user["userId"]: rival.user["userName"]}

    # The quest, its claim and the ledger: paid once, for the third submit.
    claims = wait_until(lambda: [claim for claim in me.claims() if claim["questId"] == quest["questId"]], what="a claim")
    assert [claim["status"] for claim in claims] == ["CLAIMED"]
    entries = [entry for entry in ok(me.get("/v1/users/me/wallet/entries"))["entries"] if entry["item"] == quest["item"]]
    assert [entry["amount"] for entry in entries] == [1] and entries[0]["claimId"] == claims[0]["claimId"]

    # One trace each, from HTTP to events and effects.
    assert traces(stack, player.user_id, "QuizCompleted") == set(submits)
    assert traces(stack, player.user_id, "ScoreCalculated") == set(submits)
    assert submits[-1] in traces(stack, player.user_id, "QuestCompleted")
    for name in ("gateway", "quiz"):
        replicas = [replica for replica in stack.addresses if replica == name or replica.startswith(f"{name}-")]
        wait_until(lambda r=replicas: any(submits[-1] in stack.log(one) for one in r), what=f"the trace in the log of {name}")
    ok(admin.post(f"/v1/quests/{quest['questId']}:archive", {}))


def test_three_quizzes_are_passed_ranked_and_rewarded(stack, api, admin):
    journey(stack, api, admin)


def test_the_same_with_three_replicas_of_everything_and_one_of_each_killed_on_the_way():
    with own_stack(3) as stack:
        api = Api(stack.http)
        victims = iter([("quiz", "evaluation-2", "user-3", "processing", "catalog-2"),
                        ("quiz-3", "evaluation", "user-2", "processing-3", "catalog")])

        def kill():
            for name in next(victims, ()):
                stack.kill(name)

        journey(stack, api, Api(stack.http).sign_in("admin", "password"), kill)


MARK = "xyzzy"  # in everything that only a review may show


def marked_questions():
    texts = iter(f"{MARK}{number}" for number in range(100))
    said = {"explanation": next(texts), "sourceUrl": f"https://example.org/{next(texts)}"}
    choice = options("right", "wrong", credits=[FULL])
    for option in choice:
        option["feedback"] = next(texts)
    return [
        question("SINGLE_CHOICE", "One?", options=choice, **said),
        true_false("True?", rightFeedback=next(texts), wrongFeedback=next(texts), **said),
        question("NUMERIC", "How much?", numericAnswers=[
            {"minimum": "31337.25", "maximum": "31337.75", "creditPpm": FULL, "feedback": next(texts)}],
            wrongFeedback=next(texts), **said),
        question("SHORT_TEXT", "Which?", textAnswers=[
            {"text": next(texts), "creditPpm": FULL, "feedback": next(texts)}], **said),
    ]


def shows_key(answer):
    answers_seen = answer.text + repr(answer.headers)
    return MARK in answers_seen or "31337" in answers_seen


def test_nothing_of_a_key_leaves_before_the_review(stack, api, admin, player):
    quiz = publish_quiz(admin, marked_questions(), review="NEVER")
    me = api.as_user(player)
    path = f"/v1/quizzes/{quiz['quizId']}"
    attempt = ok(me.post(f"{path}/attempts", {}))
    one = f"/v1/attempts/{attempt['attemptId']}"
    answers = {"SINGLE_CHOICE": {"choices": [1]}, "TRUE_FALSE": {"choices": [2]}, "NUMERIC": {"text": "1"},
               "SHORT_TEXT": {"text": "no"}}
    answers_seen = []
    for shown in attempt["questions"]:
        answers_seen.append(me.call("PUT", f"{one}/answers/{shown['questionId']}", {"answer": answers[shown["type"]]}))
        answers_seen.append(me.call("PUT", f"{one}/answers/{shown['questionId']}", {"answer": {"choices": [7, 7, 7]}}))
        answers_seen.append(me.get(f"/v1/questions/{shown['questionId']}"))
    answers_seen.append(me.post(f"{one}:submit", {}))
    wait_until(lambda: ok(me.get(one))["state"] == "SCORED", what="the score")
    answers_seen += [me.get(place) for place in (
        path, "/v1/quizzes", f"{path}/draft", one, f"{one}/review", "/v1/users/me/attempts", "/v1/users/me/stats",
        "/v1/users/me/quizResults", f"{path}/questionStats", "/v1/users/me/events", "/v1/questions",
        f"/v1/leaderboards/quiz.{quiz['quizId']}", "/v1/users/me", "/v1/users/me/progress", "/v1/users/me:export")]
    assert [(answer.request.method, answer.url) for answer in answers_seen if shows_key(answer)] == []

    # Neither does the event table have it, which administrators read, nor a dead letter list, nor a log.
    wait_until(lambda: admin.events(userId=player.user_id, eventType="ScoreCalculated"), what="the score's event")
    assert not any(MARK in repr(event) or "items" in event["payload"] for event in admin.events(userId=player.user_id))
    for queue in ("quiz", "evaluation", "user.scores", "processing"):
        assert not shows_key(admin.get(f"/v1/deadLetters/{queue}"))
    for name in ("gateway", "quiz", "evaluation", "user", "processing"):
        assert MARK not in stack.log(name)

    # The same attempt, where its quiz allows it, has it all.
    open_quiz = publish_quiz(admin, marked_questions())
    taken = ok(me.post(f"/v1/quizzes/{open_quiz['quizId']}/attempts", {}))
    ok(me.post(f"/v1/attempts/{taken['attemptId']}:submit", {}))
    review = wait_until(lambda: (seen := me.get(f"/v1/attempts/{taken['attemptId']}/review")).status_code == 200 and seen,
                        what="the review")
    assert shows_key(review) and "31337.25" in review.text
