"""Sign-in events from a filled queue to committed progress, beside plain inserts and beside more rules."""
import pathlib
import tempfile
import time
import uuid

import pika

from kit.api import Api
from kit.contract import compile_contract
from load import Pairs, turns
from process import wait_until

QUEUE = "questline.processing.v1"
EVENTS_OF_A_USER = 10
ROWS_OF_A_STATEMENT = 200


def sign_ins(contract, users, count):
    """Events of many users in turn, each user's first a NewUserSignIn."""
    now_ms = int(time.time() * 1000)
    for i in range(count):
        kind = "NewUserSignIn" if i < len(users) else "UserSignIn"
        event = contract.event.Event(event_id=str(uuid.uuid4()), event_type=kind, user_id=users[i % len(users)])
        event.occurred_at.FromMilliseconds(now_ms + i)
        event.body.Pack(contract.user_events.UserSignedIn(session_id=str(uuid.uuid4())))
        yield event


def fill(stack, contract, users, count):
    """Publishes count events and, once all wait in the queue, returns the last one's id."""
    connection = pika.BlockingConnection(pika.URLParameters(stack.secret("admin.amqp_url")))
    try:
        channel = connection.channel()
        last = None
        for event in sign_ins(contract, users, count):
            last = event.event_id
            channel.basic_publish("questline", "user.signed_in", event.SerializeToString(),
                                  pika.BasicProperties(message_id=event.event_id, type=event.event_type,
                                                       user_id="questline_admin", content_type="application/protobuf",
                                                       delivery_mode=2))

        def waits():
            return channel.queue_declare(QUEUE, passive=True).method.message_count >= count
        wait_until(waits, 120, f"{count} events in the queue")
        return last
    finally:
        connection.close()


def insert_again(database, condition, parameters, n_rows, rows_of_a_statement):
    """Inserts the newest rows that fit into a table like theirs: how many there were, and the seconds."""
    with database.cursor() as cursor:
        cursor.execute("drop table if exists bench_events")
        cursor.execute("create table bench_events (like events including all)")
        cursor.execute("select quote_nullable(id), quote_nullable(user_id), quote_nullable(event_type), "
                       "quote_nullable(\"timestamp\"), quote_nullable(payload), quote_nullable(traceparent) "
                       f"from events where {condition} order by seq desc limit %s", (*parameters, n_rows))
        rows = cursor.fetchall()
        statements = ["insert into bench_events (id, user_id, event_type, \"timestamp\", payload, traceparent) "
                      "values " + ",".join(f"({','.join(row)})" for row in rows[i:i + rows_of_a_statement])
                      for i in range(0, len(rows), rows_of_a_statement)]
        began = time.monotonic()
        for statement in statements:
            cursor.execute(statement)
        return len(rows), time.monotonic() - began


class Events:
    def __init__(self, bench):
        self.bench, self.stack = bench, bench.stack
        self.contract = compile_contract(pathlib.Path(tempfile.mkdtemp(dir=self.stack.state)))
        self.database = self.stack.connect("processing")
        self.database.autocommit = True
        self.admin = Api(self.stack.http).sign_in("admin", "password")

    def close(self):
        self.database.close()

    def value(self, sql, *parameters):
        with self.database.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()[0]

    def register(self, users):
        """Days are counted for registered users only."""
        with self.database.cursor() as cursor:
            cursor.execute("insert into events (id, user_id, event_type, \"timestamp\", payload) "
                           "select gen_random_uuid(), unnest(%s::uuid[]), 'UserRegistered', now(), '{}'", (users,))

    def stored(self):
        return self.value("select count(*) from events where seq > %s and event_type like '%%SignIn'", self.began)

    def processed(self):
        """Events a second, from the first seen commit to the last event's.

        One consumer takes the queue in order, so that the last event stands for all; it is looked for by
        its key, which costs the database next to nothing.
        """
        self.stack.stop("processing")
        users = [str(uuid.uuid4()) for _ in range(-(-self.bench.events // EVENTS_OF_A_USER))]
        self.register(users)
        last = fill(self.stack, self.contract, users, self.bench.events)
        self.began = self.value("select coalesce(max(seq), 0) from events")
        self.stack.start("processing")
        wait_until(lambda: self.value("select max(seq) from events") > self.began, 60, "the first commit")
        first_at, first = time.monotonic(), self.stored()
        wait_until(lambda: self.value("select exists (select from events where id = %s)", last), 300,
                   "the last event's commit")
        seconds = time.monotonic() - first_at
        assert self.stored() == self.bench.events
        progress = self.value("select count(*) from user_quest_rewards where user_id in "
                              "(select distinct user_id from events where seq > %s)", self.began)
        assert progress > 0, "events were stored and not evaluated"
        return (self.bench.events - first) / seconds

    def inserted(self):
        """The same rows a second, 200 a statement, each statement a transaction of its own."""
        n_rows, seconds = insert_again(self.database, "event_type like '%%SignIn'", (), self.bench.events,
                                       ROWS_OF_A_STATEMENT)
        return n_rows / seconds

    def processed_by_rules(self):
        """The same with two quests more, on the same events: one looks at the payload, one counts days."""
        quest_ids = [self.new_quest(conditions=[{"field": "sessionId", "operator": "EXISTS", "value": True},
                                                {"field": "sessionId", "operator": "NOT_EQUAL", "value": "none"}]),
                     self.new_quest(streakRule="DAILY")]
        try:
            return self.processed()
        finally:
            for quest_id in quest_ids:
                self.admin.post(f"/v1/quests/{quest_id}:archive").raise_for_status()
                self.await_quest(quest_id, 2)

    def new_quest(self, **more):
        reward = self.admin.post("/v1/rewards", {"rewardName": "One gold", "rewardItem": "gold", "rewardQty": 1})
        reward.raise_for_status()
        quest = self.admin.post("/v1/quests", {
            "rewardId": reward.json()["rewardId"], "name": "Benchmark", "streak": 3, "duplication": 2,
            "eventTypes": ["NewUserSignIn", "UserSignIn"], **more})
        quest.raise_for_status()
        self.await_quest(quest.json()["questId"], 1)
        return quest.json()["questId"]

    def await_quest(self, quest_id, revision):
        wait_until(lambda: self.value("select exists (select from events where event_type = 'QuestChanged' and "
                                      "payload->'quest'->>'questId' = %s and payload->'quest'->>'revision' = %s)",
                                      quest_id, str(revision)), 30, f"revision {revision} of a quest in processing")


def event_rows(bench, parts):
    """The user service rests meanwhile: the completions are nobody's."""
    events = Events(bench)
    bench.stack.stop("user")
    runs = {"events": events.inserted, "rules": events.processed_by_rules}
    runs = {part: run for part, run in runs.items() if part in parts}
    try:
        events.processed()  # rows to insert, and a warm start
        plain, *others = turns(bench.pairs, events.processed, *runs.values())
    finally:
        events.close()
        bench.stack.start("user")
    beside = dict(zip(runs, others))
    if "events" in parts:
        pairs = Pairs.of(plain, beside["events"])
        yield [f"sign-in events processed, {bench.events} waiting", f"{pairs.median(float):.0f} per s",
               f"inserts of {ROWS_OF_A_STATEMENT} rows, {pairs.median(float, pairs.baseline):.0f} per s",
               pairs.ratio(float), "at least 0.15"]
    if "rules" in parts:
        pairs = Pairs.of(beside["rules"], plain)
        yield ["the same, two more quests", f"{pairs.median(float):.0f} per s",
               f"without them, {pairs.median(float, pairs.baseline):.0f} per s", pairs.ratio(float), "-"]
