"""What scripts leave behind, and how the programs that they start are built."""
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

from kit import transcoder
from kit.stack import PROCESSES, ROOT
from kit.waiting import wait_until


def heed_interrupts():
    """A shell keeps ignoring SIGINT when it was started with it ignored, as background jobs are."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def bash(script, *arguments, **settings):
    return subprocess.Popen(["bash", "-c", script, "bash", *arguments], env={**os.environ, **settings}, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                            preexec_fn=heed_interrupts)


def test_a_supervisor_keeps_nothing_open_of_whoever_started_it(tmp_path):
    """A lock or a pipe of the caller was held for as long as the stack ran."""
    for name in ("pid", "want", "log"):
        (tmp_path / name).mkdir()
    (tmp_path / "stack.env").write_text(f"STATE={tmp_path}\nHTTP_PORT=9000\nREPLICAS=1\n")
    lock = tmp_path / "lock"
    supervisor = bash('exec 9>"$2" 7<"$2"; exec "$3/scripts/stack/supervisor.sh" "$1" </dev/null >/dev/null 2>&1',
                      str(tmp_path), str(lock), str(ROOT))
    try:
        def held():
            found = set()
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    if os.getsid(int(process.name)) == supervisor.pid:
                        found |= {os.readlink(fd) for fd in (process / "fd").iterdir()}
                except (OSError, ProcessLookupError):
                    continue
            return found
        wait_until(lambda: "supervisor.sh" in " ".join(held()), what="the supervisor's script open")
        wait_until(lambda: str(lock) not in held(), seconds=10, what="the lock let go")
    finally:
        supervisor.terminate()
        assert supervisor.wait(30) is not None


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_an_installation_that_is_interrupted_leaves_no_policy_behind(tmp_path, name):
    policy, under_way = tmp_path / "policy-rc.d", tmp_path / "under-way"
    script = ('. "$1/scripts/stack/layout.sh"; . "$1/scripts/stack/packages.sh"; progress() { :; }; STATE=$2; '
              'QL_POLICY=$2/policy-rc.d; as_root() { "$@"; }; missing_packages() { echo nothing; }; '
              # apt and all below it get the signal of the terminal, as this does.
              'apt_install() { : >"$STATE/under-way"; sleep 60; }; mkdir "$2/log"; install_packages nothing')
    running = bash(script, str(ROOT), str(tmp_path))
    wait_until(under_way.exists, what="the installation under way")
    assert policy.exists()
    subprocess.run(["kill", f"-{name}", "--", f"-{running.pid}"], check=True)
    running.wait(30)
    wait_until(lambda: not policy.exists(), seconds=10, what="the policy gone")


def test_a_policy_that_was_there_before_stays(tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("mine")
    done = bash('. "$1/scripts/stack/layout.sh"; . "$1/scripts/stack/packages.sh"; QL_POLICY=$2; '
                'without_starting_servers true', str(ROOT), str(policy))
    assert done.wait(30) == 0 and policy.read_text() == "mine"


def programs(stack):
    """The folder of what the stack runs."""
    return pathlib.Path(re.search(r"^BIN=(.*)$", (stack.state / "stack.env").read_text(), re.M)[1])


@pytest.mark.parametrize("name", PROCESSES)
def test_programs_resolve_everything_at_their_start_and_move(stack, name):
    program = programs(stack) / f"questline-{name}"
    shown = subprocess.run(["readelf", "-hdlW", program], check=True, text=True, stdout=subprocess.PIPE).stdout
    assert re.search(r"FLAGS.*BIND_NOW|FLAGS_1.*NOW", shown), "not bound at start"
    assert "GNU_RELRO" in shown and re.search(r"Type: +DYN", shown)
    assert re.search(r"GNU_STACK.*RW ", shown)


def test_every_file_is_compiled_against_clashing_stacks():
    commands = json.loads((transcoder.programs().parent / "compile_commands.json").read_text())
    assert commands
    for one in commands:
        assert "-fstack-clash-protection" in one["command"] and "-fstack-protector-strong" in one["command"], one["file"]
