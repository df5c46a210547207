"""A process that hangs at the worst place: another takes its work over, and what
the first does when it wakes changes nothing."""
import os
import pathlib

import pytest

from fault_stack import SERVICES
from invariants import check, settle
from load import Load, make_users, wait_waiting
from points import Points

from kit.waiting import wait_until

pytestmark = pytest.mark.skipif(os.environ.get("QL_FAULT_LONG") != "1",
                                reason="one of the long set: scripts/run_tests.sh faults")
# The broker gives a silent consumer's place away after two to three heartbeats of 20 s.
TAKE_OVER_S = 120


def stopped_one(stack):
    """Which of the services has stopped itself."""
    def look():
        for name in SERVICES:
            if stack.pid(name):
                stat = pathlib.Path(f"/proc/{stack.pid(name)}/stat").read_text()
                if stat.rsplit(")", 1)[1].split()[0] == "T":
                    return name
        return None
    return wait_until(look, what="a stopped process")


@pytest.mark.parametrize("place", [
    ("processing", "consume questline.processing.v1", "before the acknowledgement"),
    ("processing", "consume questline.processing.v1", "after event_append"),
    ("user", "consume questline.user.v1", "before the acknowledgement"),
    ("user", "outbox.relay", "before publishing"),
    ("user", "outbox.relay", "after the confirms"),
    ("processing", "outbox.relay", "before publishing"),
], ids="|".join)
def test_another_takes_over_from_a_stopped_one(stack, quests, seed, place):
    points = Points(stack)
    stack.stop_all("processing", "processing-2")
    load = Load(stack.http, make_users(stack, 300), 3000, seed).start()
    wait_waiting(stack, 1000)
    points.arm(place, 2, "stop")
    stack.start_all("processing", "processing-2", wait=False)
    points.wait_fired(place)
    name = stopped_one(stack)
    load.finish()
    # All is done although it still stands there.
    settle(stack, load, TAKE_OVER_S)
    assert stopped_one(stack) == name
    stack.resume(name)
    stack.heal()
    check(stack, load, quests)
