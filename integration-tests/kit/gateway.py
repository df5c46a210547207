"""A gateway of a test's own, before the services of the running stack."""
import os
import pathlib
import signal
import socket
import subprocess

import requests

from .stack import ROOT
from .waiting import wait_until


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder):
    """(certificate, key): PEM files for localhost, signed by itself."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def release_program():
    """The release build of the gateway; None when there is none."""
    program = ROOT / "build/release/bin/questline-gateway"
    return program if program.exists() else None


class Gateway:
    """Started with the stack's settings and those given; stopped by stop(), which checks its exit status."""

    def __init__(self, stack, folder, program=None, **settings):
        proc = pathlib.Path(f"/proc/{stack.pid('gateway')}")
        environment = dict(pair.split("=", 1) for pair in (proc / "environ").read_text().split("\0") if pair)
        self.port, self.ops_port = free_port(), free_port()
        environment.update(QL_HTTP_ADDRESS=f"127.0.0.1:{self.port}", QL_OPS_ADDRESS=f"127.0.0.1:{self.ops_port}",
                           QL_LOOPS="2", **settings)
        self.tls_port = int(settings["QL_HTTPS_ADDRESS"].split(":")[1]) if "QL_HTTPS_ADDRESS" in settings else None
        self.http = f"http://127.0.0.1:{self.port}"
        self.log_file = folder / "gateway.log"
        program = program or os.readlink(proc / "exe").removesuffix(" (deleted)")
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen([program], env=environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            wait_until(self.is_ready, what="the test's gateway ready")
        except AssertionError:
            self.process.kill()
            raise AssertionError(self.log()) from None

    def is_ready(self):
        try:
            return all(requests.get(f"http://127.0.0.1:{port}/readyz", timeout=3).status_code == 200
                       for port in (self.ops_port, self.port))
        except requests.RequestException:
            return False

    def log(self):
        return self.log_file.read_text(errors="replace")

    def metric(self, line):
        """The value of one line of the metrics, e.g. 'ql_http_cut_total{why="resets"}'."""
        for found in requests.get(f"http://127.0.0.1:{self.ops_port}/metrics", timeout=10).text.splitlines():
            if found.startswith(line + " "):
                return float(found.split()[-1])
        return 0.0

    def rss_kb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self, timeout=15):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            self.process.kill()
            self.process.wait()
        else:
            self.stop()

    def stop(self):
        """SIGTERM; the end must be clean, and no sanitizer may have spoken."""
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(60) == 0, self.log()[-3000:]
        finally:
            self.process.kill()
        for trouble in ("Sanitizer", "runtime error:", "Assertion"):
            assert trouble not in self.log()
