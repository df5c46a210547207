"""Fixtures of the fault tests: a stack of their own with two replicas of every
service, built with the fault points, and quests that the load completes.

QL_FAULT_BIN      the folder of programs built with QL_FAULTS
QL_FAULT_SEED     repeats a run: the seed that a failing one has printed
QL_FAULT_LONG=1   all places and all servers instead of a few; QL_FAULT_EVENTS
                  and QL_FAULT_USERS say how large the big run is
"""
import os
import pathlib
import random
import subprocess
import uuid

import pytest

from kit.api import Api
from kit.own_stack import keep_logs
from kit.stack import ROOT, free_base
from kit.waiting import settled

from fault_stack import WORK_QUEUES, FaultStack
from invariants import Quest

EVENT_TYPES = ["NewUserSignIn", "UserSignIn"]


def pytest_report_header():
    return f"fault seed: {SEED} (QL_FAULT_SEED={SEED} runs it again)"


SEED = int(os.environ.get("QL_FAULT_SEED") or random.randrange(1, 1 << 31))


@pytest.fixture
def seed():
    """Shown with whatever fails: pytest prints what a failed test has written."""
    print(f"QL_FAULT_SEED={SEED}")
    return SEED


@pytest.fixture
def chance(seed):
    return random.Random(seed)


def has_fault_points(folder):
    program = folder / "questline-user"
    return program.exists() and b"QL_FAULT_DIR" in program.read_bytes()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    programs = pathlib.Path(os.environ.get("QL_FAULT_BIN", ROOT / "build/faults/bin"))
    if not has_fault_points(programs):
        pytest.skip(f"{programs} is not built with QL_FAULTS")
    state = pathlib.Path(os.environ["QL_STATE_DIR"]).with_name(f"qlf-{os.getpid()}")
    (state / "faults").mkdir(parents=True)
    state.chmod(0o711)
    environment = {**os.environ, "QL_STATE_DIR": str(state), "QL_HTTP_PORT": str(free_base()),
                   "QL_BIN_DIR": str(programs), "QL_FAULT_DIR": str(state / "faults"),
                   "QL_ACCOUNTS": "no",  # all of them write into that folder
                   # Every caller comes from one address.
                   "QL_SIGN_UPS_PER_ADDRESS": "1000000", "QL_MAX_HASHES_PER_ADDRESS": "4096"}
    run = [ROOT / "scripts/run.sh"]
    try:
        subprocess.run(run + ["--detach", "--replicas", "2"], env=environment, check=True, timeout=300,
                       stdout=subprocess.DEVNULL)
        running = FaultStack(state)
        running.write_queues_down()
        yield running
        running.look_for_reports()
    finally:
        keep_logs(state)
        subprocess.run(run + ["--reset"], env=environment, check=False, timeout=200, stdout=subprocess.DEVNULL)


@pytest.fixture(autouse=True)
def no_dead_letters_of_others(request):
    """A test that failed must not make the next ones fail."""
    if "stack" in request.fixturenames:
        with request.getfixturevalue("stack").broker() as channel:
            for queue in WORK_QUEUES:
                channel.queue_purge(f"{queue}.dead")


@pytest.fixture(scope="session")
def quests(stack):
    """Of different shapes: claimed by hand and at once, early exhausted and late."""
    admin = Api(stack.http).sign_in("admin", "password")
    made = []
    for item, quantity, streak, duplication, auto_claim in (
            ("gold", 5, 2, 3, True), ("diamond", 1, 1, 4, True), ("gold", 9, 3, 2, False)):
        name = f"{streak} sign-ins, {uuid.uuid4().hex[:8]}"
        reward = admin.post("/v1/rewards", {"rewardName": name, "rewardItem": item, "rewardQty": quantity})
        assert reward.status_code == 200, reward.text
        quest = admin.post("/v1/quests", {"rewardId": reward.json()["rewardId"], "name": name, "streak": streak,
                                          "duplication": duplication, "autoClaim": auto_claim,
                                          "eventTypes": EVENT_TYPES})
        assert quest.status_code == 200, quest.text
        made.append(Quest(quest.json()["questId"], streak, duplication, auto_claim, item, quantity))
    for quest in made:
        settled(lambda q=quest: stack.value(
            "processing", "select count(*) from events where event_type = 'QuestChanged' "
            "and payload->'quest'->>'questId' = %s", q.quest_id), 1, seconds=60)
    return made
