"""questctl: what an operator sees and does from the command line."""
import importlib
import json
import subprocess
import time
import uuid

import pika
import pytest

from kit.api import error
from kit.questctl import ForeignService, Questctl
from kit.stack import SERVICES
from kit.waiting import settled, wait_until
from test_events import DEAD, drain_dead_letters, publish, sign_in_event


@pytest.fixture(scope="module")
def questctl(stack):
    return Questctl(stack)


@pytest.fixture(scope="module")
def token(questctl):
    """An administrator's, got once: each sign-in is an event."""
    return {"QL_TOKEN": questctl.run("login", "admin", QL_PASSWORD="password").strip()}


def bury(event, key, reason="TEST"):
    """Puts an event among processing's dead letters, as its consumer does."""
    properties = pika.BasicProperties(message_id=event.event_id, type=event.event_type, delivery_mode=2,
                                      headers={"x-reason": reason, "x-text": "put there by a test",
                                               "x-original-routing-key": key})
    return lambda channel: channel.basic_publish("", DEAD, event.SerializeToString(), properties)


def stored(stack, event):
    return stack.value("processing", "select count(*) from events where id = %s", event.event_id)


# Reflection.

def test_every_service_is_listed_described_and_called(stack, questctl, token):
    listed = {row["service"]: [method["name"] for method in row["methods"]] for row in questctl.json("list")}
    assert set(listed) == set(SERVICES)
    names = sorted({name for methods in listed.values() for name in methods})
    assert len(names) > 15
    for name in names[::4]:
        shown = questctl.json("describe", name)
        assert shown["kind"] == "method" and shown["name"] == name
        assert f"rpc {name.split('/')[1]}({shown['input']}) returns ({shown['output']})" in shown["text"]
    for service in SERVICES:
        assert questctl.json("call", "HealthService/CheckHealth", "--service", service) == \
            {"service": service, "state": "SERVING_STATE_SERVING"}
    assert questctl.json("call", "questline.catalog.v1.QuestQueryService/ListQuests")["quests"]
    assert questctl.json("call", "EventService/ListEvents", "-", stdin='{"pageSize": 1}', **token)["events"]
    user_id = stack.value("user", "select user_id from users where user_name = 'user'")
    assert questctl.json("call", "UserService/GetUser", json.dumps({"userId": str(user_id)}))["user"]["userName"] == \
        "user"


def test_a_service_it_never_heard_of_is_listed_described_and_called(contract, questctl, tmp_path):
    (tmp_path / "greeter.proto").write_text("""
        syntax = "proto3";
        package other.v1;
        // Greets.
        service Greeter {
          // Says hello, louder each time.
          rpc Greet(GreetRequest) returns (GreetResponse) {}
        }
        message GreetRequest {
          // Who is there.
          string who = 1;
          repeated Mood moods = 2;
        }
        message GreetResponse { map<string, int64> loudness_by_name = 1; }
        enum Mood { MOOD_UNSPECIFIED = 0; MOOD_FINE = 1; }
        """)
    subprocess.run(["protoc", f"-I{tmp_path}", f"--python_out={tmp_path}", "--include_source_info",
                    f"-o{tmp_path}/set", "greeter.proto"], check=True)
    reflection = importlib.import_module("questline.rpc.v1.reflection_service_pb2")
    spec = importlib.util.spec_from_file_location("greeter_pb2", tmp_path / "greeter_pb2.py")
    greeter = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(greeter)

    def greet(payload):
        request = greeter.GreetRequest.FromString(payload)
        return greeter.GreetResponse(loudness_by_name={request.who: 7 + len(request.moods)})

    service = ForeignService(contract, reflection.GetDescriptorSetResponse, "greeter",
                             (tmp_path / "set").read_bytes(), {"other.v1.Greeter/Greet": greet})
    try:
        there = {"QL_GREETER_ADDRESS": service.address}
        assert "other.v1.Greeter" in questctl.run("list", "greeter", **there)
        text = questctl.run("describe", "other.v1.GreetRequest", **there)
        assert "  // Who is there.\n  string who = 1;\n  repeated other.v1.Mood moods = 2;\n" in text
        assert "map<string, int64> loudness_by_name = 1;" in questctl.run("describe", "Greeter/Greet", **there)
        assert questctl.json("call", "Greeter/Greet", '{"who": "ada", "moods": ["MOOD_FINE"]}', **there) == \
            {"loudnessByName": {"ada": "8"}}
        refused = questctl.run("call", "Greeter/Greet", '{"whom": "ada"}', status=1, **there)
        assert "whom" in refused and "INVALID_FIELD" in refused
    finally:
        service.close()


def test_failures_are_printed_and_set_the_exit_status(questctl):
    assert "Usage" in questctl.run("no-such-command", status=2)
    assert "--no-such-option" in questctl.run("list", "--no-such-option", status=2)
    assert "METHOD_NOT_FOUND" in questctl.run("call", "Nobody/Knows", status=1)
    assert "METHOD_AMBIGUOUS" in questctl.run("call", "HealthService/CheckHealth", status=1)
    assert "MALFORMED_JSON" in questctl.run("call", "QuestQueryService/ListQuests", "{", status=1)
    assert "NAME_NOT_FOUND" in questctl.run("describe", "NobodyKnows", status=1)
    # With the key of a stack questctl is a service: no administrator.
    failure = json.loads(questctl.run("call", "EventService/ListEvents", "--json", status=1))
    assert (failure["error"]["status"], failure["error"]["reason"]) == ("PERMISSION_DENIED", "ROLE_NOT_ALLOWED")
    assert "BAD_CREDENTIALS" in questctl.run("login", "admin", status=1, QL_PASSWORD="wrong password")


# Health.

def test_health_reports_a_stopped_replica(stack, questctl):
    assert {row["service"]: row["isServing"] for row in questctl.json("health")} == \
        dict.fromkeys((*SERVICES, "gateway"), True)
    stack.stop("catalog")
    rows = {row["service"]: row for row in json.loads(questctl.run("health", "--json", status=1).splitlines()[0])}
    assert not rows["catalog"]["isServing"] and rows["catalog"]["state"] == "UNAVAILABLE"
    assert all(rows[name]["isServing"] for name in ("user", "processing", "gateway"))
    questctl.run("health", "user")
    stack.start("catalog")
    questctl.run("health")


def test_health_reports_a_replica_that_hangs(stack, questctl):
    stack.pause("catalog")
    began = time.monotonic()
    assert "catalog" in questctl.run("health", status=1)
    assert time.monotonic() - began < 15
    stack.resume("catalog")
    questctl.run("health")


def test_health_asks_the_gateway_too(stack, questctl):
    """It is no service and has no RPC: its port for operators answers."""
    row, = questctl.json("health", "gateway")
    assert (row["service"], row["address"], row["state"]) == \
        ("gateway", stack.ops("gateway").removeprefix("http://"), "SERVING")
    stack.pause("gateway")
    row, = json.loads(questctl.run("health", "gateway", "--json", status=1).splitlines()[0])
    assert (row["isServing"], row["state"]) == (False, "DEADLINE_EXCEEDED")
    stack.resume("gateway")
    stack.stop("gateway")
    rows = {row["service"]: row for row in json.loads(questctl.run("health", "--json", status=1).splitlines()[0])}
    assert (rows["gateway"]["isServing"], rows["gateway"]["state"]) == (False, "UNAVAILABLE")
    assert all(rows[name]["isServing"] for name in SERVICES)
    stack.start("gateway")
    questctl.run("health")


# Events.

def test_tail_sees_a_sign_in_and_disturbs_nobody(stack, questctl, api, player):
    tail = questctl.start("events", "tail", "--user", player.user_id, "--count", "1", "--seconds", "60", "--json")
    assert tail.stderr.readline() == "questctl: watching\n"
    answer = api.post_session(player).json()
    seen, _ = tail.communicate(timeout=90)
    assert tail.returncode == 0
    event = json.loads(seen)
    assert (event["eventType"], event["eventId"], event["routingKey"]) == \
        ("NewUserSignIn", answer["eventId"], "user.signed_in")
    settled(lambda: stack.value("processing", "select count(*) from events where id = %s", answer["eventId"]), 1)
    with stack.broker() as channel:
        for service in ("user", "processing"):
            assert channel.queue_declare(f"questline.{service}.v1", passive=True).method.consumer_count >= 1


def test_replay_doubles_nothing(stack, contract, questctl, token, api, player):
    drain_dead_letters(stack)
    tokens = [api.post_session(player).json()["accessToken"] for _ in range(7)]
    me = api.with_token(tokens[0])
    settled(lambda: [(p["streak"], p["duplication"]) for p in me.progress()], [(0, 2)])
    settled(lambda: len(me.claims()), 2)
    # The seventh sign-in changes nothing but the table: registered, seven, two completions.
    settled(lambda: stack.value("processing", "select count(*) from events where user_id = %s", player.user_id), 10)
    events = stack.rows("processing", "select id from events where user_id = %s order by seq", player.user_id)
    done = 'ql_events_consumed_total{type="QuestCompleted"}'
    handled = stack.metric("user", done)

    counts = questctl.json("events", "replay", "--to", "processing", "--user", player.user_id, "--dry-run", **token)
    assert (counts["read"], counts["put"], counts["dryRun"]) == (len(events), len(events), True)
    for _ in range(2):
        counts = questctl.json("events", "replay", "--to", "processing", "--user", player.user_id, **token)
        assert counts == {"read": len(events), "put": len(events), "ofNoInterest": 0, "leftOut": 0, "dryRun": False}
        counts = questctl.json("events", "replay", "--to", "user", "--user", player.user_id, **token)
        assert (counts["put"], counts["ofNoInterest"]) == (2, len(events) - 2)
    assert questctl.json("events", "replay", "--to", "user", "--user", player.user_id, "--type", "QuestCompleted",
                         "--until", "2020-01-01", **token)["put"] == 0

    wait_until(lambda: stack.metric("user", done) >= handled + 4, what="the replayed completions handled")
    marker = sign_in_event(contract, player.user_id, "test.marker")
    publish(stack, marker, "custom.test.marker")
    settled(lambda: stored(stack, marker), 1)
    events.append((marker.event_id,))
    assert stack.rows("processing", "select id from events where user_id = %s order by seq", player.user_id) == events
    assert [(p["streak"], p["duplication"]) for p in me.progress()] == [(0, 2)]
    assert len(me.claims()) == 2
    assert not drain_dead_letters(stack)


def refused(questctl, replay, token):
    """What a replay said that failed; None when the policy is not there yet and all was taken."""
    done = questctl.start(*replay, "--json", **token)
    out, err = done.communicate(timeout=60)
    return out + err if done.returncode == 1 else None


def test_what_was_lost_is_brought_back_by_a_replay(stack, questctl, token, api, player):
    """A claim that somebody deleted by hand, and its inbox row with it."""
    me = api.with_token([api.post_session(player).json()["accessToken"] for _ in range(3)][0])
    settled(lambda: len(me.claims()), 1)
    with stack.connect("user") as connection, connection.cursor() as cursor:
        cursor.execute("delete from reward_claims where user_id = %s", (player.user_id,))
        cursor.execute("delete from inbox")
    connection.close()
    questctl.run("events", "replay", "--to", "user", "--user", player.user_id, **token)
    settled(lambda: len(me.claims()), 1)


def test_a_replay_leaves_out_what_is_erased(stack, questctl, token, api, player):
    drain_dead_letters(stack)
    me = api.with_token([api.post_session(player).json()["accessToken"] for _ in range(3)][0])
    settled(lambda: len(me.claims()), 1)
    assert me.delete_account(player).status_code == 200
    settled(lambda: stack.value("processing", "select count(*) from event_erasures where user_id = %s and "
                                "completed_at is not null", player.user_id), 1)
    counts = questctl.json("events", "replay", "--to", "user", "--user", player.user_id, "--type", "QuestCompleted",
                           **token)
    assert (counts["read"], counts["put"], counts["leftOut"]) == (1, 0, 1)
    assert not drain_dead_letters(stack)


def test_a_replay_reports_what_the_broker_refused(stack, contract, questctl, token, api, player):
    letter = sign_in_event(contract, player.user_id, "monster.killed")
    me = api.with_token([api.post_session(player).json()["accessToken"] for _ in range(6)][0])
    settled(lambda: len(me.claims()), 2)
    replay = ("events", "replay", "--to", "user", "--user", player.user_id)
    stack.stop("user")
    assert questctl.json(*replay, **token)["put"] == 2
    stack.rabbitmqctl("set_policy", "full", r"^questline\.user\.v1$",
                      '{"max-length": 1, "overflow": "reject-publish"}', "--apply-to", "queues")
    try:
        said = wait_until(lambda: refused(questctl, replay, token), what="a refusal")
        with stack.broker() as channel:
            channel.basic_publish("", "questline.user.v1.dead", letter.SerializeToString(), pika.BasicProperties(
                message_id=letter.event_id, type=letter.event_type, delivery_mode=2))
        assert "the broker refused" in questctl.run("dead-letters", "replay", "user", "--all", status=1)
        assert questctl.json("dead-letters", "drop", "user", letter.event_id) == {"dropped": 1}
    finally:
        stack.rabbitmqctl("clear_policy", "full")
    assert '"put":0' in said and "the broker refused" in said
    stack.start("user")
    settled(lambda: len(me.claims()), 2)


# Dead letters.

def test_a_dead_letter_is_listed_shown_replayed_and_dropped(stack, contract, questctl, player):
    drain_dead_letters(stack)
    first, second = (sign_in_event(contract, player.user_id, "monster.killed") for _ in range(2))
    with stack.broker() as channel:
        for event in (first, second):
            bury(event, "custom.monster.killed")(channel)
    ids = sorted((first.event_id, second.event_id))
    for _ in range(2):  # looking takes nothing
        assert [letter["letterId"] for letter in questctl.json("dead-letters", "list", "processing")] == ids
    letter = questctl.json("dead-letters", "show", "processing", first.event_id)
    assert (letter["type"], letter["reason"], letter["routingKey"]) == \
        ("monster.killed", "TEST", "custom.monster.killed")
    assert letter["event"]["payload"] == {"level": 3} and letter["event"]["userId"] == player.user_id

    assert questctl.json("dead-letters", "replay", "processing", first.event_id) == {"replayed": 1}
    settled(lambda: stored(stack, first), 1)
    assert "DEAD_LETTER_NOT_FOUND" in questctl.run("dead-letters", "show", "processing", first.event_id, status=1)
    assert questctl.json("dead-letters", "drop", "processing", second.event_id) == {"dropped": 1}
    assert questctl.json("dead-letters", "list", "processing") == []
    assert stored(stack, second) == 0
    assert "--all" in questctl.run("dead-letters", "drop", "processing", status=2)


def test_many_dead_letters_are_replayed_at_once(stack, contract, questctl, player):
    drain_dead_letters(stack)
    events = [sign_in_event(contract, player.user_id, "monster.killed") for _ in range(150)]
    with stack.broker() as channel:
        for event in events:
            bury(event, "custom.monster.killed")(channel)
        channel.basic_publish("", DEAD, b"no event at all")
    assert len(questctl.json("dead-letters", "list", "processing")) == 151
    assert len(questctl.json("dead-letters", "list", "processing", "--count", "7")) == 7
    assert questctl.json("dead-letters", "replay", "processing", "--all") == {"replayed": 151}
    settled(lambda: stack.value("processing", "select count(*) from events where user_id = %s and event_type = "
                                "'monster.killed'", player.user_id), 150)
    # What was no event then is none now.
    settled(lambda: [letter["bytes"] for letter in questctl.json("dead-letters", "list", "processing")], [15])
    assert questctl.json("dead-letters", "drop", "processing", "--all") == {"dropped": 1}


def test_dead_letters_are_an_administrators_over_http(stack, contract, api, admin, player):
    drain_dead_letters(stack)
    first, second = (sign_in_event(contract, player.user_id, "monster.killed") for _ in range(2))
    with stack.broker() as channel:
        for event in (first, second):
            bury(event, "custom.monster.killed")(channel)
    found, token = [], ""
    for _ in range(2):  # two pages of one
        answer = admin.get("/v1/deadLetters/processing", params={"pageSize": 1, "pageToken": token})
        assert answer.status_code == 200, answer.text
        found += answer.json()["deadLetters"]
        token = answer.json()["nextPageToken"]
    assert not answer.json()["nextPageToken"]
    assert [letter["eventId"] for letter in found] == sorted((first.event_id, second.event_id))
    assert found[0]["payload"] == {"level": 3} and found[0]["reason"] == "TEST"
    assert (found[0]["userId"], found[0]["routingKey"]) == (player.user_id, "custom.monster.killed")

    path = f"/v1/deadLetters/processing/{first.event_id}:"
    assert error(api.as_user(player).post(path + "replay"))[:2] == (403, "PERMISSION_DENIED")
    assert admin.post(path + "replay").json() == {"replayed": 1}
    settled(lambda: stored(stack, first), 1)
    assert admin.post(path + "replay").json() == {"replayed": 0}
    path = f"/v1/deadLetters/processing/{second.event_id}:"
    assert admin.post(path + "drop").json() == {"dropped": 1}
    assert admin.post(path + "drop").json() == {"dropped": 0}
    assert admin.get("/v1/deadLetters/processing").json() == {"deadLetters": [], "nextPageToken": ""}
    assert error(admin.get("/v1/deadLetters/nobody")) == (404, "NOT_FOUND", "QUEUE_NOT_FOUND")
    for event, method in ((first, "ReplayDeadLetter"), (second, "DropDeadLetter")):
        acts = wait_until(lambda e=event: admin.get("/v1/audit", params={
            "target": f"deadLetter/processing/{e.event_id}"}).json()["entries"])
        assert [act["method"].endswith(method) for act in acts] == [True]


def test_dead_letters_are_reached_while_services_are_down(stack, contract, questctl):
    event = sign_in_event(contract, str(uuid.uuid4()), "monster.killed")
    stack.stop("processing")
    with stack.broker() as channel:
        bury(event, "custom.monster.killed")(channel)
    assert questctl.json("dead-letters", "replay", "processing", event.event_id) == {"replayed": 1}
    stack.start("processing")
    settled(lambda: stored(stack, event), 1)


# Load.

def test_load_measures_and_has_limits(questctl):
    found = questctl.json("load", "QuestQueryService/ListQuests", "{}", "--calls", "200", "--connections", "3")
    assert (found["calls"], found["failed"], found["failures"]) == (200, 0, [])
    assert 0 < found["latencyUs"]["p50"] <= found["latencyUs"]["p99"] <= found["latencyUs"]["max"]
    failed = json.loads(questctl.run("load", "UserService/GetUser", json.dumps({"userId": str(uuid.uuid4())}),
                                     "--calls", "10", "--json", status=1))
    assert failed["failures"] == [{"what": "NOT_FOUND (USER_NOT_FOUND)", "n": 10}]
    assert "1000000" in questctl.run("load", "A/B", "--calls", "1000001", status=2)
    assert "64" in questctl.run("load", "A/B", "--connections", "65", status=2)


@pytest.mark.parametrize("action", ["replay", "drop"])
def test_what_cannot_be_recorded_is_not_done_to_a_dead_letter(stack, contract, admin, player, action):
    drain_dead_letters(stack)
    event = sign_in_event(contract, player.user_id, "monster.killed")
    with stack.broker() as channel:
        bury(event, "custom.monster.killed")(channel)
    connection = stack.connect("processing")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("lock table outbox in exclusive mode")
            answer = admin.post(f"/v1/deadLetters/processing/{event.event_id}:{action}")
            assert answer.status_code in (503, 504), answer.text
    finally:
        connection.close()
    settled(lambda: [letter["eventId"] for letter in admin.get("/v1/deadLetters/processing").json()["deadLetters"]],
            [event.event_id])
    assert stored(stack, event) == 0
    assert admin.post(f"/v1/deadLetters/processing/{event.event_id}:drop").json() == {"dropped": 1}
