"""All rows of the benchmark, on the stack whose state folder QL_STATE_DIR names.

scripts/bench.sh starts that stack and calls this; see its --help.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "integration-tests"))

from kit.api import Api  # noqa: E402
from kit.stack import Stack  # noqa: E402

import attack_rows  # noqa: E402
import claim_rows  # noqa: E402
import event_rows  # noqa: E402
import http_rows  # noqa: E402
import publish_rows  # noqa: E402
import rpc_rows  # noqa: E402
import sign_in_rows  # noqa: E402
import state_rows  # noqa: E402

PAGE = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- {}: written by scripts/bench.sh -->", "<!-- end of {} -->"
PARTS = ("state", "lookup", "rpc", "sign-in", "publish", "claims", "events", "rules")
ATTACKS = "attacks"  # not among what is run unless it is named: it takes as long as all the others


class Bench:
    """What every row needs."""

    def __init__(self, options):
        self.stack = Stack(os.environ["QL_STATE_DIR"])
        self.bin = pathlib.Path(os.environ["QL_BIN_DIR"])
        self.pairs, self.seconds = options.pairs, options.seconds
        self.events, self.rest = options.events, options.rest
        self.token = Api(self.stack.http).sign_in("user", "password").token

    def renew_token(self):
        """Tokens live ten minutes; a run may take longer."""
        self.token = Api(self.stack.http).sign_in("user", "password").token

    def log(self, name):
        return self.stack.state / "log" / f"{name}.log"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def commit():
    def git(*arguments):
        return subprocess.run(["git", "-C", ROOT, *arguments], text=True, stdout=subprocess.PIPE,
                              check=False).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "platform", "services", "gateway", "generated")
    return (git("rev-parse", "--short", "HEAD") or "no commit") + (" with changes" if changed else "")


def measure(bench, parts):
    """The tables as Markdown, each printed as it is done."""
    text, beside = [], []

    def add(part):
        print(part, flush=True)
        text.append(part)

    if "state" in parts:
        add(table(state_rows.STATE_HEAD, state_rows.state_rows(bench)))
    bench.renew_token()
    with http_rows.made_up_lookups(bench) as (http, rpc, gateway, service):
        url = f"{http}/v1/bench/quests/{http_rows.QUEST_ID}"
        if "lookup" in parts:
            rows = [*http_rows.lookup_rows(bench, "no storage", url, [gateway, service]),
                    *http_rows.stored_lookups(bench), *http_rows.missed_lookups(bench)]
            add(table(http_rows.LOOKUP_HEAD, rows))
            beside += [http_rows.beside_no_storage(bench, url, [gateway, service], n) for n in (16, 64)]
            beside.append(http_rows.beside_slow(bench, url, url.replace("/quests/", "/slow-quests/"),
                                                [gateway, service]))
        bench.renew_token()
        if "rpc" in parts:
            add(table(rpc_rows.RPC_HEAD, rpc_rows.rpc_rows(bench, rpc, service)))
    if "sign-in" in parts:
        beside.append(sign_in_rows.sign_in_row(bench))
    if "publish" in parts:
        beside.extend(publish_rows.publish_rows(bench))
    if "claims" in parts:
        beside.append(claim_rows.claim_row(bench))
    if {"events", "rules"} & set(parts):
        beside.extend(event_rows.event_rows(bench, parts))
    if beside:
        add(table(["what", "ours", "beside", "ratio", "aim"], beside))
    return "\n".join(text)


def measure_attacks(bench, wanted):
    text = table(attack_rows.ATTACK_HEAD, attack_rows.attack_rows(bench, wanted))
    print(text, flush=True)
    return text


def write(what, text, options, load):
    """Puts the text between the marks of "figures" or "attacks"."""
    page, begin, end = PAGE.read_text(), BEGIN.format(what), END.format(what)
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    said = (f"Commit {commit()}, {time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores; "
            f"{load}; {options.pairs} pairs of {options.seconds} s.")
    PAGE.write_text(f"{before}{begin}\n{said}\n\n{text}{end}{after}")


def main():
    # So that what was started is stopped: an exception, where a signal would just end us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--events", type=int, default=20000)
    parser.add_argument("--rest", type=int, default=60)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--attack", default="")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    parts = options.only.split(",")
    if not set(parts) <= {*PARTS, ATTACKS}:
        parser.error(f"--only takes some of {','.join((*PARTS, ATTACKS))}")
    # Before our own build and stack made any: scripts/bench.sh looked.
    load = f"load {os.environ.get('QL_BENCH_LOAD', '?')} before the run"
    print(load, file=sys.stderr)
    bench, found = Bench(options), {}
    if set(parts) != {ATTACKS}:
        found["figures"] = measure(bench, parts)
    if ATTACKS in parts:
        found[ATTACKS] = measure_attacks(bench, options.attack)
    for what, text in found.items() if options.write else ():
        write(what, text, options, load)


if __name__ == "__main__":
    main()
