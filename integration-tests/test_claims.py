"""Rewards that wait are claimed by their owner, once; wallets say where it came from (rows Q17, Q19)."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.waiting import settled


def claims_of(me):
    return [(claim["ordinal"], claim["status"]) for claim in me.claims()]


@pytest.mark.user
def test_a_claim_waits_until_its_owner_claims_it(stack, api, admin, player):
    me = api.as_user(player)
    for _ in range(2):
        assert api.post_session(player).status_code == 200
    settled(lambda: claims_of(me), [(1, "PENDING")])
    claim = me.claims()[0]
    assert (claim["rewardItem"], claim["rewardQty"]) == ("diamond", 10)
    assert claim["createdAt"] and "claimedAt" not in claim
    assert me.get("/v1/users/me/wallet").json() == {"balances": []}

    stranger = api.as_user(api.sign_up())
    for other in (stranger, admin):
        refused = other.post(f"/v1/claims/{claim['claimId']}:claim")
        assert (refused.status_code, refused.json()["error"]["details"][0]["reason"]) == (404, "CLAIM_NOT_FOUND")
    assert api.with_token(None).post(f"/v1/claims/{claim['claimId']}:claim").status_code == 401
    assert me.get("/v1/users/me").json()["diamond"] == 0

    # Two tabs, impatient: both get the answer that it is paid, and it is paid once.
    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: me.post(f"/v1/claims/{claim['claimId']}:claim"), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert {answer.json()["status"] for answer in answers} == {"CLAIMED"}
    assert len({answer.json()["claimedAt"] for answer in answers}) == 1
    assert me.get("/v1/users/me").json()["diamond"] == 10
    assert me.get("/v1/users/me/wallet").json() == {"balances": [{"item": "diamond", "balance": 10}]}
    entries = me.get("/v1/users/me/wallet/entries").json()["entries"]
    assert [(entry["item"], entry["amount"], entry["claimId"]) for entry in entries] == \
        [("diamond", 10, claim["claimId"])]
    assert stack.rows("user", "select item, amount from wallet_entries where user_id = %s", player.user_id) == \
        [("diamond", 10)]
    refused = stranger.get(f"/v1/users/{player.user_id}/wallet/entries")
    assert (refused.status_code, refused.json()["error"]["details"][0]["reason"]) == (403, "NOT_OWNER")


@pytest.mark.user
def test_what_is_no_claim_is_named(api, player):
    me = api.as_user(player)
    bad = me.post("/v1/claims/me:claim")
    assert bad.status_code == 400 and "claimId" in bad.text
    gone = me.post(f"/v1/claims/{player.user_id}:claim")
    assert (gone.status_code, gone.json()["error"]["details"][0]["reason"]) == (404, "CLAIM_NOT_FOUND")


@pytest.mark.user
def test_claims_are_found_by_status_and_from_where_one_stopped(api, player):
    me = api.as_user(player)

    def claims(**query):
        return me.get("/v1/users/me/claims", params=query).json()

    start = claims()
    assert (start["claims"], start["totalSize"], start["nextPageToken"]) == ([], 0, "")
    for _ in range(2):
        assert api.post_session(player).status_code == 200
    settled(lambda: claims(status="PENDING")["totalSize"], 1)
    assert claims(status="CLAIMED")["claims"] == []
    new = claims(pageToken=start["resumePageToken"])
    assert [claim["status"] for claim in new["claims"]] == ["PENDING"]
    assert claims(pageToken=new["resumePageToken"])["claims"] == []
    assert me.post(f"/v1/claims/{new['claims'][0]['claimId']}:claim").status_code == 200
    assert (claims(status="PENDING")["totalSize"], claims(status="CLAIMED")["totalSize"]) == (0, 1)
    entries = me.get("/v1/users/me/wallet/entries").json()
    assert len(entries["entries"]) == 1
    later = me.get("/v1/users/me/wallet/entries", params={"pageToken": entries["resumePageToken"]}).json()
    assert later["entries"] == []
    assert me.get("/v1/users/me/claims", params={"status": "LOST"}).status_code == 400
