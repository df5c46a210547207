"""Questions and quizzes, as an administrator makes them; kit/quizzes.py takes them."""
from kit.quizzes import F1

FULL = 1000000


def options(*texts, credits=()):
    return [{"text": text, **({"creditPpm": credit} if credit else {})}
            for text, credit in zip(texts, [*credits] + [0] * len(texts))]


def question(kind, text, points=1, **fields):
    return {"type": kind, "category": "redis", "text": text, "points": points, **fields}


def true_false(text, is_true=True, **fields):
    return question("TRUE_FALSE", text, isTrue=is_true, **fields)


# One of each type: 14 points together.
QUESTIONS = {body["title"]: body for body in F1}

QUIZ = {"title": "t", "category": "redis", "passBasisPoints": 8000, "shuffleQuestions": True, "shuffleOptions": True}


def ok(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def post_question(admin, body):
    return ok(admin.post("/v1/questions", body))


def fixed(*questions):
    """A slot for each question."""
    return [{"questionIds": [one["questionId"]], "count": 1} for one in questions]


def draft_quiz(admin, slots, **changes):
    quiz = ok(admin.post("/v1/quizzes", {**QUIZ, **changes}))
    return ok(admin.call("PUT", f"/v1/quizzes/{quiz['quizId']}/draft", {"slots": slots}))["quiz"]


def publish(admin, quiz):
    return ok(admin.post(f"/v1/quizzes/{quiz['quizId']}:publish", {}))


def publish_quiz(admin, bodies, **changes):
    """A published quiz of these questions, a slot each."""
    return publish(admin, draft_quiz(admin, fixed(*[post_question(admin, body) for body in bodies]), **changes))
