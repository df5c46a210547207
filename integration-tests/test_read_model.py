"""Reads of the catalog: from memory, Redis or PostgreSQL, never too late and never back (rows Q8, Q9).

Two replicas of every service. A watcher asks both in turn, as a player's client behind
the gateway does, and must never read an older revision after a newer one.
Administrators read from PostgreSQL, so every reader here is a player."""
import contextlib
import os
import socket
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.api import Api
from kit.own_stack import free_base, own_stack
from kit.sp import SpClient, in_ms
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.catalog

GET_QUEST = "questline.catalog.v1.QuestQueryService/GetQuest"
LIST_QUESTS = "questline.catalog.v1.QuestQueryService/ListQuests"
UPDATE_QUEST = "questline.catalog.v1.QuestCommandService/UpdateQuest"
CATALOGS = ("catalog", "catalog-2")


@pytest.fixture(scope="module")
def two():
    with own_stack(2) as stack:
        yield stack


@pytest.fixture(autouse=True)
def both_run_again(two):
    yield
    two.heal()
    for name in ("postgres", "redis", "rabbitmq"):
        if name in two._stopped:
            two.start(name)
    wait_until(lambda: all(is_synced(two, name) for name in CATALOGS), 60, "caches that are synced")


@pytest.fixture
def admin(two):
    return Api(two.http).sign_in("admin", "password")


@pytest.fixture
def me(two):
    """A player."""
    api = Api(two.http)
    return api.as_user(api.sign_up())


@pytest.fixture
def quest(admin):
    reward = admin.post("/v1/rewards", {"rewardName": "Five gold", "rewardItem": "gold", "rewardQty": 5}).json()
    answer = admin.post("/v1/quests", {"rewardId": reward["rewardId"], "name": "A quest", "streak": 2, "duplication": 1,
                                       "eventTypes": [f"test.t{uuid.uuid4().hex[:8]}"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def answered(stack, name, place):
    return stack.metric(name, f'ql_catalog_reads_total{{from="{place}"}}')


def is_synced(stack, name):
    """The cache has its lease, and so has the read model in Redis."""
    return 0 <= stack.metric(name, "ql_catalog_cache_age_ms") < 400 and \
        stack.metric(name, "ql_catalog_read_model_synced") == 1


class Reader:
    """One replica, asked directly."""

    def __init__(self, contract, token, address):
        self.contract, self.token = contract, token
        self.client = SpClient(address, timeout=30)

    def read(self, quest_id):
        result = self.client.call(self.contract, GET_QUEST, self.contract.quest_query_service.GetQuestRequest(quest_id=quest_id),
                                  self.token, deadline_unix_ms=in_ms(10000))
        assert result.status.code == 0, result.status
        return self.contract.quest_query_service.GetQuestResponse.FromString(result.payload).quest.revision

    def rename(self, quest_id, name):
        request = self.contract.quest_command_service.UpdateQuestRequest(quest={"quest_id": quest_id, "name": name})
        result = self.client.call(self.contract, UPDATE_QUEST, request, self.token, deadline_unix_ms=in_ms(10000))
        assert result.status.code == 0, result.status
        return self.contract.quest_command_service.UpdateQuestResponse.FromString(result.payload).quest.revision


class Watcher:
    """Asks the readers in turn; notes when each revision was first seen by each."""

    def __init__(self, readers, quest_id):
        self.readers, self.quest_id = readers, quest_id
        self.seen, self.older, self.count, self.slowest = {}, [], 0, 0
        self.failure = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        newest = 0
        try:
            while not self.over.is_set():
                for index, reader in enumerate(self.readers):
                    asked = time.monotonic()
                    revision = reader.read(self.quest_id)
                    self.slowest = max(self.slowest, time.monotonic() - asked)
                    if revision < newest:
                        self.older.append((newest, revision))
                    newest = max(newest, revision)
                    self.seen.setdefault((revision, index), time.monotonic())
                    self.count += 1
        except Exception as failure:  # noqa: the test's thread reports it
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def wait_for(self, revision):
        """Until every reader has shown it; the moment of the last one."""
        keys = [(revision, index) for index in range(len(self.readers))]
        wait_until(lambda: self.failure or all(key in self.seen for key in keys), 20, f"revision {revision}")
        assert self.failure is None, self.failure
        return max(self.seen[key] for key in keys)

    def check(self):
        assert self.failure is None and self.older == [], (self.failure, self.older)


@pytest.fixture
def readers(two, contract, me):
    made = [Reader(contract, me.token, two.rpc(name)) for name in CATALOGS]
    yield made
    for reader in made:
        reader.client.close()


def rename(admin, quest, name):
    """Edits; the new revision and the moment of the answer."""
    answer = admin.call("PATCH", f"/v1/quests/{quest['questId']}", {"name": name})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["revision"]), time.monotonic()


def edits_are_seen(admin, watcher, quest, count, what):
    """Edits one after the other; every one is seen by every replica within a second."""
    took = []
    for number in range(count):
        revision, answered_at = rename(admin, quest, f"{what} {number}")
        took.append(watcher.wait_for(revision) - answered_at)
    print(f"\n{what}: edits seen by every replica after {min(took):.3f} to {max(took):.3f} s; "
          f"{watcher.count} reads, the slowest {watcher.slowest * 1000:.0f} ms")
    assert max(took) < 1
    watcher.check()


def test_an_edit_is_seen_within_a_second_and_nothing_older_again(two, admin, quest, readers):
    before = [answered(two, name, "memory") for name in CATALOGS]
    with Watcher(readers, quest["questId"]) as watcher:
        edits_are_seen(admin, watcher, quest, 10, "all well")
    for name, count in zip(CATALOGS, before):
        assert answered(two, name, "memory") > count


def test_the_gateway_shows_the_same(admin, me, quest):
    newest, path = 1, f"/v1/quests/{quest['questId']}"
    for number in range(3):
        revision, answered_at = rename(admin, quest, f"Name {number}")
        while newest < revision:
            shown = int(me.get(path).json()["revision"])
            assert shown >= newest and time.monotonic() - answered_at < 1
            newest = shown
    etag = me.get(path).headers["ETag"]
    assert etag == f'"{newest}"'
    unchanged = me.get(path, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    rename(admin, quest, "Changed")
    wait_until(lambda: me.get(path, headers={"If-None-Match": etag}).status_code == 200, 1, "the change")


def test_a_broker_that_hangs_or_is_away_delays_no_edit(two, admin, quest, readers):
    with Watcher(readers, quest["questId"]) as watcher:
        two.pause("rabbitmq")
        edits_are_seen(admin, watcher, quest, 3, "the broker hangs")
        assert all(answered(two, name, "postgres") > 0 for name in CATALOGS)
        two.resume("rabbitmq")
        two.stop("rabbitmq")
        edits_are_seen(admin, watcher, quest, 3, "the broker is away")
        two.start("rabbitmq")
        wait_until(lambda: all(is_synced(two, name) for name in CATALOGS), 60, "synced caches")
        edits_are_seen(admin, watcher, quest, 3, "the broker is back")
    assert all(two.metric(name, "ql_catalog_leases_lost_total") >= 1 for name in CATALOGS)


def holder_of(stack, admin, quest):
    """The replica whose relay published the last change."""
    before = [stack.metric(name, "ql_outbox_published_total") for name in CATALOGS]
    rename(admin, quest, "Who publishes this?")
    return wait_until(lambda: next((name for name, count in zip(CATALOGS, before)
                                    if stack.metric(name, "ql_outbox_published_total") > count), None), what="a holder")


def test_a_stopped_relay_delays_no_edit_and_its_process_shows_nothing_old(two, contract, admin, quest, readers):
    stopped = CATALOGS.index(holder_of(two, admin, quest))
    other = Reader(contract, admin.token, two.rpc(CATALOGS[1 - stopped]))
    with Watcher([readers[1 - stopped]], quest["questId"]) as watcher:
        watcher.wait_for(2)
        for number in range(4):
            two.pause(CATALOGS[stopped])
            revision = other.rename(quest["questId"], f"While it stands still {number}")
            answered_at = time.monotonic()
            assert watcher.wait_for(revision) - answered_at < 1
            two.resume(CATALOGS[stopped])
            assert readers[stopped].read(quest["questId"]) == revision
        watcher.check()
    other.client.close()


def test_a_flushed_redis_is_filled_again(two, admin, quest, readers):
    relists = sum(two.metric(name, "ql_catalog_relists_total") for name in CATALOGS)
    with Watcher(readers, quest["questId"]) as watcher, two.redis() as redis:
        redis.flushall()
        wait_until(lambda: redis.hget(f"ql:catalog:quest:{quest['questId']}", "revision") == b"1", what="the quest in Redis")
        quests = two.value("catalog", "select count(*) from quests")
        rewards = two.value("catalog", "select count(*) from rewards")
        settled(lambda: len(redis.keys("ql:catalog:quest:*")), quests)
        settled(lambda: len(redis.keys("ql:catalog:reward:*")), rewards)
        edits_are_seen(admin, watcher, quest, 3, "Redis was flushed")
        settled(lambda: redis.hget(f"ql:catalog:quest:{quest['questId']}", "revision"), b"4")
    assert sum(two.metric(name, "ql_catalog_relists_total") for name in CATALOGS) > relists


def test_without_redis_every_read_succeeds(two, admin, quest, readers):
    with Watcher(readers, quest["questId"]) as watcher:
        two.pause("redis")
        edits_are_seen(admin, watcher, quest, 3, "Redis hangs")
        two.resume("redis")
        two.stop("redis")
        edits_are_seen(admin, watcher, quest, 3, "Redis is away")
        assert all(two.metric(name, "ql_catalog_read_model_synced") == 0 for name in CATALOGS)
        two.start("redis")
        wait_until(lambda: all(is_synced(two, name) for name in CATALOGS), 60, "synced caches")
        with two.redis() as redis:
            settled(lambda: redis.hget(f"ql:catalog:quest:{quest['questId']}", "revision"), b"7")
        edits_are_seen(admin, watcher, quest, 2, "Redis is back")


def test_a_killed_replica_comes_back_with_nothing_old(two, admin, me, quest, contract):
    for number in range(2):
        revision, _ = rename(admin, quest, f"Before it dies {number}")
        two.kill("catalog")
        wait_until(lambda: two.is_ready("catalog") and listens(two.rpc("catalog")), 60, "the replica")
        reader = Reader(contract, me.token, two.rpc("catalog"))
        wait_until(lambda: reader.read(quest["questId"]) == revision, 1, "the edit")
        reader.client.close()


def listens(address):
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0


@contextlib.contextmanager
def lone_catalog(stack, **changes):
    """A further replica that the gateway does not know: as the first one, with other settings."""
    pid, base = stack.pid("catalog"), free_base()
    replaced = {key + "_FILE" for key in changes}
    with open(f"/proc/{pid}/environ", encoding="utf-8") as environ:
        settings = dict(line.split("=", 1) for line in environ.read().split("\0")
                        if "=" in line and line.split("=", 1)[0] not in replaced)
    settings.update(changes, QL_RPC_ADDRESS=f"tcp://127.0.0.1:{base}", QL_OPS_ADDRESS=f"127.0.0.1:{base + 1}")
    with open(stack.state / "log" / "catalog-lone.log", "ab") as log, \
            subprocess.Popen([os.readlink(f"/proc/{pid}/exe")], env=settings, cwd=stack.state, stderr=log) as process:
        stack.addresses["catalog-lone"] = (f"tcp://127.0.0.1:{base}", f"http://127.0.0.1:{base + 1}")
        try:
            wait_until(lambda: stack.is_ready("catalog-lone") and listens(("127.0.0.1", base)), 60, "the lone replica")
            yield "catalog-lone"
        finally:
            process.terminate()
            process.wait(30)


def test_a_cold_read_misses_and_fills_and_the_next_one_hits(two, contract, admin, me, quest):
    """Without a cache in memory: row Q8 as it is written."""
    key = f"ql:catalog:quest:{quest['questId']}"
    with lone_catalog(two, QL_CATALOG_CACHE_MAX="0") as name, two.redis() as redis:
        wait_until(lambda: two.metric(name, "ql_catalog_read_model_synced") == 1, what="a synced read model")
        reader = Reader(contract, me.token, two.rpc(name))
        wait_until(lambda: redis.hget(key, "revision") == b"1", what="the quest in Redis")
        redis.delete(key)
        before = {place: answered(two, name, place) for place in ("memory", "redis", "postgres")}
        assert reader.read(quest["questId"]) == 1
        assert answered(two, name, "postgres") == before["postgres"] + 1 and redis.hget(key, "revision") == b"1"
        wait_until(lambda: reader.read(quest["questId"]) and answered(two, name, "redis") > before["redis"], 5, "a hit")
        assert answered(two, name, "postgres") == before["postgres"] + 1
        assert answered(two, name, "memory") == before["memory"] == 0

        with Watcher([reader], quest["questId"]) as watcher:
            edits_are_seen(admin, watcher, quest, 3, "from Redis alone")
        reader.client.close()


def test_a_crowd_at_a_cold_key_costs_few_reads_of_postgres(two, contract, me, quest):
    with lone_catalog(two, QL_CATALOG_CACHE_MAX="0", QL_REDIS_URL="redis://127.0.0.1:1") as name:
        crowd = [Reader(contract, me.token, two.rpc(name)) for _ in range(100)]
        with ThreadPoolExecutor(len(crowd)) as pool:
            assert set(pool.map(lambda reader: reader.read(quest["questId"]), crowd)) == {1}
        print(f"\n100 reads of a cold key at once: {answered(two, name, 'postgres'):.0f} of PostgreSQL, "
              f"{answered(two, name, 'shared'):.0f} shared")
        assert answered(two, name, "postgres") <= 20
        assert answered(two, name, "postgres") + answered(two, name, "shared") == 100
        for reader in crowd:
            reader.client.close()


def test_the_read_model_is_rebuilt_from_nothing(two, admin, quest):
    pid = two.pid("catalog")
    with open(f"/proc/{pid}/environ", encoding="utf-8") as environ:
        settings = dict(line.split("=", 1) for line in environ.read().split("\0") if "=" in line)
    with two.redis() as redis:
        redis.set("ql:catalog:quest:nonsense", "left over")
        done = subprocess.run([os.readlink(f"/proc/{pid}/exe"), "--rebuild-read-model"], env=settings, cwd=two.state,
                              check=False, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert len(redis.keys("ql:catalog:quest:*")) == two.value("catalog", "select count(*) from quests")
        assert redis.hget(f"ql:catalog:quest:{quest['questId']}", "revision") == b"1"


def listed(caller, kind="quests", **query):
    found, token = [], ""
    while True:
        page = caller.get(f"/v1/{kind}", params={**query, "pageSize": 7, "pageToken": token}).json()
        found += [item[f"{kind[:-1]}Id"] for item in page[kind]]
        token = page["nextPageToken"]
        if not token:
            return found


def test_archived_quests_are_listed_on_demand(admin, me, quest):
    wait_until(lambda: quest["questId"] in listed(me), 1, "it in the list")
    assert admin.post(f"/v1/quests/{quest['questId']}:archive", {}).status_code == 200
    assert quest["questId"] not in listed(admin)
    wait_until(lambda: quest["questId"] not in listed(me), 1, "its leaving the list")
    for caller in (admin, me):
        everything = listed(caller, showArchived="true")
        assert quest["questId"] in everything and everything == sorted(set(everything))


ARCHIVED = 12000  # more than a process holds in memory
OLD_REWARDS = """
    INSERT INTO rewards (reward_id, reward_name, reward_item, reward_qty, revision, revised_at, archived)
    SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'old', 'gold', 1, 2,
           now() - interval '1 hour', true FROM generate_series(1, %s) AS i"""
OLD_QUESTS = """
    INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication, auto_claim, event_types,
                        revision, revised_at, archived)
    SELECT reward_id, reward_id, 'old', '', 1, 1, false, '{old.quest}', 2, revised_at, true
    FROM rewards WHERE reward_name = 'old'"""


@pytest.fixture
def archived(two):
    """As many archived quests and rewards, before all others by id."""
    with contextlib.closing(two.connect("catalog")) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(OLD_REWARDS, (ARCHIVED,))
            cursor.execute(OLD_QUESTS)
        yield
        with connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM quests WHERE name = 'old'")
            cursor.execute("DELETE FROM rewards WHERE reward_name = 'old'")


def is_from_memory(two, contract, me, name, open_quests):
    """One list of all that is open, asked of the process itself. True: it was answered from memory."""
    before = answered(two, name, "memory")
    with SpClient(two.rpc(name), timeout=30) as client:
        result = client.call(contract, LIST_QUESTS, contract.quest_query_service.ListQuestsRequest(page_size=200), me.token,
                             deadline_unix_ms=in_ms(10000))
    page = contract.quest_query_service.ListQuestsResponse.FromString(result.payload)
    assert len(page.quests) == open_quests and page.next_page_token == ""
    return answered(two, name, "memory") > before


def n_held(stack, name, kind):
    return stack.metric(name, f'ql_catalog_cache_entries{{kind="{kind}"}}')


def test_what_is_archived_fills_neither_pages_nor_memory(two, contract, admin, me, quest, archived):
    """However much is archived, the first page has what is open, from PostgreSQL and from memory alike."""
    open_ones = {kind: two.value("catalog", f"select count(*) from {kind} where not archived") for kind in ("quests", "rewards")}
    for caller in (admin, me):
        for kind, count in open_ones.items():
            page = caller.get(f"/v1/{kind}", params={"pageSize": 200}).json()
            assert len(page[kind]) == count and page["nextPageToken"] == ""
    with lone_catalog(two) as name:  # which fills its memory from what there is now
        wait_until(lambda: is_synced(two, name), 60, "a synced cache")
        for kind, count in open_ones.items():
            assert n_held(two, name, kind[:-1]) == count
        wait_until(lambda: is_from_memory(two, contract, me, name, open_ones["quests"]), 10, "a list from memory")
        assert admin.post(f"/v1/quests/{quest['questId']}:archive", {}).status_code == 200
        assert admin.post(f"/v1/rewards/{quest['rewardId']}:archive", {}).status_code == 200
        for kind, count in open_ones.items():
            settled(lambda: n_held(two, name, kind[:-1]), count - 1)


def test_room_that_was_made_by_archiving_is_used(two, contract, admin, me, quest):
    """A process with memory for all but one quest answers lists from memory once one more is archived."""
    count = two.value("catalog", "select count(*) from quests where not archived")
    with lone_catalog(two, QL_CATALOG_CACHE_MAX=str(count - 1)) as name:
        wait_until(lambda: is_synced(two, name), 60, "a synced cache")
        assert n_held(two, name, "quest") == count - 1
        assert not any(is_from_memory(two, contract, me, name, count) for _ in range(5))
        assert admin.post(f"/v1/quests/{quest['questId']}:archive", {}).status_code == 200
        settled(lambda: two.value("catalog", "select now() - revised_at > interval '1 s' from quests where quest_id = %s",
                                  quest["questId"]), True)  # it is shown to players no longer
        wait_until(lambda: is_from_memory(two, contract, me, name, count - 1), 10, "a list from memory")
        assert n_held(two, name, "quest") == count - 1
