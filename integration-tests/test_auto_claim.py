"""A quest with auto_claim pays at once and once (rows Q16, Q17, Q19)."""
import uuid

import pytest

from kit.waiting import settled

from test_events import publish, sign_in_event


def make_quest(stack, admin, kind, gold, duplication):
    """A quest that pays gold at once for each event of the kind; processing knows it."""
    reward = admin.post("/v1/rewards", {"rewardName": f"{gold} gold", "rewardItem": "gold", "rewardQty": gold})
    assert reward.status_code == 200, reward.text
    quest = admin.post("/v1/quests", {"rewardId": reward.json()["rewardId"], "name": "Once", "streak": 1,
                                      "duplication": duplication, "autoClaim": True, "eventTypes": [kind]})
    assert quest.status_code == 200, quest.text
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->>'questId' = %s", quest.json()["questId"]), 1)
    return quest.json()["questId"]


def n_dead_letters(stack):
    with stack.broker() as channel:
        return channel.queue_declare("questline.user.v1.dead", passive=True).method.message_count


def claims_of(me, quest_id):
    return [claim for claim in me.claims() if claim["questId"] == quest_id]


@pytest.mark.user
def test_auto_claim_credits_the_wallet_once(stack, contract, api, admin, player):
    kind = f"test.k{uuid.uuid4().hex[:12]}"
    quest_id = make_quest(stack, admin, kind, gold=7, duplication=1)
    event = sign_in_event(contract, player.user_id, kind)
    publish(stack, event, f"custom.{kind}", times=3)
    me = api.as_user(player)
    settled(lambda: [(c["rewardItem"], c["rewardQty"], c["status"]) for c in claims_of(me, quest_id)],
            [("gold", 7, "CLAIMED")])
    assert me.get("/v1/users/me").json()["gold"] == 7
    assert stack.rows("user", "select item, amount from wallet_entries where user_id = %s", player.user_id) == \
        [("gold", 7)]


def all_claims(me):
    found, token = [], ""
    while True:
        page = me.get("/v1/users/me/claims", params={"pageSize": 200, "pageToken": token}).json()
        found += page["claims"]
        token = page["nextPageToken"]
        if not token:
            return found


def publish_many(api, admin, kind, user_id, n_events):
    """As a game server does, up to 1000 a call."""
    account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": [kind]}).json()
    key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()["apiKey"]
    server = api.with_token(api.post("/v1/tokens", {"apiKey": key}).json()["accessToken"])
    for begin in range(0, n_events, 1000):
        answer = server.post("/v1/events", {"events": [
            {"eventId": str(uuid.uuid4()), "eventType": kind, "userId": user_id}
            for _ in range(min(1000, n_events - begin))]})
        assert answer.status_code == 200, answer.text


@pytest.mark.user
def test_rewards_beyond_what_a_wallet_holds_are_claims_that_wait(stack, api, admin, player):
    kind = f"test.k{uuid.uuid4().hex[:12]}"
    quest_id = make_quest(stack, admin, kind, gold=1_000_000, duplication=10_000)
    put_aside = n_dead_letters(stack)
    publish_many(api, admin, kind, player.user_id, 2150)
    settled(lambda: stack.value("user", "select count(*) from reward_claims where user_id = %s", player.user_id), 2150)
    me = api.as_user(player)
    found = [(claim["status"], claim["pendingReason"]) for claim in all_claims(me) if claim["questId"] == quest_id]
    assert found == [("CLAIMED", "")] * 2147 + [("PENDING", "BALANCE_OVERFLOW")] * 3
    assert me.get("/v1/users/me").json()["gold"] == 2_147_000_000
    waiting = all_claims(me)[2147]
    refused = me.post(f"/v1/claims/{waiting['claimId']}:claim")
    assert (refused.status_code, refused.json()["error"]["details"][0]["reason"]) == (400, "BALANCE_OVERFLOW")
    assert n_dead_letters(stack) == put_aside
