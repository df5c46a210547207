"""Ops ports under connections that send half of a request, or nothing: probes and monitoring are answered meanwhile."""
import contextlib
import resource
import select
import socket

import pytest
import requests

from kit.waiting import wait_until

HALF_OPEN, PROBES, MOST_OPEN = 1100, 30, 128
HALVES = (b"", b"GET /rea", b"GET /readyz HTTP/1.1\r\nHost: a\r\n")


@pytest.fixture(autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def count_open(connections):
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    return len(connections) - len(poll.poll(0))


@pytest.mark.parametrize("name", ["gateway", "catalog"])
def test_half_requests_are_bounded_and_probes_are_answered(stack, name):
    host, port = stack.ops(name).removeprefix("http://").rsplit(":", 1)
    with contextlib.ExitStack() as ended:
        connections = []
        for i in range(HALF_OPEN):
            connections.append(ended.enter_context(socket.create_connection((host, int(port)), timeout=15)))
            with contextlib.suppress(OSError):
                connections[-1].sendall(HALVES[i % len(HALVES)])
        for _ in range(PROBES):
            assert requests.get(stack.ops(name) + "/readyz", timeout=5).status_code == 200
            assert requests.get(stack.ops(name) + "/livez", timeout=5).status_code == 200
        assert "ql_ops_connections_cut_total" in requests.get(stack.ops(name) + "/metrics", timeout=5).text
        assert stack.metric(name, "ql_ops_connections_cut_total") >= HALF_OPEN - MOST_OPEN
        wait_until(lambda: count_open(connections) <= MOST_OPEN, what="the end of most half-open connections")
