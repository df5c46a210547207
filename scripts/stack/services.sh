# What each of our processes is started with. Sourced.
# shellcheck shell=bash

# Where all replicas of a service are: what a caller's QL_<SERVICE>_ADDRESS holds.
addresses_of() {
    local name comma=''
    for name in $(replicas_of "$1"); do
        printf '%stcp://127.0.0.1:%s' "$comma" "$(rpc_port "$name")"
        comma=,
    done
}

# What services/<service>/stack.env adds. A pair SETTING=ACCOUNT names the account, or the
# role, whose URL the setting holds.
add_declared_environment() { # add_declared_environment SERVICE -> SERVICE_ENV
    local service=$1 pair other
    for pair in $(service_declares "$service" PG_URLS); do
        SERVICE_ENV+=("${pair%%=*}_FILE=$STATE/secrets/$(short_name "${pair#*=}").pg_url")
    done
    for pair in $(service_declares "$service" AMQP_URLS); do
        SERVICE_ENV+=("${pair%%=*}_FILE=$STATE/secrets/$(short_name "${pair#*=}").amqp_url")
    done
    ! needs_redis "$service" || SERVICE_ENV+=(QL_REDIS_URL_FILE="$STATE/secrets/$service.redis_url")
    for other in $(service_declares "$service" CALLS); do
        SERVICE_ENV+=("QL_${other^^}_ADDRESS=$(addresses_of "$other")")
    done
    for other in $(service_declares "$service" SETTINGS); do
        [[ -z ${!other:-} ]] || SERVICE_ENV+=("$other=${!other}")
    done
}

service_environment() { # service_environment NAME -> SERVICE_ENV
    local name=$1 service=${1%%-*} other
    SERVICE_ENV=(PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 QL_MODE="${QL_MODE:-local}"
        QL_LOG_LEVEL="${QL_LOG_LEVEL:-info}" QL_JWKS_FILE="$STATE/keys/jwks.json"
        QL_OPS_ADDRESS="127.0.0.1:$(ops_port "$name")")
    for other in ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS QL_FAULT_DIR QL_CONSUMER_PATIENCE; do
        [[ -z ${!other:-} ]] || SERVICE_ENV+=("$other=${!other}")
    done
    if [[ $name == gateway ]]; then
        SERVICE_ENV+=(QL_HTTP_ADDRESS="127.0.0.1:$HTTP_PORT" QL_TRUSTED_PROXIES="${QL_TRUSTED_PROXIES:-}"
            QL_HTTP_HOSTS="${QL_HTTP_HOSTS:-}")
        for other in "${QL_SERVICES[@]}"; do
            SERVICE_ENV+=("QL_${other^^}_ADDRESS=$(addresses_of "$other")")
        done
        add_declared_environment gateway
        return
    fi
    SERVICE_ENV+=(QL_RPC_ADDRESS="tcp://127.0.0.1:$(rpc_port "$name")"
        QL_KEY_FILE="$STATE/keys/$service.pem"
        QL_PG_URL_FILE="$STATE/secrets/$service.pg_url"
        QL_AMQP_URL_FILE="$STATE/secrets/$service.amqp_url")
    add_declared_environment "$service"
}

start_service() { # becomes the service
    service_environment "$1"
    cd "$STATE" && run_exec "$(account_of "${1%%-*}")" env -i "${SERVICE_ENV[@]}" "$BIN/questline-${1%%-*}"
}

# service_command NAME FLAG [KEY=VALUE...]: runs one of its commands to the end, with
# settings that a running process does not have.
service_command() {
    local name=$1 flag=$2
    shift 2
    service_environment "$name"
    (cd "$STATE" && run_as "$(account_of "$name")" env -i "${SERVICE_ENV[@]}" "$@" "$BIN/questline-$name" "$flag") \
        >>"$STATE/log/$name.log" 2>&1 ||
        { tail -n 5 "$STATE/log/$name.log" >&2 && die "questline-$name $flag failed; its log is $STATE/log/$name.log"; }
}

# What questctl --state reads: where everything is, and a key of its own.
write_questctl_environment() {
    local service
    {
        for service in "${QL_SERVICES[@]}"; do
            printf 'QL_%s_ADDRESS=%s\n' "${service^^}" "$(addresses_of "$service")"
        done
        printf 'QL_GATEWAY_OPS_ADDRESS=127.0.0.1:%s\n' "$(ops_port gateway)"
        printf 'QL_AMQP_URL_FILE=%s\nQL_AMQP_ADMIN_URL_FILE=%s\n' "$STATE/secrets/operator.amqp_url" \
            "$STATE/secrets/admin.amqp_url"
        printf 'QL_JWKS_FILE=%s\nQL_KEY_FILE=%s\n' "$STATE/keys/jwks.json" "$STATE/keys/questctl.pem"
    } >"$STATE/questctl.env"
}

# The owner's URL is the service's to read while it migrates, when nothing else runs under
# its account, and not a moment longer.
migrate() {
    local service=$1 file=$STATE/secrets/$1.pg_owner_url
    give "$service" "$file"
    service_command "$service" --migrate QL_PG_OWNER_URL_FILE="$file"
    take_owner_urls_back
}

# Queues belong to the administrator: no service may declare one.
declare_topology() { "$BIN/questctl" broker declare --state "$STATE" >>"$STATE/log/topology.log" 2>&1; }

prepare_services() {
    "$BIN/ql-keys" "$STATE/keys" "${QL_SERVICES[@]}" questctl >/dev/null
    write_questctl_environment
    local service
    for service in "${QL_SERVICES[@]}"; do
        give "$service" "$STATE/keys/$service.pem"
        migrate "$service"
    done
    [[ ${QL_MODE:-local} == local ]] || return 0
    for service in "${QL_SERVICES[@]}"; do
        [[ $(service_declares "$service" HAS_DEMO_DATA) != yes ]] || service_command "$service" --seed-demo
    done
}
