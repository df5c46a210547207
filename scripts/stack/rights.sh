# The tables of rights, as other scripts read them: who may do what at the broker and
# in the databases. Sourced. rights/README.md says what the columns mean.
# shellcheck shell=bash

QL_RIGHTS=$QL_ROOT/scripts/stack/rights

# rights_rows FILE: its lines without those that begin with "#"; none when it is not there.
rights_rows() { [[ ! -e $1 ]] || grep -v '^#' "$1" || true; }

# One row for each account and virtual host: the operators', and those of each service.
broker_rows() {
    local service row word keys
    rights_rows "$QL_RIGHTS/broker.tsv"
    for service in "${QL_SERVICES[@]}"; do
        keys=
        for word in $(service_declares "$service" PUBLISHES); do keys+="${word//./\\.}|"; done
        row=$(rights_rows "$QL_RIGHTS/service_broker.tsv")
        row=${row//'{keys}'/"$keys"}
        printf '%s\n' "${row//'{service}'/"$service"}"
        rights_rows "$QL_ROOT/services/$service/rights/broker.tsv"
    done
}

# What roles may do in the database of a service.
database_rows() { # database_rows SERVICE
    rights_rows "$QL_RIGHTS/service_database.tsv" | sed "s/{service}/$1/g"
    rights_rows "$QL_ROOT/services/$1/rights/database.tsv"
}

broker_accounts() { broker_rows | cut -f1 | LC_ALL=C sort -u; }
# Accounts that a service signs in with beside its own.
further_accounts() { rights_rows "$QL_ROOT/services/$1/rights/broker.tsv" | cut -f1 | LC_ALL=C sort -u; }

# The name of an account's or role's secret and of the file with its URL: ql_NAME is NAME.
short_name() {
    local name=${1#ql_}
    printf '%s' "${name#questline_}"
}

# Roles that sign in to the database of a service, the owner first.
database_roles() { database_rows "$1" | awk -F'\t' '$2 == "database" {print $1}'; }

# Roles of a database that nobody signs in as: they own functions.
function_roles() {
    database_rows "$1" | awk -F'\t' '
        {roles[$1]}
        $2 == "database" {signs_in[$1]}
        END {for (role in roles) if (!(role in signs_in)) print role}' | LC_ALL=C sort
}

# Roles that a service signs in with beside its own and its owner.
further_roles() { database_roles "$1" | grep -Fxv -e "ql_$1" -e "ql_$1_owner" || true; }

# What each account of Redis may do: those of the services that need it, and the gateway's.
redis_rows() {
    local service
    for service in "${QL_SERVICES[@]}" gateway; do
        ! needs_redis "$service" || rights_rows "$QL_RIGHTS/service_redis.tsv" | sed "s/{service}/$service/g"
    done
}

# The same as lines of Redis' configuration, with the digests of the passwords.
redis_users() {
    local account keys channels commands
    while IFS=$'\t' read -r account keys channels commands; do
        printf 'user %s reset on #%s %s %s %s\n' "$account" \
            "$(printf '%s' "$(secret "redis_$(short_name "$account")")" | sha256sum | cut -d' ' -f1)" \
            "$keys" "$channels" "$commands"
    done < <(redis_rows)
}

json_text() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# What RabbitMQ loads at its start: accounts with their rights, and policies. Rights on
# keys stand beside those on names, for without them every key is allowed.
rabbit_definitions() {
    local account vhost tag configure write read write_keys read_keys name queues definition
    local users='' permissions='' topics='' policies=''
    while read -r account; do
        tag=$(broker_rows | awk -F'\t' -v of="$account" '$1 == of {print $3; exit}')
        users+=",{\"name\":\"$account\",\"password_hash\":\"$(rabbit_password_hash "$(secret "amqp_$(short_name "$account")")")\",\"hashing_algorithm\":\"rabbit_password_hashing_sha256\",\"tags\":\"${tag#-}\"}"
    done < <(broker_accounts)
    while IFS=$'\t' read -r account vhost tag configure write read write_keys read_keys; do
        permissions+=",{\"user\":\"$account\",\"vhost\":\"$vhost\",\"configure\":\"$(json_text "$configure")\",\"write\":\"$(json_text "$write")\",\"read\":\"$(json_text "$read")\"}"
        topics+=",{\"user\":\"$account\",\"vhost\":\"$vhost\",\"exchange\":\"questline\",\"write\":\"$(json_text "$write_keys")\",\"read\":\"$(json_text "$read_keys")\"}"
    done < <(broker_rows)
    while IFS=$'\t' read -r name vhost queues definition; do
        policies+=",{\"vhost\":\"$vhost\",\"name\":\"$name\",\"pattern\":\"$(json_text "$queues")\",\"apply-to\":\"queues\",\"priority\":0,\"definition\":$definition}"
    done < <(rights_rows "$QL_RIGHTS/policies.tsv")
    printf '{"rabbit_version":"3.10.8","vhosts":[{"name":"/"},{"name":"unit"}],"users":[%s],"permissions":[%s],"topic_permissions":[%s],"policies":[%s]}\n' \
        "${users#,}" "${permissions#,}" "${topics#,}" "${policies#,}"
}
