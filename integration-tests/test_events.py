"""The event table: everything is stored once, in arrival order (rows Q14, Q21, P1)."""
import time
import uuid

import pytest
import psycopg2
from google.protobuf import any_pb2, struct_pb2

from kit.waiting import settled, wait_until

pytestmark = pytest.mark.processing

DEAD = "questline.processing.v1.dead"


def sign_in_event(contract, user_id, kind="UserSignIn", event_id=None):
    event = contract.event.Event(event_id=event_id or str(uuid.uuid4()), event_type=kind, user_id=user_id)
    event.occurred_at.FromMilliseconds(int(time.time() * 1000))
    if kind in ("UserSignIn", "NewUserSignIn"):
        event.body.Pack(contract.user_events.UserSignedIn(session_id=str(uuid.uuid4())))
    else:
        body = struct_pb2.Struct()
        body.update({"level": 3})
        event.body.Pack(body)
    return event


def publish(stack, event, key, times=1, body=None):
    import pika
    with stack.broker() as channel:
        for _ in range(times):
            channel.basic_publish("questline", key, body if body is not None else event.SerializeToString(),
                                  pika.BasicProperties(message_id=event.event_id, type=event.event_type,
                                                       content_type="application/protobuf", delivery_mode=2),
                                  mandatory=True)


def drain_dead_letters(stack):
    found = []
    with stack.broker() as channel:
        while True:
            method, properties, body = channel.basic_get(DEAD, auto_ack=True)
            if method is None:
                return found
            found.append((properties.headers or {}, body))


def test_an_event_delivered_three_times_counts_once(stack, contract, api, player):
    token = api.post_session(player).json()["accessToken"]
    event = sign_in_event(contract, player.user_id)
    publish(stack, event, "user.signed_in", times=3)
    marker = sign_in_event(contract, player.user_id, "test.marker")
    publish(stack, marker, "custom.test.marker")
    settled(lambda: stack.value("processing", "select count(*) from events where id = %s", marker.event_id), 1)
    assert stack.value("processing", "select count(*) from events where id = %s", event.event_id) == 1
    assert [p["streak"] for p in api.with_token(token).progress()] == [2]


def test_a_sign_in_before_its_first_sign_in_counts(stack, contract, api, player, admin):
    """Known fault of the original: a UserSignIn that overtakes its NewUserSignIn is dropped."""
    for kind in ("UserSignIn", "NewUserSignIn"):
        publish(stack, sign_in_event(contract, player.user_id, kind), "user.signed_in")
    settled(lambda: stack.rows("processing", "select streak from user_quest_rewards where user_id = %s",
                               player.user_id), [(2,)])
    assert [e["eventType"] for e in admin.events(userId=player.user_id) if "SignIn" in e["eventType"]] == \
        ["UserSignIn", "NewUserSignIn"]


def test_an_event_of_an_unknown_type_is_stored(stack, contract, player, admin):
    event = sign_in_event(contract, player.user_id, "monster.killed")
    publish(stack, event, "custom.monster.killed")
    found = wait_until(lambda: admin.events(userId=player.user_id, eventType="monster.killed"))
    assert [(e["eventId"], e["payload"]) for e in found] == [(event.event_id, {"level": 3})]


@pytest.mark.parametrize("case", ["garbage", "truncated", "wrong key", "forged completion", "no id"])
def test_a_poisoned_message_goes_to_the_dead_letters_and_blocks_nobody(stack, contract, api, player, case):
    drain_dead_letters(stack)
    event = sign_in_event(contract, player.user_id)
    body, key = event.SerializeToString(), "user.signed_in"
    if case == "garbage":
        body = b"\xff\xfe this is no envelope"
    elif case == "truncated":
        body = body[:-5]
    elif case == "wrong key":
        key = "custom.monster.killed"
    elif case == "forged completion":
        event.event_type, key = "QuestCompleted", "quest.completed"
        event.body.Pack(contract.processing_events.QuestCompleted(quest_id=str(uuid.uuid4()), ordinal=1))
        body = event.SerializeToString()
    else:
        event.event_id = ""
        body = event.SerializeToString()
    publish(stack, event, key, body=body)
    token = api.post_session(player).json()["accessToken"]
    settled(lambda: [p["streak"] for p in api.with_token(token).progress()], [1])
    dead = []
    wait_until(lambda: dead.extend(drain_dead_letters(stack)) or any(letter[1] == body for letter in dead))
    headers = next(letter[0] for letter in dead if letter[1] == body)
    assert headers["x-reason"]
    assert stack.value("processing", "select count(*) from events where user_id = %s and event_type = "
                       "'QuestCompleted'", player.user_id) == 0


def test_an_any_of_a_foreign_type_is_refused(stack, contract, player):
    drain_dead_letters(stack)
    event = sign_in_event(contract, player.user_id, "monster.killed")
    event.body.CopyFrom(any_pb2.Any(type_url="type.googleapis.com/nobody.knows.This", value=b"\x08\x01"))
    publish(stack, event, "custom.monster.killed")
    dead = []
    wait_until(lambda: dead.extend(drain_dead_letters(stack)) or dead)
    assert stack.value("processing", "select count(*) from events where id = %s", event.event_id) == 0


def test_the_event_table_is_append_only(stack, api, player):
    api.post_session(player)
    settled(lambda: stack.value("processing", "select count(*) from events where user_id = %s and event_type = "
                                "'NewUserSignIn'", player.user_id), 1)
    connection = stack.connect("processing", role="ql_processing")
    for statement in ("update events set event_type = 'x'", "delete from events", "truncate events"):
        with pytest.raises(psycopg2.Error):
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
    connection.close()


def test_events_are_listed_to_an_administrator_only(api, player, admin):
    me = api.as_user(player)
    assert me.get("/v1/events").status_code == 403
    assert api.get("/v1/events").status_code == 401
    answer = admin.get("/v1/events", params={"userId": "not-a-uuid"})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][1]["fieldViolations"][0]["field"] == "userId"
    pages = admin.get("/v1/events", params={"pageSize": 1}).json()
    assert len(pages["events"]) == 1 and pages["nextPageToken"]


def test_what_a_full_queue_refused_is_published_once_it_takes_again(stack, contract, api, player):
    """RabbitMQ refuses on for ever on a channel that it has refused on once, unless another one is asked."""
    late, refused = api.sign_up(), 'ql_events_published_total{result="refused"}'

    def claims(user):
        return stack.value("user", "select count(*) from reward_claims where user_id = %s", user.user_id)

    def waiting():
        with stack.broker() as channel:
            return channel.queue_declare("questline.user.v1", passive=True).method.message_count

    stack.stop("user")
    for _ in range(6):
        publish(stack, sign_in_event(contract, player.user_id), "user.signed_in")
    settled(waiting, 2)
    n_refused = stack.metric("processing", refused)
    stack.rabbitmqctl("set_policy", "full", r"^questline\.user\.v1$",
                      '{"max-length": 1, "overflow": "reject-publish"}', "--apply-to", "queues")
    try:
        for _ in range(6):
            publish(stack, sign_in_event(contract, late.user_id), "user.signed_in")
        wait_until(lambda: stack.metric("processing", refused) >= n_refused + 2, what="a refusal")
    finally:
        stack.rabbitmqctl("clear_policy", "full")
    stack.start("user")
    settled(lambda: (claims(player), claims(late)), (2, 2))
