"""What game servers publish, beside plain inserts of the same rows."""
import pathlib
import statistics
import tempfile
import time
import uuid

from google.protobuf import json_format, struct_pb2

from event_rows import insert_again
from kit.api import Api
from kit.contract import compile_contract
from load import Pairs, pgbench, request, send
from process import wait_until

CONNECTIONS = 8
CALLS = {1: 1200, 100: 80, 1000: 16}  # by the number of events in one
EVENT_TYPE = "bench.monster_killed"
PAYLOAD = {"weapon": "bow", "level": 7}


def server_token(stack):
    """The token of a game server that may publish EVENT_TYPE."""
    api = Api(stack.http)
    admin = Api(stack.http).sign_in("admin", "password")
    account = admin.post("/v1/serviceAccounts", {"displayName": "Benchmark", "eventTypes": ["bench.*"]})
    account.raise_for_status()
    key = admin.post(f"/v1/serviceAccounts/{account.json()['serviceAccountId']}/keys")
    key.raise_for_status()
    token = api.post("/v1/tokens", {"apiKey": key.json()["apiKey"]})
    token.raise_for_status()
    return token.json()["accessToken"]


def new_events(n_events):
    return [{"eventId": str(uuid.uuid4()), "eventType": EVENT_TYPE, "userId": str(uuid.uuid4()), "payload": PAYLOAD}
            for _ in range(n_events)]


class Publishing:
    def __init__(self, bench):
        self.bench, self.stack = bench, bench.stack
        self.contract = compile_contract(pathlib.Path(tempfile.mkdtemp(dir=self.stack.state)))
        self.database = self.stack.connect("processing")
        self.database.autocommit = True
        self.token = server_token(self.stack)

    def close(self):
        self.database.close()

    def value(self, sql, *parameters):
        with self.database.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()[0]

    def await_stored(self, began, n_events):
        wait_until(lambda: self.value("select count(*) from events where event_type = %s and seq > %s",
                                      EVENT_TYPE, began) >= n_events, 120, f"{n_events} published events stored")
        wait_until(lambda: self.value("select count(*) from outbox") == 0, 60, "an empty outbox")

    def last_seq(self):
        return self.value("select coalesce(max(seq), 0) from events")

    def accepted(self, size):
        """Events a second in calls of this size; afterwards all of them are stored."""
        began, n_calls = self.last_seq(), CALLS[size]
        calls = [request(self.token, "/v1/events", {"events": new_events(size)}) for _ in range(n_calls)]
        rate = send(self.bench, calls, CONNECTIONS) * size
        self.await_stored(began, size * n_calls)
        return rate

    def row(self, event):
        """The event's row of the outbox, as SQL."""
        sent = self.contract.event.Event(event_id=event["eventId"], event_type=event["eventType"],
                                         user_id=event["userId"], traceparent=f"00-{uuid.uuid4().hex}-{'1' * 16}-01")
        sent.occurred_at.GetCurrentTime()
        sent.body.Pack(json_format.ParseDict(event["payload"], struct_pb2.Struct()))
        return (f"('{sent.event_id}','{sent.event_type}','custom.{sent.event_type}',"
                f"'\\x{sent.SerializeToString().hex()}')")

    def inserted(self, size):
        """Rows of the outbox a second, as many a statement, in as many connections."""
        with self.database.cursor() as cursor:
            cursor.execute("drop table if exists bench_outbox")
            cursor.execute("create table bench_outbox (like outbox including all)")
            cursor.execute("grant insert on bench_outbox to ql_processing")
        script = ("insert into bench_outbox (event_id, event_type, routing_key, bytes) values "
                  + ",".join(self.row(event) for event in new_events(size)) + ";\n")
        return pgbench(self.bench, "processing", script, CONNECTIONS, CALLS[size] // CONNECTIONS) * size

    def until_stored(self, size):
        """Seconds from the call to the commit of its last event in the event table."""
        events = new_events(size)
        began, server = time.monotonic(), Api(self.stack.http).with_token(self.token)
        answer = server.post("/v1/events", {"events": events})
        assert answer.json()["accepted"] == size, answer.text
        wait_until(lambda: self.value("select exists (select from events where id = %s)", events[-1]["eventId"]),
                   30, "the published events stored")
        return time.monotonic() - began

    def inserted_once(self, size):
        """Seconds of one statement with the same rows, in a transaction of its own."""
        return insert_again(self.database, "event_type = %s", (EVENT_TYPE,), size, size)[1]


def publish_rows(bench):
    publishing = Publishing(bench)
    try:
        for size in CALLS:
            pairs = Pairs(bench.pairs, lambda s=size: publishing.accepted(s), lambda s=size: publishing.inserted(s))
            yield [f"events published, {size} a call, {CONNECTIONS} conn.", f"{pairs.median(float):.0f} per s",
                   f"inserts of {size} rows, {pairs.median(float, pairs.baseline):.0f} per s", pairs.ratio(float), "-"]
        size = max(CALLS)
        pairs = Pairs(bench.pairs, lambda: publishing.until_stored(size),
                      lambda: publishing.inserted_once(size))
        yield [f"{size} events, from the call to the event table",
               f"{statistics.median(pairs.ours) * 1000:.0f} ms",
               f"one insert of {size} rows, {statistics.median(pairs.baseline) * 1000:.0f} ms",
               pairs.ratio(float), "-"]
    finally:
        publishing.close()
