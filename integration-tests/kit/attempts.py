"""Ended attempts as the quiz service announces them, in numbers that no browser would take."""
import datetime
import uuid

import pika


class Attempts:
    """Publishes QuizCompleted of attempts at true-or-false questions of one point."""

    def __init__(self, stack, contract):
        self.stack, self.contract = stack, contract

    def _envelope(self, kind, body, occurred, user_id=""):
        event = self.contract.event.Event(event_id=str(uuid.uuid4()), event_type=kind, user_id=user_id)
        event.occurred_at.FromDatetime(occurred.replace(tzinfo=None))
        event.body.Pack(body)
        return event

    def _publish(self, events, key):
        with self.stack.broker("quiz") as channel:
            for event in events:
                channel.basic_publish("questline", key, event.SerializeToString(), pika.BasicProperties(
                    message_id=event.event_id, type=event.event_type, delivery_mode=2), mandatory=True)

    def completed(self, user_id, quiz_id, right, of, ended, **fields):
        """The event of an attempt with so many right answers."""
        # pylint: disable=too-many-arguments
        body = self.contract.quiz_events.QuizCompleted(**{
            "attempt_id": str(uuid.uuid4()), "quiz_id": quiz_id, "quiz_version": 1, "category": "redis",
            "ordinal": 1, "duration_ms": 1000, "ended_by": "PLAYER", "question_count": of, "answered_count": of,
            "grading": "BEST", "board_points": 100, "pass_basis_points": 8000, **fields})
        body.submitted_at.FromDatetime(ended.replace(tzinfo=None))
        body.started_at.FromDatetime((ended - datetime.timedelta(seconds=1)).replace(tzinfo=None))
        for number in range(of):
            item = body.items.add(question_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{quiz_id}{number}")), revision=1,
                                  type="TRUE_FALSE", points=1, is_true=True)
            item.answer.choices.append(1 if number < right else 2)
        return self._envelope("QuizCompleted", body, ended, user_id)

    def publish(self, events):
        self._publish(events, "quiz.completed")

    def close_week(self, week, attempts):
        """Announces how many attempts ended in a week."""
        body = self.contract.quiz_events.QuizWeekClosed(week=week, attempts=attempts)
        self._publish([self._envelope("QuizWeekClosed", body, datetime.datetime.now(datetime.timezone.utc))],
                      "quiz.week_closed")
