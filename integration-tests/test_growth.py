"""What a large event table does to whoever uses it: nothing that waits for it."""
import os
import time
import uuid

import pika
import pytest
from google.protobuf import struct_pb2

from kit.api import Api
from kit.own_stack import own_stack
from kit.waiting import settled, wait_until

pytestmark = pytest.mark.processing

IS_LONG = os.environ.get("QL_LONG") == "1"
POISON = 500 if IS_LONG else 20
QUESTS = 100_000
# Of the long runs: what a user may wait for a sign-in to be stored, and an operator for a process to evaluate.
STORED_S, STARTED_S = 2, 15
PATIENCE_S = 600 if IS_LONG else 60


def publish_poison(stack, contract, kind, n):
    """Numbers that are short as text and have 309 digits."""
    body = struct_pb2.Struct()
    body.update({"a": [1e308] * 20000})
    with stack.broker() as channel:
        for _ in range(n):
            event = contract.event.Event(event_id=str(uuid.uuid4()), event_type=kind, user_id=str(uuid.uuid4()))
            event.occurred_at.GetCurrentTime()
            event.body.Pack(body)
            channel.basic_publish("questline", f"custom.{kind}", event.SerializeToString(),
                                  pika.BasicProperties(message_id=event.event_id, type=kind, delivery_mode=2,
                                                       content_type="application/protobuf"), mandatory=True)


def sign_ins(stack, user_id):
    return stack.value("processing", "select count(*) from events where user_id = %s and event_type like '%%UserSignIn'",
                       user_id)


def test_a_backfill_over_large_payloads_ends_and_nobody_waits_for_it(stack, admin, api, contract):
    kind = f"t{uuid.uuid4().hex[:10]}.monster.killed"
    publish_poison(stack, contract, kind, POISON)
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = %s", kind), POISON,
            seconds=PATIENCE_S)
    assert stack.value("processing", "select max(payload_bytes) from events where event_type = %s", kind) < 200_000
    reward = admin.post("/v1/rewards", {"rewardName": "Gold", "rewardItem": "gold", "rewardQty": 1}).json()
    made = admin.post("/v1/quests", {"rewardId": reward["rewardId"], "name": "Hunt", "streak": 1, "duplication": 9,
                                     "eventTypes": [kind], "backfill": True})
    assert made.status_code == 200, made.text
    player = api.sign_up()
    before = time.monotonic()
    api.as_user(player)
    wait_until(lambda: sign_ins(stack, player.user_id) > 0)
    if IS_LONG:
        assert time.monotonic() - before < STORED_S
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestCompleted' and "
                                "payload->>'questId' = %s", made.json()["questId"]), POISON, seconds=PATIENCE_S)
    assert stack.value("processing", "select count(*) from events where event_type = 'QuestBackfill' and "
                       "payload->>'questId' = %s", made.json()["questId"]) > POISON // 20
    answer = admin.get(f"/v1/events?eventType={kind}&pageSize=500")
    assert answer.status_code == 200 and answer.json()["events"], answer.text[:300]


@pytest.mark.skipif(not IS_LONG, reason="one of the long set: QL_LONG=1")
def test_a_process_with_a_hundred_thousand_quests_is_ready_when_it_can_judge():
    with own_stack(1) as stack:
        connection = stack.connect("processing")
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into events (id, event_type, \"timestamp\", payload) select gen_random_uuid(), 'QuestChanged', now(), "
                "json_build_object('quest', json_build_object('questId', gen_random_uuid(), 'revision', '1', 'name', "
                "repeat('quest ', 40), 'streak', 3, 'duplication', 1, 'eventTypes', json_build_array('monster.killed.' || "
                "n %% 500))) from generate_series(1, %s) as n", (QUESTS - 10,))
        connection.close()
        api = Api(stack.http)
        stack.kill("processing")
        before = time.monotonic()
        player = api.sign_up()
        api.as_user(player)
        wait_until(lambda: stack.is_ready("processing"), 60)
        assert stack.metric("processing", "ql_processing_quests") > QUESTS - 100
        wait_until(lambda: sign_ins(stack, player.user_id) > 0, 60)
        assert time.monotonic() - before < STARTED_S
