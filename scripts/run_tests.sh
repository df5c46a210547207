#!/usr/bin/env bash
# Runs the tests on a private stack of its own, which it starts and stops.
#
#   scripts/run_tests.sh                all: unit tests (release, and ASan+UBSan), each fuzz
#                                       target 200,000 times, and integration tests (with
#                                       the ASan+UBSan binaries)
#   scripts/run_tests.sh full           all with the long tests (QL_LONG=1), then tsan,
#                                       then fuzz, then faults, then each row of the
#                                       benchmark once: more than an hour
#   scripts/run_tests.sh unit           unit tests only
#   scripts/run_tests.sh integration    integration tests only
#   scripts/run_tests.sh PART           one part, unit and integration: platform, gateway, or
#                                       the name of a service
#   scripts/run_tests.sh faults         the long fault tests: every process and server killed,
#                                       stopped and cut off at every point; their short set
#                                       runs with the integration tests. QL_FAULT_SEED=N
#                                       repeats a run, QL_FAULT_EVENTS and QL_FAULT_USERS
#                                       say how large the largest is (100,000 of 10,000)
#   scripts/run_tests.sh tsan           unit tests, nine sign-ins and faults under TSan
#   scripts/run_tests.sh fuzz [SECONDS] each fuzz target for so long (60), further from the
#                                       corpus in build/fuzz/corpus
#   scripts/run_tests.sh coverage       unit and integration tests that count lines; the
#                                       report is build/coverage/index.html
#   scripts/run_tests.sh ... -- ARGS    ARGS go to pytest
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
# shellcheck source=scripts/stack/fuzz.sh
. "$here/stack/fuzz.sh"

began=$SECONDS
progress() { printf '[%3ds] %s\n' "$((SECONDS - began))" "$*"; }

run_full() { # the parts, one after the other, to the end
    local failed=0
    QL_LONG=1 "$0" all -- "$@" || failed=1
    "$0" tsan -- "$@" || failed=1
    "$0" fuzz 60 || failed=1
    "$0" faults || failed=1
    # One short turn of every row: the figures mean nothing, but the scripts have to work.
    "$here/bench.sh" --pairs 1 --seconds 1 --events 2000 --rest 1 || failed=1
    "$here/bench.sh" --pairs 1 --seconds 1 --only attacks || failed=1
    exit "$failed"
}

part=all
if [[ ${1:-} != '' && ${1:-} != -- ]]; then part=$1 && shift; fi
seconds=60
if [[ $part == fuzz && ${1:-} =~ ^[0-9]+$ ]]; then seconds=$1 && shift; fi
[[ ${1:-} != -- ]] || shift
# The builds whose unit tests run, the build of the stack, and the kind of fuzzing.
unit_builds=(release asan) stack_build=asan fuzz=no
case $part in
all) units=. marks='' fuzz=runs ;;
full) run_full "$@" ;;
tsan) units=. marks='' unit_builds=(tsan) stack_build=tsan && set -- -k 'nine_sign_ins or test_faults' "$@" ;;
faults) units='' marks='' stack_build=faults && export QL_FAULT_LONG=1 && set -- "$@" -s faults ;;
fuzz) units='' marks=none fuzz=time ;;
coverage) units=. marks='' unit_builds=(coverage) stack_build=coverage && export QL_ACCOUNTS=no ;; # counts go beside the objects
unit) units=. marks=none ;;
integration) units='' marks='' ;;
platform) units='^(ql_|generated)' marks=none ;;
gateway) units='^questline_gateway_' marks=gateway ;;
--help | -h) sed -n '2,25s/^# \{0,1\}//p' "$0" && exit 0 ;;
*)
    [[ " ${QL_SERVICES[*]} " == *" $part "* ]] ||
        die "no part is called '$part': there are platform gateway ${QL_SERVICES[*]}; see scripts/run_tests.sh --help"
    units="^questline_${part}_" marks=$part
    ;;
esac

STATE=$(mktemp -d /tmp/questline-tests-XXXXXX)
chmod 711 "$STATE" && mkdir -p "$STATE/log"
export QL_STATE_DIR=$STATE

# shellcheck disable=SC2317  # called by the trap
finish() {
    local status=$?
    trap - EXIT INT TERM
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

run_ctest() { # run_ctest PRESET
    progress "unit tests, $1"
    (cd "$QL_ROOT/build/$1" && ctest -R "$units" -j 2 --output-on-failure --no-tests=error \
        --output-log "$STATE/log/ctest-$1.log" >"$STATE/log/ctest-$1.txt" 2>&1) || {
        grep -vE '^ +[0-9]+/[0-9]+ Test +#[0-9]+:.* Passed' "$STATE/log/ctest-$1.txt" | tail -n 200
        return 1
    }
    tail -n 4 "$STATE/log/ctest-$1.txt"
    # What a test that was skipped could not do.
    grep '^NOT ' "$QL_ROOT/build/$1/Testing/Temporary/LastTest.log" || true
}

start_stack() {
    take_ports "$QL_MAX_REPLICAS"
    export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
    # Copies, since a service's account may not enter a home that is closed to others.
    cp "$QL_ROOT"/cmake/{lsan,tsan}.supp "$STATE"
    export LSAN_OPTIONS=suppressions=$STATE/lsan.supp:print_suppressions=0
    export TSAN_OPTIONS=second_deadlock_stack=1:suppressions=$STATE/tsan.supp
    # Tests of limits state client addresses; all others share one address.
    export QL_TRUSTED_PROXIES=127.0.0.1 QL_SIGN_IN_FAILURES_PER_ADDRESS=1000000 QL_SIGN_IN_FAILURES_PER_ACCOUNT=20
    export QL_SIGN_UPS_PER_ADDRESS=1000000 QL_MAX_HASHES_PER_ADDRESS=4096 QL_CONSUMER_PATIENCE=3s
    export QL_HTTP_HOSTS=a,t,u,x # names that the tests of raw requests use
    QL_BIN_DIR=$QL_ROOT/build/$stack_build/bin "$here/run.sh" --detach >"$STATE/log/start.txt" ||
        { cat "$STATE/log/start.txt" && die "the stack does not start"; }
    progress "private stack on port $QL_HTTP_PORT"
}

report_coverage() {
    # Counts are written when a process ends.
    "$here/run.sh" --stop >/dev/null
    progress "counting lines"
    (cd "$QL_ROOT" && gcovr --root . --object-directory build/coverage --filter '(platform|services|gateway|tools)/' \
        --exclude '.*_test\.c' --exclude '.*_fixture\.h' --exclude '.*/testing/' --exclude-unreachable-branches \
        --exclude-directories 'build/coverage/CMakeFiles$' \
        --html-details build/coverage/index.html --print-summary --sort-uncovered --txt "$STATE/coverage.txt" build/coverage) &&
        head -n 40 "$STATE/coverage.txt" && progress "the report is build/coverage/index.html"
}

install_packages "${QL_RUN_PACKAGES[@]}" "${QL_TEST_PACKAGES[@]}"
[[ $part != coverage ]] || install_packages gcovr
if [[ $part == coverage ]]; then find "$QL_ROOT/build/coverage" -name '*.gcda' -delete 2>/dev/null || true; fi
if [[ $fuzz != time ]]; then
    progress "building ${stack_build}"
    build "$stack_build"
fi
if [[ -n $units ]]; then
    for preset in "${unit_builds[@]}"; do
        [[ $preset == "$stack_build" ]] || { progress "building $preset" && build "$preset"; }
    done
fi
if [[ $fuzz != no ]]; then
    progress "building the fuzz targets"
    build fuzz
fi
# The fault tests start a stack of their own.
[[ $fuzz == time || $part == faults ]] || start_stack

failed=0
if [[ -n $units ]]; then
    QL_TEST_PG_URL=$(cat "$STATE/secrets/admin.pg_url")
    QL_TEST_AMQP_URL=$(sed 's,%2f$,unit,' "$STATE/secrets/admin.amqp_url")
    QL_TEST_REDIS_URL=$(cat "$STATE/secrets/redis.url")
    export QL_TEST_PG_URL QL_TEST_AMQP_URL QL_TEST_REDIS_URL
    for preset in "${unit_builds[@]}"; do run_ctest "$preset" || failed=1; done
fi
if [[ $fuzz != no ]]; then
    progress "fuzzing"
    fuzz_all "$fuzz" "$seconds" || failed=1
fi
if [[ $marks != none ]]; then
    progress "integration tests"
    export QL_FAULT_BIN=$QL_ROOT/build/$stack_build/bin
    (cd "$QL_ROOT/integration-tests" &&
        /usr/bin/python3 -m pytest -q -p no:cacheprovider ${marks:+-m "$marks"} "$@") || failed=1
fi
# A sanitizer's report in a service's log is a failure wherever it appeared.
if grep -lE '(ERROR|WARNING): (Address|Leak|Thread)Sanitizer|runtime error:' "$STATE"/log/*.log; then
    printf 'error: a sanitizer reported in the logs named above\n' >&2
    failed=1
fi
[[ $part != coverage ]] || report_coverage || failed=1
if ((failed == 0)); then progress "all passed"; fi
exit "$failed"
