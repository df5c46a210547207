"""Who may do what at the broker, in the databases and on the machine: the tables of scripts/stack/rights and of each
service's folder rights/ are what scripts grant, and whatever is not in them is tried here, for every account."""
import contextlib
import os
import pathlib
import re
import subprocess

import pika
import psycopg2
import pytest
import redis

from kit import events, rights
from kit.stack import SERVICES, declares

WORK_QUEUES = events.queues()
QUEUES = [queue.name + end for queue in WORK_QUEUES for end in ("", ".dead")] + events.streams()
REPLAYS = [f"{queue.name}.replay" for queue in WORK_QUEUES]
EXCHANGES = ["questline", *REPLAYS]
BUILT_IN = ["", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic"]
# Who may publish under which key, by the contract: the publisher of each event, whoever has events of its own for
# those of every service, and each consumer for what it puts aside.
PUBLISHERS = {event.publisher for event in events.event_types()} - {"*"}
WRITERS = {event.key: PUBLISHERS if event.publisher == "*" else {event.publisher} for event in events.event_types()}
WRITERS["custom.monster.killed"] = {events.custom_publisher()}
WRITERS |= {f"dead.{queue.short_name}": {queue.service} for queue in WORK_QUEUES}
# Each of them runs in some process; the administrator's account runs in none.
ACCOUNTS = [name for name in rights.broker_accounts() if name != "questline_admin"]
SERVICE_ACCOUNTS = {f"ql_{service}" for service in PUBLISHERS}


def may(account, column, name):
    return re.search(rights.broker_accounts()[account][column], name) is not None


# The table itself: what it must not say, whatever else changes.

def test_no_account_of_a_process_declares_anything_but_queues_of_its_own(stack):
    for account in ACCOUNTS:
        assert not [name for name in QUEUES + EXCHANGES if may(account, "configure", name)], account
        pattern = rights.broker_accounts()[account]["configure"]
        assert pattern == "^$" or pattern == rf"^questline\.feed\.{account}\.", account


def test_keys_and_queues_are_of_whom_the_contract_names(stack):
    for key, services in WRITERS.items():
        assert {account for account in ACCOUNTS
                if may(account, "write", "questline") and may(account, "write_keys", key)} == \
               {f"ql_{service}" for service in services}, key
    for queue in WORK_QUEUES:
        assert {a for a in ACCOUNTS if may(a, "read", queue.name)} == {f"ql_{queue.service}"}
        for what, name in (("read", f"{queue.name}.dead"), ("write", f"{queue.name}.replay")):
            assert {a for a in ACCOUNTS if may(a, what, name)} == {"ql_operator", "ql_dead_letters"}, name


def test_who_declares_writes_no_exchange_that_others_read(stack):
    """An exchange of one's own could be bound to it, and would carry any key there."""
    for account in ACCOUNTS:
        if rights.broker_accounts()[account]["configure"] != "^$":
            assert not may(account, "write", "questline"), account


# The broker.

def broker_attempts(account):
    """[(what, call with a channel)]: everything that the table does not allow the account. What succeeds all the same
    changes nothing, as far as that can be."""
    found = [("configure", "declare a queue", lambda c: c.queue_declare("questline.intruder", exclusive=True)),
             ("configure", "declare a queue of the broker's naming", lambda c: c.queue_declare("", exclusive=True)),
             ("configure", "declare an exchange", lambda c: c.exchange_declare("questline.intruder", auto_delete=True))]
    for queue in QUEUES:
        if not may(account, "configure", queue):
            found.append((queue, "delete", lambda c, q=queue: c.queue_delete(q, if_unused=True, if_empty=True)))
        if not may(account, "read", queue):
            found += [(queue, "purge", lambda c, q=queue: c.queue_purge(q)),
                      (queue, "get", lambda c, q=queue: c.basic_get(q)),
                      (queue, "consume", lambda c, q=queue: c.basic_consume(q, lambda *_: None))]
        if not may(account, "write", queue):
            found += [(queue, "bind", lambda c, q=queue: c.queue_bind(q, "questline", "intruder")),
                      (queue, "unbind", lambda c, q=queue: c.queue_unbind(q, "questline", "intruder"))]
        found.append((queue, "publish past every exchange", lambda c, q=queue: c.basic_publish("", q, b"x")))
    for exchange in EXCHANGES:
        if not may(account, "configure", exchange):
            found.append((exchange, "delete", lambda c, e=exchange: c.exchange_delete(e, if_unused=True)))
        for source in EXCHANGES:
            if not may(account, "write", exchange) or not may(account, "read", source):
                found.append((exchange, f"bind to {source}",
                              lambda c, e=exchange, s=source: c.exchange_bind(e, s, "intruder")))
        for key in WRITERS:
            if not may(account, "write", exchange) or (exchange == "questline" and not may(account, "write_keys", key)):
                found.append((exchange, f"publish {key}", lambda c, e=exchange, k=key: c.basic_publish(e, k, b"x")))
    for exchange in BUILT_IN[1:]:
        found.append((exchange, "publish", lambda c, e=exchange: c.basic_publish(e, "quest.completed", b"x")))
    return found


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_broker_refuses_what_the_table_does_not_allow(stack, account):
    tried = broker_attempts(account)
    assert len(tried) > 40
    allowed = []
    with stack.broker(rights.short_name(account)) as first:
        for name, what, attempt in tried:
            channel = first.connection.channel()
            channel.confirm_delivery()
            try:
                attempt(channel)
                allowed.append((name, what))
                channel.close()
            except pika.exceptions.ChannelClosedByBroker as refusal:
                if refusal.reply_code != 403:
                    allowed.append((name, what, str(refusal)))
    assert not allowed


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_reaches_no_other_virtual_host(stack, account):
    url = stack.secret(f"{rights.short_name(account)}.amqp_url").replace("%2f", "unit")
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        pika.BlockingConnection(pika.URLParameters(url)).close()


def test_nobody_publishes_under_the_name_of_another(stack):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="PRECONDITION_FAILED"):
        with stack.broker("catalog") as channel:
            channel.basic_publish("questline", "audit.acted", b"x", pika.BasicProperties(user_id="ql_user"))


@pytest.mark.parametrize("account", sorted(SERVICE_ACCOUNTS))
def test_every_service_may_write_the_audit_trail(stack, account):
    with stack.broker(rights.short_name(account)) as confirmed:
        channel = confirmed.connection.channel()
        channel.tx_select()
        channel.basic_publish("questline", "audit.acted", b"x")
        channel.tx_rollback()  # only to see that it is not refused


# The databases.

ROLES = rights.database_roles()


@pytest.mark.parametrize("role, service", ROLES + rights.function_roles())
def test_a_role_holds_the_rights_of_its_table(stack, role, service):
    """Who adds a table says in the service's rights/database.tsv who may do what with it."""
    granted = {"\t".join(row) for row in rights.database_rows(service) if row[0] == role}
    held = rights.held_in_database(stack, role, service)
    if role.endswith("_owner"):
        held.add("\t".join((role, "database", "CONNECT")))  # which an owner has anyway
    assert held == granted


def database_attempts(stack, role, service):
    """[(object, statement)]: what the table does not allow the role."""
    held = {(name, right) for of, name, granted in rights.database_rows(service) if of == role
            for right in granted.split(",")}
    found = [("database", "create schema intruder"), ("schema public", "create table public.intruder (x int)"),
             ("cluster", "create role intruder"),
             ("cluster", f"set session authorization ql_{service}_owner"), ("cluster", f"set role ql_{service}_owner"),
             ("cluster", "copy (select 1) to program 'true'"), ("cluster", "select pg_read_file('/etc/hostname')")]
    columns = stack.rows(service, "select table_schema || '.' || table_name, column_name from information_schema.columns "
                         "where table_schema not in ('pg_catalog', 'information_schema')")
    for table in sorted({name for name, _ in columns}):
        for right, statement in (("SELECT", "select * from {} limit 0"), ("INSERT", "insert into {} default values"),
                                 ("DELETE", "delete from {} where false"), ("TRUNCATE", "truncate {}"),
                                 ("OWNER", "alter table {} disable trigger all"), ("OWNER", "drop table {}"),
                                 ("OWNER", "grant all on {} to public")):
            if (f"table {table}", right) not in held:
                found.append((table, statement.format(table)))
        if (f"table {table}", "UPDATE") not in held:
            found += [(table, f"update {table} set {column} = default where false") for name, column in columns
                      if name == table and (f"table {table}", f"UPDATE({column})") not in held]
    return found


@pytest.mark.parametrize("role, service", [row for row in ROLES if not row[0].endswith("_owner")])
def test_a_database_refuses_what_the_table_does_not_allow(stack, role, service):
    tried = database_attempts(stack, role, service)
    assert len(tried) > 20
    allowed = []
    connection = stack.connect(service, role=role)
    with contextlib.closing(connection):
        for name, statement in tried:
            try:
                with connection.cursor() as cursor:
                    # A lock that another test holds must not look like a permission.
                    cursor.execute("set local lock_timeout = '5s'")
                    cursor.execute(statement)
                # What only warns changes nothing.
                if not any("no privileges were granted" in notice for notice in connection.notices):
                    allowed.append((name, statement))
            except psycopg2.errors.InsufficientPrivilege:
                pass
            except psycopg2.Error as failure:  # refused for another reason: the right was there
                allowed.append((name, statement, str(failure)))
            finally:
                connection.rollback()
                connection.notices.clear()
    assert not allowed


@pytest.mark.parametrize("role, service", ROLES)
def test_a_role_reaches_its_own_database_only(stack, role, service):
    for other in (*SERVICES, None):
        if other == service:
            stack.connect(other, role=role).close()
            continue
        with pytest.raises(psycopg2.OperationalError, match="permission denied|does not exist"):
            stack.connect(other or "nobody", role=role)


# Redis.

REDIS_SERVICES = [rights.short_name(account) for account, *_ in rights.redis_rows()]
# KEY is a key that nobody has, OWN one of the service.
REDIS_ATTEMPTS = [line.split() for line in """GET KEY; SET KEY 1; DEL KEY; EVAL return(redis.call('SET','KEY',1)) 0
    FLUSHALL; FLUSHDB; KEYS *; SAVE; SHUTDOWN; MONITOR; REPLICAOF NO ONE; MODULE LIST; CONFIG GET *
    ACL LIST; ACL SETUSER intruder on nopass; CLIENT LIST; FUNCTION FLUSH; SCRIPT FLUSH; PUBLISH x 1; BLPOP OWN 1
    """.strip().replace("\n", ";").split(";")]


def test_there_is_an_account_of_redis_for_every_service_that_needs_it():
    assert REDIS_SERVICES == [name for name in (*SERVICES, "gateway") if "yes" in declares(name, "NEEDS_REDIS")]


@pytest.mark.parametrize("service", REDIS_SERVICES)
def test_redis_refuses_what_the_table_does_not_allow(stack, service):
    own = f"ql:{service}:"
    with redis.Redis.from_url(stack.secret(f"{service}.redis_url")) as client:
        assert client.set(f"{own}test-rights", "1", ex=60) and client.delete(f"{own}test-rights") == 1
        allowed = []
        for attempt in REDIS_ATTEMPTS:
            try:
                words = [re.sub(r"\bOWN\b", f"{own}x", re.sub(r"\bKEY\b", "ql:nobody:x", word)) for word in attempt]
                allowed.append((attempt, client.execute_command(*words)))
            except redis.exceptions.NoPermissionError:
                pass
            except redis.exceptions.ResponseError as refusal:  # a script says so in its own words
                if "can't access" not in str(refusal):
                    allowed.append((attempt, str(refusal)))
        assert not allowed


# The machine.

PROCESS_FILES = {"gateway": {"gateway.amqp_url"},
                 **{service: {f"{service}.pem"} | rights.secrets_of(service) for service in SERVICES}}
PUBLIC_FILES = {"jwks.json"}


def account_of(stack, name):
    return pathlib.Path(f"/proc/{stack.pid(name)}").stat().st_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="without root all processes run as the caller")
@pytest.mark.parametrize("name", PROCESS_FILES)
def test_a_process_runs_under_an_account_that_reads_its_own_secrets_only(stack, name):
    uids = {other: account_of(stack, other) for other in PROCESS_FILES}
    assert 0 not in uids.values() and len(set(uids.values())) == len(uids)
    files = [str(path) for folder in ("secrets", "keys") for path in (stack.state / folder).iterdir()]
    readable = subprocess.run(
        ["setpriv", f"--reuid={uids[name]}", "--clear-groups", f"--regid={uids[name]}", "bash", "-c",
         'for file; do if [[ -r $file ]]; then echo "${file##*/}"; fi; done', "bash", *files],
        check=True, text=True, stdout=subprocess.PIPE).stdout.split()
    assert set(readable) == PROCESS_FILES[name] | PUBLIC_FILES


def test_the_brokers_cookie_is_as_random_as_other_secrets_and_its_own(stack):
    cookie = stack.state / "rabbitmq" / "home" / ".erlang.cookie"
    assert re.fullmatch("[0-9a-f]{48}", cookie.read_text()) and cookie.stat().st_mode & 0o777 == 0o400
    assert cookie.stat().st_uid == account_of(stack, "rabbitmq")


@pytest.mark.parametrize("name", PROCESS_FILES)
def test_no_process_knows_an_owner_or_an_administrator(stack, name):
    environment = pathlib.Path(f"/proc/{stack.pid(name)}/environ").read_text()
    assert "OWNER" not in environment and "admin" not in environment.lower()


def test_an_owners_url_is_refused_to_a_service_that_runs(stack):
    refused = stack.command("user", QL_MODE="production", QL_PG_OWNER_URL=stack.secret("user.pg_owner_url"))
    assert refused.returncode != 0 and "QL_PG_OWNER_URL" in refused.stdout, refused.stdout
