"""What counts for a quest: conditions, windows, days, needs; history, tried out and made again (rows Q11-Q13, Q22,
the union)."""
import datetime
import uuid

import pika
import pytest
from google.protobuf import struct_pb2

from kit.waiting import settled, wait_until

pytestmark = pytest.mark.processing

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc)


def hours(n):
    return NOON + datetime.timedelta(hours=n)


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(name="kind")
def fixture_kind():
    """An event type of this test's own."""
    return f"t{uuid.uuid4().hex[:10]}.monster.killed"


@pytest.fixture(name="someone")
def fixture_someone():
    return str(uuid.uuid4())


@pytest.fixture(name="happen")
def fixture_happen(stack, contract, kind):
    """Publishes events of the test's type: happen(user, (time, payload), ...). Returns when they are evaluated."""
    def happen(user_id, *facts):
        with stack.broker() as channel:
            for time, payload in facts:
                body = struct_pb2.Struct()
                body.update(payload)
                event = contract.event.Event(event_id=str(uuid.uuid4()), event_type=kind, user_id=user_id)
                event.occurred_at.FromDatetime(time)
                event.body.Pack(body)
                channel.basic_publish("questline", f"custom.{kind}", event.SerializeToString(),
                                      pika.BasicProperties(message_id=event.event_id, type=kind, delivery_mode=2,
                                                           content_type="application/protobuf"), mandatory=True)
        settled(lambda: stack.value("processing", "select count(*) from events where id = %s", event.event_id), 1)
    return happen


@pytest.fixture(name="new_quest")
def fixture_new_quest(stack, admin, kind):
    """Makes a quest on the test's type, by default one that counts events of any time; returns when processing has
    its row."""
    reward = admin.post("/v1/rewards", {"rewardName": "Gold", "rewardItem": "gold", "rewardQty": 1}).json()

    def new_quest(**changes):
        made = admin.post("/v1/quests", {"rewardId": reward["rewardId"], "name": "Hunt", "streak": 1, "duplication": 9,
                                         "eventTypes": [kind], "backfill": True, **changes})
        assert made.status_code == 200, made.text
        evaluated(stack, made.json())
        return made.json()
    return new_quest


def evaluated(stack, quest):
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'QuestChanged' and "
                                "payload->'quest'->>'questId' = %s and payload->'quest'->>'revision' = %s",
                                quest["questId"], quest["revision"]), 1)


def progress(stack, quest, user_id):
    rows = stack.rows("processing", "select streak, duplication from user_quest_rewards where quest_id = %s and "
                      "user_id = %s", quest["questId"], user_id)
    return rows[0] if rows else None


def rebuild(admin, swap=False):
    answer = admin.post("/v1/progress:rebuild", {"swap": swap})
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_follows(admin):
    """The live tables are what follows from the events alone (row Q22)."""
    report = rebuild(admin)
    assert (report["differencesFound"], report["completionsMissing"], report["completionsTooMany"]) == ("0", "0", "0"), \
        report
    assert report["swapped"] is False


def tables(stack):
    return [stack.rows("processing", f"select * from {table} order by 1")
            for table in ("events", "user_quest_rewards", "rebuild.user_quest_rewards", "rebuild.completions")]


def test_a_quest_on_a_game_servers_events_counts_by_its_conditions(stack, admin, api, player, happen, new_quest):
    quest = new_quest(streak=2, autoClaim=True, conditions=[
        {"field": "weapon.kind", "operator": "ONE_OF", "value": ["axe", "bow"]},
        {"field": "level", "operator": "GREATER_OR_EQUAL", "value": 10},
        {"field": "cheated", "operator": "NOT_EQUAL", "value": True}])
    happen(player.user_id,
           (NOON, {"weapon": {"kind": "axe"}, "level": 10}),
           (NOON, {"weapon": {"kind": "sword"}, "level": 10}),
           (NOON, {"weapon": {"kind": "bow"}, "level": 9.5}),
           (NOON, {"weapon": {"kind": "bow"}, "level": 11, "cheated": True}),
           (NOON, {"weapon": "axe", "level": 11}),
           (NOON, {}))
    assert progress(stack, quest, player.user_id) == (1, 0)
    happen(player.user_id, (NOON, {"weapon": {"kind": "bow"}, "level": 11, "cheated": False}))
    assert progress(stack, quest, player.user_id) == (0, 1)
    me = api.as_user(player)
    settled(lambda: [claim["status"] for claim in me.claims() if claim["questId"] == quest["questId"]], ["CLAIMED"])
    assert_follows(admin)


def test_a_completion_counts_for_no_quest_that_led_to_it(stack, admin, api, player, someone, happen, new_quest):
    """Two quests on any completion: one event completes the first quest once and each of them twice, and no more."""
    first = new_quest(autoClaim=True)
    whole = {"eventTypes": ["QuestCompleted"], "duplication": 1000, "autoClaim": True}
    anys = [new_quest(**whole) for _ in range(2)]
    try:
        for user_id in (player.user_id, someone):
            happen(user_id, (NOON, {}))
            # The quests count their past in steps first: their progress may come a moment after the event.
            settled(lambda u=user_id: [(progress(stack, quest, u) or (0, 0))[1] for quest in (first, *anys)], [1, 2, 2])
        me = api.as_user(player)
        quests = {quest["questId"] for quest in (first, *anys)}
        settled(lambda: len([claim for claim in me.claims() if claim["questId"] in quests]), 5)
        assert_follows(admin)
    finally:
        for quest in anys:
            assert admin.post(f"/v1/quests/{quest['questId']}:archive", {}).status_code == 200


def test_a_window_a_need_an_edit_and_an_archive(stack, admin, someone, happen, new_quest):
    first = new_quest(duplication=1)
    quest = new_quest(startsAt=iso(NOON), endsAt=iso(hours(2)), prerequisiteQuestId=first["questId"])
    happen(someone, (hours(-1), {}))
    assert (progress(stack, first, someone), progress(stack, quest, someone)) == ((0, 1), None)
    happen(someone, (hours(-0.001), {}), (NOON, {}), (hours(1.999), {}), (hours(2), {}))
    assert progress(stack, quest, someone) == (0, 2)
    changed = admin.call("PATCH", f"/v1/quests/{quest['questId']}", {"streak": 3}, params={"updateMask": "streak"})
    assert changed.status_code == 200, changed.text
    evaluated(stack, changed.json())
    happen(someone, (NOON, {}), (NOON, {}))
    assert progress(stack, quest, someone) == (2, 2)
    archived = admin.post(f"/v1/quests/{quest['questId']}:archive", {})
    assert archived.status_code == 200, archived.text
    evaluated(stack, archived.json())
    happen(someone, (NOON, {}), (NOON, {}))
    assert progress(stack, quest, someone) == (2, 2)
    assert_follows(admin)


def move(stack, api, player, zone):
    me = api.as_user(player)
    answer = me.call("PATCH", "/v1/users/me", {"timeZone": zone}, params={"updateMask": "timeZone"})
    assert answer.status_code == 200, answer.text
    wait_until(lambda: stack.value("processing", "select count(*) from events where event_type = 'UserChanged' and "
                                   "user_id = %s and payload->>'timeZone' = %s", player.user_id, zone) > 0)


def test_progress_is_listed_with_its_quests(stack, admin, api, player, happen, new_quest):
    """One call shows what a front end needs, as the quest's newest revision says."""
    quest = new_quest(streak=3, name="Hunt", startsAt="2026-01-01T00:00:00Z", backfill=False)
    quest = {**quest, "streak": 4, "name": "Hunt more", "endsAt": "2099-01-01T00:00:00Z"}
    happen(player.user_id, (datetime.datetime.now(datetime.timezone.utc), {}))
    edited = admin.call("PATCH", f"/v1/quests/{quest['questId']}", {key: quest[key] for key in ("streak", "name", "endsAt")})
    assert edited.status_code == 200, edited.text
    evaluated(stack, edited.json())
    me = api.as_user(player)
    rows = [row for row in me.get("/v1/users/me/progress").json()["progress"] if row["questId"] == quest["questId"]]
    assert [(row["streak"], row["duplication"], row["quest"]) for row in rows] == [(1, 0, {
        "name": "Hunt more", "rewardId": quest["rewardId"], "streak": 4, "duplication": 9, "revision": "2",
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z", "archived": False})]


def test_days_in_a_row_go_by_the_users_zone(stack, admin, api, player, happen, new_quest):
    """23:59:59 and 00:00:00 in Tokyo are two days; then the user moves to Los Angeles and loses nothing."""
    noon = datetime.datetime.now(datetime.timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)
    noon += datetime.timedelta(days=3)  # changes of zone begin to count before

    def at(n):
        return noon + datetime.timedelta(hours=n)
    move(stack, api, player, "Asia/Tokyo")
    quest = new_quest(streak=100, streakRule="DAILY_IN_A_ROW")
    happen(player.user_id, (at(2.9999), {}), (at(3), {}), (at(4), {}))
    assert progress(stack, quest, player.user_id) == (2, 0)
    move(stack, api, player, "America/Los_Angeles")
    happen(player.user_id, (at(12), {}), (at(24), {}))  # the first two days again: they have counted
    assert progress(stack, quest, player.user_id) == (2, 0)
    happen(player.user_id, (at(48), {}))
    assert progress(stack, quest, player.user_id) == (3, 0)
    happen(player.user_id, (at(96), {}))  # a day was left out
    assert progress(stack, quest, player.user_id) == (1, 0)
    assert_follows(admin)


def test_a_sign_ups_zone_holds_from_the_first_event_on(stack, admin, api, happen, new_quest):
    """Events that are published at once overtake the announcement of the sign-up."""
    quest = new_quest(streak=100, streakRule="DAILY_IN_A_ROW")
    players = []
    for i in range(4):
        answer = api.post("/v1/users", {"userName": f"zone-{i}-{uuid.uuid4().hex[:10]}", "password": "a good password",
                                        "timeZone": "Asia/Tokyo"})
        assert answer.status_code == 200, answer.text
        players.append(answer.json()["userId"])
        happen(players[-1], (NOON, {}), (hours(4), {}))  # two days in Tokyo
    for user_id in players:
        settled(lambda u=user_id: progress(stack, quest, u), (2, 0))
    assert_follows(admin)


def test_changes_of_zone_make_no_days(stack, admin, api, player, happen, new_quest):
    """One moment, in zones with three dates: a change begins to count at the next midnight of the zone before."""
    quest = new_quest(streak=3, streakRule="DAILY_IN_A_ROW")
    now = datetime.datetime.now(datetime.timezone.utc)
    for zone in ("Pacific/Honolulu", "Etc/UTC", "Pacific/Kiritimati"):
        move(stack, api, player, zone)
        happen(player.user_id, (now, {}))
    assert progress(stack, quest, player.user_id) == (1, 0)
    changes = [event["payload"] for event in admin.events(userId=player.user_id) if event["eventType"] == "UserChanged"]
    assert [change["zoneBefore"] for change in changes] == ["", "", ""]
    assert {change["startsAt"][10:] for change in changes} == {"T00:00:00Z"}
    assert_follows(admin)


def test_a_deleted_user_has_no_progress(stack, admin, api, player, happen, new_quest):
    new_quest()
    happen(player.user_id, (NOON, {}))
    me = api.as_user(player)
    answer = me.delete_account(player)
    assert answer.status_code == 200, answer.text
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'UserDeleted' and "
                                "user_id = %s", player.user_id), 1)
    happen(player.user_id, (NOON, {}))
    new_quest()  # with backfill
    assert stack.value("processing", "select count(*) from user_quest_rewards where user_id = %s", player.user_id) == 0
    assert stack.value("processing", "select count(*) from events where event_type = 'QuestCompleted' and user_id = %s",
                       player.user_id) == 1  # of before
    assert_follows(admin)


def test_events_count_until_the_deletion_is_stored_and_not_behind_it(stack, admin, api, happen, new_quest):
    """The bound of the contract for what follows a deletion's answer, whatever overtakes what."""
    new_quest(duplication=1000)

    def completions(user):
        return stack.value("processing", "select count(*) from events where event_type = 'QuestCompleted' and "
                           "user_id = %s", user.user_id)
    for _ in range(2):
        user = api.sign_up()
        me = api.as_user(user)
        happen(user.user_id, (NOON, {}))
        answer = me.delete_account(user)
        assert answer.status_code == 200, answer.text
        happen(user.user_id, *[(NOON, {})] * 20)
        before = settled_deletion(stack, user.user_id)
        assert before >= 1
        assert completions(user) == before
        happen(user.user_id, (NOON, {}), (hours(1), {}))
        assert completions(user) == before
    assert_follows(admin)


def settled_deletion(stack, user_id):
    """Waits for the row of a user's deletion: how many events of game servers stand before it."""
    settled(lambda: stack.value("processing", "select count(*) from events where event_type = 'UserDeleted' and "
                                "user_id = %s", user_id), 1)
    return stack.value("processing", "select count(*) from events e where user_id = %s and event_type like '%%.%%' and "
                       "seq < (select min(seq) from events d where d.user_id = e.user_id and d.event_type = 'UserDeleted')",
                       user_id)


def test_a_backfilled_quest_equals_one_from_the_start(stack, admin, api, happen, new_quest):
    players = [api.sign_up().user_id for _ in range(3)]
    rules = {"streak": 2, "duplication": 2, "streakRule": "DAILY"}
    there = new_quest(**rules)
    for i, user_id in enumerate(players):
        happen(user_id, *[(hours(7 * n), {}) for n in range(4 * (i + 1))])
    made = new_quest(**rules)
    later = new_quest(**rules, backfill=False)

    def came_to(quest):
        return (stack.rows("processing", "select user_id, status, streak, duplication, created_at, updated_at, last_day "
                           "from user_quest_rewards where quest_id = %s order by user_id", quest["questId"]),
                stack.rows("processing", "select user_id, \"timestamp\", payload->>'ordinal', payload->>'causeEventId' "
                           "from events where event_type = 'QuestCompleted' and payload->>'questId' = %s order by seq",
                           quest["questId"]))
    assert came_to(made) == came_to(there)
    assert len(came_to(made)[0]) == 3 and len(came_to(made)[1]) > 3
    assert came_to(later) == ([], [])
    settled(lambda: stack.value("user", "select count(*) from reward_claims where quest_id = %s", made["questId"]),
            len(came_to(made)[1]))
    assert_follows(admin)


def test_a_try_out_returns_what_a_quest_comes_to_without_a_trace(stack, admin, api, player, kind, happen, new_quest):
    players = [str(uuid.uuid4()) for _ in range(4)]
    for service in ("user", "catalog"):  # what was announced before stands before the events
        settled(lambda s=service: stack.value(s, "select count(*) from outbox"), 0)
    for i, user_id in enumerate(players):
        happen(user_id, *[(hours(n), {"level": n}) for n in range(i + 1)])
    draft = {"streak": 2, "duplication": 5, "eventTypes": [kind],
             "conditions": [{"field": "level", "operator": "LESS", "value": 3}]}
    before = tables(stack)
    answer = admin.post("/v1/quests:tryOut", {"quest": draft})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"usersCompleted": "3", "completions": "3", "usersInProgress": "1", "eventsSeen": "10",
                             "cutShort": False}
    later = admin.post("/v1/quests:tryOut", {"quest": draft, "since": iso(hours(1)), "until": iso(hours(3))}).json()
    assert (later["usersCompleted"], later["usersInProgress"], later["eventsSeen"]) == ("2", "1", "5")
    assert tables(stack) == before
    assert admin.post("/v1/quests:tryOut", {"quest": {**draft, "streak": 0}}).status_code == 400
    me = api.as_user(player)
    assert me.post("/v1/quests:tryOut", {"quest": draft}).status_code == 403
    quest = new_quest(**draft)
    assert stack.value("processing", "select count(*) from user_quest_rewards where quest_id = %s and duplication > 0",
                       quest["questId"]) == 3


def test_a_rebuild_reports_a_planted_difference_and_swap_ends_it(stack, admin, api, player, someone, happen, new_quest):
    quest = new_quest(streak=3)
    happen(someone, (NOON, {}), (NOON, {}))
    assert_follows(admin)
    connection = stack.connect("processing")
    with connection, connection.cursor() as cursor:
        cursor.execute("update user_quest_rewards set streak = 1, duplication = 7 where quest_id = %s",
                       (quest["questId"],))
    connection.close()
    report = rebuild(admin)
    assert report["differencesFound"] == "1" and report["swapped"] is False
    reported = report["differences"][0]
    assert (reported["userId"], reported["questId"]) == (someone, quest["questId"])
    assert (reported["live"]["streak"], reported["live"]["duplication"]) == (1, 7)
    assert (reported["rebuilt"]["streak"], reported["rebuilt"]["duplication"]) == (2, 0)
    assert progress(stack, quest, someone) == (1, 7)
    assert rebuild(admin, swap=True)["swapped"] is True
    assert progress(stack, quest, someone) == (2, 0)
    assert_follows(admin)
    happen(someone, (NOON, {}))
    assert progress(stack, quest, someone) == (0, 1)
    assert api.as_user(player).post("/v1/progress:rebuild", {}).status_code == 403


def test_an_operator_rebuilds_by_command(stack, admin, someone, happen, new_quest):
    quest = new_quest(streak=3)
    happen(someone, (NOON, {}), (NOON, {}))
    connection = stack.connect("processing")
    with connection, connection.cursor() as cursor:
        cursor.execute("update user_quest_rewards set streak = 1 where quest_id = %s", (quest["questId"],))
    connection.close()
    reported = stack.command("processing", "--rebuild")
    assert reported.returncode == 0, reported.stdout
    assert f"user {someone} quest {quest['questId']} live: streak 1 duplication 0 rebuilt: streak 2" in reported.stdout
    assert "0 completions missing, 0 too many" in reported.stdout
    assert progress(stack, quest, someone) == (1, 0)
    assert stack.command("processing", "--rebuild", "--swap").returncode == 0
    assert progress(stack, quest, someone) == (2, 0)
    assert_follows(admin)


def test_sign_ins_and_quests_wait_for_a_catalog_that_is_down(stack, admin, api, player, someone, happen, new_quest):
    """A quest that is known goes on counting while the catalog is away; a processing that starts meanwhile, too."""
    quest = new_quest(streak=3)
    stack.stop("catalog")
    happen(someone, (NOON, {}))
    stack.kill("processing")
    happen(someone, (NOON, {}))
    me = api.as_user(player)
    settled(lambda: [p["streak"] for p in me.progress()], [1], seconds=60)
    stack.start("catalog")
    happen(someone, (NOON, {}))
    assert progress(stack, quest, someone) == (0, 1)
    assert_follows(admin)
