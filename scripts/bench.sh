#!/usr/bin/env bash
# Measures Questline on a private stack of its own, which it starts and stops, and
# prints the tables. docs/benchmarks.md says how to read them.
#
#   scripts/bench.sh                all rows, some eight minutes
#   scripts/bench.sh --write        and put them into docs/benchmarks.md
#   scripts/bench.sh --only PARTS   some of state,lookup,rpc,sign-in,publish,claims,events,rules
#   scripts/bench.sh --only attacks what honest clients get during attacks, some ten minutes;
#                                   not among all rows
#     --attack TEXT those whose name has this text
#     --pairs N     runs of each kind, alternating (5)
#     --seconds N   length of one run (2)
#     --events N    sign-in events in the queue (20000)
#     --rest N      seconds between nine sign-ins and the look at the memory (60)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/stack/layout.sh
. "$here/stack/layout.sh"
# shellcheck source=scripts/stack/ports.sh
. "$here/stack/ports.sh"
# shellcheck source=scripts/stack/packages.sh
. "$here/stack/packages.sh"
# shellcheck source=scripts/stack/build.sh
. "$here/stack/build.sh"

began=$SECONDS
progress() { printf '[%3ds] %s\n' "$((SECONDS - began))" "$*" >&2; }

case " $* " in *' --help '* | *' -h '*) sed -n '2,14s/^# \{0,1\}//p' "$0" && exit 0 ;; esac

QL_BENCH_LOAD=$(cut -d' ' -f1 /proc/loadavg)
export QL_BENCH_LOAD
STATE=$(mktemp -d /tmp/questline-bench-XXXXXX)
chmod 711 "$STATE" && mkdir -p "$STATE/log"
export QL_STATE_DIR=$STATE
# All of its users come from one address.
export QL_SIGN_UPS_PER_ADDRESS=1000000 QL_MAX_HASHES_PER_ADDRESS=4096

measuring=
# shellcheck disable=SC2317  # called by the trap
finish() {
    local status=$?
    trap - EXIT INT TERM
    if [[ -n $measuring ]]; then
        kill -TERM "$measuring" 2>/dev/null || true
        wait "$measuring" || true
    fi
    "$here/run.sh" --stop >/dev/null 2>&1 || true
    give_ports_back
    if ((status == 0)); then
        rm -rf "$STATE"
    else
        printf 'failed; the logs of this run are in %s/log\n' "$STATE" >&2
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

install_packages "${QL_RUN_PACKAGES[@]}" "${QL_TEST_PACKAGES[@]}" wrk
if [[ -z ${QL_BIN_DIR:-} ]]; then
    progress "building"
    build bench
    export QL_BIN_DIR=$QL_ROOT/build/bench/bin
fi
take_ports 1
"$here/run.sh" --detach >"$STATE/log/start.txt" || { cat "$STATE/log/start.txt" >&2 && die "the stack does not start"; }
progress "private stack on port $QL_HTTP_PORT"
/usr/bin/python3 -B "$here/bench/measure.py" "$@" &
measuring=$!
wait "$measuring"
measuring=
progress "done"
