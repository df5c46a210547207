"""Fixtures: the running stack, and users made for one test each.

The stack is the one whose state folder QL_STATE_DIR names; scripts/run_tests.sh
starts it before pytest and stops it afterwards. Tests act through the gateway,
RPC or the broker, and look into databases only to assert.
"""
import os

import pytest

from kit.api import Api
from kit.contract import compile_contract
from kit.stack import SERVICES, Stack


def pytest_configure(config):
    """A part of scripts/run_tests.sh is a mark of the same name."""
    for service in SERVICES:
        config.addinivalue_line("markers", f"{service}: scenarios of the service {service}")
    config.addinivalue_line("markers", "gateway: scenarios of the gateway")


@pytest.fixture(scope="session")
def stack():
    state = os.environ.get("QL_STATE_DIR")
    if not state:
        pytest.exit("QL_STATE_DIR is not set: run scripts/run_tests.sh integration", returncode=2)
    return Stack(state)


@pytest.fixture(scope="session")
def contract(tmp_path_factory):
    """The messages of proto/, compiled by protoc for protobuf's own Python."""
    return compile_contract(tmp_path_factory.mktemp("contract"))


@pytest.fixture
def api(stack):
    return Api(stack.http)


@pytest.fixture
def admin(stack):
    return Api(stack.http).sign_in("admin", "password")


@pytest.fixture
def player(api):
    """A new user, signed up and not signed in."""
    return api.sign_up()


@pytest.fixture(autouse=True)
def everything_runs_again(stack):
    """Whatever a test stopped or killed is back, and ready, before the next."""
    yield
    stack.heal()
