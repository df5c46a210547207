"""docs/adding-a-service.md, followed in a copy of the tree: the service that it makes is built, started and used."""
import json
import os
import re
import shutil
import subprocess

import pytest

from kit.api import Api, error
from kit.own_stack import keep_logs
from kit.questctl import Questctl
from kit.stack import ROOT, Stack, free_base
from kit.waiting import settled

PAGE = ROOT / "docs/adding-a-service.md"
NAME = "badge"
BLOCK = re.compile(r"^(?:In )?`([^`\n]+)`(?:, below `([^`\n]+)`)?\n\n```\w+\n(.*?)^```$", re.M | re.S)
# What the page has written by hand outside of the service's folder and its contract; generated/ is not.
EDITS_MAX = 3


def page_blocks():
    """[(path, the line below which it is added or "", text)]"""
    return BLOCK.findall(PAGE.read_text())


class Copy:
    """The tree as it stands, in a folder of its own with its own history."""

    def __init__(self, folder):
        self.root = folder / "tree"
        self.root.mkdir()
        # What did not change comes from ccache, which takes this folder for the one where it was compiled.
        self.ccache = {"CCACHE_BASEDIR": str(self.root), "CCACHE_NOHASHDIR": "1"}
        files = self.run("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT).split("\0")
        for name in files:
            if name and (ROOT / name).exists():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)
        self.git("init", "-q")
        self.commit("before")

    def run(self, *command, cwd=None, **environment):
        done = subprocess.run(command, cwd=cwd or self.root, check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=900,
                              env={**os.environ, **self.ccache, **environment})
        assert done.returncode == 0, done.stdout[-8000:]
        return done.stdout

    def git(self, *arguments):
        return self.run("git", "-c", "user.name=test", "-c", "user.email=test@example.org", *arguments)

    def commit(self, subject):
        self.git("add", "-A")
        self.git("commit", "-qm", subject)

    def follow_page(self):
        for path, below, text in page_blocks():
            file = self.root / path
            if below:
                before, line, behind = file.read_text().partition(f"{below}\n")
                assert line, f"{path} has no line {below!r}"
                text = before + line + text + behind
            else:
                assert not file.exists(), path
                file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.run("scripts/generate.sh")

    def changed(self):
        return [line[3:] for line in self.git("status", "--porcelain", "-uall").splitlines()]

    def build(self, preset):
        """The programs, without tests."""
        self.run("cmake", "--preset", preset, "-DBUILD_TESTING=OFF")
        self.run("cmake", "--build", "--preset", preset)
        return self.root / "build" / preset / "bin"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    made = Copy(tmp_path_factory.mktemp("new-service"))
    made.follow_page()
    yield made
    shutil.rmtree(made.root)


@pytest.fixture(scope="module")
def running(copy, stack):
    """A stack of its own with the new service in it, from the same kind of build as the one that the tests run on."""
    preset = os.path.basename(os.path.dirname(os.path.dirname(os.readlink(f"/proc/{stack.pid('gateway')}/exe"))))
    programs = copy.build(preset)
    # The servers' accounts cannot enter a folder of pytest's own.
    state = stack.state.with_name(f"qln-{os.getpid()}")
    state.mkdir(mode=0o711)
    # No account is made on this machine for a service that is gone after the test.
    settings = {"QL_STATE_DIR": str(state), "QL_HTTP_PORT": str(free_base()), "QL_BIN_DIR": str(programs),
                "QL_ACCOUNTS": "no"}
    try:
        copy.run("scripts/run.sh", "--detach", **settings)
        yield Stack(state, root=copy.root)
    finally:
        copy.run("scripts/run.sh", "--stop", **settings)
        keep_logs(state)
        copy.run("scripts/run.sh", "--reset", **settings)


def test_the_page_edits_at_most_three_files_outside_of_the_service_and_the_contract(copy):
    changed = copy.changed()
    assert f"services/{NAME}/main.c" in changed
    outside = [path for path in changed if not path.startswith((f"services/{NAME}/", "proto/", "generated/"))]
    assert len(outside) <= EDITS_MAX, outside
    # Of what others own, the contract alone: the queue that takes the new event.
    assert len([path for path in changed if path.startswith("proto/") and f"/{NAME}/" not in path]) <= 1


def test_the_page_s_code_is_as_all_code_is(copy):
    """scripts/lint finds nothing of the new service."""
    found = subprocess.run(["/usr/bin/python3", "scripts/lint"], cwd=copy.root, check=False, text=True,
                           stdout=subprocess.PIPE).stdout
    assert NAME not in found
    if shutil.which("clang-format-14"):
        sources = [str(path) for path in sorted((copy.root / "services" / NAME).glob("*.[ch]"))]
        copy.run("clang-format-14", "--dry-run", "--Werror", *sources)


def test_the_new_service_is_called_consumes_stores_and_publishes(running):
    operator = Questctl(running)
    tail = operator.start("events", "tail", "--type", "BadgeAwarded", "--count", "1", "--seconds", "60", "--json")
    assert tail.stderr.readline() == "questctl: watching\n"
    player = Api(running.http).sign_up()
    seen, _ = tail.communicate(timeout=90)
    published = json.loads(seen)
    assert (published["userId"], published["routingKey"]) == (player.user_id, "badge.awarded")
    assert running.rows(NAME, "select user_id::text, name from badges where user_id = %s", player.user_id) == [
        (player.user_id, "newcomer")]
    badge = Api(running.http).as_user(player).get("/v1/users/me/badge")
    assert badge.status_code == 200 and badge.json()["name"] == "newcomer", badge.text
    called = operator.json("call", "BadgeService/GetBadge", json.dumps({"userId": player.user_id}))
    assert called["badge"] == badge.json()
    settled(lambda: running.value("processing", "select count(*) from events where event_type = 'BadgeAwarded' "
                                  "and user_id = %s", player.user_id), 1)
    other = Api(running.http)
    stranger = other.as_user(other.sign_up()).get(f"/v1/users/{player.user_id}/badge")
    assert error(stranger) == (403, "PERMISSION_DENIED", "NOT_OWNER")


def test_the_new_service_has_the_rights_of_its_folder(copy, running):
    """Roles, account and queue of the new service, tried by the tests of rights as they stand."""
    copy.run("/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_rights.py", "-k",
             f"{NAME} and not runs_under_an_account", cwd=copy.root / "integration-tests", QL_STATE_DIR=str(running.state))
