"""The relay that publishes is killed: another publishes at once, and does not wait for
the end of the lease that was left behind."""
from load import Load, make_users

from kit.waiting import wait_until

# Of a living session: a lease that a process before this test has left may stand there.
HOLDER = """select (select holder::text from relay_lease
                    where session_of = holder and session_pid in (select pid from pg_stat_activity))"""


def leave_an_hour(stack, holder):
    """What a killed holder has left of its lease becomes an hour, unless another has it already."""
    connection = stack.connect("user")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("update relay_lease set expires_at = clock_timestamp() + interval '1 hour' "
                           "where holder::text = %s", (holder,))
    finally:
        connection.close()


def test_the_lease_of_a_killed_relay_is_not_waited_out(stack, quests, seed):
    # The holder is known where there is no other.
    stack.stop_all("user-2")
    holder = wait_until(lambda: stack.value("user", HOLDER), what="a relay with the lease")
    stack.start_all("user-2")
    assert stack.value("user", HOLDER) == holder
    stack.kill("user")
    leave_an_hour(stack, holder)
    load = Load(stack.http, make_users(stack, 10), 30, seed).start().finish()
    assert load.accepted
    wait_until(lambda: stack.value("user", "select count(*) from outbox") == 0, what="all published")
    assert stack.value("user", HOLDER) not in (None, holder)
    stack.heal()
