"""The client library: installed, found by CMake and by pkg-config, and used by a
program outside the tree (integration-tests/c_client) against the running stack."""
import os
import pathlib
import shutil
import subprocess
import uuid

import pytest

from kit.stack import ROOT
from kit.waiting import settled

EXAMPLE = ROOT / "integration-tests/c_client"


def command(*arguments, status=0, **environment):
    done = subprocess.run(arguments, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, env={**os.environ, **environment})
    assert done.returncode == status, done.stdout
    return done.stdout


class Installed:
    def __init__(self, build, folder):
        cache = dict(line.split("=", 1) for line in (build / "CMakeCache.txt").read_text().splitlines()
                     if "=" in line and not line.startswith("//"))
        sanitize = cache.get("QL_SANITIZE:STRING", "")
        self.compiler = cache.get("CMAKE_C_COMPILER:FILEPATH", "cc")
        self.flags = ["-g"] + ([f"-fsanitize={sanitize}"] if sanitize else [])
        self.flags += cache.get("CMAKE_C_FLAGS:STRING", "").split()
        self.prefix = folder / "prefix"
        command("cmake", "--install", str(build), "--prefix", str(self.prefix), "--component", "client")
        self.source = folder / "source"
        shutil.copytree(EXAMPLE, self.source)
        self.libraries = next(self.prefix.rglob("libquestline.a")).parent

    def by_cmake(self, folder):
        command("cmake", "-G", "Ninja", "-S", str(self.source), "-B", str(folder), f"-DCMAKE_PREFIX_PATH={self.prefix}",
                f"-DCMAKE_C_COMPILER={self.compiler}", f"-DCMAKE_C_FLAGS={' '.join(self.flags)}")
        command("cmake", "--build", str(folder))
        return folder / "game_server"

    def by_pkg_config(self, folder):
        where = {"PKG_CONFIG_PATH": str(self.libraries / "pkgconfig")}
        flags = command("pkg-config", "--cflags", "--libs", "questline", **where).split()
        program = folder / "game_server"
        command(self.compiler, *self.flags, "-Wall", "-Wextra", "-Werror", str(self.source / "game_server.c"), "-o",
                str(program), *flags)
        return program


@pytest.fixture(scope="module")
def installed(stack, tmp_path_factory):
    build = pathlib.Path(os.readlink(f"/proc/{stack.pid('gateway')}/exe")).parents[1]
    if not (build / "CMakeCache.txt").exists():
        pytest.skip(f"the stack runs binaries that were not built in {build}")
    return Installed(build, tmp_path_factory.mktemp("client"))


def test_what_is_installed_is_what_is_public(installed):
    include = installed.prefix / "include/questline"
    assert (include / "client.h").exists()
    assert (include / "platform/rpc/client/channel.h").exists()
    assert (include / "questline/processing/v1/names.h").exists()
    assert {path.name for path in (include / "platform").iterdir()} == {"base", "pb", "auth", "rpc"}
    for header in (include / "platform").rglob("*.h"):
        assert "qli_" not in header.read_text(), f"{header} shows what is inside"
        for line in header.read_text().splitlines():
            if line.startswith('#include "platform/'):
                assert (include / line.split('"')[1]).exists(), f"{header}: {line}"
    protos = {path.relative_to(ROOT / "proto") for path in (ROOT / "proto").rglob("*.proto")}
    shown = installed.prefix / "share/questline/proto"
    assert {path.relative_to(shown) for path in shown.rglob("*.proto")} == protos


@pytest.mark.parametrize("build", ["by_cmake", "by_pkg_config"])
def test_a_game_server_outside_the_tree_publishes_events(stack, installed, admin, player, tmp_path, build):
    program = getattr(installed, build)(tmp_path)
    # Our own programs define it to limit nng's threads (platform/nng); nobody else's may.
    for file in (program, installed.libraries / "libquestline.a"):
        defined = {line.split()[-1] for line in command("nm", "--defined-only", str(file)).splitlines() if line}
        assert "sysconf" not in defined, f"{file} defines sysconf"
    account = admin.post("/v1/serviceAccounts", {"displayName": "Game", "eventTypes": ["monster.killed"]}).json()
    key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys", {}).json()["apiKey"]
    where = {f"QL_{service.upper()}_ADDRESS": stack.addresses[service][0] for service in ("user", "processing")}

    said = command(str(program), player.user_id, "5", QL_API_KEY=key, **where)
    assert said.startswith("accepted 5, the first is ")
    first = said.split()[-1]
    settled(lambda: [event["payload"]["level"] for event in admin.events(userId=player.user_id,
                                                                         eventType="monster.killed")],
            [1, 2, 3, 4, 5])
    assert stack.value("processing", "select count(*) from events where id = %s", first) == 1

    assert "BAD_API_KEY" in command(str(program), player.user_id, "1", QL_API_KEY=f"nobody-{uuid.uuid4()}",
                                    status=1, **where)
    assert "usage:" in command(str(program), status=1, **where)
