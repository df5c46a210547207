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

service_environment() { # service_environment NAME -> SERVICE_ENV
    local name=$1 service=${1%%-*} other
    SERVICE_ENV=(PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 QL_MODE="${QL_MODE:-local}"
        QL_LOG_LEVEL="${QL_LOG_LEVEL:-info}" QL_JWKS_FILE="$STATE/keys/jwks.json"
        QL_OPS_ADDRESS="127.0.0.1:$(ops_port "$name")")
    for other in ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS QL_FAULT_DIR; do
        [[ -z ${!other:-} ]] || SERVICE_ENV+=("$other=${!other}")
    done
    if [[ $name == gateway ]]; then
        SERVICE_ENV+=(QL_HTTP_ADDRESS="127.0.0.1:$HTTP_PORT" QL_TRUSTED_PROXIES="${QL_TRUSTED_PROXIES:-}")
        for other in "${QL_SERVICES[@]}"; do
            SERVICE_ENV+=("QL_${other^^}_ADDRESS=$(addresses_of "$other")")
        done
        return
    fi
    SERVICE_ENV+=(QL_RPC_ADDRESS="tcp://127.0.0.1:$(rpc_port "$name")"
        QL_KEY_FILE="$STATE/keys/$service.pem"
        QL_PG_URL_FILE="$STATE/secrets/$service.pg_url"
        QL_PG_OWNER_URL_FILE="$STATE/secrets/$service.pg_owner_url"
        QL_AMQP_URL_FILE="$STATE/secrets/$service.amqp_url")
    if [[ $service == user ]]; then
        for other in QL_SIGN_IN_FAILURES QL_SIGN_IN_FAILURES_PER_ADDRESS QL_SIGN_IN_FAILURES_PER_ACCOUNT \
            QL_SIGN_UPS_PER_ADDRESS QL_SIGN_INS_PER_USER QL_CHANGES_PER_USER; do
            [[ -z ${!other:-} ]] || SERVICE_ENV+=("$other=${!other}")
        done
    fi
    case $service in
    catalog)
        SERVICE_ENV+=(QL_PG_READ_URL_FILE="$STATE/secrets/catalog.pg_read_url"
            QL_REDIS_URL_FILE="$STATE/secrets/redis.url")
        ;;
    *) SERVICE_ENV+=(QL_CATALOG_ADDRESS="$(addresses_of catalog)") ;;
    esac
}

start_service() { # becomes the service
    service_environment "$1"
    cd "$STATE" && exec env -i "${SERVICE_ENV[@]}" "$BIN/questline-${1%%-*}"
}

service_command() { # service_command NAME FLAG: runs one of its commands to the end
    service_environment "$1"
    env -i "${SERVICE_ENV[@]}" "$BIN/questline-$1" "$2" >>"$STATE/log/$1.log" 2>&1 ||
        { tail -n 5 "$STATE/log/$1.log" >&2 && die "questline-$1 $2 failed; its log is $STATE/log/$1.log"; }
}

# What questctl --state reads: where everything is, and a key of its own.
write_questctl_environment() {
    local service
    {
        for service in "${QL_SERVICES[@]}"; do
            printf 'QL_%s_ADDRESS=%s\n' "${service^^}" "$(addresses_of "$service")"
        done
        printf 'QL_GATEWAY_OPS_ADDRESS=127.0.0.1:%s\n' "$(ops_port gateway)"
        printf 'QL_AMQP_URL_FILE=%s\nQL_JWKS_FILE=%s\nQL_KEY_FILE=%s\n' "$STATE/secrets/admin.amqp_url" \
            "$STATE/keys/jwks.json" "$STATE/keys/questctl.pem"
    } >"$STATE/questctl.env"
}

prepare_services() {
    "$BIN/ql-keys" "$STATE/keys" "${QL_SERVICES[@]}" questctl >/dev/null
    write_questctl_environment
    local service
    for service in "${QL_SERVICES[@]}"; do
        service_command "$service" --migrate
    done
    [[ ${QL_MODE:-local} == local ]] || return 0
    service_command catalog --seed-demo
    service_command user --seed-demo
}
