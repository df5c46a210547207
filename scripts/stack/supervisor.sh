#!/usr/bin/env bash
# Keeps the processes of one stack running: starts those whose want/ file has "up",
# restarts them when they end, stops those with "down", and ends on SIGTERM.
#
#   supervisor.sh STATE        want/NAME holds "up" or "down"; SIGUSR1: look again;
#                              SIGTERM: stop everything, last started first, and end
set -uo pipefail
# shellcheck source=scripts/stack/layout.sh
. "$(dirname "${BASH_SOURCE[0]}")/layout.sh"
# shellcheck source=scripts/stack/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/servers.sh"
# shellcheck source=scripts/stack/services.sh
. "$(dirname "${BASH_SOURCE[0]}")/services.sh"

# The parent may hold a lock or wait at the end of a pipe: a descriptor inherited from it
# would stay open for as long as the stack runs.
close_inherited() {
    local path fd
    for path in "/proc/$$/fd"/*; do
        fd=${path##*/}
        # 255 is this script, which bash itself keeps from its children.
        if ((fd > 2 && fd != 255)); then exec {fd}>&-; fi
    done
}
close_inherited

STATE=$1
recall || die "no stack in $STATE"
declare -A name_of=() pid_for=() started=() not_before=()
stopping=no
look=yes
declaring= # the topology, after a restart of the broker
trap 'look=yes' USR1
trap 'stopping=yes' TERM INT
trap '' HUP

# Without a process for each file each second.
wanted() {
    local state=
    { read -r state <"$STATE/want/$1"; } 2>/dev/null
    [[ $state == up ]]
}

start() {
    local name=$1 pid
    (
        trap - USR1 TERM INT HUP
        case $name in
        postgres | redis | epmd | rabbitmq) "start_$name" ;;
        *) start_service "$name" ;;
        esac
    ) </dev/null >>"$STATE/log/$name.log" 2>&1 &
    pid=$!
    pid_for[$name]=$pid
    name_of[$pid]=$name
    printf '%s\n' "$pid" >"$STATE/pid/$name"
    # A broker that comes back may have lost what was declared.
    if [[ $name == rabbitmq && -n ${started[$name]:-} ]]; then
        wait_until 120 "the declaration of the queues" declare_topology &
        declaring=$!
    fi
    started[$name]=$SECONDS
}

# A process that dies at once is started again after a pause, so that a broken
# one does not spin.
bury() {
    local pid=$1 name=${name_of[$1]:-}
    [[ -n $name ]] || return 0
    unset "name_of[$pid]" "pid_for[$name]"
    rm -f "$STATE/pid/$name"
    if ((SECONDS - ${started[$name]} < 3)); then not_before[$name]=$((SECONDS + 2)); fi
    printf '%s %s ended\n' "$(date -u +%FT%TZ)" "$name"
}

# Terminate, then kill what does not go: PostgreSQL ends sessions on SIGINT.
stop() {
    local name=$1 pid=${pid_for[$1]:-} signal=TERM i
    [[ -n $pid ]] || return 0
    [[ $name != postgres ]] || signal=INT
    kill -CONT "$pid" 2>/dev/null
    kill "-$signal" "$pid" 2>/dev/null
    for ((i = 0; i < 200; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    bury "$pid"
}

reconcile() {
    local name
    for name in "${QL_ALL[@]}"; do
        if wanted "$name"; then
            [[ -n ${pid_for[$name]:-} ]] || ((SECONDS < ${not_before[$name]:-0})) || start "$name"
        elif [[ -n ${pid_for[$name]:-} ]]; then
            stop "$name"
        fi
    done
}

# Logs have an end: past 64 MiB a log keeps its last 8 MiB.
trim_logs() {
    local file
    for file in "$STATE"/log/*.log; do
        (($(stat -c %s "$file") > 64 << 20)) || continue
        tail -c $((8 << 20)) "$file" >"$file.tail" && cat "$file.tail" >"$file" && rm -f "$file.tail"
    done
}

tick=
next_trim=60
while [[ $stopping == no ]]; do
    look=no
    reconcile
    if ((SECONDS > next_trim)); then trim_logs && next_trim=$((SECONDS + 60)); fi
    [[ $look == no && $stopping == no ]] || continue
    if [[ -z $tick ]]; then sleep 1 & tick=$!; fi
    wait -n
    # Several may have ended at once, and wait -n reports one: check all.
    kill -0 "$tick" 2>/dev/null || tick=
    for name in "${!pid_for[@]}"; do
        kill -0 "${pid_for[$name]}" 2>/dev/null || bury "${pid_for[$name]}"
    done
done
for ((i = ${#QL_ALL[@]} - 1; i >= 0; i--)); do
    stop "${QL_ALL[i]}"
done
[[ -z $tick ]] || kill "$tick" 2>/dev/null
[[ -z $declaring ]] || kill "$declaring" 2>/dev/null
rm -f "$STATE/pid/supervisor"
