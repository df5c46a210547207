"""Questions and quizzes: an administrator writes, checks and publishes them, and players see what is published."""
import datetime
import uuid

import pytest

from kit.api import error, violated_fields
from kit.attempts import Attempts
from kit.quiz_bank import (FULL, QUESTIONS, draft_quiz, fixed, ok, options, post_question, publish, publish_quiz,
                           question, true_false)
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.quiz

Q1, Q2, Q4, Q6, Q7 = (QUESTIONS[name] for name in ("Q1", "Q2", "Q4", "Q6", "Q7"))


@pytest.fixture
def somebody(api, player):
    return api.as_user(player)


def patch(admin, quiz, body, **arguments):
    return admin.call("PATCH", f"/v1/quizzes/{quiz['quizId']}", body, **arguments)


def put_slots(admin, quiz, slots):
    return admin.call("PUT", f"/v1/quizzes/{quiz['quizId']}/draft", {"slots": slots})


def get_quiz(caller, quiz):
    return caller.get(f"/v1/quizzes/{quiz['quizId']}")


def listed(caller, **query):
    found, token = [], ""
    while True:
        page = ok(caller.get("/v1/quizzes", params={**query, "pageSize": 200, "pageToken": token}))
        found += [quiz["quizId"] for quiz in page["quizzes"]]
        token = page["nextPageToken"]
        if not token:
            return found


def has(whole, part):
    """Whether an answer has what was sent, beside defaults and what the service sets."""
    if isinstance(part, dict):
        return all(has(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(has, whole, part))
    return whole == part


def refused_publication(admin, slots, **changes):
    return error(admin.post(f"/v1/quizzes/{draft_quiz(admin, slots, **changes)['quizId']}:publish", {}))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_of_each_type_is_kept_for_administrators(admin, somebody, name):
    made = post_question(admin, QUESTIONS[name])
    assert (made["revision"], made["archived"], made["etag"]) == ("1", False, "1")
    assert has(made, QUESTIONS[name])
    path = f"/v1/questions/{made['questionId']}"
    assert ok(admin.get(path)) == made
    assert error(somebody.get(path)) == (403, "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")
    assert error(somebody.post("/v1/questions", QUESTIONS[name])) == (403, "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")


def credits(body, *ppm):
    return {**body, "options": options(*[option["text"] for option in body["options"]], credits=ppm)}


def ranges(minimum, maximum="1"):
    return {**Q4, "numericAnswers": [{"minimum": minimum, "maximum": maximum, "creditPpm": FULL}]}


@pytest.mark.parametrize("body, field", [
    ({**Q1, "isTrue": True}, "question.isTrue"),
    (credits(Q1, 0), "question.options"),
    (credits(Q2, 0), "question.options"),
    ({**Q1, "options": options(*map(str, range(21)), credits=[FULL])}, "question.options"),
    (ranges("2"), "question.numericAnswers[0]"),
    (ranges("1e5"), "question.numericAnswers[0].minimum"),
    (ranges("0.1234567890123456"), "question.numericAnswers[0].minimum"),
    ({**Q6, "orderItems": ["one"]}, "question.orderItems"),
    ({**Q7, "pairs": [{"prompt": "A", "match": "x"}, {"prompt": "a", "match": "y"}]}, "question.pairs[1].prompt"),
    (true_false("x" * 4001), "question.text"),
    (true_false("t", category="Not A Slug"), "question.category"),
    (true_false("t", sourceUrl="http://x"), "question.sourceUrl"),
])
def test_a_question_that_cannot_be_scored_is_refused_by_field(admin, body, field):
    answer = admin.post("/v1/questions", body)
    assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
    assert violated_fields(answer) == [field]


def test_a_quiz_is_seen_once_it_is_published(admin, somebody):
    quiz = draft_quiz(admin, fixed(*[post_question(admin, body) for body in QUESTIONS.values()]))
    assert (quiz["state"], quiz["publishedVersion"], quiz["revision"]) == ("DRAFT", 0, "0")
    assert error(get_quiz(somebody, quiz)) == (404, "NOT_FOUND", "QUIZ_NOT_FOUND")
    assert quiz["quizId"] not in listed(somebody, category="redis")
    published = publish(admin, quiz)
    assert (published["state"], published["publishedVersion"], published["revision"]) == ("PUBLISHED", 1, "1")
    assert (published["questionCount"], published["maxPoints"]) == (7, 14)
    wait_until(lambda: get_quiz(somebody, quiz).status_code == 200, 5)
    wait_until(lambda: quiz["quizId"] in listed(somebody, category="redis"), 5)
    assert quiz["quizId"] not in listed(somebody, category="docker")
    again = admin.post(f"/v1/quizzes/{quiz['quizId']}:publish", {})
    assert error(again) == (400, "FAILED_PRECONDITION", "NOTHING_CHANGED")


def test_edits_are_a_draft_until_they_are_published(stack, admin, somebody):
    made = post_question(admin, QUESTIONS["Q1"])
    quiz = publish(admin, draft_quiz(admin, fixed(made)))
    wait_until(lambda: get_quiz(somebody, quiz).status_code == 200, 5)
    ok(patch(admin, quiz, {"title": "new"}))
    ok(admin.call("PATCH", f"/v1/questions/{made['questionId']}", {"text": "changed"}))
    assert get_quiz(somebody, quiz).json()["quiz"]["title"] == "t"
    draft = ok(admin.get(f"/v1/quizzes/{quiz['quizId']}/draft"))
    assert (draft["quiz"]["title"], draft["quiz"]["publishedVersion"]) == ("new", 1)
    assert draft["slots"] == fixed(made)
    assert publish(admin, quiz)["publishedVersion"] == 2
    settled(lambda: get_quiz(somebody, quiz).json()["quiz"]["title"], "new")
    assert stack.rows("quiz", "select version, revisions from quiz_version_slots where quiz_id = %s order by version",
                      quiz["quizId"]) == [(1, [1]), (2, [2])]


@pytest.mark.parametrize("change", [{"category": "docker"}, {"grading": "LAST"}, {"practice": True},
                                    {"boardPoints": 1}])
def test_what_boards_count_by_is_fixed_by_the_first_publication(admin, change):
    quiz = publish_quiz(admin, [QUESTIONS["Q3"]])
    answer = patch(admin, quiz, change)
    assert error(answer) == (400, "INVALID_ARGUMENT", "FIXED_AFTER_PUBLISH")
    assert violated_fields(answer) == [f"quiz.{field}" for field in change]
    assert ok(patch(admin, quiz, {"timeLimitS": 60}))["timeLimitS"] == 60


def test_a_publication_needs_questions_that_can_be_drawn(admin):
    one, four, gone = (post_question(admin, body) for body in (Q1, Q2, Q1))
    ok(admin.post(f"/v1/questions/{gone['questionId']}:archive", {}))
    assert refused_publication(admin, []) == (400, "FAILED_PRECONDITION", "NO_QUESTIONS")
    mixed = [{"questionIds": [one["questionId"], four["questionId"]], "count": 1}]
    assert refused_publication(admin, mixed) == (400, "FAILED_PRECONDITION", "SLOT_POINTS_DIFFER")
    assert refused_publication(admin, fixed(gone)) == (400, "FAILED_PRECONDITION", "QUESTION_ARCHIVED")
    answer = put_slots(admin, draft_quiz(admin, []), fixed(one, one))
    assert (error(answer)[2], violated_fields(answer)) == ("INVALID_FIELD", ["slots[1].questionIds[0]"])
    answer = admin.post("/v1/quizzes", {"title": "t", "category": "redis", "passBasisPoints": 1,
                                        "review": "AFTER_CLOSE"})
    assert (error(answer)[2], violated_fields(answer)) == ("INVALID_FIELD", ["quiz.review"])


def test_an_archived_quiz_is_listed_for_who_asks_for_it(admin, somebody):
    quiz = publish_quiz(admin, [QUESTIONS["Q3"]])
    wait_until(lambda: quiz["quizId"] in listed(somebody), 5)
    assert ok(admin.post(f"/v1/quizzes/{quiz['quizId']}:archive", {}))["state"] == "ARCHIVED"
    wait_until(lambda: quiz["quizId"] not in listed(somebody), 5)
    assert quiz["quizId"] in listed(somebody, showArchived="true")
    settled(lambda: get_quiz(somebody, quiz).json()["quiz"]["state"], "ARCHIVED")
    assert ok(admin.post(f"/v1/quizzes/{quiz['quizId']}:archive", {}))["revision"] == "2"
    assert error(patch(admin, quiz, {"title": "x"})) == (400, "FAILED_PRECONDITION", "QUIZ_ARCHIVED")


def test_a_change_is_meant_for_what_its_author_saw(admin):
    quiz = draft_quiz(admin, [])
    stale = patch(admin, quiz, {"title": "x"}, headers={"If-Match": '"draft-0"'})
    assert error(stale) == (412, "ABORTED", "ETAG_MISMATCH")
    fresh = patch(admin, quiz, {"title": "x"}, headers={"If-Match": f'"{quiz["etag"]}"'})
    assert fresh.headers["ETag"] == f'"{ok(fresh)["etag"]}"'


def test_ids_are_taken_in_capitals(admin, somebody):
    made = post_question(admin, QUESTIONS["Q3"])
    upper = {"questionId": made["questionId"].upper()}
    assert ok(admin.call("PATCH", f"/v1/questions/{upper['questionId']}", {"title": "new"}))["questionId"] == \
        made["questionId"]
    quiz = draft_quiz(admin, fixed(upper))
    path = f"/v1/quizzes/{quiz['quizId'].upper()}"
    assert ok(admin.call("PATCH", path, {"title": "new"}))["quizId"] == quiz["quizId"]
    assert ok(admin.get(f"{path}/draft"))["slots"] == fixed(made)
    assert ok(admin.post(f"{path}:publish", {}))["quizId"] == quiz["quizId"]
    wait_until(lambda: somebody.get(path).status_code == 200, 5)
    assert somebody.get(path).json()["quiz"]["quizId"] == quiz["quizId"]


def test_a_repeated_creation_is_one_quiz_and_each_change_is_recorded(admin):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"title": "t", "category": "redis", "passBasisPoints": 8000}
    first, second = (ok(admin.post("/v1/quizzes", body, headers=key)) for _ in range(2))
    assert first == second
    other = admin.post("/v1/quizzes", {**body, "title": "other"}, headers=key)
    assert error(other) == (409, "ALREADY_EXISTS", "IDEMPOTENCY_KEY_REUSED")
    made = post_question(admin, QUESTIONS["Q3"])
    ok(put_slots(admin, first, fixed(made)))
    ok(patch(admin, first, {"title": "new"}))
    publish(admin, first)
    ok(admin.post(f"/v1/quizzes/{first['quizId']}:archive", {}))

    def methods(target):
        return [entry["method"].rsplit("/", 1)[1]
                for entry in ok(admin.get("/v1/audit", params={"target": target}))["entries"]]

    settled(lambda: methods(f"quiz/{first['quizId']}"),
            ["ArchiveQuiz", "PublishQuiz", "UpdateQuiz", "SetQuizSlots", "CreateQuiz"])
    settled(lambda: methods(f"question/{made['questionId']}"), ["CreateQuestion"])


def test_reads_come_from_memory_and_are_not_sent_twice(stack, admin, somebody):
    quiz = publish_quiz(admin, [QUESTIONS["Q3"]])
    wait_until(lambda: get_quiz(somebody, quiz).status_code == 200, 5)
    before = stack.metric("quiz", 'ql_quiz_reads_total{from="memory"}') or 0

    def is_read_from_memory():
        get_quiz(somebody, quiz)
        return (stack.metric("quiz", 'ql_quiz_reads_total{from="memory"}') or 0) > before

    wait_until(is_read_from_memory, 20)
    with stack.redis() as redis:
        settled(lambda: redis.exists(f"ql:quiz:quiz:{quiz['quizId']}"), 1)
    answer = get_quiz(somebody, quiz)
    assert answer.headers["ETag"] == '"1-0"'
    again = somebody.get(f"/v1/quizzes/{quiz['quizId']}", headers={"If-None-Match": '"1-0"'})
    assert (again.status_code, again.content) == (304, b"")


def test_figures_follow_the_attempts(stack, contract, admin, player, somebody):
    quiz = publish_quiz(admin, [QUESTIONS["Q3"]])
    attempts, now = Attempts(stack, contract), datetime.datetime.now(datetime.timezone.utc)
    attempts.publish([attempts.completed(player.user_id, quiz["quizId"], 1, 2, now)])
    settled(lambda: get_quiz(somebody, quiz).json().get("figures"),
            {"players": 1, "attempts": 1, "passedAttempts": 0, "averageBasisPoints": 5000})
    first = get_quiz(somebody, quiz).headers["ETag"]
    attempts.publish([attempts.completed(player.user_id, quiz["quizId"], 2, 2, now, ordinal=2)])
    settled(lambda: get_quiz(somebody, quiz).json().get("figures"),
            {"players": 1, "attempts": 2, "passedAttempts": 1, "averageBasisPoints": 7500})
    assert get_quiz(somebody, quiz).headers["ETag"] != first
    settled(lambda: stack.rows("quiz", "select attempts from quiz_figures where quiz_id = %s", quiz["quizId"]), [(2,)])


def test_no_route_of_a_player_shows_a_key(admin, somebody):
    secret = uuid.uuid4().hex
    quiz = publish_quiz(admin, [question("SHORT_TEXT", "t", explanation=secret,
                                         textAnswers=[{"text": secret, "creditPpm": FULL}])])
    wait_until(lambda: get_quiz(somebody, quiz).status_code == 200, 5)
    assert secret not in get_quiz(somebody, quiz).text
    assert secret not in somebody.get("/v1/quizzes", params={"category": "redis"}).text
    assert error(somebody.get(f"/v1/quizzes/{quiz['quizId']}/draft"))[2] == "ROLE_NOT_ALLOWED"


def test_the_demo_quiz_is_there(somebody):
    titles = {quiz["title"]: quiz for quiz in ok(somebody.get("/v1/quizzes", params={"category": "redis",
                                                                                    "pageSize": 200}))["quizzes"]}
    assert titles["Redis"]["questionCount"] == 10
