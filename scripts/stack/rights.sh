# The tables of rights, as other scripts read them: who may do what at the broker and
# in the databases. Sourced. rights/README.md says what the columns mean.
# shellcheck shell=bash

QL_RIGHTS=$QL_ROOT/scripts/stack/rights

# rights_rows FILE: its lines without those that begin with "#".
rights_rows() { grep -v '^#' "$QL_RIGHTS/$1"; }

broker_accounts() { rights_rows broker.tsv | cut -f1 | sort -u; }

# The name of an account's secret and of the file with its URL: ql_user is user.
short_name() {
    local name=${1#ql_}
    printf '%s' "${name#questline_}"
}

# Whose roles stand in a database, the owner first.
database_roles() { rights_rows databases.tsv | awk -F'\t' -v of="$1" '$2 == of && $3 == "database" {print $1}'; }

# Roles of a database that nobody signs in as: they own functions.
function_roles() {
    rights_rows databases.tsv | awk -F'\t' -v of="$1" '
        $2 == of {roles[$1]}
        $2 == of && $3 == "database" {signs_in[$1]}
        END {for (role in roles) if (!(role in signs_in)) print role}' | sort
}

json_text() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# What RabbitMQ loads at its start: accounts with their rights, and policies. Rights on
# keys stand beside those on names, for without them every key is allowed.
rabbit_definitions() {
    local account vhost tag configure write read write_keys read_keys name queues definition
    local users='' permissions='' topics='' policies=''
    while read -r account; do
        tag=$(rights_rows broker.tsv | awk -F'\t' -v of="$account" '$1 == of {print $3; exit}')
        users+=",{\"name\":\"$account\",\"password_hash\":\"$(rabbit_password_hash "$(secret "amqp_$(short_name "$account")")")\",\"hashing_algorithm\":\"rabbit_password_hashing_sha256\",\"tags\":\"${tag#-}\"}"
    done < <(broker_accounts)
    while IFS=$'\t' read -r account vhost tag configure write read write_keys read_keys; do
        permissions+=",{\"user\":\"$account\",\"vhost\":\"$vhost\",\"configure\":\"$(json_text "$configure")\",\"write\":\"$(json_text "$write")\",\"read\":\"$(json_text "$read")\"}"
        topics+=",{\"user\":\"$account\",\"vhost\":\"$vhost\",\"exchange\":\"questline\",\"write\":\"$(json_text "$write_keys")\",\"read\":\"$(json_text "$read_keys")\"}"
    done < <(rights_rows broker.tsv)
    while IFS=$'\t' read -r name vhost queues definition; do
        policies+=",{\"vhost\":\"$vhost\",\"name\":\"$name\",\"pattern\":\"$(json_text "$queues")\",\"apply-to\":\"queues\",\"priority\":0,\"definition\":$definition}"
    done < <(rights_rows policies.tsv)
    printf '{"rabbit_version":"3.10.8","vhosts":[{"name":"/"},{"name":"unit"}],"users":[%s],"permissions":[%s],"topic_permissions":[%s],"policies":[%s]}\n' \
        "${users#,}" "${permissions#,}" "${topics#,}" "${policies#,}"
}
