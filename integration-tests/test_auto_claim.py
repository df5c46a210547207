"""A quest with auto_claim pays at once and once (rows Q16, Q17, Q19)."""
import uuid

import pytest

from kit.waiting import settled

from test_events import publish, sign_in_event


@pytest.mark.user
def test_auto_claim_credits_the_wallet_once(stack, contract, api, admin, player):
    kind = f"test.k{uuid.uuid4().hex[:12]}"
    reward = admin.post("/v1/rewards", {"rewardName": "Seven gold", "rewardItem": "gold", "rewardQty": 7})
    assert reward.status_code == 200, reward.text
    quest = admin.post("/v1/quests", {"rewardId": reward.json()["rewardId"], "name": "Once", "streak": 1,
                                      "duplication": 1, "autoClaim": True, "eventTypes": [kind]})
    assert quest.status_code == 200, quest.text
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->>'questId' = %s", quest.json()["questId"]), 1)
    event = sign_in_event(contract, player.user_id, kind)
    publish(stack, event, f"custom.{kind}", times=3)
    me = api.as_user(player)
    settled(lambda: [(c["rewardItem"], c["rewardQty"], c["status"]) for c in me.claims()
                     if c["questId"] == quest.json()["questId"]], [("gold", 7, "CLAIMED")])
    assert me.get("/v1/users/me").json()["gold"] == 7
    assert stack.rows("user", "select item, amount from wallet_entries where user_id = %s", player.user_id) == \
        [("gold", 7)]
