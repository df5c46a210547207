"""What must hold after any fault, from the databases: nothing lost, nothing twice."""
import collections
import time

from kit.api import Api
from kit.waiting import wait_until

Quest = collections.namedtuple("Quest", "quest_id streak duplication auto_claim item quantity")

OF = "user_id = any(%s::uuid[])"


def settle(stack, load, seconds=None):
    """Waits until everything that was announced has had its effect."""
    seconds = seconds or 120 + load.total / 200
    deadline = time.monotonic() + seconds
    left = lambda: max(1, deadline - time.monotonic())  # noqa: E731
    ids = [user_id for _, user_id in load.users]
    wait_until(lambda: stack.value("user", "select count(*) from outbox") == 0, left(), "user's outbox empty")
    # What left before a marker has arrived when the marker has.
    api = Api(stack.http)
    marker = api.sign_up()
    wait_until(lambda: api.post_session(marker).status_code == 200, left(), "the marker's sign-in")
    wait_until(lambda: stack.value("processing", "select count(*) from events where event_type = 'NewUserSignIn' "
                                   "and user_id = %s", marker.user_id) == 1, left(), "the marker's event")
    try:
        wait_until(lambda: stack.waiting() == 0, left(), "nothing waiting")
    except AssertionError as stuck:
        raise AssertionError(f"{stuck}; {stack.where_it_waits()}") from None
    wait_until(lambda: stack.value("user", f"select count(*) from reward_claims where {OF}", ids) ==
               stack.value("processing", f"select count(*) from events where event_type = 'QuestCompleted' and {OF}",
                           ids), left(), "as many claims as completions")


def check(stack, load, quests, all_accepted=False):
    """All of them, exactly. Answers the figures."""
    settle(stack, load)
    ids = [user_id for _, user_id in load.users]
    if all_accepted:
        assert not load.failed, load.reasons
    rows = check_rows(stack, load, ids)
    completions = check_completions(stack, quests, ids, rows)
    paid = check_claims(stack, load, quests, ids, completions)
    check_wallets(stack, ids, paid)
    check_nothing_is_left(stack)
    return {"events": sum(rows.values()), "users": len(ids), "accepted": len(load.accepted),
            "not accepted": sum(load.failed.values()), "rows of lost answers": sum(rows.values()) - len(load.accepted),
            "completions": len(completions), "claimed by hand": len(load.claimed),
            "credits": sum(len(causes) for causes in paid.values()),
            "slowest attempt": f"{load.slowest_s:.1f} s"}


def check_rows(stack, load, ids):
    """One row for every accepted sign-in; others only from calls without an answer."""
    stored = stack.rows("processing", f"select id::text, user_id::text, event_type from events "
                        f"where event_type in ('NewUserSignIn', 'UserSignIn') and {OF}", ids)
    of_event = {event: user for event, user, _ in stored}
    assert len(of_event) == len(stored)
    missing = [event for event, user in load.accepted.items() if of_event.get(event) != user]
    assert not missing, f"{len(missing)} accepted sign-ins have no row, for example {missing[0]}"
    rows = collections.Counter(user for _, user, _ in stored)
    accepted = collections.Counter(load.accepted.values())
    for user in ids:
        assert accepted[user] <= rows[user] <= accepted[user] + load.failed[user], \
            (user, accepted[user], rows[user], load.failed[user])
    firsts = collections.Counter(user for _, user, kind in stored if kind == "NewUserSignIn")
    assert firsts == {user: 1 for user in rows}
    return rows


def check_completions(stack, quests, ids, rows):
    """completions = min(duplication, rows / streak), and the live progress agrees."""
    quest_ids = [quest.quest_id for quest in quests]
    found = collections.Counter(stack.rows(
        "processing", f"select user_id::text, payload->>'questId', (payload->>'ordinal')::int from events "
        f"where event_type = 'QuestCompleted' and payload->>'questId' = any(%s) and {OF}", quest_ids, ids))
    expected, standing = {}, {}
    for quest in quests:
        for user, count in rows.items():
            done = min(quest.duplication, count // quest.streak)
            expected.update({(user, quest.quest_id, ordinal): 1 for ordinal in range(1, done + 1)})
            standing[user, quest.quest_id] = ("EXHAUSTED", 0, done) if done == quest.duplication else \
                ("IN_PROGRESS", count - done * quest.streak, done)
    assert found == expected, sorted(set(found.items()) ^ set(expected.items()))[:4]
    live = {(user, quest): (status, streak, done) for user, quest, status, streak, done in stack.rows(
        "processing", f"select user_id::text, quest_id::text, status, streak, duplication from user_quest_rewards "
        f"where quest_id = any(%s::uuid[]) and {OF}", quest_ids, ids)}
    assert live == standing, sorted(set(live.items()) ^ set(standing.items()))[:4]
    return expected


def check_claims(stack, load, quests, ids, completions):
    """claims = completions. Answers the claims paid: user -> claim -> (item, amount)."""
    of_quest = {quest.quest_id: quest for quest in quests}
    claims = stack.rows("user", "select id::text, user_id::text, quest_id::text, ordinal, reward_item, reward_qty, "
                        f"status from reward_claims where quest_id = any(%s::uuid[]) and {OF}", list(of_quest), ids)
    assert collections.Counter(claim[1:4] for claim in claims) == completions
    assert load.claimed <= {claim for claim, in stack.rows(
        "user", f"select id::text from reward_claims where status = 'CLAIMED' and {OF}", ids)}
    paid = collections.defaultdict(dict)
    for claim_id, user, quest_id, _, item, quantity, status in claims:
        quest = of_quest[quest_id]
        assert (item, quantity) == (quest.item, quest.quantity)
        assert status == "CLAIMED" or not quest.auto_claim
        if status == "CLAIMED" and not quest.auto_claim:
            assert claim_id in load.claimed or load.claims_failed[claim_id], f"nobody claimed {claim_id}"
        if status == "CLAIMED":
            paid[user][claim_id] = (item, quantity)
    return paid


def check_wallets(stack, ids, paid):
    """The ledger is the claims paid, and the balances are the ledger."""
    ledger, sums = collections.defaultdict(dict), collections.Counter()
    for user, cause, item, amount in stack.rows(
            "user", f"select user_id::text, cause::text, item, amount from wallet_entries where {OF}", ids):
        assert cause not in ledger[user]
        ledger[user][cause] = (item, amount)
        sums[user, item] += amount
    # Demo and other quests may pay as well: their claims are compared with the rest of the ledger.
    others = {claim for claim, in stack.rows(
        "user", f"select id::text from reward_claims where status = 'CLAIMED' and {OF}", ids)}
    assert {claim for claims in ledger.values() for claim in claims} == others
    for user, claims in paid.items():
        assert claims.items() <= ledger[user].items()
    balances = {(user, item): balance for user, item, balance in stack.rows(
        "user", f"select user_id::text, item, balance from wallet_balances where {OF}", ids)}
    assert balances == sums
    mirrored = stack.rows("user", f"select user_id::text, gold, diamond from users where {OF}", ids)
    assert all((gold, diamond) == (sums[user, "gold"], sums[user, "diamond"]) for user, gold, diamond in mirrored)


def check_nothing_is_left(stack):
    for service in ("user", "processing", "catalog"):
        assert stack.value(service, "select count(*) from outbox") == 0
    for queue in ("questline.processing.v1", "questline.user.v1"):
        assert stack.waiting_in(queue) == 0
        assert stack.waiting_in(f"{queue}.dead") == 0, f"dead letters of {queue}"
