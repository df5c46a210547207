"""Nine sign-ins of a new user: the golden trace (rows Q10 to Q16, Q18)."""
import concurrent.futures
import uuid

import pytest

from kit.waiting import settled, wait_until

SIGN_INS = ("NewUserSignIn", "UserSignIn")
GOLDEN_TRACE = ["NewUserSignIn", "UserSignIn", "UserSignIn", "QuestCompleted",
                "UserSignIn", "UserSignIn", "UserSignIn", "QuestCompleted",
                "UserSignIn", "UserSignIn", "UserSignIn"]


def trace_of(admin, user):
    return [event["eventType"] for event in admin.events(userId=user.user_id)
            if event["eventType"] in SIGN_INS + ("QuestCompleted",)]


def demo_quest(api):
    """Its id is made from its name: the same everywhere."""
    return api.get("/v1/quests/ac8eedff-5f56-8ac1-b857-70e6e5f8ea59").json()


@pytest.mark.processing
@pytest.mark.user
def test_nine_sign_ins_give_the_golden_trace(stack, api, player, admin):
    answers = [api.post_session(player) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 9
    assert answers[0].json()["user"] == {"userId": player.user_id, "userName": player.name,
                                         "gold": 0, "diamond": 0, "status": "ACTIVE",
                                         "role": "USER", "timeZone": "UTC"}
    settled(lambda: trace_of(admin, player), GOLDEN_TRACE)

    # The answers named the very events, in order; completions stand behind their causes.
    events = [event for event in admin.events(userId=player.user_id) if event["eventType"] != "UserRegistered"]
    assert [event["eventId"] for event in events if event["eventType"] in SIGN_INS] == \
        [answer.json()["eventId"] for answer in answers]
    completions = [event for event in events if event["eventType"] == "QuestCompleted"]
    assert [event["payload"]["ordinal"] for event in completions] == [1, 2]
    assert [event["payload"]["causeEventId"] for event in completions] == \
        [events[2]["eventId"], events[6]["eventId"]]
    assert all(event["occurredAt"].endswith("Z") for event in events)

    me = api.with_token(answers[-1].json()["accessToken"])
    quest = demo_quest(me)
    assert me.progress() == [{"questId": quest["questId"], "status": "EXHAUSTED",
                              "streak": 0, "duplication": 2,
                              "quest": {key: quest[key] for key in ("name", "rewardId", "streak", "duplication",
                                                                    "archived", "revision")}}]
    claims = settled(lambda: [(c["questId"], c["rewardItem"], c["rewardQty"], c["status"]) for c in me.claims()],
                     [(quest["questId"], "diamond", 10, "PENDING")] * 2)
    assert len(claims) == 2

    # The table itself, in arrival order (Q21).
    rows = stack.rows("processing", "select event_type from events where user_id = %s and event_type <> "
                      "'UserRegistered' order by seq", player.user_id)
    assert [row[0] for row in rows] == GOLDEN_TRACE


@pytest.mark.processing
def test_progress_is_shown_after_each_sign_in(api, player):
    seen = []
    for count in range(1, 8):
        me = api.with_token(api.post_session(player).json()["accessToken"])
        expected = {1: (1, 0), 2: (2, 0), 3: (0, 1), 4: (1, 1), 5: (2, 1), 6: (0, 2), 7: (0, 2)}[count]
        settled(lambda: [(p["streak"], p["duplication"]) for p in me.progress()], [expected])
        seen.append(me.progress()[0]["status"])
    assert seen == ["IN_PROGRESS"] * 5 + ["EXHAUSTED"] * 2


@pytest.mark.processing
@pytest.mark.user
def test_64_sign_ins_at_once_count_exactly(stack, api, player, admin):
    """64 passwords take a slow machine longer than a request may: what is late is sent again, and counts once."""
    def sign_in(_):
        own, headers = type(api)(api.base), {"Idempotency-Key": str(uuid.uuid4())}
        body = {"userName": player.name, "password": player.password}

        def try_it():
            answer = own.post("/v1/sessions", body, headers=headers)
            return answer if answer.status_code not in (429, 503, 504) else None
        return wait_until(try_it, seconds=120)
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(sign_in, range(64)))
    assert [answer.status_code for answer in answers] == [200] * 64
    assert len({answer.json()["eventId"] for answer in answers}) == 64
    settled(lambda: stack.value("processing", "select count(*) from events where user_id = %s and "
                                "event_type in ('NewUserSignIn', 'UserSignIn')", player.user_id), 64)
    trace = settled(lambda: len(trace_of(admin, player)), 66) and trace_of(admin, player)
    assert trace[0] == "NewUserSignIn" and trace.count("NewUserSignIn") == 1
    assert [position for position, kind in enumerate(trace) if kind == "QuestCompleted"] == [3, 7]
    me = api.with_token(answers[0].json()["accessToken"])
    assert [(p["status"], p["streak"], p["duplication"]) for p in me.progress()] == [("EXHAUSTED", 0, 2)]
    settled(lambda: len(me.claims()), 2)


@pytest.mark.user
def test_demo_accounts_and_the_demo_quest_are_there(api, admin):
    player = type(api)(api.base).sign_in("user", "password")
    quest = demo_quest(player)
    assert (quest["streak"], quest["duplication"], quest["autoClaim"]) == (3, 2, False)
    assert sorted(quest["eventTypes"]) == ["NewUserSignIn", "UserSignIn"]
    reward = player.get(f"/v1/rewards/{quest['rewardId']}").json()
    assert (reward["rewardItem"], reward["rewardQty"]) == ("diamond", 10)
    assert admin.get("/v1/users/me").json()["userName"] == "admin"
