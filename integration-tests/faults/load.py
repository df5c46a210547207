"""Many sign-ins over HTTP, each tried until it is accepted, and what was answered; now
and then who signed in claims what waits.

A bounded number of connections; every attempt that was not answered with 200 is
kept with its user: it may have had its effect all the same."""
import asyncio
import collections
import ctypes
import ctypes.util
import json
import random
import threading
import time
import types
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

    def __init__(self, http, users, total, seed, claiming=0.2, callers=24):
        host, port = http.removeprefix("http://").split(":")
        self.address = (host, int(port))
        self.users, self.total, self.callers = users, total, callers
        self.claiming = claiming  # how many of those who signed in claim what waits
        self.accepted = {}  # event id -> user id
        self.failed = collections.Counter()  # user id -> attempts that were not accepted
        self.claimed = set()  # claim ids whose payment was answered
        self.claims_failed = collections.Counter()  # claim id -> attempts that were not
        self.reasons = collections.Counter()
        self.slowest_s = 0.0
        self.began = self.ended = None
        self._chance = random.Random(seed)
        self._turns = iter(self._order())
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def _order(self):
        """Every user once, then every user again, each time in another order."""
        left = self.total
        while left > 0:
            lap = list(self.users)
            self._chance.shuffle(lap)
            yield from lap[:left]
            left -= len(lap)

    # What the test reports.

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

    def is_over(self):
        return not self._thread.is_alive()

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
        line = Line(self.address)
        for name, user_id in self._turns:
            answer = await self._until_ok(line, self.failed, user_id, "POST", "/v1/sessions",
                                          {"userName": name, "password": PASSWORD})
            self.accepted[answer["eventId"]] = user_id
            if self._chance.random() < self.claiming:
                await self._claim(line, user_id, answer["accessToken"])
        line.close()

    async def _claim(self, line, user_id, token):
        listed = await self._until_ok(line, collections.Counter(), user_id, "GET", "/v1/users/me/claims", token=token)
        for claim in listed["claims"]:
            if claim["status"] == "PENDING":
                answer = await self._until_ok(line, self.claims_failed, claim["claimId"], "POST",
                                              f"/v1/claims/{claim['claimId']}:claim", {}, token=token)
                self.claimed.add(answer["claimId"])

    async def _until_ok(self, line, failed, key, *request, token=None):
        """The answer, once there is one."""
        while True:
            began = time.monotonic()
            try:
                status, answer = await asyncio.wait_for(line.call(*request, token=token), ATTEMPT_S)
            except (OSError, EOFError, ValueError, asyncio.TimeoutError, asyncio.LimitOverrunError) as broken:
                status, answer = type(broken).__name__, b""
                line.close()
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            if status == 200:
                return json.loads(answer)
            failed[key] += 1
            self.reasons[status] += 1
            await asyncio.sleep(self._chance.uniform(0.05, 0.4))


class Line:
    """One connection to the gateway, made when it is needed."""

    def __init__(self, address):
        self.address, self.streams = address, None

    def close(self):
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None

    async def call(self, verb, path, body=None, token=None):
        """(status, body) of the answer."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(*self.address)
        reader, writer = self.streams
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{verb} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        if token:
            head += f"authorization: Bearer {token}\r\n"
        if body is not None:
            head += f"content-type: application/json\r\ncontent-length: {len(content)}\r\n"
        writer.write(head.encode() + b"\r\n" + content)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:"))
        answer = await reader.readexactly(length)
        if "connection: close" in head:
            # Said together with the answer: the next call needs a new connection.
            self.close()
        return int(head.split()[1]), answer


def together(loads):
    """What several loads have done, as one."""
    return types.SimpleNamespace(
        users=sorted({user for load in loads for user in load.users}), total=sum(load.total for load in loads),
        accepted=dict(item for load in loads for item in load.accepted.items()),
        failed=sum((load.failed for load in loads), collections.Counter()),
        reasons=sum((load.reasons for load in loads), collections.Counter()),
        claimed=set().union(*(load.claimed for load in loads)),
        claims_failed=sum((load.claims_failed for load in loads), collections.Counter()),
        slowest_s=max(load.slowest_s for load in loads))


def wait_waiting(stack, count, seconds=120):
    wait_until(lambda: stack.waiting() >= count, seconds, f"{count} events waiting")
