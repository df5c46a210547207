"""Many sign-ins over HTTP, each tried until it is accepted, and what was answered.

A bounded number of connections; every attempt that was not answered with 200 is
kept with its user: it may have become a row all the same."""
import asyncio
import collections
import ctypes
import ctypes.util
import json
import random
import threading
import time
import uuid

import psycopg2.extras

from kit.waiting import wait_until

PASSWORD = "a good password"
ATTEMPT_S = 20
STUCK_S = 180


def cheap_hash():
    """An Argon2id hash with the smallest parameters, so that the test does not spend
    its time on hashing: what a hash costs is written in it."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    out = ctypes.create_string_buffer(128)
    assert sodium.sodium_init() >= 0
    assert sodium.crypto_pwhash_str_alg(out, PASSWORD.encode(), ctypes.c_ulonglong(len(PASSWORD)),
                                        ctypes.c_ulonglong(1), ctypes.c_size_t(8192), 2) == 0
    return out.value.decode()


def make_users(stack, count):
    """(name, id) of users who have never signed in."""
    family, cost = uuid.uuid4().hex[:8], cheap_hash()
    users = [(f"f{family}-{number}", str(uuid.uuid4())) for number in range(count)]
    connection = stack.connect("user")
    try:
        with connection, connection.cursor() as cursor:
            psycopg2.extras.execute_values(
                cursor, "insert into users (user_id, user_name, status, hashed_password) values %s",
                [(user_id, name, "NEW", cost) for name, user_id in users], page_size=1000)
    finally:
        connection.close()
    return users


class Load:
    """total sign-ins of users in turn, by so many callers at once."""

    def __init__(self, http, users, total, seed, callers=24):
        host, port = http.removeprefix("http://").split(":")
        self.address = (host, int(port))
        self.users, self.total, self.callers = users, total, callers
        self.accepted = {}  # event id -> user id
        self.failed = collections.Counter()  # user id -> attempts that were not accepted
        self.reasons = collections.Counter()
        self.slowest_s = 0.0
        self.began = self.ended = None
        self._chance = random.Random(seed)
        self._turns = iter(self._order())
        self._quit = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def _order(self):
        """Every user once, then every user again, each time in another order."""
        left = self.total
        while left > 0:
            lap = list(self.users)
            self._chance.shuffle(lap)
            yield from lap[:left]
            left -= len(lap)

    # What the story says.

    def start(self):
        self.began = time.monotonic()
        self._thread.start()
        return self

    def reach(self, count):
        """Waits until that many are accepted."""
        self._watch(lambda: len(self.accepted) >= count)

    def finish(self):
        self._watch(lambda: not self._thread.is_alive())
        assert len(self.accepted) == self.total, f"{len(self.accepted)} of {self.total}; {dict(self.reasons)}"
        return self

    def quit(self):
        self._quit = True
        self._thread.join(60)

    def _watch(self, condition):
        last, since = -1, time.monotonic()
        while not condition():
            if len(self.accepted) != last:
                last, since = len(self.accepted), time.monotonic()
            assert time.monotonic() - since < STUCK_S, f"stuck at {last} of {self.total}; {dict(self.reasons)}"
            assert self._thread.is_alive() or condition(), f"ended at {last}; {dict(self.reasons)}"
            time.sleep(0.02)

    # The callers.

    async def _run(self):
        await asyncio.gather(*(self._caller() for _ in range(self.callers)))
        self.ended = time.monotonic()

    async def _caller(self):
        streams = None
        for name, user_id in self._turns:
            body = json.dumps({"userName": name, "password": PASSWORD}).encode()
            while not self._quit:
                began = time.monotonic()
                try:
                    if streams is None:
                        streams = await asyncio.wait_for(asyncio.open_connection(*self.address), ATTEMPT_S)
                    status, answer = await asyncio.wait_for(self._post(*streams, body), ATTEMPT_S)
                    reason = status
                except (OSError, EOFError, ValueError, asyncio.TimeoutError, asyncio.LimitOverrunError) as broken:
                    status, reason = 0, type(broken).__name__
                    if streams is not None:
                        streams[1].close()
                    streams = None
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                if status == 200:
                    self.accepted[json.loads(answer)["eventId"]] = user_id
                    break
                self.failed[user_id] += 1
                self.reasons[reason] += 1
                await asyncio.sleep(self._chance.uniform(0.05, 0.4))
        if streams is not None:
            streams[1].close()

    async def _post(self, reader, writer, body):
        writer.write(b"POST /v1/sessions HTTP/1.1\r\nhost: questline\r\ncontent-type: application/json\r\n"
                     b"content-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:"))
        answer = await reader.readexactly(length)
        if "connection: close" in head:
            # Said together with the answer: the next call needs a new connection.
            writer.close()
        return int(head.split()[1]), answer


def wait_waiting(stack, count, seconds=120):
    wait_until(lambda: stack.waiting() >= count, seconds, f"{count} events waiting")
