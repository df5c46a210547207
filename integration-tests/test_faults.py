"""Processes and servers die in the middle of sign-ins, and nothing is lost or doubled
(issue: every accepted sign-in has exactly one event row; rows Q6, P6)."""
import concurrent.futures
import threading
import time

import pytest
import requests

from kit.api import Api, error
from kit.waiting import settled, wait_until

SIGN_INS = 200
USERS = 10


class Load:
    """200 sign-ins of ten users, eight at a time, each tried until it is accepted; the
    attempts that failed are remembered too: their answer may have been lost on the way."""

    def __init__(self, stack, api):
        self.stack, self.base = stack, api.base
        self.users = [api.sign_up() for _ in range(USERS)]
        self.accepted = []
        self.refused = []
        self.progress = threading.Semaphore(0)

    def attempt(self, user):
        try:
            answer = Api(self.base).post_session(user)
        except requests.RequestException as broken:
            self.refused.append(type(broken).__name__)
            return False
        if answer.status_code != 200:
            self.refused.append(answer.status_code)
            return False
        self.accepted.append((user.user_id, answer.json()["eventId"]))
        return True

    def one(self, number):
        wait_until(lambda: self.attempt(self.users[number % USERS]), 60, "a sign-in accepted")
        self.progress.release()

    def run(self, disturb, after=40):
        """Runs the load; disturb() is called once `after` sign-ins have been accepted."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(self.one, number) for number in range(SIGN_INS)]
            for _ in range(after):
                self.progress.acquire()
            disturb()
            for future in futures:
                future.result()

    def check(self, all_accepted=False):
        """The invariants, from the databases."""
        stack = self.stack
        if all_accepted:
            assert self.refused == []
        assert len(self.accepted) == SIGN_INS
        stack.heal()
        ids = [user.user_id for user in self.users]
        accepted = sorted(event for _, event in self.accepted)
        assert len(set(accepted)) == len(accepted)

        settled(lambda: stack.value("user", "select count(*) from outbox"), 0, seconds=90)
        stored = "select id::text from events where event_type like '%%SignIn' and user_id = any(%s::uuid[])"
        settled(lambda: set(accepted) - {row[0] for row in stack.rows("processing", stored, ids)}, set(), seconds=90)
        # Everything that left has arrived when a marker that was sent last has.
        quiet = Api(self.base).sign_up()
        wait_until(lambda: stack.value("processing", "select count(*) from events where user_id = %s",
                                       quiet.user_id) == 1, 60)

        rows = stack.rows("processing", stored, ids)
        # Rows without an accepted answer come only from calls whose answer was lost.
        assert len(rows) == len({row[0] for row in rows})
        assert len(accepted) <= len(rows) <= len(accepted) + len(self.refused)
        per_user = dict(stack.rows("processing", """
            select user_id::text, count(*) from events
            where event_type like '%%SignIn' and user_id = any(%s::uuid[]) group by user_id""", ids))
        news = stack.rows("processing", """
            select user_id::text, count(*) from events
            where event_type = 'NewUserSignIn' and user_id = any(%s::uuid[]) group by user_id""", ids)
        assert all(count == 1 for _, count in news) and len(news) == len(per_user)
        for user_id, count in per_user.items():
            done = min(2, count // 3)
            row = stack.rows("processing", "select status, streak, duplication from user_quest_rewards "
                             "where user_id = %s", user_id)
            assert row == [("EXHAUSTED", 0, 2) if done == 2 else ("IN_PROGRESS", count - 3 * done, done)]
            completions = stack.rows("processing", "select (payload->>'ordinal')::int from events where user_id = %s "
                                     "and event_type = 'QuestCompleted' order by seq", user_id)
            assert completions == [(n + 1,) for n in range(done)]
            settled(lambda: stack.rows("user", "select ordinal, reward_item, reward_qty from reward_claims "
                                       "where user_id = %s order by ordinal", user_id),
                    [(n + 1, "diamond", 10) for n in range(done)], seconds=90)


@pytest.mark.parametrize("name", ["user", "processing", "catalog", "gateway"])
def test_a_killed_process_loses_and_doubles_nothing(stack, api, name):
    load = Load(stack, api)
    load.run(lambda: stack.kill(name))
    load.check(all_accepted=name in ("processing", "catalog"))


def test_the_broker_away_for_five_seconds_costs_no_sign_in(stack, api):
    load = Load(stack, api)

    def broker_away():
        stack.stop("rabbitmq")
        gone = time.monotonic()
        # The stop lasts five seconds by the words; meanwhile sign-ins are answered.
        wait_until(lambda: time.monotonic() - gone > 5, 10)
        stack.start("rabbitmq")

    load.run(broker_away)
    load.check(all_accepted=True)


def test_the_broker_killed_loses_nothing(stack, api):
    load = Load(stack, api)
    load.run(lambda: stack.kill("rabbitmq"))
    load.check(all_accepted=True)


def test_without_the_database_calls_are_refused_in_time_and_all_is_well_after(stack, api, player):
    me = api.as_user(player)
    stack.stop("postgres")
    # What the catalog holds in memory it shows until its last proof is too old.
    wait_until(lambda: me.get("/v1/quests").status_code != 200, 5, "the end of its trust")
    for answer in (api.post_session(player), me.get("/v1/users/me"), me.get("/v1/quests"),
                   me.get("/v1/users/me/progress")):
        assert error(answer)[:2] == (503, "UNAVAILABLE")
        assert answer.elapsed.total_seconds() < 11
    for name in ("user", "catalog", "processing"):
        wait_until(lambda n=name: not stack.is_ready(n), what=f"{name} not ready")
        assert stack.is_live(name)
    stack.start("postgres")
    wait_until(lambda: api.post_session(player).status_code == 200)
    settled(lambda: [p["streak"] for p in me.progress()], [2])


def test_a_hung_database_is_a_503_within_the_deadline(stack, api, player):
    stack.pause("postgres")
    # The postmaster is stopped; sessions that exist go on, new ones hang.
    stack.kill("user")
    wait_until(lambda: stack.is_live("user"))
    answer = api.post_session(player)
    assert answer.status_code == 503, answer.text
    stack.resume("postgres")
    wait_until(lambda: api.post_session(player).status_code == 200, 60)


def test_sign_ins_wait_for_a_catalog_that_is_down_and_then_count(stack, api, player):
    """Known fault of the original: progress lost while the catalog is down."""
    stack.stop("catalog")
    answers = [api.post_session(player) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    me = api.with_token(answers[0].json()["accessToken"])
    stack.start("catalog")
    settled(lambda: [(p["streak"], p["duplication"]) for p in me.progress()], [(0, 1)], seconds=60)
    settled(lambda: len(me.claims()), 1, seconds=60)


@pytest.mark.parametrize("name", ["processing", "user"])
def test_a_stopped_consumer_catches_up(stack, api, player, name):
    """Temporal decoupling (P6): stop the consumer, publish, start it again."""
    if name == "processing":
        stack.stop("processing")
        answers = [api.post_session(player) for _ in range(3)]
    else:
        stack.stop("processing")
        answers = [api.post_session(player) for _ in range(3)]
        settled(lambda: stack.value("user", "select count(*) from outbox"), 0)
        stack.stop("user")
        stack.start("processing")
        settled(lambda: stack.rows("processing", "select duplication from user_quest_rewards where user_id = %s",
                                   player.user_id), [(1,)])
        stack.start("user")
    assert [answer.status_code for answer in answers] == [200] * 3
    if name == "processing":
        stack.start("processing")
    me = api.with_token(answers[-1].json()["accessToken"])
    settled(lambda: len(me.claims()), 1, seconds=60)
