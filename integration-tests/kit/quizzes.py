"""Quizzes for tests: a question of each type, quizzes made of them, and taking these as a player.

Answers are written by what they say: answer_to() finds the numbers as one attempt shows them.

    quiz = new_quiz(admin, [Q1, Q2])
    attempt = take(player, quiz, {"Q1": "6379", "Q2": ["RabbitMQ", "NATS"]})
    score = scored(player, attempt["attemptId"])["score"]
"""
import hashlib

from kit.waiting import wait_until

FULL_CREDIT = 1000000


def _question(name, kind, text, points=1, **fields):
    """title is the name by which tests know the question; players do not see it."""
    return {"title": name, "type": kind, "text": text, "category": "redis", "points": points, **fields}


def _options(*texts, right):
    return [{"text": text, "creditPpm": FULL_CREDIT} if text in right else {"text": text} for text in texts]


Q1 = _question("Q1", "SINGLE_CHOICE", "On which port does Redis listen?",
               options=_options("6379", "5432", "5672", "8080", right=["6379"]))
Q2 = _question("Q2", "MULTIPLE_CHOICE", "Which are brokers?", 4,
               options=_options("RabbitMQ", "NATS", "PostgreSQL", "Sentinel", "Adminer", right=["RabbitMQ", "NATS"]))
Q3 = _question("Q3", "TRUE_FALSE", "HTTP/2 is text.", isTrue=False, wrongFeedback="It is binary.")
Q4 = _question("Q4", "NUMERIC", "About one?", 2,
               numericAnswers=[{"minimum": "0.9", "maximum": "1.1", "creditPpm": FULL_CREDIT},
                               {"minimum": "0.5", "maximum": "1.5", "creditPpm": FULL_CREDIT // 2}])
Q5 = _question("Q5", "SHORT_TEXT", "Negate: can", textAnswers=[{"text": "can't", "creditPpm": FULL_CREDIT},
                                                              {"text": "Café", "creditPpm": FULL_CREDIT}])
Q6 = _question("Q6", "ORDERING", "A row's way", 3, orderItems=["commit", "relay", "exchange", "queue"])
Q7 = _question("Q7", "MATCHING", "Kinds", 2, pairs=[{"prompt": "PostgreSQL", "match": "database"},
                                                   {"prompt": "MariaDB", "match": "database"},
                                                   {"prompt": "RabbitMQ", "match": "broker"}], extraMatches=["cache"])
F1 = [Q1, Q2, Q3, Q4, Q5, Q6, Q7]  # 14 points

FULL = {"Q1": "6379", "Q2": ["RabbitMQ", "NATS"], "Q3": False, "Q4": "1", "Q5": "can't",
        "Q6": ["commit", "relay", "exchange", "queue"], "Q7": ["database", "database", "broker"]}
# 1000, 2000, 0, 1000, 1000, 2000 and 1333 of 14000 thousandths of a point
MIX = {"Q1": "6379", "Q2": ["RabbitMQ"], "Q3": True, "Q4": "1,5", "Q5": "CAN’T",
       "Q6": ["relay", "commit", "exchange", "queue"], "Q7": ["database", "cache", "broker"]}
MIX_MILLIPOINTS = {"Q1": 1000, "Q2": 2000, "Q3": 0, "Q4": 1000, "Q5": 1000, "Q6": 2000, "Q7": 1333}


def true_questions(count):
    """F2 and F10: T1, T2, and so on, of one point, all true."""
    return [_question(f"T{number}", "TRUE_FALSE", f"Statement {number} is true.", isTrue=True)
            for number in range(1, count + 1)]


def right(count, of):
    """Answers to true_questions(of): the first `count` right, the others wrong."""
    return {f"T{number}": number <= count for number in range(1, of + 1)}


class Quiz:
    """A published quiz, with what its questions are called."""

    def __init__(self, body, questions):
        self.body, self.quiz_id, self.questions = body, body["quizId"], questions

    def question_id(self, name):
        return next(question["questionId"] for question in self.questions if question["title"] == name)

    def name(self, question_id):
        return next(question["title"] for question in self.questions if question["questionId"] == question_id)


def _done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def new_question(admin, question, **changes):
    return _done(admin.post("/v1/questions", {**question, **changes}))


def quiz_body(**changes):
    return {"title": "t", "category": "redis", "passBasisPoints": 8000, "shuffleQuestions": True,
            "shuffleOptions": True, **changes}


def draft_quiz(admin, questions, slots=None, category=None, **changes):
    """A quiz with slots, not published. slots: lists of names with a count, (["T1", "T2"], 1);
    by default each question has one of its own. The category is the questions' too."""
    category = {"category": category} if category else {}
    made = [new_question(admin, question, **category) for question in questions]
    ids = {question["title"]: question["questionId"] for question in made}
    body = _done(admin.post("/v1/quizzes", quiz_body(**category, **changes)))
    slots = slots or [([question["title"]], 1) for question in questions]
    _done(admin.call("PUT", f"/v1/quizzes/{body['quizId']}/draft",
                     {"slots": [{"questionIds": [ids[name] for name in names], "count": count}
                                for names, count in slots]}))
    return Quiz(body, made)


def publish(admin, quiz):
    quiz.body = _done(admin.post(f"/v1/quizzes/{quiz.quiz_id}:publish", {}))
    return quiz


def new_quiz(admin, questions, slots=None, **changes):
    """A published quiz of these questions; changes are fields of the quiz."""
    return publish(admin, draft_quiz(admin, questions, slots, **changes))


def player_of(api):
    """A new user, signed in."""
    return api.as_user(api.sign_up())


def start(player, quiz, **arguments):
    return _done(player.post(f"/v1/quizzes/{quiz.quiz_id}/attempts", {}, **arguments))


def get_attempt(player, attempt_id):
    return _done(player.get(f"/v1/attempts/{attempt_id}"))


def shown(question, text):
    """The number of a choice in one attempt; 0 for None."""
    return 0 if text is None else 1 + question["choices"].index(text)


def answer_to(question, said):
    """The Answer to a question as an attempt shows it: a text, texts, or true or false; None
    for no answer."""
    if said is None:
        return {}
    if question["type"] in ("NUMERIC", "SHORT_TEXT"):
        return {"text": said}
    if question["type"] == "TRUE_FALSE":
        return {"choices": [1 if said else 2]}
    return {"choices": [shown(question, text) for text in ([said] if isinstance(said, str) else said)]}


def answers_to(quiz, attempt, said):
    """What :saveAnswers and :submit take: an answer to each question that is named."""
    questions = {quiz.name(question["questionId"]): question for question in attempt["questions"]}
    return [{"questionId": questions[name]["questionId"], "answer": answer_to(questions[name], text)}
            for name, text in said.items()]


def save(player, quiz, attempt, name, said, **fields):
    """The response of saving the answer to one question."""
    [answer] = answers_to(quiz, attempt, {name: said})
    return player.call("PUT", f"/v1/attempts/{attempt['attemptId']}/answers/{answer['questionId']}",
                       {"answer": answer["answer"], **fields})


def submit(player, quiz, attempt, said=None):
    """Ends an attempt, with these answers."""
    return _done(player.post(f"/v1/attempts/{attempt['attemptId']}:submit",
                             {"answers": answers_to(quiz, attempt, said or {})}))


def take(player, quiz, said):
    """Begins and submits an attempt; the attempt, which has its score soon."""
    return submit(player, quiz, start(player, quiz), said)


def scored(player, attempt_id):
    """The attempt once it has its score."""
    def when_scored():
        attempt = get_attempt(player, attempt_id)
        return attempt if attempt["state"] == "SCORED" else None

    return wait_until(when_scored, what=f"a score of attempt {attempt_id}")


def get_review(player, attempt_id):
    return _done(player.get(f"/v1/attempts/{attempt_id}/review"))


def _words(seed):
    block = 0
    while True:
        digest = hashlib.sha256(seed + block.to_bytes(4, "big")).digest()
        yield from (int.from_bytes(digest[i:i + 4], "big") for i in range(0, len(digest), 4))
        block += 1


class Draw:
    """The draw that a seed gives, by its documentation alone (services/quiz/README.md)."""

    def __init__(self, seed):
        self.words = _words(seed)

    def below(self, n):
        if n == 1:
            return 0
        return next(word for word in self.words if word < 2**32 // n * n) % n

    def pick(self, numbers, count):
        numbers = list(numbers)
        for i in range(count):
            other = i + self.below(len(numbers) - i)
            numbers[i], numbers[other] = numbers[other], numbers[i]
        return numbers[:count]

    def questions(self, slots, is_shuffled):
        """The candidates drawn, in the order shown; slots as in a review."""
        drawn = []
        for slot in slots:
            ids = slot["questionIds"]
            picked = self.pick(ids, slot["count"]) if slot["count"] < len(ids) else ids
            drawn += sorted(picked, key=ids.index)
        return self.pick(drawn, len(drawn)) if is_shuffled else drawn

    def order(self, count, is_shuffled):
        """The author's numbers of a question's choices, in the order shown."""
        return self.pick(range(1, count + 1), count) if is_shuffled else list(range(1, count + 1))
