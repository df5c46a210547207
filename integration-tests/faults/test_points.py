"""Processes are killed at the places between two statements of the hot paths, while
a thousand events wait, and nothing is lost or doubled."""
import os

from invariants import check
from load import Load, make_users, wait_waiting
from points import Points

LONG = os.environ.get("QL_FAULT_LONG") == "1"
BACKLOG = 1000
SIGN_IN = ("user", "questline.user.v1.SessionService/CreateSession")
CONSUME_EVENTS = ("processing", "consume questline.processing.v1")
CONSUME_COMPLETIONS = ("user", "consume questline.user.v1")
HOT_PATHS = (SIGN_IN, ("user", "outbox.relay"), CONSUME_EVENTS, ("processing", "outbox.relay"), CONSUME_COMPLETIONS)

# What every hot path has, whatever else it comes to have: were one missing, the
# list found at run time would be wrong.
KNOWN = {SIGN_IN + (point,) for point in ("after user_lock", "after user_set_status", "after session_insert",
                                          "after outbox_insert", "before COMMIT", "after COMMIT")} | \
    {(program, "outbox.relay", point) for program in ("user", "processing") for point in (
        "before publishing", "after the confirms", "after outbox_delete", "after COMMIT")} | \
    {CONSUME_EVENTS + (point,) for point in (
        "before the handler", "after event_append", "after progress_save", "after outbox_insert", "before COMMIT",
        "after COMMIT", "before the acknowledgement", "after the acknowledgement")} | \
    {CONSUME_COMPLETIONS + (point,) for point in (
        "before the handler", "after claim_insert", "after wallet_credit", "before COMMIT", "after COMMIT",
        "before the acknowledgement", "after the acknowledgement")}


def find_places(stack, quests, seed):
    """The places of the hot paths: walked once without a fault, noted by the processes."""
    points = Points(stack)
    points.note()
    walk = Load(stack.http, make_users(stack, 20), 200, seed).start().finish()
    check(stack, walk, quests, all_accepted=True)
    found = [place for place in points.noted() if place[:2] in HOT_PATHS and "inbox_delete_old" not in place[2]]
    assert KNOWN <= set(found), KNOWN - set(found)
    return found


class Backlog:
    """Sign-ins that wait while both of processing are stopped."""

    def __init__(self, stack, seed):
        self.stack, self.seed, self.loads = stack, seed, []
        self.is_held = False

    def hold(self):
        self.stack.stop_all("processing", "processing-2")
        self.is_held = True

    def release(self):
        if self.is_held:
            self.stack.start_all("processing", "processing-2", wait=False)
        self.is_held = False

    def add(self, n_users, total):
        self.seed += 1
        self.loads.append(Load(self.stack.http, make_users(self.stack, n_users), total, self.seed).start())
        return self.loads[-1]


def kill_at(stack, points, chance, place, then=lambda: None):
    waiting, hit = stack.waiting(), chance.randrange(1, 4)
    assert waiting >= BACKLOG
    points.arm(place, hit)
    then()
    points.wait_fired(place)
    print(f"killed at {'|'.join(place)}, hit {hit}; {waiting} events were waiting")


def test_a_process_killed_between_two_statements_loses_and_doubles_nothing(stack, quests, seed, chance):
    places = find_places(stack, quests, seed)
    asking = [place for place in places if place[0] == "user" and place[:2] != CONSUME_COMPLETIONS]
    working = [place for place in places if place not in asking]
    if not LONG:
        asking, working = chance.sample(asking, 2), chance.sample(working, 3)
    # A first sign-in is what only new users make, and they come first.
    asking.sort(key=lambda place: place[2] != "after user_set_status")
    chance.shuffle(working)

    points, backlog = Points(stack), Backlog(stack, seed)
    backlog.hold()
    load = backlog.add(200 * len(asking), BACKLOG + 600 * len(asking))
    wait_waiting(stack, BACKLOG)
    for place in asking:
        kill_at(stack, points, chance, place)
    load.finish()
    for place in working:
        if stack.waiting() < 2 * BACKLOG:
            if not backlog.is_held:
                backlog.hold()
            backlog.add(600, 3 * BACKLOG).finish()
        kill_at(stack, points, chance, place, then=backlog.release)
    backlog.release()
    stack.heal()
    for load in backlog.loads:
        print(check(stack, load, quests))
