"""Sign-in events from a filled queue to committed progress, beside plain inserts."""
import pathlib
import tempfile
import time
import uuid

import pika

from kit.contract import compile_contract
from load import Pairs
from process import wait_until

QUEUE = "questline.processing.v1"
EVENTS_OF_A_USER = 10
ROWS_OF_A_STATEMENT = 200


def sign_ins(contract, count):
    """Events of many users in turn, each user's first a NewUserSignIn."""
    users = [str(uuid.uuid4()) for _ in range(-(-count // EVENTS_OF_A_USER))]
    now_ms = int(time.time() * 1000)
    for i in range(count):
        kind = "NewUserSignIn" if i < len(users) else "UserSignIn"
        event = contract.event.Event(event_id=str(uuid.uuid4()), event_type=kind, user_id=users[i % len(users)])
        event.occurred_at.FromMilliseconds(now_ms + i)
        event.body.Pack(contract.user_events.UserSignedIn(session_id=str(uuid.uuid4())))
        yield event


def fill(stack, contract, count):
    """Publishes count events and, once all wait in the queue, returns the last one's id."""
    connection = pika.BlockingConnection(pika.URLParameters(stack.secret("admin.amqp_url")))
    try:
        channel = connection.channel()
        last = None
        for event in sign_ins(contract, count):
            last = event.event_id
            channel.basic_publish("questline", "user.signed_in", event.SerializeToString(),
                                  pika.BasicProperties(message_id=event.event_id, type=event.event_type,
                                                       content_type="application/protobuf", delivery_mode=2))

        def waits():
            return channel.queue_declare(QUEUE, passive=True).method.message_count >= count
        wait_until(waits, 120, f"{count} events in the queue")
        return last
    finally:
        connection.close()


class Events:
    def __init__(self, bench):
        self.bench, self.stack = bench, bench.stack
        self.contract = compile_contract(pathlib.Path(tempfile.mkdtemp(dir=self.stack.state)))
        self.database = self.stack.connect("processing")
        self.database.autocommit = True
        self.counted = 0

    def close(self):
        self.database.close()

    def value(self, sql, *parameters):
        with self.database.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()[0]

    def stored(self):
        return self.value("select count(*) from events where seq > %s and event_type like '%%SignIn'", self.began)

    def processed(self):
        """Events a second, from the first seen commit to the last event's.

        One consumer takes the queue in order, so that the last event stands for all; it is looked for by
        its key, which costs the database next to nothing.
        """
        self.stack.stop("processing")
        last = fill(self.stack, self.contract, self.bench.events)
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
        assert progress > 0, "events were stored and not judged"
        return (self.bench.events - first) / seconds

    def inserted(self):
        """The same rows a second, 200 a statement, each statement a transaction of its own."""
        with self.database.cursor() as cursor:
            cursor.execute("drop table if exists bench_events")
            cursor.execute("create table bench_events (like events including all)")
            cursor.execute("select quote_nullable(id), quote_nullable(user_id), quote_nullable(event_type), "
                           "quote_nullable(\"timestamp\"), quote_nullable(payload), quote_nullable(traceparent) "
                           "from events where event_type like '%%SignIn' order by seq desc limit %s",
                           (self.bench.events,))
            rows = cursor.fetchall()
            statements = ["insert into bench_events (id, user_id, event_type, \"timestamp\", payload, traceparent) "
                          "values " + ",".join(f"({','.join(row)})" for row in rows[i:i + ROWS_OF_A_STATEMENT])
                          for i in range(0, len(rows), ROWS_OF_A_STATEMENT)]
            began = time.monotonic()
            for statement in statements:
                cursor.execute(statement)
            return len(rows) / (time.monotonic() - began)


def event_row(bench):
    """The user service rests meanwhile: the completions are nobody's."""
    bench.stack.stop("user")
    events = Events(bench)
    try:
        events.processed()  # rows to insert, and a warm start
        pairs = Pairs(bench.pairs, events.processed, events.inserted)
    finally:
        events.close()

    def same(rate):
        return rate

    return [f"sign-in events processed, {bench.events} waiting", f"{pairs.median(same):.0f} per s",
            f"inserts of {ROWS_OF_A_STATEMENT} rows, {pairs.median(same, pairs.baseline):.0f} per s",
            pairs.ratio(same), "at least 0.15"]
