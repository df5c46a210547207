"""Every message three times, in a shuffled order: counted once."""
import contextlib
import os

import pytest

from invariants import check
from load import Load, make_users, wait_waiting

from kit.waiting import wait_until

pytestmark = pytest.mark.skipif(os.environ.get("QL_FAULT_LONG") != "1",
                                reason="one of the long set: scripts/run_tests.sh faults")


@contextlib.contextmanager
def publishing_again(stack):
    """A function that publishes a message as the account that it names, since the broker refuses one
    that names another."""
    with contextlib.ExitStack() as opened:
        channels = {}

        def publish(routing_key, body, properties, mandatory=False):
            account = properties.user_id.removeprefix("ql_")
            if account not in channels:
                channels[account] = opened.enter_context(stack.broker(account))
            channels[account].basic_publish("questline", routing_key, body, properties, mandatory=mandatory)
        yield publish


def triple_and_shuffle(stack, queue, chance):
    """Takes what waits in a queue that nobody consumes and puts three of each back. The
    taken ones are given up last, so that a test that dies loses nothing."""
    waiting = stack.waiting_in(queue)
    with stack.broker() as channel, publishing_again(stack) as publish:
        # More than a quorum queue hands out at once when nothing is said.
        channel.basic_qos(prefetch_count=60000)
        taken = []
        for method, properties, body in channel.consume(queue, inactivity_timeout=20):
            assert method is not None, f"{len(taken)} of {waiting} came"
            taken.append((method.routing_key, body, properties))
            if len(taken) == waiting:
                last = method.delivery_tag
                break
        copies = taken * 3
        chance.shuffle(copies)
        for message in copies:
            publish(*message, mandatory=True)
        channel.basic_ack(last, multiple=True)
        return len(taken)


def test_every_message_three_times_and_shuffled_counts_once(stack, quests, seed, chance):
    stack.stop_all("processing", "processing-2")
    load = Load(stack.http, make_users(stack, 300), 3000, seed).start().finish()
    wait_until(lambda: stack.value("user", "select count(*) from outbox") == 0, 60, "all published")
    assert triple_and_shuffle(stack, "questline.processing.v1", chance) >= 3000
    # Now the completions: user is away while processing works.
    stack.stop_all("user", "user-2")
    stack.start_all("processing", "processing-2")
    wait_until(lambda: stack.waiting_in("questline.processing.v1") == 0, 120, "all events consumed")
    wait_until(lambda: stack.value("processing", "select count(*) from outbox") == 0, 60, "all published")
    assert triple_and_shuffle(stack, "questline.user.v1", chance) >= 3000
    stack.start_all("user", "user-2")
    check(stack, load, quests, all_accepted=True)


def test_every_message_again_while_it_is_consumed(stack, quests, seed, chance):
    """A listener that repeats whatever passes, at once and later, under load."""
    load = Load(stack.http, make_users(stack, 300), 3000, seed)
    with stack.broker() as channel, publishing_again(stack) as publish:
        tap = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(tap, "questline", "#")
        load.start()
        seen, held = set(), []
        for method, properties, body in channel.consume(tap, auto_ack=True, inactivity_timeout=3):
            if method is None:
                if len(load.accepted) == load.total:
                    break
                continue
            if properties.message_id in seen:
                continue
            seen.add(properties.message_id)
            held += [(method.routing_key, body, properties)] * 2
            if len(held) > 100:
                chance.shuffle(held)
                while len(held) > 50:
                    publish(*held.pop())
        for message in held:
            publish(*message)
        channel.cancel()
    load.finish()
    assert len(seen) >= 3000
    wait_waiting(stack, 0)
    check(stack, load, quests, all_accepted=True)
