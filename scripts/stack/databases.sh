# A database per service, with its roles; and the URLs under which services find
# them. Sourced.
# shellcheck shell=bash

make_databases() {
    local service role
    for service in "${QL_SERVICES[@]}"; do
        {
            for role in $(database_roles "$service"); do
                printf "select 'create role %s login' where not exists (select from pg_roles where rolname = '%s') \\\\gexec\n" "$role" "$role"
                printf "alter role %s login password '%s';\n" "$role" "$(secret "$role")"
            done
            for role in $(function_roles "$service"); do
                printf "select 'create role %s nologin' where not exists (select from pg_roles where rolname = '%s') \\\\gexec\n" "$role" "$role"
                printf "select 'grant %s to ql_%s_owner' where not pg_has_role('ql_%s_owner', '%s', 'member') \\\\gexec\n" "$role" "$service" "$service" "$role"
            done
            printf "select 'create database questline_%s owner ql_%s_owner' where not exists (select from pg_database where datname = 'questline_%s') \\\\gexec\n" "$service" "$service" "$service"
            printf 'revoke all on database questline_%s from public;\n' "$service"
            for role in $(database_roles "$service"); do
                printf 'grant connect on database questline_%s to %s;\n' "$service" "$role"
            done
            printf '\\connect questline_%s\nalter schema public owner to ql_%s_owner;\nrevoke all on schema public from public;\n' "$service" "$service"
            for role in $(database_roles "$service") $(function_roles "$service"); do
                printf 'grant usage on schema public to %s;\n' "$role"
            done
        } | admin_psql postgres -f - >/dev/null || die "could not make the database of $service"
    done
}

pg_host_port() {
    if [[ $LOCAL_PG == yes ]]; then
        printf '127.0.0.1:%s' "$PG_PORT"
    else
        local rest=${QL_POSTGRES_URL#*://}
        rest=${rest##*@}
        printf '%s' "${rest%%/*}"
    fi
}

pg_url() { # pg_url SERVICE ROLE
    printf 'postgresql://%s:%s@%s/questline_%s' "$2" "$(secret "$2")" "$(pg_host_port)" "$1"
}

amqp_url() { # amqp_url ACCOUNT
    if [[ $LOCAL_AMQP == yes ]]; then
        printf 'amqp://%s:%s@127.0.0.1:%s/%%2f' "$1" "$(secret "amqp_$(short_name "$1")")" "$AMQP_PORT"
    else
        printf '%s' "$QL_AMQP_URL"
    fi
}

redis_url() { # redis_url [ACCOUNT]: without one the administrator's
    if [[ $LOCAL_REDIS == yes && -n ${1:-} ]]; then
        printf 'redis://%s:%s@127.0.0.1:%s/0' "$1" "$(secret "redis_$(short_name "$1")")" "$REDIS_PORT"
    elif [[ $LOCAL_REDIS == yes ]]; then
        printf 'redis://:%s@127.0.0.1:%s/0' "$(secret redis)" "$REDIS_PORT"
    else
        printf '%s' "$QL_REDIS_URL"
    fi
}

# Secrets reach a process as files that its account alone can read. What belongs to nobody
# who runs, an owner's and an administrator's, stays with whoever runs this.
write_urls() {
    local service account role
    (
        umask 077
        for service in "${QL_SERVICES[@]}"; do
            pg_url "$service" "ql_$service" >"$STATE/secrets/$service.pg_url"
            pg_url "$service" "ql_${service}_owner" >"$STATE/secrets/$service.pg_owner_url"
            for role in $(further_roles "$service"); do
                pg_url "$service" "$role" >"$STATE/secrets/$(short_name "$role").pg_url"
            done
        done
        for service in "${QL_SERVICES[@]}" gateway; do
            ! needs_redis "$service" || redis_url "ql_$service" >"$STATE/secrets/$service.redis_url"
        done
        while read -r account; do
            amqp_url "$account" >"$STATE/secrets/$(short_name "$account").amqp_url"
        done < <(broker_accounts)
        redis_url >"$STATE/secrets/redis.url"
        if [[ $LOCAL_PG == yes ]]; then
            printf 'postgresql://questline_admin@/postgres?host=%s&port=%s' "$SOCKETS/pg" "$PG_PORT"
        else
            printf '%s' "$QL_POSTGRES_URL"
        fi >"$STATE/secrets/admin.pg_url"
    )
    take_owner_urls_back
    for service in "${QL_SERVICES[@]}"; do
        give "$service" "$STATE/secrets/$service".{pg_url,amqp_url}
        for role in $(further_roles "$service"); do give "$service" "$STATE/secrets/$(short_name "$role").pg_url"; done
        for account in $(further_accounts "$service"); do
            give "$service" "$STATE/secrets/$(short_name "$account").amqp_url"
        done
    done
    for service in "${QL_SERVICES[@]}" gateway; do
        ! needs_redis "$service" || give "$service" "$STATE/secrets/$service.redis_url"
    done
    give gateway "$STATE/secrets/gateway.amqp_url"
}

take_owner_urls_back() { ! is_root || chown root "$STATE"/secrets/*.pg_owner_url; }

# give PROCESS FILE...: its account may read them, and nobody else.
give() {
    local account
    account=$(account_of "$1")
    shift
    ! is_root || chown "$account" "$@"
}
