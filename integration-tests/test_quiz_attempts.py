"""Taking quizzes: starting, saving, submitting, deadlines, scores and reviews (rows P1 to P5)."""
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from kit.api import error, violated_fields
from kit.quizzes import (F1, FULL, MIX, MIX_MILLIPOINTS, Q1, Q2, Draw, answer_to, answers_to, draft_quiz, get_attempt,
                         get_review, new_quiz, player_of, right, save, scored, shown, start, submit, take,
                         true_questions)
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.quiz


@pytest.fixture(name="taker")
def fixture_taker(api):
    """A new player, signed in."""
    return player_of(api)


def time(text):
    return datetime.fromisoformat(text)


def from_now(**duration):
    return (datetime.now(timezone.utc) + timedelta(**duration)).isoformat()


def refused(answer):
    """(status, reason) of an answer that refuses."""
    status, _, reason = error(answer)
    return status, reason


def post_start(player, quiz):
    return player.post(f"/v1/quizzes/{quiz.quiz_id}/attempts", {})


def post_submit(player, attempt, answers=()):
    return player.post(f"/v1/attempts/{attempt['attemptId']}:submit", {"answers": list(answers)})


def answers_of(player, attempt):
    """{question id: answer} as they are saved."""
    return {saved["questionId"]: saved["answer"] for saved in get_attempt(player, attempt["attemptId"])["answers"]}


def by_name(quiz, attempt):
    return {quiz.name(question["questionId"]): question for question in attempt["questions"]}


def is_over(stack, attempt):
    """Deadline and grace of the attempt have passed, by the database's clock."""
    return stack.value("quiz", "select clock_timestamp() > deadline_at + interval '2.5 s' from attempts "
                       "where attempt_id = %s", attempt["attemptId"])


def completed(stack, attempt):
    """QuizCompleted of the attempt, as processing stores them."""
    return stack.rows("processing", "select payload from events where event_type = 'QuizCompleted' "
                      "and payload->>'attemptId' = %s", attempt["attemptId"])


def test_an_attempt_shows_its_questions_and_nothing_of_the_key(admin, taker):
    quiz = new_quiz(admin, F1, timeLimitS=600)
    attempt = start(taker, quiz)
    assert (attempt["state"], attempt["ordinal"], attempt["quizVersion"]) == ("IN_PROGRESS", 1, 1)
    assert time(attempt["deadlineAt"]) == time(attempt["startedAt"]) + timedelta(seconds=600)
    assert len(attempt["drawCommitment"]) == 64 and int(attempt["drawCommitment"], 16) and attempt["serverTime"]
    assert [question["number"] for question in attempt["questions"]] == list(range(1, 8))
    for question in attempt["questions"]:
        assert set(question) == {"number", "questionId", "type", "text", "textFormat", "points", "choices", "prompts"}
    assert {name: sorted(question["choices"]) for name, question in by_name(quiz, attempt).items()} == {
        "Q1": ["5432", "5672", "6379", "8080"],
        "Q2": ["Adminer", "NATS", "PostgreSQL", "RabbitMQ", "Sentinel"], "Q3": [], "Q4": [], "Q5": [],
        "Q6": ["commit", "exchange", "queue", "relay"], "Q7": ["broker", "cache", "database"]}
    assert by_name(quiz, attempt)["Q7"]["prompts"] == ["PostgreSQL", "MariaDB", "RabbitMQ"]


def test_clicks_at_once_begin_one_attempt(admin, api, taker):
    quiz = new_quiz(admin, true_questions(3))
    attempt = start(taker, quiz)
    assert start(taker, quiz)["attemptId"] == attempt["attemptId"]
    other = player_of(api)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: other.with_token(other.token).post(
            f"/v1/quizzes/{quiz.quiz_id}/attempts", {}), range(16)))
    assert [answer.status_code for answer in answers] == [200] * 16
    assert {answer.json()["attemptId"] for answer in answers} == {answers[0].json()["attemptId"]}
    assert answers[0].json()["ordinal"] == 1


def test_a_key_of_idempotency_stands_for_one_attempt(admin, taker):
    quiz = new_quiz(admin, true_questions(1))
    headers = {"Idempotency-Key": "first"}
    attempt = start(taker, quiz, headers=headers)
    submit(taker, quiz, attempt)
    assert start(taker, quiz, headers=headers)["attemptId"] == attempt["attemptId"]
    assert start(taker, quiz, headers={"Idempotency-Key": "second"})["ordinal"] == 2


def test_what_was_drawn_stays_as_it_is(stack, admin, api, taker):
    quiz = new_quiz(admin, F1)
    questions = start(taker, quiz)["questions"]
    attempt_id = start(taker, quiz)["attemptId"]
    for _ in range(10):
        assert get_attempt(taker, attempt_id)["questions"] == questions
    stack.kill(next(name for name in stack.addresses if name.startswith("quiz")))
    wait_until(lambda: taker.get(f"/v1/attempts/{attempt_id}").status_code == 200, what="a new process of quiz")
    for _ in range(10):
        assert get_attempt(taker, attempt_id)["questions"] == questions
    orders = [[quiz.name(question["questionId"]) for question in start(player_of(api), quiz)["questions"]]
              for _ in range(6)]
    assert len({tuple(order) for order in orders}) > 1


def test_the_last_answer_counts_and_an_empty_one_clears(admin, taker):
    quiz = new_quiz(admin, [Q1])
    attempt = start(taker, quiz)
    question = attempt["questions"][0]
    for text in ("5432", "6379", "6379"):
        answer = save(taker, quiz, attempt, "Q1", text)
        assert answer.status_code == 200 and answer.json()["answer"]["choices"] == [shown(question, text)]
    assert answers_of(taker, attempt)[question["questionId"]]["choices"] == [shown(question, "6379")]
    assert save(taker, quiz, attempt, "Q1", None).status_code == 200
    assert answers_of(taker, attempt) == {}
    assert save(taker, quiz, attempt, "Q1", "5432", sequence=7).json()["sequence"] == "7"
    overtaken = save(taker, quiz, attempt, "Q1", "6379", sequence=6)
    assert overtaken.status_code == 200 and overtaken.json()["answer"]["choices"] == [shown(question, "5432")]


def test_what_is_no_answer_is_refused_by_name(admin, taker):
    quiz = new_quiz(admin, F1)
    attempt = start(taker, quiz)
    questions = by_name(quiz, attempt)
    wrong = [("Q1", {"choices": [1, 2]}, "answer.choices"), ("Q1", {"choices": [0]}, "answer.choices[0]"),
             ("Q1", {"choices": [5]}, "answer.choices[0]"), ("Q2", {"choices": [2, 2]}, "answer.choices[1]"),
             ("Q3", {"choices": [3]}, "answer.choices[0]"), ("Q4", {"text": "NaN"}, "answer.text"),
             ("Q4", {"text": "0x1"}, "answer.text"), ("Q4", {"text": "1.2.3"}, "answer.text"),
             ("Q6", {"choices": [1, 2, 3]}, "answer.choices"), ("Q6", {"choices": [1, 2, 3, 3]}, "answer.choices[3]"),
             ("Q7", {"choices": [1, 2]}, "answer.choices"), ("Q7", {"choices": [1, 4, 1]}, "answer.choices[1]"),
             ("Q1", {"text": "6379"}, "answer.text"), ("Q5", {"choices": [1]}, "answer.choices"),
             ("Q5", {"text": "x" * 201}, "answer.text")]
    for name, answer, field in wrong:
        refusal = taker.call("PUT", f"/v1/attempts/{attempt['attemptId']}/answers/{questions[name]['questionId']}",
                             {"answer": answer})
        assert (refused(refusal), violated_fields(refusal)) == ((400, "INVALID_FIELD"), [field]), (name, answer)
    unknown = taker.call("PUT", f"/v1/attempts/{attempt['attemptId']}/answers/{quiz.quiz_id}", {})
    assert refused(unknown) == (404, "QUESTION_NOT_FOUND")
    assert answers_of(taker, attempt) == {}


def test_a_submit_with_one_wrong_answer_stores_nothing(admin, taker):
    quiz = new_quiz(admin, F1)
    attempt = start(taker, quiz)
    answers = answers_to(quiz, attempt, FULL)
    answers[5]["answer"]["choices"][0] = 9
    refusal = post_submit(taker, attempt, answers)
    assert (refused(refusal), violated_fields(refusal)) == ((400, "INVALID_FIELD"), ["answers[5].answer.choices[0]"])
    assert answers_of(taker, attempt) == {}
    assert get_attempt(taker, attempt["attemptId"])["state"] == "IN_PROGRESS"


def test_submitting_twice_is_submitting_once(stack, admin, taker):
    quiz = new_quiz(admin, true_questions(3))
    attempt = take(taker, quiz, right(2, 3))
    assert attempt["state"] in ("SUBMITTED", "SCORED") and attempt["endedBy"] == "PLAYER"
    assert submit(taker, quiz, attempt)["endedAt"] == attempt["endedAt"]
    assert refused(save(taker, quiz, attempt, "T1", False)) == (400, "ATTEMPT_ENDED")
    settled(lambda: len(completed(stack, attempt)), 1)
    [[event]] = completed(stack, attempt)
    assert "items" not in event and event["answeredCount"] == 3 and event["ordinal"] == 1


def test_a_full_and_a_mixed_attempt_are_scored(admin, api, taker):
    quiz = new_quiz(admin, F1)
    score = scored(taker, take(taker, quiz, FULL)["attemptId"])["score"]
    assert score == {"millipoints": 14000, "maxMillipoints": 14000, "percent": 100, "basisPoints": 10000,
                     "passed": True}
    other = player_of(api)
    attempt = take(other, quiz, MIX)
    score = scored(other, attempt["attemptId"])["score"]
    assert score == {"millipoints": 8333, "maxMillipoints": 14000, "percent": 59, "basisPoints": 5952,
                     "passed": False}
    review = get_review(other, attempt["attemptId"])
    assert {quiz.name(item["question"]["questionId"]): item["millipoints"]
            for item in review["questions"]} == MIX_MILLIPOINTS


def test_questions_without_answer_stay_in_the_maximum(admin, api, taker):
    quiz = new_quiz(admin, F1)
    score = scored(taker, take(taker, quiz, {})["attemptId"])["score"]
    assert (score["millipoints"], score["maxMillipoints"], score["percent"]) == (0, 14000, 0)
    other = player_of(api)
    score = scored(other, take(other, quiz, {"Q2": FULL["Q2"]})["attemptId"])["score"]
    assert (score["millipoints"], score["maxMillipoints"], score["basisPoints"]) == (4000, 14000, 2857)


def test_an_answer_behind_the_deadline_is_too_late(stack, admin, taker):
    quiz = new_quiz(admin, true_questions(3), timeLimitS=2)
    attempt = start(taker, quiz)
    assert save(taker, quiz, attempt, "T1", True).status_code == 200
    wait_until(lambda: is_over(stack, attempt), what="the end of deadline and grace")
    assert refused(save(taker, quiz, attempt, "T2", True)) == (400, "ATTEMPT_EXPIRED")
    assert refused(post_submit(taker, attempt)) == (400, "ATTEMPT_EXPIRED")
    ended = get_attempt(taker, attempt["attemptId"])
    assert (ended["endedBy"], ended["endedAt"]) == ("SERVER", attempt["deadlineAt"])
    assert len(ended["answers"]) == 1
    score = scored(taker, attempt["attemptId"])["score"]
    assert (score["millipoints"], score["maxMillipoints"]) == (1000, 3000)


def test_an_attempt_that_nobody_ends_is_ended(stack, admin, taker):
    quiz = new_quiz(admin, true_questions(1), timeLimitS=2)
    attempt = start(taker, quiz)
    save(taker, quiz, attempt, "T1", True)
    row = settled(lambda: stack.rows("quiz", "select ended_by, submitted_at = deadline_at from attempts "
                                     "where attempt_id = %s and state in ('EXPIRED', 'SCORED')",
                                     attempt["attemptId"]), [("SERVER", True)])
    assert row
    assert scored(taker, attempt["attemptId"])["score"]["millipoints"] == 1000


def test_attempts_are_exhausted_by_expired_ones_too(stack, admin, taker):
    quiz = new_quiz(admin, true_questions(1), maxAttempts=2, timeLimitS=2)
    take(taker, quiz, right(1, 1))
    attempt = start(taker, quiz)
    assert attempt["ordinal"] == 2
    wait_until(lambda: is_over(stack, attempt), what="the end of deadline and grace")
    assert refused(post_start(taker, quiz)) == (400, "ATTEMPTS_EXHAUSTED")


def test_a_quiz_is_taken_while_it_is_open(stack, admin, taker):
    early = new_quiz(admin, true_questions(1), opensAt=from_now(hours=1))
    assert refused(post_start(taker, early)) == (400, "QUIZ_NOT_OPEN")
    closes_at = from_now(seconds=3)
    quiz = new_quiz(admin, true_questions(1), timeLimitS=600, closesAt=closes_at)
    attempt = start(taker, quiz)
    assert abs(time(attempt["deadlineAt"]) - time(closes_at)) < timedelta(milliseconds=1)
    wait_until(lambda: is_over(stack, attempt), what="the end of the quiz")
    assert refused(post_start(taker, quiz)) == (400, "QUIZ_CLOSED")
    draft = draft_quiz(admin, true_questions(1))
    assert refused(post_start(taker, draft)) == (400, "QUIZ_NOT_PUBLISHED")


def test_the_next_attempt_keeps_its_distance(admin, taker):
    quiz = new_quiz(admin, true_questions(1), retryDelayS=3600)
    take(taker, quiz, right(1, 1))
    refusal = post_start(taker, quiz)
    assert refused(refusal) == (400, "RETRY_TOO_SOON")
    assert 3500 < int(refusal.headers["Retry-After"]) <= 3600


def test_an_archived_quiz_lets_attempts_go_on(admin, api, taker):
    quiz = new_quiz(admin, true_questions(1))
    attempt = start(taker, quiz)
    assert admin.post(f"/v1/quizzes/{quiz.quiz_id}:archive", {}).status_code == 200
    assert refused(post_start(player_of(api), quiz)) == (400, "QUIZ_ARCHIVED")
    assert save(taker, quiz, attempt, "T1", True).status_code == 200
    submit(taker, quiz, attempt)
    assert scored(taker, attempt["attemptId"])["score"]["passed"] is True


def test_somebody_elses_attempt_is_not_for_players(admin, api, taker):
    quiz = new_quiz(admin, true_questions(1))
    attempt = start(taker, quiz)
    other, path = player_of(api), f"/v1/attempts/{attempt['attemptId']}"
    for answer in (other.get(path), save(other, quiz, attempt, "T1", True), post_submit(other, attempt),
                   other.get(path + "/review")):
        assert refused(answer) == (403, "NOT_OWNER")
    assert other.get(f"/v1/users/{attempt['userId']}/attempts").status_code == 403
    assert admin.get(path).status_code == 200
    assert refused(save(admin, quiz, attempt, "T1", True)) == (403, "NOT_OWNER")
    assert refused(post_submit(admin, attempt)) == (403, "NOT_OWNER")
    assert refused(taker.get(f"/v1/attempts/{quiz.quiz_id}")) == (404, "ATTEMPT_NOT_FOUND")


def test_attempts_are_listed_newest_first(admin, taker):
    quiz, other = new_quiz(admin, true_questions(1)), new_quiz(admin, true_questions(1))
    attempts = [take(taker, quiz, right(1, 1)) for _ in range(3)] + [start(taker, other)]
    first = taker.get("/v1/users/me/attempts", params={"pageSize": 3}).json()
    rest = taker.get("/v1/users/me/attempts", params={"pageSize": 3, "pageToken": first["nextPageToken"]}).json()
    listed = first["attempts"] + rest["attempts"]
    assert [attempt["attemptId"] for attempt in listed] == [attempt["attemptId"] for attempt in reversed(attempts)]
    assert rest["nextPageToken"] == "" and listed[0]["questions"] == []
    [only] = taker.get("/v1/users/me/attempts", params={"quizId": other.quiz_id}).json()["attempts"]
    assert only["attemptId"] == attempts[3]["attemptId"]


def test_a_review_is_shown_by_the_policy_of_the_quiz(admin, taker):
    never = new_quiz(admin, true_questions(1), review="NEVER")
    attempt = take(taker, never, right(1, 1))
    path = f"/v1/attempts/{attempt['attemptId']}/review"
    assert scored(taker, attempt["attemptId"])["score"]["percent"] == 100
    assert refused(taker.get(path)) == (400, "REVIEW_NOT_ALLOWED")
    assert admin.get(path).status_code == 200
    later = new_quiz(admin, true_questions(1), review="AFTER_CLOSE", closesAt=from_now(seconds=4))
    attempt = take(taker, later, right(1, 1))
    path = f"/v1/attempts/{attempt['attemptId']}/review"
    assert refused(taker.get(path)) == (400, "REVIEW_NOT_ALLOWED")
    scored(taker, attempt["attemptId"])
    assert admin.get(path).status_code == 200
    wait_until(lambda: taker.get(path).status_code == 200, what="the review once the quiz is closed")
    after = new_quiz(admin, true_questions(1))
    attempt = start(taker, after)
    path = f"/v1/attempts/{attempt['attemptId']}/review"
    assert refused(taker.get(path)) == (400, "REVIEW_NOT_ALLOWED")
    submit(taker, after, attempt)
    scored(taker, attempt["attemptId"])
    assert taker.get(path).status_code == 200


def test_a_review_has_what_is_right_and_the_draw(admin, taker):
    pool = true_questions(6)
    quiz = new_quiz(admin, F1 + pool, slots=[([question["title"]], 1) for question in F1] +
                    [([question["title"] for question in pool], 2)])
    attempt = start(taker, quiz)
    questions = by_name(quiz, attempt)
    submit(taker, quiz, attempt, MIX)
    scored(taker, attempt["attemptId"])
    review = get_review(taker, attempt["attemptId"])
    items = {quiz.name(item["question"]["questionId"]): item for item in review["questions"]}
    assert items["Q3"]["feedback"] == "It is binary." and items["Q3"]["rightChoices"] == [2]
    assert items["Q1"]["rightChoices"] == answer_to(questions["Q1"], "6379")["choices"]
    assert items["Q6"]["rightChoices"] == answer_to(questions["Q6"], FULL["Q6"])["choices"]
    assert items["Q7"]["rightChoices"] == answer_to(questions["Q7"], FULL["Q7"])["choices"]
    assert items["Q4"]["rightTexts"] == ["0.9..1.1", "0.5..1.5"] and items["Q5"]["rightTexts"] == ["can't", "Café"]
    draw = review["draw"]
    seed = bytes.fromhex(draw["seed"])
    assert hashlib.sha256(seed).hexdigest() == attempt["drawCommitment"]
    again = Draw(seed)
    assert [quiz.name(question_id) for question_id in again.questions(draw["slots"], draw["shuffleQuestions"])] == [
        quiz.name(question["questionId"]) for question in attempt["questions"]]
    for item in review["questions"]:
        kind, count = item["question"]["type"], len(item["question"]["choices"])
        shuffled = kind in ("ORDERING", "MATCHING") or draw["shuffleOptions"]
        assert again.order(count, shuffled) == item["choiceOrder"] if count else item["choiceOrder"] == []
    assert items["Q1"]["question"]["choices"] == [Q1["options"][number - 1]["text"]
                                                  for number in items["Q1"]["choiceOrder"]]
    assert items["Q2"]["question"]["choices"] == [Q2["options"][number - 1]["text"]
                                                  for number in items["Q2"]["choiceOrder"]]
