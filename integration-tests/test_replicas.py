"""Three of every service behind one gateway: one killed, one hung, one drained, one
started, and no look-up fails (row Q5)."""
import threading
import time

import pytest

from kit.api import Api
from kit.own_stack import own_stack
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.gateway

CATALOGS = ("catalog", "catalog-2", "catalog-3")


@pytest.fixture(scope="module")
def three():
    with own_stack(3) as stack:
        yield stack


class LookUps:
    """Eight callers that look one quest up until stopped."""

    def __init__(self, api):
        self.api = api
        self.path = f"/v1/quests/{api.get('/v1/quests').json()['quests'][0]['questId']}"
        self.stop = threading.Event()
        self.failed, self.answered = [], 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run) for _ in range(8)]

    def run(self):
        caller = self.api.with_token(self.api.token)
        while not self.stop.is_set():
            answer = caller.get(self.path)
            with self.lock:
                self.answered += 1
                if answer.status_code != 200:
                    self.failed.append((answer.status_code, answer.text))

    def more(self, count):
        """Waits for that many further answers."""
        target = self.answered + count
        wait_until(lambda: self.answered >= target, 60, f"{count} more answers")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def calls_of(stack, name):
    """Calls the gateway has sent to one replica."""
    address = stack.addresses[name][0].removeprefix("tcp://")
    return stack.metric("gateway", f'ql_rpc_replica_calls_total{{replica="{address}"}}')


def test_every_replica_gets_its_share(three):
    api = Api(three.http).sign_in("admin", "password")
    before = {name: calls_of(three, name) for name in CATALOGS}
    with LookUps(api) as load:
        load.more(300)
    shares = {name: calls_of(three, name) - before[name] for name in CATALOGS}
    assert min(shares.values()) > 50, shares


def test_no_look_up_fails_while_replicas_come_and_go(three):
    api = Api(three.http).sign_in("admin", "password")
    with LookUps(api) as load:
        load.more(100)
        three.kill("catalog")
        load.more(200)

        three.pause("catalog-2")
        paused = time.monotonic()
        # Within two seconds no call goes to the hung one: its count stands still while others are answered.
        wait_until(lambda: time.monotonic() - paused > 2, 5)
        seen = calls_of(three, "catalog-2")
        load.more(300)
        # Probes may look whether it is back; they are no calls of ours.
        assert calls_of(three, "catalog-2") == seen
        three.resume("catalog-2")

        three.stop("catalog-3")
        load.more(200)
        three.start("catalog-3")
        for name in CATALOGS:
            started = calls_of(three, name)
            wait_until(lambda n=name, s=started: calls_of(three, n) > s + 20, 60, f"calls to {name} again")
    assert load.failed == []


def test_a_sign_in_is_counted_once_whichever_replicas_serve_it(three):
    api = Api(three.http)
    user = api.sign_up()
    answers = [api.post_session(user) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 9
    me = api.with_token(answers[-1].json()["accessToken"])
    settled(lambda: [(p["status"], p["duplication"]) for p in me.progress()], [("EXHAUSTED", 2)], seconds=60)
    settled(lambda: len(me.claims()), 2, seconds=60)


def test_a_standby_takes_over_when_the_active_consumer_dies(three):
    api = Api(three.http)
    user = api.sign_up()
    for name in ("processing", "processing-2", "processing-3"):
        assert api.post_session(user).status_code == 200
        three.kill(name)
    settled(lambda: three.value("processing", "select count(*) from events where user_id = %s and event_type like "
                                "'%%SignIn'", user.user_id), 3, seconds=90)
    assert three.rows("processing", "select streak, duplication from user_quest_rewards where user_id = %s",
                      user.user_id) == [(0, 1)]
