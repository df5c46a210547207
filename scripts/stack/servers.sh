# Private PostgreSQL, Redis and RabbitMQ on loopback ports of their own. Sourced.
# shellcheck shell=bash

# shellcheck source=scripts/stack/rights.sh
. "$(dirname "${BASH_SOURCE[0]}")/rights.sh"

PG_BIN=/usr/lib/postgresql/15/bin
RABBIT_BIN=/usr/lib/rabbitmq/bin

secret() { # secret NAME: a random password, made once
    local file=$STATE/secrets/$1
    [[ -s $file ]] || (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$file")
    cat "$file"
}

init_postgres() {
    local account data=$STATE/postgres
    account=$(account_of postgres)
    [[ ! -e $data/PG_VERSION ]] || return 0
    install -d -m 700 "$data"
    is_root && chown "$account" "$data"
    (cd / && run_as "$account" "$PG_BIN/initdb" -D "$data" -U questline_admin --auth-local=trust \
        --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --data-checksums --no-sync >"$STATE/log/initdb.log" 2>&1) ||
        { cat "$STATE/log/initdb.log" >&2 && die "initdb failed"; }
}

start_postgres() {
    local account
    account=$(account_of postgres)
    # The superuser comes in through the socket only, whose folder is closed to others.
    install -d -m 700 "$SOCKETS/pg"
    is_root && chown "$account" "$SOCKETS/pg"
    cd "$STATE/postgres" && run_exec "$account" "$PG_BIN/postgres" -D "$STATE/postgres" \
        -c listen_addresses=127.0.0.1 -c port="$PG_PORT" -c unix_socket_directories="$SOCKETS/pg" \
        -c max_connections=500 -c shared_buffers=64MB -c log_line_prefix='%m [%p] %u@%d '
}

# The passwords stand in the file alone, which only the server's account can read.
init_redis() {
    local home=$STATE/redis
    install -d -m 700 "$home"
    (umask 077 && cat >"$home/redis.conf") <<CONF
bind 127.0.0.1
port $REDIS_PORT
protected-mode yes
requirepass $(secret redis)
dir $home
daemonize no
appendonly yes
save ""
maxmemory ${QL_REDIS_MAXMEMORY:-1gb}
maxmemory-policy noeviction
$(redis_users)
CONF
    ! is_root || chown -R "$(account_of redis)" "$home"
}

start_redis() {
    cd "$STATE/redis" && run_exec "$(account_of redis)" /usr/bin/redis-server "$STATE/redis/redis.conf"
}

# An open port is not enough: Redis accepts connections, and refuses commands, while it
# still loads its data.
redis_answers() {
    [[ $(REDISCLI_AUTH=$(secret redis) timeout 5 redis-cli -h 127.0.0.1 -p "$REDIS_PORT" ping 2>/dev/null) == PONG ]]
}

rabbit_environment() {
    local home=$STATE/rabbitmq
    RABBIT_ENV=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$home/home" LANG=C.UTF-8
        ERL_EPMD_PORT="$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1
        RABBITMQ_NODENAME=questline@127.0.0.1 RABBITMQ_USE_LONGNAME=true
        RABBITMQ_DIST_PORT="$DIST_PORT" RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log"
        RABBITMQ_PID_FILE="$home/rabbit.pid" RABBITMQ_CONF_ENV_FILE="$home/rabbitmq-env.conf"
        RABBITMQ_CONFIG_FILE="$home/rabbitmq" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins"
        RUNNING_UNDER_SYSTEMD=true
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none')
}

# RabbitMQ's rabbit_password_hashing_sha256: base64(salt + sha256(salt + password)).
rabbit_password_hash() {
    local salt digest
    salt=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
    digest=$({ from_hex "$salt" && printf '%s' "$1"; } | sha256sum | cut -d' ' -f1)
    { from_hex "$salt" && from_hex "$digest"; } | base64 -w0
}
# shellcheck disable=SC2059
from_hex() { printf "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }

init_rabbitmq() {
    local home=$STATE/rabbitmq account
    account=$(account_of rabbitmq)
    install -d -m 700 "$home" "$home/home" "$home/mnesia" "$home/log"
    printf '[].\n' >"$home/enabled_plugins"
    # Who has it governs the broker by its distribution port: as random as other secrets.
    [[ -s $home/home/.erlang.cookie ]] ||
        (umask 277 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$home/home/.erlang.cookie")
    : >"$home/rabbitmq-env.conf"
    # Written at every start: what accounts may do changes with the version.
    (umask 077 && rabbit_definitions >"$home/definitions.json")
    cat >"$home/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$AMQP_PORT
load_definitions = $home/definitions.json
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
log.console = true
log.console.level = warning
log.file = false
CONF
    ! is_root || chown -R "$account" "$home"
}

start_epmd() {
    rabbit_environment
    cd "$STATE/rabbitmq" && run_exec "$(account_of epmd)" env -i "${RABBIT_ENV[@]}" /usr/bin/epmd -address 127.0.0.1 -port "$EPMD_PORT"
}

start_rabbitmq() {
    rabbit_environment
    wait_until 20 epmd port_answers "$EPMD_PORT"
    cd "$STATE/rabbitmq" && run_exec "$(account_of rabbitmq)" env -i "${RABBIT_ENV[@]}" "$RABBIT_BIN/rabbitmq-server"
}

# Becomes the command, under the account: the pid stays the one we know.
run_exec() {
    local account=$1
    shift
    if [[ $(id -un) == "$account" ]]; then
        exec "$@"
    fi
    exec setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups "$@"
}

admin_psql() { # the superuser, through the private socket or QL_POSTGRES_URL
    local database=$1
    shift
    if [[ $LOCAL_PG == yes ]]; then
        psql -X -q -v ON_ERROR_STOP=1 -h "$SOCKETS/pg" -p "$PG_PORT" -U questline_admin -d "$database" "$@"
    else
        psql -X -q -v ON_ERROR_STOP=1 "${QL_POSTGRES_URL%/*}/$database" "$@"
    fi
}
