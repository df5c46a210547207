"""Who edits reads what they wrote at once; players see it within a second (row Q8)."""
import pytest

from kit.waiting import settled

pytestmark = pytest.mark.catalog


def test_an_edit_a_look_and_the_next_edit_follow_each_other(admin, api, player):
    reward = admin.post("/v1/rewards", {"rewardName": "R", "rewardItem": "gold", "rewardQty": 1}).json()
    quest = admin.post("/v1/quests", {"rewardId": reward["rewardId"], "name": "Revision 1", "streak": 1,
                                      "duplication": 1, "eventTypes": ["edit.look"]}).json()
    path = f"/v1/quests/{quest['questId']}"
    me = api.as_user(player)
    for revision in range(2, 8):
        etag = admin.get(path).headers["ETag"]
        name = f"Revision {revision}"
        edited = admin.call("PATCH", path, {"name": name}, headers={"If-Match": etag})
        assert edited.status_code == 200, edited.text
        assert admin.get(path).json()["name"] == name
        seen = me.get(path).json()["name"]
        assert seen in (f"Revision {revision - 1}", name)
        settled(lambda: me.get(path).json()["name"], name)
