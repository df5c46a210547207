"""An honest client alone, during an attack, and while the same attack goes to processes that are not ours."""
import contextlib
import copy
import os
import statistics
import sys
import time

from attack_process import Attack, Memory
from attacks import ATTACKS, HASHING
from honest import HonestClient
from http_rows import bare_handler
from kit.api import Api
from kit.own_stack import own_stack
from kit.stack import PROCESSES
from load import turns
from process import Program, Usage, answers, free_port, resident_kb, wait_until

ATTACK_HEAD = ["attack", "sent", "answered of sent: alone, during, beside", "requests p50 / p99 ms: alone", "during",
               "beside", "p99 during / alone", "p99 during / beside", "ready", "sign-in p50 / max ms: alone", "during",
               "beside", "gateway MB: before, peak, after", "s"]
HONEST = "127.0.0.2"
TURNS_A_SECOND = 2  # of the honest client, 20 requests each
LONGER = 10         # times as long as meant is the most that a run may take
BACK_S, BACK_KB = 60, 50 * 1024
QUIET_S, QUIET_SHARE, LOOK_S = 30, 0.03, 0.3
HASHING_S = 60      # the most that ql-bench-pwhash takes
# What the other parts are allowed; an attack meets the limits as they are.
RAISED = ("QL_SIGN_UPS_PER_ADDRESS", "QL_MAX_HASHES_PER_ADDRESS")


class Beside:
    """Processes for an attack to go to in place of ours: a bare handler of h2o, an RPC service without storage."""

    def __init__(self, bench, started):
        url, _ = started.enter_context(bare_handler(bench, f"{bench.stack.http}/livez"))
        http, rpc = int(url.rstrip("/").rsplit(":", 1)[1]), free_port()
        service = Program([bench.bin / "ql-bench-service", f"tcp://127.0.0.1:{rpc}",
                           bench.stack.state / "keys/jwks.json"], bench.log("bench-service"))
        started.callback(service.stop)
        wait_until(lambda: answers(rpc), 10, "a service for the benchmark")
        self.servers = {"http": ("127.0.0.1", http), "ops": ("127.0.0.1", http), "rpc": ("127.0.0.1", rpc)}


class Accounts:
    """Whose tokens the attacks carry."""

    def __init__(self, stack):
        self.stack, admin = stack, Api(stack.http).sign_in("admin", "password")
        account = admin.post("/v1/serviceAccounts", {"displayName": "Benchmark", "eventTypes": ["bench.*"]}).json()
        key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()
        self.api_key, self.player = key["apiKey"], Api(stack.http).sign_up()
        reward = {"rewardName": "Gold", "rewardItem": "gold", "rewardQty": 1}
        self.reward = admin.post("/v1/rewards", reward).json()["rewardId"]
        self.quest = admin.get("/v1/quests").json()["quests"][0]["questId"]

    def facts(self):
        """Tokens live ten minutes: new ones for each attack."""
        api = Api(self.stack.http)
        return {"admin": Api(self.stack.http).sign_in("admin", "password").token,
                "player": api.as_user(self.player).token,
                "publisher": api.post("/v1/tokens", {"apiKey": self.api_key}).json()["accessToken"],
                "reward": self.reward, "poison_type": "bench.poison", "honest": HONEST,
                "folder": str(self.stack.state)}


def await_quiet(stack):
    """Until what an attack left to do is done; gives up after a while, and says so."""
    def used():
        return sum(Usage(stack.pid(name)).cpu_ns for name in PROCESSES)

    end = time.monotonic() + QUIET_S
    while time.monotonic() < end:
        before = used()
        time.sleep(LOOK_S)
        if used() - before < QUIET_SHARE * LOOK_S * 1e9:
            return
    print(f"the stack still works {QUIET_S} s after a run", file=sys.stderr)


class Runs:
    """All runs of one attack."""

    def __init__(self, bench, name, accounts, beside):
        self.bench, self.stack, self.name, self.beside = bench, bench.stack, name, beside
        self.facts, self.sent, self.ready = accounts.facts(), 0, 0
        self.honest = HonestClient(self.stack, HONEST, accounts.api_key, accounts.quest)
        self.gateway = self.stack.pid("gateway")
        self.before_kb, self.peak_kb, self.after_kb, self.back_s = resident_kb(self.gateway), 0, None, None
        ops = self.stack.ops("user").rsplit(":", 1)[1]
        self.servers = {"http": ("127.0.0.1", int(self.stack.http.rsplit(":", 1)[1])),
                        "rpc": self.stack.rpc("user"), "ops": ("127.0.0.1", int(ops))}
        self.alone, self.during, self.elsewhere = turns(bench.pairs, self.run_alone, self.run_during,
                                                        self.run_elsewhere)

    def attack(self, servers):
        return Attack(self.name, servers, self.facts, self.bench.seconds * LONGER + QUIET_S)

    def run_honest(self):
        return self.honest.run(self.bench.seconds * TURNS_A_SECOND, self.bench.seconds * LONGER)

    def prepare(self):
        await_quiet(self.stack)
        self.honest.prepare(self.bench.seconds * TURNS_A_SECOND)

    def run_alone(self):
        self.prepare()
        return self.run_honest()

    def run_during(self):
        self.prepare()
        with Memory(self.gateway) as memory, self.attack(self.servers) as attack:
            found = self.run_honest()
            self.ready += sum(self.stack.is_ready(name) for name in PROCESSES)
        self.sent += attack.sent
        self.peak_kb = max(self.peak_kb, memory.highest_kb)
        self.await_memory()
        return found

    def run_elsewhere(self):
        self.prepare()
        with contextlib.ExitStack() as started:
            if self.name in HASHING:
                hashing = Program([self.bench.bin / "ql-bench-pwhash", os.cpu_count(), HASHING_S],
                                  self.bench.log("bench-pwhash"))
                started.callback(hashing.stop)
            started.enter_context(self.attack(self.beside.servers))
            return self.run_honest()

    def await_memory(self):
        """Until the gateway has given back what the attack took; a minute at most."""
        began = time.monotonic()
        while resident_kb(self.gateway) > self.before_kb + BACK_KB and time.monotonic() < began + BACK_S:
            time.sleep(0.1)
        self.after_kb = max(self.after_kb or 0, resident_kb(self.gateway))
        self.back_s = max(self.back_s or 0, time.monotonic() - began)


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


def middle(values):
    return statistics.median(values) if values else float("nan")


def ratios(ours, others):
    """Of p99 of each pair: the median and the range."""
    found = [percentile(one.requests_ms, 0.99) / percentile(other.requests_ms, 0.99)
             for one, other in zip(ours, others) if one.requests_ms and other.requests_ms]
    return f"{statistics.median(found):.2f} [{min(found):.2f}-{max(found):.2f}]" if found else "-"


def attack_row(runs):
    sides = (runs.alone, runs.during, runs.elsewhere)

    def all_of(side, kind):
        return [ms for answers_of_run in side for ms in getattr(answers_of_run, kind)]

    def cells(kind, show):
        return [show(all_of(side, kind)) for side in sides]

    def failures(side):
        found = sum((one.failed for one in side), start=type(side[0].failed)())
        return "".join(f", {number} x {what}" for what, number in sorted(found.items(), key=str))

    answered = " - ".join(f"{sum(one.answered for one in side)} of {sum(one.sent for one in side)}{failures(side)}"
                          for side in sides)
    memory = f"{runs.before_kb / 1024:.0f}, {runs.peak_kb / 1024:.0f}, {runs.after_kb / 1024:.0f}"
    return [runs.name, runs.sent, answered,
            *cells("requests_ms", lambda ms: f"{middle(ms):.1f} / {percentile(ms, 0.99):.1f}"),
            ratios(runs.during, runs.alone), ratios(runs.during, runs.elsewhere),
            f"{runs.ready} of {len(PROCESSES) * len(runs.during)}",
            *cells("sign_ins_ms", lambda ms: f"{middle(ms):.0f} / {max(ms, default=float('nan')):.0f}"),
            memory, f"{runs.back_s:.0f}"]


def attack_rows(bench, wanted):
    """A row for each attack whose name has the wanted text, on a stack of its own with the limits as they are."""
    raised = {name: os.environ.pop(name) for name in RAISED if name in os.environ}
    with contextlib.ExitStack() as started:
        started.callback(os.environ.update, raised)
        ours = copy.copy(bench)
        ours.stack = started.enter_context(own_stack(1))
        ours.renew_token()
        accounts, beside = Accounts(ours.stack), Beside(ours, started)
        for name in (name for name in ATTACKS if wanted in name):
            row = attack_row(Runs(ours, name, accounts, beside))
            print(*row, sep=" | ", file=sys.stderr)
            yield row
