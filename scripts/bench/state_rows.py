"""What a process holds at rest, and how long it takes to be ready."""
import statistics
import time

from kit.api import Api
from kit.stack import PROCESSES
from process import Program, environment_of, is_ready, resident_kb, wait_until

STARTS = 5
STATE_HEAD = ["process", "VmRSS MB", "start to ready ms"]


def nine_sign_ins(bench):
    api = Api(bench.stack.http)
    user = api.sign_up()
    for _ in range(9):
        assert api.post_session(user).status_code == 200


def resident(bench):
    """VmRSS of each process some time after a user signed in nine times."""
    nine_sign_ins(bench)
    time.sleep(bench.rest)
    return {name: resident_kb(bench.stack.pid(name)) / 1024 for name in PROCESSES}


def start_to_ready(bench, name):
    """Median milliseconds from exec to the first 200 of /readyz, the process alone being restarted."""
    environment = environment_of(bench.stack.pid(name))
    port = int(environment["QL_OPS_ADDRESS"].rsplit(":", 1)[1])
    bench.stack.stop(name)
    found = []
    for _ in range(STARTS):
        began = time.monotonic()
        program = Program([bench.bin / f"questline-{name}"], bench.log(f"start-{name}"), environment)
        try:
            wait_until(lambda: is_ready(port), 30, f"{name} ready")
            found.append((time.monotonic() - began) * 1000)
        finally:
            program.stop()
    bench.stack.start(name)
    return statistics.median(found)


def state_rows(bench):
    held = resident(bench)
    for name in PROCESSES:
        yield [name, f"{held[name]:.1f}", f"{start_to_ready(bench, name):.0f}"]
