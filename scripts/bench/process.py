"""Programs the benchmark starts, and what /proc reports of a process."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.005)


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_ready(port):
    """True when /readyz on the port says 200."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return connection.recv(64).split(b" ")[1:2] == [b"200"]
    return False


class Program:
    """A program of ours that runs until stop()."""

    def __init__(self, command, log, environment=None):
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, env=environment)
        self.pid = self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def environment_of(pid):
    pairs = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return dict(os.fsdecode(pair).split("=", 1) for pair in pairs if b"=" in pair)


def resident_kb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ValueError(f"process {pid} has no VmRSS")


class Usage:
    """CPU nanoseconds and voluntary context switches of all threads of a process so far."""

    def __init__(self, pid):
        self.cpu_ns = self.switches = 0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                self.cpu_ns += int((task / "schedstat").read_text().split()[0])
                for line in (task / "status").read_text().splitlines():
                    if line.startswith("voluntary_ctxt_switches:"):
                        self.switches += int(line.split()[1])

    def since(self, earlier):
        spent = Usage.__new__(Usage)
        spent.cpu_ns = self.cpu_ns - earlier.cpu_ns
        spent.switches = self.switches - earlier.switches
        return spent
