"""Bounded loads, and pairs of them in alternating order."""
import re
import statistics
import subprocess

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


class Pairs:
    """Runs ours and the baseline in turn, the order changing with each pair."""

    def __init__(self, n_pairs, ours, baseline):
        self.ours, self.baseline = [], []
        for i in range(n_pairs):
            if i % 2 == 0:
                self.ours.append(ours())
                self.baseline.append(baseline())
            else:
                self.baseline.append(baseline())
                self.ours.append(ours())

    def ratios(self, of):
        return [of(one) / of(other) for one, other in zip(self.ours, self.baseline)]

    def ratio(self, of):
        """Median of the paired ratios and their range, as text."""
        found = self.ratios(of)
        return f"{statistics.median(found):.2f} [{min(found):.2f}-{max(found):.2f}]"

    def median(self, of, side=None):
        return statistics.median(of(one) for one in (side or self.ours))
