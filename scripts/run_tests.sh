#!/usr/bin/env bash
# Runs the tests on a private stack of its own, which it starts and stops.
#
#   scripts/run_tests.sh                all: unit tests (release, and ASan+UBSan) and
#                                       integration tests (with the ASan+UBSan binaries)
#   scripts/run_tests.sh unit           unit tests only
#   scripts/run_tests.sh integration    integration tests only
#   scripts/run_tests.sh user           one part, unit and integration; parts are
#                                       platform user catalog processing gateway
#   scripts/run_tests.sh ... -- ARGS    ARGS go to pytest
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/stack/layout.sh
. "$here/stack/layout.sh"
# shellcheck source=scripts/stack/packages.sh
. "$here/stack/packages.sh"
# shellcheck source=scripts/stack/build.sh
. "$here/stack/build.sh"

began=$SECONDS
progress() { printf '[%3ds] %s\n' "$((SECONDS - began))" "$*"; }

part=all
if [[ ${1:-} != '' && ${1:-} != -- ]]; then part=$1 && shift; fi
[[ ${1:-} != -- ]] || shift
case $part in
all) units=. marks='' ;;
unit) units=. marks=none ;;
integration) units='' marks='' ;;
platform) units='^(ql_|generated)' marks=none ;;
user | catalog | processing) units="^questline_${part}_" marks=$part ;;
gateway) units='^questline_gateway_' marks=gateway ;;
quiz | eval) die "there is no $part service yet" ;;
--help | -h) sed -n '2,11s/^# \{0,1\}//p' "$0" && exit 0 ;;
*) die "no part is called '$part'; see scripts/run_tests.sh --help" ;;
esac

STATE=$(mktemp -d /tmp/questline-tests-XXXXXX)
chmod 711 "$STATE" && mkdir -p "$STATE/log"
export QL_STATE_DIR=$STATE

# A port base that nobody uses, kept by a lock until we end.
take_ports() {
    local try base port free
    for ((try = 0; try < 100; try++)); do
        base=$((20000 + RANDOM % 240 * 50))
        exec 9>"/tmp/questline-ports-$base.lock"
        flock -n 9 || continue
        set_ports "$base" && set_replicas "$QL_MAX_REPLICAS" && free=yes
        for port in $(all_ports); do ! port_answers "$port" || free=no; done
        if [[ $free == yes ]]; then
            export QL_HTTP_PORT=$base
            return
        fi
    done
    die "found no free range of ports"
}

# shellcheck disable=SC2317  # called by the trap
finish() {
    local status=$?
    trap - EXIT INT TERM
    "$here/run.sh" --stop >/dev/null 2>&1 || true
    [[ -z ${QL_HTTP_PORT:-} ]] || rm -f "/tmp/questline-ports-$QL_HTTP_PORT.lock"
    if ((status == 0)); then
        rm -rf "$STATE"
    else
        printf 'failed; the logs of this run are in %s/log\n' "$STATE" >&2
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

run_ctest() { # run_ctest PRESET
    progress "unit tests, $1"
    (cd "$QL_ROOT/build/$1" && ctest -R "$units" -j 2 --output-on-failure --no-tests=error \
        --output-log "$STATE/log/ctest-$1.log" >"$STATE/log/ctest-$1.txt" 2>&1) || {
        grep -vE '^ +[0-9]+/[0-9]+ Test +#[0-9]+:.* Passed' "$STATE/log/ctest-$1.txt" | tail -n 200
        return 1
    }
    tail -n 4 "$STATE/log/ctest-$1.txt"
}

install_packages "${QL_RUN_PACKAGES[@]}" "${QL_TEST_PACKAGES[@]}"
progress "building with ASan and UBSan"
build asan
if [[ -n $units ]]; then
    progress "building the release"
    build release
fi
take_ports
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$QL_ROOT/cmake/lsan.supp:print_suppressions=0
QL_BIN_DIR=$QL_ROOT/build/asan/bin "$here/run.sh" --detach >"$STATE/log/start.txt" ||
    { cat "$STATE/log/start.txt" && die "the stack does not start"; }
progress "private stack on port $QL_HTTP_PORT"

failed=0
if [[ -n $units ]]; then
    QL_TEST_PG_URL=$(cat "$STATE/secrets/admin.pg_url")
    QL_TEST_AMQP_URL=$(sed 's,%2f$,unit,' "$STATE/secrets/admin.amqp_url")
    QL_TEST_REDIS_URL=$(cat "$STATE/secrets/redis.url")
    export QL_TEST_PG_URL QL_TEST_AMQP_URL QL_TEST_REDIS_URL
    run_ctest release || failed=1
    run_ctest asan || failed=1
fi
if [[ $marks != none ]]; then
    progress "integration tests"
    (cd "$QL_ROOT/integration-tests" &&
        /usr/bin/python3 -m pytest -q -p no:cacheprovider ${marks:+-m "$marks"} "$@") || failed=1
fi
# A sanitizer's report in a service's log is a failure wherever it appeared.
if grep -lE 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$STATE"/log/*.log; then
    printf 'error: a sanitizer reported in the logs named above\n' >&2
    failed=1
fi
if ((failed == 0)); then progress "all passed"; fi
exit "$failed"
