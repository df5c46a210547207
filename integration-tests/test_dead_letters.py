"""Dead letters under attack and in trouble: no event of a publisher puts aside what others need, and none is lost."""
import os
import shutil
import time
import uuid

import pika
import pytest
import requests

from kit.questctl import Questctl
from kit.waiting import settled, wait_until
from test_events import sign_in_event

pytestmark = pytest.mark.processing

QUEUE = "questline.user.v1"
DEAD = "questline.user.v1.dead"


@pytest.fixture(name="questctl")
def fixture_questctl(stack):
    return Questctl(stack)


@pytest.fixture(name="empty", autouse=True)
def fixture_empty(stack):
    """No dead letters of others, before and after."""
    def purge():
        with stack.broker() as channel:
            channel.queue_purge(DEAD)

    purge()
    yield
    purge()


def n_dead(stack):
    with stack.broker() as channel:
        return channel.queue_declare(DEAD, passive=True).method.message_count


def poison(stack, n=1):
    """Messages that the user service can only put aside; their ids."""
    ids = [str(uuid.uuid4()) for _ in range(n)]
    with stack.broker("processing") as channel:
        for message_id in ids:
            channel.basic_publish("questline", "quest.completed", b"no event", pika.BasicProperties(
                message_id=message_id, type="QuestCompleted", delivery_mode=2))
    return ids


def why_not_ready(stack, name):
    answer = requests.get(stack.ops(name) + "/readyz", timeout=5)
    return None if answer.status_code == 200 else answer.text


def sign_in_is_paid(stack, api, player):
    me = api.with_token([api.post_session(player).json()["accessToken"] for _ in range(3)][-1])
    settled(lambda: len(me.claims()), 1)


def test_completions_of_nobody_fill_no_queue(stack, contract, admin, api, player):
    """One call of a game server made 300 dead letters; the queue dropped genuine ones at 100,000."""
    kind = f"t{uuid.uuid4().hex[:10]}.monster.killed"
    reward = admin.post("/v1/rewards", {"rewardName": "Gold", "rewardItem": "gold", "rewardQty": 1}).json()
    quest = admin.post("/v1/quests", {"rewardId": reward["rewardId"], "name": "Hunt", "streak": 1, "duplication": 1,
                                      "eventTypes": [kind], "autoClaim": True}).json()
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->>'questId' = %s", quest["questId"]), 1)
    counted = stack.metric("user", "ql_claims_without_user_total")
    with stack.broker("processing") as channel:
        for user_id in [str(uuid.uuid4()) for _ in range(30)] + [player.user_id]:
            event = sign_in_event(contract, user_id, kind)
            channel.basic_publish("questline", f"custom.{kind}", event.SerializeToString(), pika.BasicProperties(
                message_id=event.event_id, type=kind, delivery_mode=2))
    wait_until(lambda: stack.metric("user", "ql_claims_without_user_total") == counted + 30)
    token = api.post_session(player).json()["accessToken"]
    settled(lambda: [claim["status"] for claim in api.with_token(token).claims()], ["CLAIMED"])
    assert n_dead(stack) == 0


def test_a_full_queue_refuses_and_nothing_is_lost(stack, api, player):
    """It used to drop its oldest: whoever could add letters could remove genuine ones."""
    stack.rabbitmqctl("set_operator_policy", "small", r"^questline\.user\.v1\.dead$", '{"max-length": 1}',
                      "--apply-to", "queues")
    try:
        sent = poison(stack, 2)

        def refused():
            """The broker applies a policy when it comes to it: another letter, while all of them fit."""
            if n_dead(stack) == len(sent) < 50:
                sent.extend(poison(stack))
            return why_not_ready(stack, "user")
        reason = wait_until(refused, seconds=30, what="a process that is not ready")
        assert "DEAD_LETTER_REFUSED" in reason and DEAD in reason
        # Calls are served all the same.
        assert api.post_session(player).status_code == 200
    finally:
        stack.rabbitmqctl("clear_operator_policy", "small")
    settled(lambda: n_dead(stack), len(sent), seconds=30)
    with stack.broker() as channel:
        found = [channel.basic_get(DEAD, auto_ack=True)[1].message_id for _ in sent]
    assert sorted(found) == sorted(sent)
    wait_until(lambda: not why_not_ready(stack, "user"))
    sign_in_is_paid(stack, api, player)


def test_a_queue_that_is_gone_is_said_and_comes_back_by_one_command(stack, questctl, api, player):
    """With its dead-letter queue gone a consumer hung for ever, and was ready all the while."""
    with stack.broker() as channel:
        channel.queue_delete(DEAD)
    try:
        sent = poison(stack)
        reason = wait_until(lambda: why_not_ready(stack, "user"), seconds=30, what="a process that is not ready")
        assert "DEAD_LETTER_QUEUE_MISSING" in reason and "questctl broker declare" in reason
    finally:
        questctl.run("broker", "declare")
    settled(lambda: n_dead(stack), 1, seconds=30)
    with stack.broker() as channel:
        assert channel.basic_get(DEAD, auto_ack=True)[1].message_id == sent[0]
    wait_until(lambda: not why_not_ready(stack, "user"))
    sign_in_is_paid(stack, api, player)


def test_a_forged_completion_is_no_reward_even_when_an_operator_replays_it(stack, contract, questctl, player):
    """Whoever has a right too many at the broker announces nothing of others."""
    event = contract.event.Event(event_id=str(uuid.uuid4()), event_type="QuestCompleted", user_id=player.user_id)
    event.occurred_at.FromMilliseconds(int(time.time() * 1000))
    quest = stack.rows("catalog", "select quest_id, revision from quests limit 1")[0]
    event.body.Pack(contract.processing_events.QuestCompleted(quest_id=str(quest[0]), quest_revision=quest[1],
                                                              ordinal=1))
    rights = ("^questline", "^questline", "^questline")
    stack.rabbitmqctl("set_permissions", "ql_catalog", *rights)
    try:
        with stack.broker("catalog") as channel:
            channel.basic_publish("questline.user.v1.replay", "quest.completed", event.SerializeToString(),
                                  pika.BasicProperties(message_id=event.event_id, type=event.event_type))
    finally:
        stack.rabbitmqctl("set_permissions", "ql_catalog", "^$", "^questline$",
                          r"^questline\.(catalog|revocations)\.v1$")
    for _ in range(2):
        letter = wait_until(lambda: questctl.json("dead-letters", "list", "user"))
        assert [one["reason"] for one in letter] == ["PUBLISHER_NOT_ALLOWED"]
        assert questctl.json("dead-letters", "replay", "user", "--all") == {"replayed": 1}
    settled(lambda: n_dead(stack), 1)
    assert stack.value("user", "select count(*) from reward_claims where user_id = %s", player.user_id) == 0


def forged(contract, event_type, player, body):
    event = contract.event.Event(event_id=str(uuid.uuid4()), event_type=event_type, user_id=player.user_id)
    event.occurred_at.FromMilliseconds(int(time.time() * 1000))
    event.body.Pack(body)
    return event


def send_with_more_keys(stack, account, key, event, **headers):
    with stack.broker(account) as channel:
        channel.basic_publish("questline", key, event.SerializeToString(), pika.BasicProperties(
            message_id=event.event_id, type=event.event_type, headers=headers))


def test_a_letter_of_another_service_is_listed_as_foreign_and_never_replayed(stack, contract, admin, questctl, player):
    """Rights to routing keys do not cover the header CC: the catalog wrote letters of all services."""
    quest = stack.rows("catalog", "select quest_id, revision from quests limit 1")[0]
    event = forged(contract, "QuestCompleted", player, contract.processing_events.QuestCompleted(
        quest_id=str(quest[0]), quest_revision=quest[1], ordinal=1, cause_event_id=str(uuid.uuid4())))
    claims = {"x-reason": "CATALOG_UNAVAILABLE", "x-text": "the catalog did not answer",
              "x-original-routing-key": "quest.completed", "x-original-account": "ql_processing"}
    send_with_more_keys(stack, "catalog", "dead.catalog", event, CC=["dead.user"], **claims)
    try:
        letter = wait_until(lambda: admin.get("/v1/deadLetters/user").json().get("deadLetters"))
        assert [one["reason"] for one in letter] == ["FOREIGN_LETTER"] and "ql_catalog" in letter[0]["text"]
        answer = admin.post(f"/v1/deadLetters/user/{event.event_id}:replay", {})
        assert answer.status_code == 400 and "DEAD_LETTER_FOREIGN" in answer.text, answer.text
        assert questctl.json("dead-letters", "replay", "user", "--all") == {"replayed": 0}
        answer = admin.post(f"/v1/deadLetters/user/{event.event_id}:drop", {})
        assert answer.json() == {"dropped": 1}
        settled(lambda: n_dead(stack), 0)
        assert stack.value("user", "select count(*) from reward_claims where user_id = %s", player.user_id) == 0
    finally:
        with stack.broker() as channel:
            channel.queue_purge("questline.catalog.v1.dead")


def test_an_event_that_names_further_keys_is_a_dead_letter(stack, contract, questctl, player):
    """Even of its own publisher: nobody looked whether that may publish under them."""
    event = forged(contract, "QuestCompleted", player, contract.processing_events.QuestCompleted(
        quest_id=str(uuid.uuid4()), quest_revision=1, ordinal=1))
    send_with_more_keys(stack, "processing", "quest.completed", event, CC=["dead.nobody"])
    letter = wait_until(lambda: questctl.json("dead-letters", "list", "user"))
    assert [one["reason"] for one in letter] == ["MORE_KEYS_NOT_ALLOWED"]


@pytest.mark.skipif(os.environ.get("QL_LONG") != "1", reason="the broker starts from nothing")
def test_a_broker_that_lost_everything_gets_its_queues_back(stack, api, player):
    """No service may declare them; whoever starts the broker does."""
    stack.stop("rabbitmq")
    for path in (stack.state / "rabbitmq/mnesia").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    stack.start("rabbitmq")
    me = api.with_token([api.post_session(player).json()["accessToken"] for _ in range(3)][-1])
    settled(lambda: len(me.claims()), 1, seconds=60)
    assert n_dead(stack) == 0
