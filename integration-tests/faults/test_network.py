"""Delay, cuts and silence between gateway and services, services and broker, services
and database: the same invariants."""
import contextlib
import os
import re

import pytest

from fault_stack import SERVICES
from invariants import check
from load import Load, make_users
from proxy import Proxy

from kit.gateway import Gateway

pytestmark = pytest.mark.skipif(os.environ.get("QL_FAULT_LONG") != "1",
                                reason="one of the long set: scripts/run_tests.sh faults")
SIGN_INS = 4000


def cut_during(load, proxies, chance, times, delays=(0.0, 0.002, 0.02)):
    """Cuts one of them at random moments; in between the network is slow, then silent."""
    for number, moment in enumerate(sorted(chance.randrange(100, load.total - 100) for _ in range(times))):
        load.reach(moment)
        proxy = chance.choice(proxies)
        proxy.delay_s = chance.choice(delays)
        if number % 4 == 3:
            proxy.be_silent(3)
            continue
        proxy.cut()
    for proxy in proxies:
        proxy.delay_s = 0.0


@pytest.fixture
def through_proxies(stack):
    """through_proxies("user.amqp_url", "rabbitmq"): the services that read this secret reach
    the server through a proxy until the test is over."""
    changed = {}
    with contextlib.ExitStack() as proxies:
        def change(secret, server):
            proxy = proxies.enter_context(Proxy(stack.rpc(server)))
            changed[secret] = stack.secret(secret)
            port = re.compile(rf"127\.0\.0\.1:{stack.rpc(server)[1]}\b")
            (stack.state / "secrets" / secret).write_text(port.sub(f"127.0.0.1:{proxy.port}", changed[secret]))
            return proxy

        def restart():
            stack.stop_all(*SERVICES)
            stack.start_all(*SERVICES)
        yield change, restart
        for secret, text in changed.items():
            (stack.state / "secrets" / secret).write_text(text)
        restart()


def test_cuts_and_delay_between_gateway_and_services(stack, quests, seed, chance, tmp_path):
    with contextlib.ExitStack() as entered:
        proxies = {name: entered.enter_context(Proxy(stack.rpc(name))) for name in SERVICES}
        addresses = {f"QL_{service.upper()}_ADDRESS":
                     ",".join(f"tcp://127.0.0.1:{proxies[name].port}" for name in (service, f"{service}-2"))
                     for service in ("catalog", "processing", "user")}
        gateway = entered.enter_context(Gateway(stack, tmp_path, **addresses))
        load = Load(gateway.http, make_users(stack, 400), SIGN_INS, seed).start()
        cut_during(load, [proxies["user"], proxies["user-2"]], chance, 20)
        load.finish()
        assert proxies["user"].n_connections > 1 and proxies["user-2"].n_connections > 1
    print(load.reasons)
    check(stack, load, quests)


def test_cuts_and_delay_between_services_and_the_broker(stack, quests, seed, chance, through_proxies):
    change, restart = through_proxies
    proxies = [change("user.amqp_url", "rabbitmq"), change("processing.amqp_url", "rabbitmq")]
    restart()
    load = Load(stack.http, make_users(stack, 400), SIGN_INS, seed).start()
    cut_during(load, proxies, chance, 20)
    load.finish()
    assert all(proxy.n_connections > 4 for proxy in proxies)
    check(stack, load, quests, all_accepted=True)


def test_cuts_and_delay_between_services_and_the_database(stack, quests, seed, chance, through_proxies):
    change, restart = through_proxies
    proxies = [change("user.pg_url", "postgres"), change("processing.pg_url", "postgres")]
    restart()
    load = Load(stack.http, make_users(stack, 400), SIGN_INS, seed).start()
    cut_during(load, proxies, chance, 20, delays=(0.0, 0.001, 0.002))
    load.finish()
    assert all(proxy.n_connections > 8 for proxy in proxies)
    print(load.reasons)
    check(stack, load, quests)
