"""An attack in a process of its own, and the memory of the process that it goes to."""
import json
import pathlib
import subprocess
import threading

from process import resident_kb

SET_UP_S, END_S = 30, 30


class Attack:
    """A process that attacks from when it is entered until it is left."""

    def __init__(self, name, servers, facts, seconds):
        self.given = json.dumps({"servers": servers, "facts": facts})
        self.command = ["/usr/bin/python3", "-B", pathlib.Path(__file__).with_name("attack.py"), name, str(seconds)]
        self.process, self.sent = None, 0

    def __enter__(self):
        self.process = subprocess.Popen(self.command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(self.given)
        self.process.stdin.close()
        end = threading.Timer(SET_UP_S, self.process.kill)
        end.start()
        said = self.process.stdout.readline()
        end.cancel()
        if said != "ready\n":
            raise RuntimeError(f"an attack was not set up within {SET_UP_S} s")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        end = threading.Timer(END_S, self.process.kill)
        end.start()
        said = self.process.stdout.read()
        self.process.wait()
        end.cancel()
        self.sent = int(said.split("=")[1]) if "=" in said else 0


class Memory(threading.Thread):
    """The highest resident memory of a process while it is entered."""

    def __init__(self, pid):
        super().__init__()
        self.pid, self.highest_kb, self.is_over = pid, 0, threading.Event()

    def run(self):
        while not self.is_over.wait(0.02):
            self.highest_kb = max(self.highest_kb, resident_kb(self.pid))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()
