"""The tables of rights (scripts/stack/rights, services/*/rights), and what PostgreSQL says that roles may do."""
import functools
import subprocess

from .stack import ROOT, SERVICES, declares

BROKER_COLUMNS = ("account", "vhost", "tag", "configure", "write", "read", "write_keys", "read_keys")
SHELL = '. "$1/scripts/stack/layout.sh" && . "$1/scripts/stack/rights.sh" && "${@:2}"'


@functools.cache
def _shell(*command):
    """The rows as scripts grant them: what services share is written once, in templates that they fill in."""
    return subprocess.run(["bash", "-c", SHELL, "bash", ROOT, *command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.splitlines()


def broker_rows():
    return [line.split("\t") for line in _shell("broker_rows")]


def broker_accounts(vhost="/"):
    """{account: {column: pattern}} of one virtual host."""
    found = [dict(zip(BROKER_COLUMNS, row)) for row in broker_rows()]
    return {row["account"]: row for row in found if row["vhost"] == vhost}


def redis_rows():
    """[[account, keys, channels, commands]]"""
    return [line.split("\t") for line in _shell("redis_rows")]


def database_rows(service):
    """[[role, object, rights]] in the database of a service."""
    return [line.split("\t") for line in _shell("database_rows", service)]


def _roles(kind):
    return [(role, service) for service in SERVICES for role in _shell(kind, service)]


def database_roles():
    """[(role, service)]"""
    return _roles("database_roles")


def function_roles():
    """[(role, service)]: nobody signs in as these."""
    return _roles("function_roles")


def secrets_of(service):
    """Files in secrets/ that a process of the service may read: URLs of its roles and accounts."""
    names = {f"{service}.pg_url", f"{service}.amqp_url"}
    names |= {f"{short_name(role)}.pg_url" for role in _shell("further_roles", service)}
    names |= {f"{short_name(account)}.amqp_url" for account in _shell("further_accounts", service)}
    return names | ({f"{service}.redis_url"} if "yes" in declares(service, "NEEDS_REDIS") else set())


def short_name(account):
    return account.removeprefix("ql_").removeprefix("questline_")


# Each row is (schema, object, right); what a role owns is left out, and so is what a column has through its table.
HELD = """
    select 'table ' || n.nspname || '.' || c.relname as object, r.privilege
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
           cross join unnest(array['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) r(privilege)
     where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^(pg_|information_schema)'
       and pg_get_userbyid(c.relowner) <> %(role)s and has_table_privilege(%(role)s, c.oid, r.privilege)
    union all
    select 'table ' || n.nspname || '.' || c.relname, r.privilege || '(' || a.attname || ')'
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
           join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           cross join unnest(array['SELECT','INSERT','UPDATE','REFERENCES']) r(privilege)
     where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^(pg_|information_schema)'
       and pg_get_userbyid(c.relowner) <> %(role)s and not has_table_privilege(%(role)s, c.oid, r.privilege)
       and has_column_privilege(%(role)s, c.oid, a.attname, r.privilege)
    union all
    select 'sequence ' || n.nspname || '.' || c.relname, r.privilege
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
           cross join unnest(array['USAGE','SELECT','UPDATE']) r(privilege)
     where c.relkind = 'S' and pg_get_userbyid(c.relowner) <> %(role)s
       and has_sequence_privilege(%(role)s, c.oid, r.privilege)
    union all
    select 'function ' || n.nspname || '.' || p.proname, 'EXECUTE'
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname !~ '^(pg_|information_schema)' and p.prorettype <> 'trigger'::regtype
       and pg_get_userbyid(p.proowner) <> %(role)s and has_function_privilege(%(role)s, p.oid, 'EXECUTE')
    union all
    select 'schema ' || n.nspname, r.privilege
      from pg_namespace n cross join unnest(array['CREATE','USAGE']) r(privilege)
     where n.nspname !~ '^(pg_|information_schema)' and has_schema_privilege(%(role)s, n.oid, r.privilege)
       and (n.nspname = 'public' or pg_get_userbyid(n.nspowner) <> %(role)s)
    union all
    select 'database', r.privilege from unnest(array['CONNECT','CREATE','TEMPORARY']) r(privilege)
     where pg_get_userbyid((select datdba from pg_database where datname = current_database())) <> %(role)s
       and has_database_privilege(%(role)s, current_database(), r.privilege)
"""


def held_in_database(stack, role, service):
    """Lines as rights/database.tsv has them: {"role<tab>object<tab>RIGHT,RIGHT"}."""
    connection = stack.connect(service)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(HELD, {"role": role})
            found = cursor.fetchall()
    finally:
        connection.close()
    objects = {}
    for name, right in found:
        objects.setdefault(name, []).append(right)
    return {"\t".join((role, name, ",".join(sorted(rights)))) for name, rights in objects.items()}
