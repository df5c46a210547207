"""Servers go away, come back, forget and complain: whoever does not need them goes
on, whoever does says so in time, and nothing is lost."""
import os
import threading
import time

import pytest
import requests

from invariants import check
from load import Load, make_users

from kit.api import Api, error
from kit.waiting import wait_until

pytestmark = pytest.mark.skipif(os.environ.get("QL_FAULT_LONG") != "1",
                                reason="one of the long set: scripts/run_tests.sh faults")


class LookUps:
    """Four callers that look a quest up, and all of them, until stopped."""

    def __init__(self, stack, quest_id):
        self.api = Api(stack.http).sign_in("admin", "password")
        self.paths = (f"/v1/quests/{quest_id}", "/v1/quests")
        self.answered, self.failed = 0, []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(4)]

    def run(self):
        caller = self.api.with_token(self.api.token)
        while not self.is_over.is_set():
            for path in self.paths:
                answer = caller.get(path)
                self.answered += 1
                if answer.status_code != 200:
                    self.failed.append((path, answer.status_code, answer.text))

    def more(self, count):
        target = self.answered + count
        wait_until(lambda: self.answered >= target, 60, f"{count} more answers")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


def start_load(stack, seed, total=3000):
    return Load(stack.http, make_users(stack, total // 10), total, seed).start()


def test_while_the_broker_is_away_every_sign_in_succeeds(stack, quests, seed):
    load = start_load(stack, seed)
    load.reach(300)
    stack.stop("rabbitmq")
    load.finish()
    # All of it while the broker was away, but for what had left before.
    assert stack.value("user", "select count(*) from outbox") >= 1000
    stack.start("rabbitmq")
    check(stack, load, quests, all_accepted=True)


@pytest.mark.parametrize("times", [1, 3])
def test_the_broker_killed_costs_no_sign_in(stack, quests, seed, times):
    load = start_load(stack, seed, 3000 * times)
    for time_ in range(1, times + 1):
        load.reach(load.total * time_ // (times + 1))
        stack.wait_back("rabbitmq")
        stack.kill("rabbitmq")
    load.finish()
    stack.heal()
    check(stack, load, quests, all_accepted=True)


def test_a_memory_alarm_of_the_broker_costs_no_sign_in(stack, quests, seed):
    load = start_load(stack, seed)
    load.reach(300)
    stack.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        wait_until(lambda: "memory" in stack.rabbitmqctl("eval", "rabbit_alarm:get_alarms()."), what="the alarm")
        load.finish()
        # Publishers are held up: what was announced waits in the outbox.
        assert stack.value("user", "select count(*) from outbox") >= 1000
    finally:
        stack.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "512MB")
    check(stack, load, quests, all_accepted=True)


def test_connections_cut_by_the_database_double_nothing(stack, quests, seed, chance):
    load = start_load(stack, seed, 6000)
    cut = 0
    for moment in sorted(chance.randrange(200, 5800) for _ in range(10)):
        load.reach(moment)
        cut += stack.cut_database_connections()
    assert cut > 10
    load.finish()
    check(stack, load, quests)


def test_without_the_database_calls_are_refused_in_time(stack, quests, seed):
    api = Api(stack.http)
    player = api.sign_up()
    me = api.as_user(player)
    load = start_load(stack, seed)
    load.reach(500)
    stack.stop("postgres")
    for call in (lambda: api.post_session(player), lambda: me.get("/v1/users/me"),
                 lambda: me.get("/v1/users/me/progress"), lambda: me.get("/v1/users/me/claims")):
        began = time.monotonic()
        assert error(call())[:2] == (503, "UNAVAILABLE")
        assert time.monotonic() - began < 11
    stack.start("postgres")
    load.finish()
    # Everything that was refused was refused as unavailable, and in time.
    assert set(load.reasons) <= {503}, load.reasons
    assert load.slowest_s < 11
    stack.heal()
    check(stack, load, quests)


def test_while_redis_is_away_every_look_up_succeeds(stack, quests, seed):
    with LookUps(stack, quests[0].quest_id) as look_ups:
        look_ups.more(100)
        with stack.redis() as client:
            client.flushall()
        look_ups.more(200)
        stack.kill("redis")
        look_ups.more(200)
        stack.stop("redis")
        look_ups.more(400)
        load = start_load(stack, seed, 1000).finish()
        stack.start("redis")
        look_ups.more(200)
    assert look_ups.failed == []
    check(stack, load, quests, all_accepted=True)


def test_with_redis_hanging_every_look_up_succeeds(stack, quests):
    with LookUps(stack, quests[0].quest_id) as look_ups:
        look_ups.more(100)
        stack.pause("redis")
        look_ups.more(200)
        stack.resume("redis")
        look_ups.more(100)
    assert look_ups.failed == []


def test_sign_ins_go_on_while_no_catalog_runs(stack, quests, seed):
    stack.stop_all("catalog", "catalog-2")
    load = start_load(stack, seed).finish()
    stack.start_all("catalog", "catalog-2")
    assert requests.get(stack.ops("catalog") + "/readyz", timeout=5).status_code == 200
    check(stack, load, quests, all_accepted=True)
