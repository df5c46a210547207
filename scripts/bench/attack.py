"""Runs one attack in a process of its own until SIGTERM, or its time is over; says "ready", then "sent=N".

    attack.py NAME SECONDS     servers and facts come as JSON on standard input
"""
import json
import os
import pathlib
import resource
import signal
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "integration-tests"))

from attacks import ATTACKS  # noqa: E402
from attacks.attacker import Attacker  # noqa: E402

NICE = 10  # an attack comes from another machine: what it computes is not to count


def main():
    name, seconds = sys.argv[1], float(sys.argv[2])
    given = json.load(sys.stdin)
    os.nice(NICE)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    attacker = Attacker({server: tuple(address) for server, address in given["servers"].items()}, given["facts"])
    signal.signal(signal.SIGTERM, lambda *_: attacker.over.set())
    end = threading.Timer(seconds, attacker.over.set)
    end.daemon = True
    end.start()
    ATTACKS[name](attacker)
    print(f"sent={attacker.sent}", flush=True)


if __name__ == "__main__":
    main()
