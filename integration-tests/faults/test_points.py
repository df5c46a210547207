"""Processes are killed at the places between two statements of the hot paths, while
a thousand events wait, and nothing is lost or doubled."""
import contextlib
import os
import uuid

import requests
from kit.api import Api

from invariants import check, settle
from load import Load, make_users, together, wait_waiting
from points import Points

LONG = os.environ.get("QL_FAULT_LONG") == "1"
BACKLOG = 1000
# So many are laid in at once: what is done with while one looks comes on top.
STORE = 4 * BACKLOG if LONG else BACKLOG + 200
SIGN_IN = ("user", "questline.user.v1.SessionService/CreateSession")
CLAIM = ("user", "questline.user.v1.ClaimService/ClaimReward")
CONSUME_EVENTS = ("processing", "consume questline.processing.v1")
CONSUME_COMPLETIONS = ("user", "consume questline.user.v1")
# What the relay does in idle moments and when it is asked to end, and what is done only when
# an event of a user arrives before the one that registers the user.
SELDOM = ("_delete_old", "_purge", "_give_back", "waiting_list")
HOT_PATHS = (SIGN_IN, CLAIM, ("user", "outbox.relay"), CONSUME_EVENTS, ("processing", "outbox.relay"), CONSUME_COMPLETIONS)

# What every hot path has, whatever else it comes to have: were one missing, the
# list found at run time would be wrong.
KNOWN = {SIGN_IN + (point,) for point in ("after user_lock", "after user_set_status", "after session_insert",
                                          "after outbox_insert", "before COMMIT", "after COMMIT")} | \
    {CLAIM + (point,) for point in ("after claim_set_paid", "after wallet_credit", "before COMMIT", "after COMMIT")} | \
    {(program, "outbox.relay", point) for program in ("user", "processing") for point in (
        "before publishing", "after the confirms", "after outbox_delete", "after COMMIT")} | \
    {CONSUME_EVENTS + (point,) for point in (
        "before the handler", "after waiting_find", "after event_append", "after progress_save", "after outbox_insert",
        "before COMMIT", "after COMMIT", "before the acknowledgement", "after the acknowledgement")} | \
    {CONSUME_COMPLETIONS + (point,) for point in (
        "before the handler", "after claim_insert", "after wallet_credit", "before COMMIT", "after COMMIT",
        "before the acknowledgement", "after the acknowledgement")}


def register(stack):
    """One user more, registered over HTTP: those of make_users are rows without an event.
    A refusal is no failure, for the process that answers may be the one that is killed."""
    with contextlib.suppress(requests.RequestException):
        Api(stack.http).post("/v1/users", {"userName": f"r{uuid.uuid4().hex[:12]}", "password": "a good password"})


def find_places(stack, quests, seed):
    """The places of the hot paths: walked once without a fault, noted by the processes."""
    points = Points(stack)
    points.note()
    register(stack)
    walk = Load(stack.http, make_users(stack, 20), 200, seed, claiming=0).start().finish()
    check(stack, walk, quests, all_accepted=True)
    Load(stack.http, walk.users, 20, seed, claiming=1).start().finish()
    found = [place for place in points.noted() if place[:2] in HOT_PATHS and not place[2].endswith(SELDOM)]
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

    def add(self, users, total, claiming=0):
        self.seed += 1
        self.loads.append(Load(self.stack.http, users, total, self.seed, claiming).start())
        return self.loads[-1]

    def keep_coming(self, users):
        """Sign-ins go on while this is called often enough."""
        if not self.loads or self.loads[-1].is_over():
            self.add(users, STORE // 2 if LONG else STORE)

    def keep_registering(self):
        """The same, each time of users who are new, so that they complete quests; and users are registered."""
        if self.loads[-1].is_over():
            self.add(make_users(self.stack, 100), 400)
        register(self.stack)

    def finish(self):
        for load in self.loads:
            load.finish()

    def refill(self):
        if self.stack.waiting_to_be_evaluated() >= 2 * BACKLOG + STORE // 4:
            return
        if not self.is_held:
            self.hold()
        self.add(make_users(self.stack, 600), STORE).finish()


def kill_at(stack, points, chance, place, then=lambda: None, meanwhile=lambda: None):
    waiting, hit = stack.waiting_to_be_evaluated(), chance.randrange(1, 4)
    assert waiting >= BACKLOG
    points.arm(place, hit)
    then()
    points.wait_fired(place, meanwhile)
    print(f"killed at {'|'.join(place)}, hit {hit}; {waiting} events were waiting")


def choose(places, chance):
    """Those that callers come to, those that consumers and their relay come to, those that
    who claims comes to: all of them, or a few."""
    claiming = [place for place in places if place[:2] == CLAIM]
    asking = [place for place in places if place[:2] == SIGN_IN or place[:2] == ("user", "outbox.relay")]
    working = [place for place in places if place not in claiming and place not in asking]
    if not LONG:
        asking, working, claiming = chance.sample(asking, 2), chance.sample(working, 2), chance.sample(claiming, 1)
    chance.shuffle(asking)
    chance.shuffle(working)
    return asking, working, claiming


def test_a_process_killed_between_two_statements_loses_and_doubles_nothing(stack, quests, seed, chance):
    asking, working, claiming = choose(find_places(stack, quests, seed), chance)
    points, backlog = Points(stack), Backlog(stack, seed)

    backlog.hold()
    signed_up = make_users(stack, 400)
    backlog.keep_coming(signed_up)
    wait_waiting(stack, BACKLOG)
    for place in asking:
        # Some of it happens at first sign-ins only; the others until it has: a relay that comes
        # back to a full outbox empties it in one turn, and the hit may be the third.
        kill_at(stack, points, chance, place, then=lambda: backlog.add(make_users(stack, 100), 100),
                meanwhile=lambda: backlog.keep_coming(signed_up))
    backlog.finish()

    for place in working:
        backlog.refill()
        # Some of it happens when a user was registered, or has completed a quest, and the process
        # that is to be killed must come there up to three times: both go on until it has.
        kill_at(stack, points, chance, place, then=backlog.release, meanwhile=backlog.keep_registering)
        backlog.finish()
    backlog.release()
    stack.heal()
    settle(stack, backlog.loads[0])

    # Now they have claims that wait, and others' sign-ins wait behind theirs.
    backlog.hold()
    backlog.refill()
    backlog.add(signed_up, len(signed_up), claiming=1)
    for place in claiming:
        kill_at(stack, points, chance, place)
    backlog.finish()
    backlog.release()
    stack.heal()
    print(check(stack, together(backlog.loads), quests))
