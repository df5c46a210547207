# A range of ports for a stack that lives as long as the script. Sourced, behind
# layout.sh.
# shellcheck shell=bash

# take_ports REPLICAS: exports QL_HTTP_PORT, a base whose ports nobody uses, kept
# by a lock. All of them below 32768, where Linux begins to give ports out itself.
take_ports() {
    local replicas=$1 try base port free
    for ((try = 0; try < 100; try++)); do
        base=$((20000 + RANDOM % 120 * 100))
        exec 9>"/tmp/questline-ports-$base.lock"
        flock -n 9 || continue
        set_ports "$base" && set_replicas "$replicas" && free=yes
        for port in $(all_ports); do ! port_answers "$port" || free=no; done
        if [[ $free == yes ]]; then
            export QL_HTTP_PORT=$base
            return
        fi
    done
    die "found no free range of ports"
}

give_ports_back() {
    [[ -z ${QL_HTTP_PORT:-} ]] || rm -f "/tmp/questline-ports-$QL_HTTP_PORT.lock"
}
