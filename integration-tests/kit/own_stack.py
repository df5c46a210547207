"""A stack for one test module: with replicas, or to be broken."""
import contextlib
import os
import pathlib
import shutil
import subprocess

from .stack import ROOT, Stack, free_base


def keep_logs(state):
    """Beside those of the stack that the tests run on: looked through at the end, and kept after a failure."""
    for log in sorted((state / "log").glob("*.log")):
        kept = pathlib.Path(os.environ["QL_STATE_DIR"]) / "log" / f"{state.name}-{log.name}"
        with kept.open("ab") as into, log.open("rb") as written:
            shutil.copyfileobj(written, into)


@contextlib.contextmanager
def own_stack(replicas):
    """Started now, gone afterwards; beside the stack that the tests run on."""
    state = pathlib.Path(os.environ["QL_STATE_DIR"]).with_name(f"ql{replicas}-{os.getpid()}")
    environment = {**os.environ, "QL_STATE_DIR": str(state), "QL_HTTP_PORT": str(free_base())}
    run = [ROOT / "scripts/run.sh"]
    try:
        subprocess.run(run + ["--detach", "--replicas", str(replicas)], env=environment, check=True, timeout=300,
                       stdout=subprocess.DEVNULL)
        yield Stack(state)
    finally:
        subprocess.run(run + ["--stop"], env=environment, check=False, timeout=200, stdout=subprocess.DEVNULL)
        keep_logs(state)
        subprocess.run(run + ["--reset"], env=environment, check=False, timeout=200, stdout=subprocess.DEVNULL)
