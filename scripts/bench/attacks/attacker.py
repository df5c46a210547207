"""What every attack has: where it goes, threads, connections that it keeps, a count, and an end."""
import contextlib
import http.client
import json
import select
import socket
import threading

HOSTILE = "127.0.0.66"
REMADE_PER_TURN = 20  # connections made anew in each turn of 100 ms


def many_addresses(number):
    """One of 250, none of them HOSTILE or the honest client's."""
    return f"127.0.1.{number % 250 + 1}"


class Attacker:
    def __init__(self, servers, facts):
        """servers: (host, port) of "http", "rpc" and "ops"; facts: tokens and ids that the attacks need."""
        self.http, self.rpc, self.ops = servers["http"], servers["rpc"], servers["ops"]
        self.facts = facts
        self.over = threading.Event()
        self.sent, self._lock = 0, threading.Lock()

    def count(self, number=1):
        with self._lock:
            self.sent += number

    def is_set_up(self):
        """The benchmark begins to measure."""
        print("ready", flush=True)

    def connect(self, server, source=HOSTILE, receive_bytes=None, timeout=2):
        raw = socket.socket()
        if receive_bytes:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        raw.settimeout(timeout)
        try:
            raw.bind((source, 0))
            raw.connect(server)
        except OSError:
            raw.close()
            raise
        return raw

    def send(self, raw, data):
        """As much as is taken."""
        with contextlib.suppress(OSError):
            raw.sendall(data)
        self.count()

    def keep(self, n_connections, make, act=None):
        """Keeps so many connections of make(number); one that was ended is made again. act(raw) in every turn."""
        poll, kept, missing = select.poll(), {}, list(range(n_connections))

        def fill(at_most):
            for number in [missing.pop() for _ in range(min(at_most, len(missing)))]:
                try:
                    raw = make(number)
                except OSError:
                    missing.insert(0, number)
                    continue
                kept[raw.fileno()] = raw, number
                poll.register(raw, select.POLLRDHUP)

        def drop(descriptor):
            raw, number = kept.pop(descriptor)
            poll.unregister(descriptor)
            raw.close()
            missing.insert(0, number)

        fill(n_connections)
        self.is_set_up()
        while not self.over.is_set():
            for descriptor, _ in poll.poll(100):
                drop(descriptor)
            self.over.wait(0.1)
            fill(REMADE_PER_TURN)
            for raw, _ in list(kept.values()) if act else ():
                act(raw)
        for raw, _ in kept.values():
            raw.close()

    def crowd(self, n_threads, act, pause_s):
        """Calls act(number) again and again on so many threads, with a pause after each."""
        def work(number):
            while not self.over.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    act(number)
                self.over.wait(pause_s)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(n_threads)]
        for thread in threads:
            thread.start()
        self.over.wait(0.5)  # what the first of them did is under way
        self.is_set_up()
        for thread in threads:
            thread.join()

    def request(self, verb, path, body=None, token=None, source=HOSTILE):
        """One request on a connection of its own; its status."""
        connection = http.client.HTTPConnection(*self.http, timeout=10, source_address=(source, 0))
        try:
            fields = {"Content-Type": "application/json"}
            if token:
                fields["Authorization"] = f"Bearer {token}"
            connection.request(verb, path, None if body is None else json.dumps(body), fields)
            answer = connection.getresponse()
            answer.read()
            self.count()
            return answer.status
        finally:
            connection.close()
