"""What the operations of quizzes need that exists, and bodies of theirs that are accepted."""
from .quiz_bank import QUIZ, draft_quiz, fixed, ok, post_question, publish, publish_quiz, true_false
from .waiting import wait_until


class QuizThings:
    """Quizzes and attempts of one player; what an operation uses up is made anew for each call."""

    def __init__(self, admin, player):
        self.admin, self.player = admin, player
        self.quiz = publish_quiz(admin, [true_false("A statement.")])
        self.scored = self.attempt()
        ok(player.post(f"/v1/attempts/{self.scored['attemptId']}:submit", {}))
        wait_until(lambda: ok(player.get(f"/v1/attempts/{self.scored['attemptId']}"))["state"] == "SCORED", what="a score")

    def question(self):
        return post_question(self.admin, true_false("Another statement."))

    def draft(self):
        return draft_quiz(self.admin, fixed(self.question()))

    def attempt(self):
        return ok(self.player.post(f"/v1/quizzes/{self.quiz['quizId']}/attempts", {}))

    def known(self, operation):
        """{name: id} for the path of an operation, and what its body has to name."""
        method = operation.id.partition("_")[2]
        if method in ("UpdateQuestion", "ArchiveQuestion", "GetQuestion"):
            return {"questionId": self.question()["questionId"]}
        if method in ("UpdateQuiz", "SetQuizSlots", "PublishQuiz", "GetQuizDraft"):
            return {"quizId": self.draft()["quizId"]}
        if method == "ArchiveQuiz":
            return {"quizId": publish(self.admin, self.draft())["quizId"]}
        if method in ("SaveAnswer", "SaveAnswers", "SubmitAttempt"):
            attempt = self.attempt()
            return {"attemptId": attempt["attemptId"], "questionId": attempt["questions"][0]["questionId"]}
        return {"quizId": self.quiz["quizId"], "attemptId": self.scored["attemptId"]}

    def body(self, operation):
        """A body that the operation takes; None: its example will do, or it has none."""
        answer = {"answer": {"choices": [1]}, "sequence": "1"}
        method = operation.id.partition("_")[2]
        bodies = {
            "CreateQuestion": lambda: true_false("A statement."),
            "UpdateQuestion": lambda: {"text": "Another statement."},
            "CreateQuiz": lambda: dict(QUIZ),
            "UpdateQuiz": lambda: {"description": "Statements."},
            "SetQuizSlots": lambda: {"slots": fixed(self.question())},
            "PublishQuiz": dict, "ArchiveQuiz": dict, "ArchiveQuestion": dict,
            "SaveAnswer": lambda: answer,
            "SaveAnswers": lambda: {"answers": [{**answer, "questionId": self.scored["questions"][0]["questionId"]}]},
            "SubmitAttempt": dict,
        }
        return bodies[method]() if method in bodies else None
