"""Calls without HTTP: a generator of ours, each answer starting the next call."""
from load import numbers
from process import Usage

OUTSTANDING = (1, 16, 64)
RPC_HEAD = ["outstanding", "calls per s", "per CPU second of the service", "CPU µs per call, service",
            "waits per call, service"]


def rpc_rows(bench, address, service_pid):
    for outstanding in OUTSTANDING:
        def run(n=outstanding):
            before = Usage(service_pid)
            found = numbers([bench.bin / "ql-bench-generator", address, bench.token, n, bench.seconds],
                            bench.seconds)
            spent = Usage(service_pid).since(before)
            found["rate"] = found["calls"] / found["seconds"]
            found["cpu_us"] = spent.cpu_ns / 1000 / found["calls"]
            found["switches"] = spent.switches / found["calls"]
            return found

        runs = sorted((run() for _ in range(bench.pairs)), key=lambda found: found["rate"])
        middle = runs[len(runs) // 2]
        yield [outstanding, f"{middle['rate']:.0f} [{runs[0]['rate']:.0f}-{runs[-1]['rate']:.0f}]",
               f"{1e6 / middle['cpu_us']:.0f}", f"{middle['cpu_us']:.0f}", f"{middle['switches']:.2f}"]
