"""What a look-up over HTTP costs, beside a handler of h2o alone."""
import contextlib
import statistics
import subprocess

import requests

from load import Pairs, wrk, wrk_command
from process import Program, Usage, answers, environment_of, free_port, is_ready, wait_until

CONNECTIONS = (1, 16, 64)
QUEST_ID = "0192d3a4-0000-7000-8000-0000000000aa"
# Fields of an answer that h2o writes by itself.
WRITTEN_BY_H2O = {"connection", "content-length", "date", "server", "transfer-encoding"}


@contextlib.contextmanager
def gateway_before(bench, service, rpc):
    """A gateway whose catalog is that service: its address, the pids. Both end here."""
    http, ops = free_port(), free_port()
    environment = environment_of(bench.stack.pid("gateway"))
    environment.update(QL_HTTP_ADDRESS=f"127.0.0.1:{http}", QL_OPS_ADDRESS=f"127.0.0.1:{ops}",
                       QL_CATALOG_ADDRESS=f"tcp://127.0.0.1:{rpc}")
    gateway = Program([bench.bin / "questline-gateway"], bench.log("bench-gateway"), environment)
    try:
        wait_until(lambda: answers(rpc) and is_ready(ops), 20, "a gateway for the benchmark")
        yield f"http://127.0.0.1:{http}", f"tcp://127.0.0.1:{rpc}", gateway.pid, service.pid
    finally:
        gateway.stop()
        service.stop()


def made_up_lookups(bench):
    """The catalog is a service that touches no storage."""
    rpc = free_port()
    service = Program([bench.bin / "ql-bench-service", f"tcp://127.0.0.1:{rpc}",
                       bench.stack.state / "keys/jwks.json"], bench.log("bench-service"))
    return gateway_before(bench, service, rpc)


def catalog_without(bench, what):
    """A catalog that holds nothing in memory, and has no Redis either when that is what it lacks."""
    rpc, ops = free_port(), free_port()
    environment = environment_of(bench.stack.pid("catalog"))
    environment.update(QL_RPC_ADDRESS=f"tcp://127.0.0.1:{rpc}", QL_OPS_ADDRESS=f"127.0.0.1:{ops}",
                       QL_CATALOG_CACHE_MAX="0")
    if what == "redis":
        del environment["QL_REDIS_URL_FILE"]
        environment["QL_REDIS_URL"] = "redis://127.0.0.1:1"
    service = Program([bench.bin / "questline-catalog"], bench.log("bench-catalog"), environment)
    return gateway_before(bench, service, rpc)


@contextlib.contextmanager
def bare_handler(bench, url):
    """h2o answering with the bytes and the fields that the gateway answers url with."""
    answer = requests.get(url, headers={"Authorization": f"Bearer {bench.token}"}, timeout=10)
    assert answer.status_code == 200, answer.text
    fields = "".join(f"{name.lower()}: {value}\n" for name, value in answer.headers.items()
                     if name.lower() not in WRITTEN_BY_H2O)
    file = bench.stack.state / "bench-answer"
    file.write_bytes(fields.encode() + b"\n" + answer.content)
    port = free_port()
    bare = Program([bench.bin / "ql-bench-bare", port, file], bench.log("bench-bare"))
    try:
        wait_until(lambda: answers(port), 10, "the bare handler")
        same = requests.get(f"http://127.0.0.1:{port}/", timeout=10)
        assert same.content == answer.content and set(same.headers) == set(answer.headers)
        yield f"http://127.0.0.1:{port}/", bare.pid
    finally:
        bare.stop()


def measured(bench, url, connections, pids, script=None):
    """A run of wrk, with what the processes spent on a request."""
    before = [Usage(pid) for pid in pids]
    load = wrk(url, connections, bench.seconds, bench.token, script)
    spent = [Usage(pid).since(then) for pid, then in zip(pids, before)]
    load.cpu_us = [one.cpu_ns / 1000 / load.requests for one in spent]
    load.switches = [one.switches / load.requests for one in spent]
    return load


def lookup_rows(bench, name, url, pids, at=CONNECTIONS, script=None):
    """One row for each number of connections; pids are gateway and service."""
    with bare_handler(bench, url) as (bare, bare_pid):
        wrk(url, 16, 1, bench.token, script)
        for connections in at:
            bench.renew_token()
            pairs = Pairs(bench.pairs, lambda c=connections: measured(bench, url, c, pids, script),
                          lambda c=connections: measured(bench, bare, c, [bare_pid]))

            def median(of, side=None):
                return pairs.median(of, side)

            yield [name, connections, f"{median(lambda r: r.per_second):.0f}",
                   f"{median(lambda r: r.per_second, pairs.baseline):.0f}",
                   pairs.ratio(lambda r: r.per_second),
                   f"{median(lambda r: r.p50_ms):.2f} / {median(lambda r: r.p99_ms):.2f}",
                   f"{median(lambda r: r.p50_ms, pairs.baseline):.2f} / "
                   f"{median(lambda r: r.p99_ms, pairs.baseline):.2f}",
                   f"{median(lambda r: r.cpu_us[0]):.0f} + {median(lambda r: r.cpu_us[1]):.0f}",
                   f"{median(lambda r: r.cpu_us[0], pairs.baseline):.0f}",
                   f"{median(lambda r: r.switches[0]):.2f} + {median(lambda r: r.switches[1]):.2f}"]


LOOKUP_HEAD = ["look-up", "conn.", "per s", "bare per s", "ratio", "p50 / p99 ms", "bare p50 / p99 ms",
               "CPU µs, gateway + service", "bare µs", "waits per request, gateway + service"]


def stored_quest(bench):
    """The address of a quest on the stack as it runs, and the pids."""
    quests = requests.get(f"{bench.stack.http}/v1/quests", timeout=10,
                          headers={"Authorization": f"Bearer {bench.token}"}).json()["quests"]
    return (f"{bench.stack.http}/v1/quests/{quests[0]['questId']}",
            [bench.stack.pid("gateway"), bench.stack.pid("catalog")])


def stored_lookups(bench):
    """GET /v1/quests/{id}, answered from memory."""
    yield from lookup_rows(bench, "a stored quest", *stored_quest(bench))


def beside_no_storage(bench, made_up, made_up_pids, connections):
    """The same look-up from memory and made up, in turn."""
    url, pids = stored_quest(bench)
    bench.renew_token()
    pairs = Pairs(bench.pairs, lambda: measured(bench, url, connections, pids),
                  lambda: measured(bench, made_up, connections, made_up_pids))
    return [f"a stored quest, {connections} conn.", f"{pairs.median(lambda r: r.per_second):.0f} per s",
            f"no storage, {pairs.median(lambda r: r.per_second, pairs.baseline):.0f} per s",
            pairs.ratio(lambda r: r.per_second), "at least 0.9"]


MANY = 4000
INSERT_MANY = """
insert into quests (quest_id, reward_id, name, description, streak, duplication, auto_claim, event_types, revision,
                    revised_at)
select md5('bench' || n)::uuid, (select reward_id from rewards limit 1), 'Quest ' || n, 'One of many', 3, 2, false,
       '{bench.nothing}', 1, now() from generate_series(1, %s) as n returning quest_id::text"""


def missed_lookups(bench):
    """Quests that are not in memory, each asked for so rarely that none is shared."""
    ids = [row[0] for row in bench.stack.rows("catalog", INSERT_MANY, MANY)]
    script = bench.stack.state / "bench-many.lua"
    script.write_text("local ids = {" + ",".join(f"'{one}'" for one in ids) + "}\nlocal n = math.random(#ids)\n"
                      "request = function() n = n % #ids + 1; return wrk.format('GET', '/v1/quests/' .. ids[n]) end\n")
    try:
        for what, name in (("memory", "a quest not in memory"), ("redis", "a quest not in Redis either")):
            with catalog_without(bench, what) as (http, _, gateway, service):
                url = f"{http}/v1/quests/{ids[0]}"
                yield from lookup_rows(bench, name, url, [gateway, service], (16,), script)
    finally:
        bench.stack.rows("catalog", "delete from quests where event_types = '{bench.nothing}' returning 1")


def beside_slow(bench, url, slow_url, pids):
    """p99 of the storage-free look-up while eight connections call a slow method."""
    def alone():
        return measured(bench, url, 16, pids)

    def beside():
        slow = subprocess.Popen(wrk_command(slow_url, 8, bench.seconds + 1, bench.token),
                                stdout=subprocess.DEVNULL)
        try:
            return measured(bench, url, 16, pids)
        finally:
            slow.wait(bench.seconds + 30)

    pairs = Pairs(bench.pairs, beside, alone)
    return ["p99 beside a slow method, 16 conn.", f"{pairs.median(lambda r: r.p99_ms):.2f} ms",
            f"alone {statistics.median(r.p99_ms for r in pairs.baseline):.2f} ms",
            pairs.ratio(lambda r: r.p99_ms), "at most 1.5"]
