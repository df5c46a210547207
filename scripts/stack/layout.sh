# Where things lie: state folder, ports, names. Sourced by the other scripts.
# shellcheck shell=bash disable=SC2034
#
# Everything of one stack lives under one state folder; every port is derived
# from QL_HTTP_PORT, so two checkouts run side by side on two port bases.

QL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mapfile -t QL_SERVICES < <(cd "$QL_ROOT/services" && printf '%s\n' */stack.env | sed 's,/.*,,' | LC_ALL=C sort)
QL_SERVERS=(postgres redis epmd rabbitmq)
QL_MAX_REPLICAS=5
QL_MAX_SERVICES=9 # a stack has a hundred ports
QL_DEFAULT_HTTP_PORT=8000

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

((${#QL_SERVICES[@]} <= QL_MAX_SERVICES)) || die "services/ has more than $QL_MAX_SERVICES services"

# What services/SERVICE/stack.env says under KEY, or gateway/stack.env, which need not be
# there; nothing when the key is not there.
service_declares() { # service_declares SERVICE|gateway KEY
    local file=$QL_ROOT/services/$1/stack.env
    [[ $1 != gateway ]] || file=$QL_ROOT/gateway/stack.env
    [[ ! -e $file ]] || sed -n "s/^$2=//p" "$file"
}
needs_redis() { [[ $(service_declares "$1" NEEDS_REDIS) == yes ]]; }

# Which ten ports behind the base a service has: the PORTS of its stack.env, so that they stay
# where they are when another service comes, else the first ten that nobody has.
declare -A QL_TENS=()
choose_tens() {
    local service tens
    local -A taken=()
    for service in "${QL_SERVICES[@]}"; do
        tens=$(service_declares "$service" PORTS)
        [[ -n $tens ]] || continue
        [[ $tens =~ ^[1-9]$ && -z ${taken[$tens]:-} ]] ||
            die "services/$service/stack.env: PORTS must be a number from 1 to $QL_MAX_SERVICES that no other service has, not '$tens'"
        QL_TENS[$service]=$tens taken[$tens]=yes
    done
    for service in "${QL_SERVICES[@]}"; do
        tens=1
        [[ -z ${QL_TENS[$service]:-} ]] || continue
        while [[ -n ${taken[$tens]:-} ]]; do ((tens += 1)); done
        QL_TENS[$service]=$tens taken[$tens]=yes
    done
}
choose_tens

is_root() { [[ $(id -u) -eq 0 ]]; }

# As root, every process runs under an account of its own: the servers under those that
# their packages made, ours under ql-NAME, which no secret of another opens.
# QL_ACCOUNTS=no leaves ours with the caller: for builds that write into the checkout.
account_of() {
    if ! is_root; then
        id -un
    else
        case $1 in
        postgres | redis) echo "$1" ;;
        epmd | rabbitmq) echo rabbitmq ;;
        *) if [[ ${QL_ACCOUNTS:-yes} == no ]]; then echo root; else echo "ql-$1"; fi ;;
        esac
    fi
}

make_accounts() {
    local name account
    is_root && [[ ${QL_ACCOUNTS:-yes} != no ]] || return 0
    for name in "${QL_SERVICES[@]}" gateway; do
        account=$(account_of "$name")
        id -u "$account" >/dev/null 2>&1 ||
            useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$account"
    done
}

run_as() {
    local account=$1
    shift
    if [[ $(id -un) == "$account" ]]; then
        "$@"
    else
        setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups "$@"
    fi
}

# .run/ when the servers' accounts can reach it (a home of mode 0700 shuts them
# out), else a folder of this checkout's own under /var/lib.
choose_state() {
    if [[ -n ${QL_STATE_DIR:-} ]]; then
        printf '%s\n' "$QL_STATE_DIR"
        return
    fi
    local inside=$QL_ROOT/.run
    # Asked as nobody: the servers' accounts come with their packages, later.
    if is_root && ! run_as nobody test -x "$QL_ROOT"; then
        printf '/var/lib/questline-%s\n' "$(printf '%s' "$QL_ROOT" | sha256sum | cut -c1-12)"
    else
        printf '%s\n' "$inside"
    fi
}

# Ports, from the base: the HTTP port itself, servers, then ten per service.
set_ports() {
    local base=$1
    if [[ ! $base =~ ^[0-9]+$ ]] || ((base < 1024 || base > 65400)); then
        die "QL_HTTP_PORT must be between 1024 and 65400, not '$base'"
    fi
    HTTP_PORT=$base
    PG_PORT=$((base + 1)) AMQP_PORT=$((base + 2)) EPMD_PORT=$((base + 3)) DIST_PORT=$((base + 4))
    GATEWAY_OPS_PORT=$((base + 5)) REDIS_PORT=$((base + 6))
}

# Replicas of a service are called NAME, NAME-2, NAME-3, ...
replicas_of() {
    local i
    printf '%s\n' "$1"
    for ((i = 2; i <= REPLICAS; i++)); do printf '%s-%d\n' "$1" "$i"; done
}

# Every process, in the order they are started; stopped in reverse.
set_replicas() {
    REPLICAS=$1
    if [[ ! $REPLICAS =~ ^[0-9]+$ ]] || ((REPLICAS < 1 || REPLICAS > QL_MAX_REPLICAS)); then
        die "--replicas must be between 1 and $QL_MAX_REPLICAS, not '$REPLICAS'"
    fi
    mapfile -t QL_PROCESSES < <(for service in "${QL_SERVICES[@]}"; do replicas_of "$service"; done && echo gateway)
    QL_ALL=("${QL_SERVERS[@]}" "${QL_PROCESSES[@]}")
}

# Ten ports a service, two a replica.
rpc_port() {
    local number=1
    [[ -n ${QL_TENS[${1%%-*}]:-} ]] || return 0
    [[ $1 != *-* ]] || number=${1##*-}
    printf '%d' $((HTTP_PORT + 10 * QL_TENS[${1%%-*}] + 2 * (number - 1)))
}
ops_port() {
    if [[ $1 == gateway ]]; then
        printf '%d' "$GATEWAY_OPS_PORT"
    else
        printf '%d' $(($(rpc_port "$1") + 1))
    fi
}

all_ports() {
    printf '%s\n' "$HTTP_PORT" "$PG_PORT" "$AMQP_PORT" "$EPMD_PORT" "$DIST_PORT" "$GATEWAY_OPS_PORT" "$REDIS_PORT"
    local name
    for name in "${QL_PROCESSES[@]}"; do
        [[ $name == gateway ]] || { rpc_port "$name" && echo && ops_port "$name" && echo; }
    done
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

refuse_taken_ports() {
    local port
    for port in $(all_ports); do
        ! port_answers "$port" ||
            die "port $port is taken by another program; choose another base: QL_HTTP_PORT=<port> scripts/run.sh"
    done
}

# A running stack remembers what it was started with.
remember() {
    local name
    QL_ACCOUNTS=${QL_ACCOUNTS:-yes}
    for name in STATE SOCKETS HTTP_PORT REPLICAS BIN QL_ACCOUNTS LOCAL_PG LOCAL_AMQP LOCAL_REDIS; do
        printf '%s=%q\n' "$name" "${!name}"
    done >"$STATE/stack.env"
}

recall() {
    [[ -r $STATE/stack.env ]] || return 1
    # shellcheck source=/dev/null
    . "$STATE/stack.env"
    set_ports "$HTTP_PORT"
    set_replicas "$REPLICAS"
}

pid_of() { [[ -r $STATE/pid/$1 ]] && cat "$STATE/pid/$1"; }
is_running() {
    local pid
    pid=$(pid_of "$1") && [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null
}

# wait_until SECONDS WHAT COMMAND...: the one way scripts wait for anything.
wait_until() {
    local seconds=$1 what=$2 deadline=$((SECONDS + $1))
    shift 2
    until "$@" 2>/dev/null; do
        ((SECONDS < deadline)) || { printf 'error: %s not within %s s\n' "$what" "$seconds" >&2 && return 1; }
        sleep 0.1
    done
}

# HTTP status of a loopback URL path, without any tool.
http_status() {
    local port=$1 path=$2 status=''
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$path" >&3
    IFS=' ' read -r -t 5 _ status _ <&3
    exec 3>&-
    printf '%s' "$status"
}
answers_ready() { [[ $(http_status "$1" /readyz 2>/dev/null) == 200 ]]; }
