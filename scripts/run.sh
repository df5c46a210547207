#!/usr/bin/env bash
# Runs all of Questline on this machine: installs packages, builds, starts private
# servers and every service, loads the demo data, and says where it is.
#
#   scripts/run.sh                 start and stay; Ctrl-C stops everything
#   scripts/run.sh --detach        start and return
#   scripts/run.sh --replicas N    start with N of every service, 1 to 5; may be combined
#   scripts/run.sh --stop [NAME]   stop everything, or one process
#   scripts/run.sh --start NAME    start one process again
#   scripts/run.sh --status        name, pid, state, RPC and ops address of each
#   scripts/run.sh --reset         stop, and delete the state: databases, keys, logs
#
#   QL_HTTP_PORT=8000   the page's port; every other port is derived from it
#   QL_POSTGRES_URL=…   use this PostgreSQL (a superuser's URL) instead of a private one
#   QL_AMQP_URL=…       use this RabbitMQ instead of a private one
#   QL_REDIS_URL=…      use this Redis instead of a private one
#   QL_REDIS_MAXMEMORY=1gb  what a private Redis may hold; beyond it, it refuses writes
#   QL_ACCOUNTS=no      as root, run our processes as root too, not under accounts of their
#                       own (ql-user, ql-gateway, …), which are made when they are missing
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/stack/layout.sh
. "$here/stack/layout.sh"
# shellcheck source=scripts/stack/packages.sh
. "$here/stack/packages.sh"
# shellcheck source=scripts/stack/servers.sh
. "$here/stack/servers.sh"
# shellcheck source=scripts/stack/databases.sh
. "$here/stack/databases.sh"
# shellcheck source=scripts/stack/services.sh
. "$here/stack/services.sh"
# shellcheck source=scripts/stack/build.sh
. "$here/stack/build.sh"

began=$SECONDS
progress() { printf '[%3ds] %s\n' "$((SECONDS - began))" "$*"; }

usage() { sed -n '2,21s/^# \{0,1\}//p' "$0"; }

want() { printf '%s\n' "$2" >"$STATE/want/$1.new" && mv "$STATE/want/$1.new" "$STATE/want/$1"; }
nudge() { kill -USR1 "$(pid_of supervisor)" 2>/dev/null || true; }
not_running() { ! is_running "$1"; }

make_state() {
    # 0711: the servers' accounts pass through to their own folders and see no more.
    mkdir -p "$STATE" && chmod 711 "$STATE"
    mkdir -p "$STATE"/{log,pid,want,keys,secrets} && chmod 700 "$STATE/log"
    # Nobody lists these, and each file in them belongs to the one account that needs it.
    chmod 711 "$STATE"/{keys,secrets}
    [[ -e $STATE/.questline ]] || : >"$STATE/.questline"
}

start_supervisor() {
    # The path of a socket is limited to 108 bytes: a short folder of its own.
    SOCKETS=$(mktemp -d /tmp/ql-XXXXXX) && chmod 711 "$SOCKETS"
    remember
    local name
    for name in "${QL_ALL[@]}"; do want "$name" down; done
    [[ $LOCAL_PG == no ]] || { init_postgres && want postgres up; }
    [[ $LOCAL_REDIS == no ]] || { init_redis && want redis up; }
    [[ $LOCAL_AMQP == no ]] || { init_rabbitmq && want epmd up && want rabbitmq up; }
    setsid "$here/stack/supervisor.sh" "$STATE" </dev/null >>"$STATE/log/supervisor.log" 2>&1 &
    printf '%s\n' "$!" >"$STATE/pid/supervisor"
}

# Where the accounts of our processes cannot reach the build, they get a copy.
choose_binaries() {
    BUILT=${QL_BIN_DIR:-$QL_ROOT/build/run/bin}
    BIN=$BUILT
    [[ $(account_of gateway) != root ]] && is_root || return 0
    run_as nobody test -x "${QL_BIN_DIR:-$QL_ROOT}" || BIN=$STATE/bin
}

bring_binaries() {
    if [[ $BIN != "$BUILT" ]]; then
        mkdir -p "$BIN" && chmod 755 "$BIN"
        install -m 755 "$BUILT"/{questline-*,questctl,ql-keys} "$BIN"
    fi
    run_as "$(account_of gateway)" test -x "$BIN/questline-gateway" ||
        die "the account $(account_of gateway) cannot run $BIN/questline-gateway: let others enter its folders, or set QL_BIN_DIR"
}

database_answers() { admin_psql postgres -c 'select 1' >/dev/null; }
service_is_ready() { is_running "$1" && answers_ready "$(ops_port "$1")"; }

bring_up() {
    local name
    LOCAL_PG=yes LOCAL_AMQP=yes LOCAL_REDIS=yes
    [[ -z ${QL_POSTGRES_URL:-} ]] || LOCAL_PG=no
    [[ -z ${QL_AMQP_URL:-} ]] || LOCAL_AMQP=no
    [[ -z ${QL_REDIS_URL:-} ]] || LOCAL_REDIS=no
    set_ports "${QL_HTTP_PORT:-$QL_DEFAULT_HTTP_PORT}"
    set_replicas "${replicas:-1}"
    make_state
    install_packages "${QL_RUN_PACKAGES[@]}"
    make_accounts
    refuse_taken_ports
    choose_binaries
    progress "starting PostgreSQL, Redis and RabbitMQ in $STATE"
    start_supervisor
    trap 'take_down_after_failure' EXIT
    if [[ -z ${QL_BIN_DIR:-} ]]; then
        progress "building (log: $STATE/log/build.log)"
        build run
    fi
    bring_binaries
    wait_until 60 PostgreSQL database_answers
    progress "making databases, roles, keys and demo data"
    make_databases
    write_urls
    prepare_services
    if [[ $LOCAL_AMQP == yes ]]; then
        progress "waiting for RabbitMQ"
        wait_until 120 RabbitMQ port_answers "$AMQP_PORT"
    fi
    wait_until 60 "the declaration of the queues" declare_topology ||
        { tail -n 5 "$STATE/log/topology.log" >&2 && exit 1; }
    [[ $LOCAL_REDIS == no ]] || wait_until 60 Redis redis_answers
    progress "starting the services and the gateway"
    for name in "${QL_PROCESSES[@]}"; do want "$name" up; done
    nudge
    for name in "${QL_PROCESSES[@]}"; do
        wait_until 60 "$name" service_is_ready "$name" ||
            { tail -n 10 "$STATE/log/$name.log" >&2 && exit 1; }
    done
    trap - EXIT
    progress "ready"
}

take_down_after_failure() {
    local status=$?
    printf 'error: the start failed; logs are in %s/log\n' "$STATE" >&2
    take_owner_urls_back 2>/dev/null || true
    take_down
    exit "$status"
}

take_down() {
    local pid name
    if is_running supervisor; then
        pid=$(pid_of supervisor)
        kill -TERM "$pid"
        wait_until 120 "the stop of everything" not_running supervisor || kill -KILL "$pid" 2>/dev/null
    fi
    # What a killed supervisor left behind.
    for name in "${QL_PROCESSES[@]}" rabbitmq redis postgres epmd; do
        if is_running "$name"; then
            kill -CONT "$(pid_of "$name")" 2>/dev/null || true
            kill -TERM "$(pid_of "$name")" 2>/dev/null || true
            wait_until 20 "the stop of $name" not_running "$name" || kill -KILL "$(pid_of "$name")" 2>/dev/null || true
        fi
    done
    rm -f "$STATE"/pid/*
    [[ -z ${SOCKETS:-} ]] || rm -rf "$SOCKETS"
}

greet() {
    cat <<TEXT

Questline is running: http://127.0.0.1:$HTTP_PORT
  player         user  / password
  administrator  admin / password
  state and logs $STATE

Look inside: $BIN/questctl health --state $STATE
Try it:
  curl -s -X POST http://127.0.0.1:$HTTP_PORT/v1/sessions -H 'Content-Type: application/json' -d '{"userName":"user","password":"password"}'

Stop it: scripts/run.sh --stop
TEXT
}

state_of() {
    local name=$1 kind
    if ! is_running "$name"; then
        [[ $(cat "$STATE/want/$name" 2>/dev/null) == up ]] && echo starting || echo stopped
        return
    fi
    kind=$(awk '/^State:/ {print $2}' "/proc/$(pid_of "$name")/status" 2>/dev/null)
    [[ $kind != T ]] || { echo paused && return; }
    case $name in
    postgres) database_answers 2>/dev/null && echo ready || echo starting ;;
    redis) redis_answers && echo ready || echo starting ;;
    epmd) port_answers "$EPMD_PORT" && echo ready || echo starting ;;
    rabbitmq) port_answers "$AMQP_PORT" && echo ready || echo starting ;;
    *) answers_ready "$(ops_port "$name")" && echo ready || echo 'not ready' ;;
    esac
}

is_ready() { [[ $(state_of "$1") == ready ]]; }

# Servers named by QL_*_URL are somebody else's to start, stop and show.
is_local() {
    case $1 in
    postgres) [[ $LOCAL_PG == yes ]] ;;
    redis) [[ ${LOCAL_REDIS:-no} == yes ]] ;;
    epmd | rabbitmq) [[ $LOCAL_AMQP == yes ]] ;;
    esac
}

show_status() {
    local name rpc ops
    printf '%-13s %-8s %-10s %-25s %s\n' NAME PID STATE RPC OPS
    for name in "${QL_ALL[@]}"; do
        is_local "$name" || continue
        rpc=- ops=-
        case $name in
        postgres) rpc="tcp://127.0.0.1:$PG_PORT" ;;
        redis) rpc="tcp://127.0.0.1:$REDIS_PORT" ;;
        epmd) rpc="tcp://127.0.0.1:$EPMD_PORT" ;;
        rabbitmq) rpc="tcp://127.0.0.1:$AMQP_PORT" ;;
        gateway) rpc="http://127.0.0.1:$HTTP_PORT" ops="http://127.0.0.1:$GATEWAY_OPS_PORT" ;;
        *) rpc="tcp://127.0.0.1:$(rpc_port "$name")" ops="http://127.0.0.1:$(ops_port "$name")" ;;
        esac
        printf '%-13s %-8s %-10s %-25s %s\n' "$name" "$(pid_of "$name" || echo -)" "$(state_of "$name")" "$rpc" "$ops"
    done
    printf '\nstate and logs: %s\n' "$STATE"
}

one_of_ours() {
    local name
    for name in "${QL_ALL[@]}"; do [[ $name != "$1" ]] || return 0; done
    die "no process is called '$1'; there are: ${QL_ALL[*]}"
}

STATE=$(choose_state)
detach=no replicas=
while [[ ${1:-} == --detach || ${1:-} == --replicas ]]; do
    if [[ $1 == --detach ]]; then
        detach=yes
    else
        replicas=${2:-} && shift
        set_replicas "$replicas"
    fi
    shift
done
case ${1:-} in
'')
    if recall && is_running supervisor; then
        [[ -z $replicas || $replicas == "$REPLICAS" ]] ||
            die "running already, with $REPLICAS of each service; stop it first"
        # Started already: bring back what was stopped or died meanwhile.
        for name in "${QL_ALL[@]}"; do
            ! is_local "$name" || want "$name" up
        done
        nudge
        for name in "${QL_PROCESSES[@]}"; do wait_until 60 "$name" service_is_ready "$name"; done
        printf 'running already\n'
    else
        recall && take_down
        bring_up
    fi
    greet
    if [[ $detach == no ]]; then
        trap 'printf "\nstopping\n"; take_down; exit 0' INT TERM HUP
        while is_running supervisor; do sleep 0.5; done
        die "the supervisor ended; its log is $STATE/log/supervisor.log"
    fi
    ;;
--stop)
    recall || die "nothing was started from here"
    if [[ -n ${2:-} ]]; then
        one_of_ours "$2" && want "$2" down && nudge
        wait_until 40 "the stop of $2" not_running "$2"
    else
        take_down
        printf 'stopped\n'
    fi
    ;;
--start)
    if ! recall || ! is_running supervisor; then die "nothing is running; start it with scripts/run.sh"; fi
    [[ -n ${2:-} ]] || die "--start needs a name: ${QL_ALL[*]}"
    one_of_ours "$2" && want "$2" up && nudge
    wait_until 90 "$2" is_ready "$2"
    ;;
--status)
    recall || die "nothing was started from here"
    show_status
    ;;
--reset)
    if recall; then take_down; fi
    [[ ! -e $STATE/.questline ]] || rm -rf "$STATE"
    printf 'state deleted: %s\n' "$STATE"
    ;;
--help | -h) usage ;;
*) usage >&2 && exit 2 ;;
esac
