"""A database per service, with the tables of the mission (row P7, Q4, Q19 to Q21); test_rights.py has its roles."""
import pytest


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
