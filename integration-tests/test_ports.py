"""Ports of services (scripts/stack/layout.sh): they stay where they are when another service comes."""
import shutil
import subprocess

import pytest

from kit.stack import ROOT, SERVICES

ASK = '. scripts/stack/layout.sh; set_ports 8000; for name; do rpc_port "$name"; echo; done'


@pytest.fixture
def tree(tmp_path):
    """ports({service: stack.env}, names): RPC ports in a tree with these services."""
    (tmp_path / "scripts").mkdir()
    shutil.copytree(ROOT / "scripts/stack", tmp_path / "scripts/stack")

    def ports(services, *names):
        for service, text in services.items():
            (tmp_path / "services" / service).mkdir(parents=True, exist_ok=True)
            (tmp_path / "services" / service / "stack.env").write_text(text)
        done = subprocess.run(["bash", "-c", f"set -eu; {ASK}", "bash", *names], cwd=tmp_path, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return [int(line) for line in done.stdout.split()] if done.returncode == 0 else done.stderr
    return ports


def test_a_new_service_moves_no_other(tree):
    services = {"catalog": "PORTS=1\n", "user": "PORTS=3\n"}
    assert tree(services, "catalog", "user", "user-2") == [8010, 8030, 8032]
    services |= {"arena": "PUBLISHES=\n", "zoo": ""}
    assert tree(services, "arena", "catalog", "user", "zoo") == [8020, 8010, 8030, 8040]


@pytest.mark.parametrize("ports", ["0", "10", "x", "1 2", "1"])
def test_ports_of_nobody_else_are_a_number_from_1_to_9(tree, ports):
    refused = tree({"arena": f"PORTS={ports}\n", "catalog": "PORTS=1\n"}, "arena")
    assert "PORTS" in str(refused)


def test_services_of_this_tree_have_ports_of_their_own(tree):
    found = tree({name: (ROOT / f"services/{name}/stack.env").read_text() for name in SERVICES}, *SERVICES)
    assert len(set(found)) == len(SERVICES)
