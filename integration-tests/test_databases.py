"""A database per service, and roles that reach no further (row P7, Q4, Q19 to Q21)."""
import psycopg2
import pytest

OWN = {"ql_user": "user", "ql_catalog": "catalog", "ql_catalog_read": "catalog", "ql_processing": "processing"}


@pytest.mark.parametrize("role", OWN)
def test_a_role_reaches_its_own_database_only(stack, role):
    for service in ("user", "catalog", "processing"):
        if service == OWN[role]:
            stack.connect(service, role=role).close()
        else:
            with pytest.raises(psycopg2.OperationalError, match="permission denied"):
                stack.connect(service, role=role)


@pytest.mark.parametrize("role", OWN)
def test_a_run_role_cannot_change_the_schema(stack, role):
    connection = stack.connect(OWN[role], role=role)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        with connection, connection.cursor() as cursor:
            cursor.execute("create table public.mine (x int)")
    connection.close()


def test_processing_has_insert_and_select_on_events_and_no_more(stack):
    held = stack.rows("processing", "select privilege_type from information_schema.role_table_grants "
                      "where grantee = 'ql_processing' and table_name = 'events'")
    assert sorted(row[0] for row in held) == ["INSERT", "SELECT"]


@pytest.mark.parametrize("service, table, columns", [
    ("user", "users", {"user_id", "user_name", "gold", "diamond", "status", "hashed_password"}),
    ("user", "reward_claims", {"id", "user_id", "quest_id", "reward_qty", "reward_item"}),
    ("catalog", "quests", {"quest_id", "reward_id", "streak", "duplication", "name", "description", "auto_claim"}),
    ("catalog", "rewards", {"reward_id", "reward_name", "reward_item", "reward_qty"}),
    ("processing", "events", {"id", "user_id", "event_type", "timestamp", "payload"}),
    ("processing", "user_quest_rewards", {"id", "user_id", "quest_id", "status", "streak", "duplication"}),
])
def test_the_tables_have_the_columns_of_the_mission(stack, service, table, columns):
    found = {row[0] for row in stack.rows(service, "select column_name from information_schema.columns "
                                          "where table_schema = 'public' and table_name = %s", table)}
    assert columns <= found


def test_broker_accounts_write_their_own_keys_only(stack):
    import pika
    for account, key in (("user", "quest.completed"), ("processing", "user.signed_in"), ("catalog", "user.signed_in")):
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            with stack.broker(account) as channel:
                channel.basic_publish("questline", key, b"x")


@pytest.mark.parametrize("account", ["user", "processing", "catalog"])
def test_every_broker_account_may_write_the_audit_trail(stack, account):
    with stack.broker(account) as confirmed:
        channel = confirmed.connection.channel()
        channel.tx_select()
        channel.basic_publish("questline", "audit.acted", b"x")
        channel.tx_rollback()  # only to see that it is not refused
