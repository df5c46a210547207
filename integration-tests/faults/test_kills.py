"""Every process and every server is killed at random moments under load, and the
invariants hold exactly (the large run: 100,000 sign-ins of 10,000 users)."""
import collections
import os
import time

import pytest

from fault_stack import PROCESSES, SERVERS
from invariants import check
from load import Load, make_users, wait_waiting

LONG = os.environ.get("QL_FAULT_LONG") == "1"
BACKLOG = 1000


def kill_all(stack, load, chance, names, times):
    """Each so often, in a random order, spread over the load. Answers the kills."""
    schedule = list(names) * times
    chance.shuffle(schedule)
    moments = sorted(chance.uniform(0.02, 0.95) * load.total for _ in schedule)
    kills = collections.Counter()
    for moment, name in zip(moments, schedule):
        load.reach(int(moment))
        stack.wait_back(name)
        stack.kill(name)
        kills[name] += 1
        print(f"{time.monotonic() - load.began:6.1f} s: killed {name} after {len(load.accepted)} sign-ins")
    return kills


def test_every_process_and_server_killed_and_the_invariants_hold(stack, quests, seed, chance):
    n_users, total = (10000, 100000) if LONG else (200, 2000)
    n_users = int(os.environ.get("QL_FAULT_USERS", n_users))
    total = int(os.environ.get("QL_FAULT_EVENTS", total))
    load = Load(stack.http, make_users(stack, n_users), total, seed).start()
    if LONG:
        kills = kill_all(stack, load, chance, PROCESSES + SERVERS, 3)
        assert min(kills[name] for name in PROCESSES + SERVERS) >= 3
    else:
        one_of_each = tuple(chance.choice((name, f"{name}-2")) for name in ("user", "processing", "catalog"))
        kills = kill_all(stack, load, chance, one_of_each + ("gateway", "rabbitmq", "postgres"), 1)
    load.finish()
    print(f"sign-ins took {load.ended - load.began:.0f} s; kills: {dict(kills)}; "
          f"attempts not accepted: {dict(load.reasons)}")
    stack.heal()
    figures = check(stack, load, quests)
    print(f"seed {seed}; all settled {time.monotonic() - load.began:.0f} s after the first sign-in; {figures}")


@pytest.mark.skipif(not LONG, reason="one of the long set: scripts/run_tests.sh faults")
@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_killed_while_a_thousand_events_wait(stack, quests, seed, chance, name):
    stack.stop_all("processing", "processing-2")
    load = Load(stack.http, make_users(stack, 300), 3000, seed).start()
    wait_waiting(stack, BACKLOG)
    if name in ("processing", "processing-2"):
        load.finish()
        stack.start_all("processing", "processing-2", wait=False)
    else:
        load.reach(chance.randrange(BACKLOG, 2500))
    assert stack.waiting() >= BACKLOG
    stack.kill(name)
    stack.start_all("processing", "processing-2", wait=False)
    load.finish()
    stack.heal()
    check(stack, load, quests, all_accepted=not name.startswith(("user", "gateway")))
