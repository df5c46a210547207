"""Bounded loads, and pairs of them in alternating order."""
import json
import re
import statistics
import subprocess

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
SEND_SECONDS = 60  # at most; what is sent is bounded by its number
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


class Load:
    """What one run of wrk did."""

    def __init__(self, text):
        self.per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.p50_ms, self.p99_ms = self._latency(text, 50), self._latency(text, 99)
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        self.failed = int(failed.group(1)) if failed else 0
        self.failed += sum(int(number) for number in errors.groups()) if errors else 0

    @staticmethod
    def _latency(text, percent):
        number, unit = re.search(rf"\b{percent}%\s+([\d.]+)(us|ms|s|m)\b", text).groups()
        return float(number) * UNITS[unit]


def wrk_command(url, connections, seconds, token=None, script=None):
    command = ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}", "--latency"]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    if script:
        command += ["-s", str(script)]
    return command + [url]


def wrk(url, connections, seconds, token=None, script=None):
    done = subprocess.run(wrk_command(url, connections, seconds, token, script), check=True, text=True,
                          stdout=subprocess.PIPE, timeout=seconds + 30)
    load = Load(done.stdout)
    if load.failed:
        raise RuntimeError(f"{load.failed} of {load.requests} requests to {url} failed")
    return load


def numbers(command, seconds):
    """Runs a program that prints "name=number ..." and returns them."""
    done = subprocess.run([str(part) for part in command], check=True, text=True,
                          stdout=subprocess.PIPE, timeout=seconds + 30)
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", done.stdout)}


def request(token, path, body=None):
    """A POST as it goes over the wire, as send() takes it."""
    body = b"" if body is None else json.dumps(body).encode()
    head = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    return b"%d\n%s%s" % (len(head) + len(body), head, body)


def send(bench, requests, connections):
    """Sends each once, in order, and returns how many a second were answered."""
    file = bench.stack.state / "bench-calls"
    file.write_bytes(b"".join(requests))
    port = bench.stack.http.rsplit(":", 1)[1]
    found = numbers([bench.bin / "ql-bench-calls", port, connections, SEND_SECONDS, file], SEND_SECONDS)
    assert found["calls"] == len(requests)
    return found["calls"] / found["seconds"]


def pgbench(bench, service, script, clients, each, *options):
    """Transactions a second of clients, each running the script so many times as the service's role."""
    file = bench.stack.state / "bench.sql"
    file.write_text(script)
    done = subprocess.run([PGBENCH, "-n", "-c", str(clients), "-j", str(min(2, clients)), "-t", str(each),
                           "-f", file, *options, bench.stack.secret(f"{service}.pg_url")],
                          check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SEND_SECONDS)
    assert f"actually processed: {clients * each}/" in done.stdout and "failed transactions: 0 " in done.stdout
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))


def turns(n_turns, *runs):
    """What each run gave in each turn; every second turn goes through them backwards."""
    found = [[] for _ in runs]
    for turn in range(n_turns):
        numbered = list(enumerate(runs))
        for i, run in numbered if turn % 2 == 0 else reversed(numbered):
            found[i].append(run())
    return found


class Pairs:
    """Ours beside the baseline, as many runs of each."""

    def __init__(self, n_pairs, ours, baseline):
        """Runs both in turn, the order changing with each pair."""
        self.ours, self.baseline = turns(n_pairs, ours, baseline)

    @classmethod
    def of(cls, ours, baseline):
        """Runs that were made already."""
        pairs = cls(0, None, None)
        pairs.ours, pairs.baseline = ours, baseline
        return pairs

    def ratios(self, of):
        return [of(one) / of(other) for one, other in zip(self.ours, self.baseline)]

    def ratio(self, of):
        """Median of the paired ratios and their range, as text."""
        found = self.ratios(of)
        return f"{statistics.median(found):.2f} [{min(found):.2f}-{max(found):.2f}]"

    def median(self, of, side=None):
        return statistics.median(of(one) for one in (side or self.ours))
