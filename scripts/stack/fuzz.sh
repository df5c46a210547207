# Building and running the fuzz targets. Sourced.
# shellcheck shell=bash

# In the order in which they are run: the slowest first.
QL_FUZZ_TARGETS=(wire_to_json wire_check json_to_wire rpc_envelope event_envelope)
FUZZ_RUNS=200000
# What 200,000 executions may take at most: they need 10 s on two slow cores.
FUZZ_SECONDS_MAX=300

# fuzz_one TARGET CORPUS [OPTION...]: one line, and 1 when it found something. What
# was found lies in build/fuzz/found as an input that fails again.
fuzz_one() {
    local target=$1 corpus=$2 log=$STATE/log/fuzz-$1.log status=0 executed
    shift 2
    mkdir -p "$corpus" "$QL_ROOT/build/fuzz/found"
    "$QL_ROOT/build/fuzz/bin/fuzz_$target" -max_len=2048 -timeout=20 -rss_limit_mb=1024 \
        -malloc_limit_mb=64 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$QL_ROOT/build/fuzz/found/$target-" "$@" \
        "$corpus" "$STATE/fuzz-seeds/$target" >"$log" 2>&1 || status=$?
    executed=$(awk '/^stat::number_of_executed_units:/ {print $2}' "$log")
    printf '  fuzz %-15s %9s executions\n' "$target" "${executed:-0}"
    if ((status != 0)); then
        grep -E 'does not hold|^status:|ERROR|SUMMARY|runtime error|Test unit written' "$log" || tail -n 5 "$log"
        return 1
    fi
    if ((${executed:-0} < FUZZ_LEAST)); then
        printf 'error: %s ran fewer than %s times in %s s\n' "$target" "$FUZZ_LEAST" "$FUZZ_SECONDS_MAX"
        return 1
    fi
}

# fuzz_all runs SECONDS: as many executions as the test command owes, always the
# same ones; fuzz_all time SECONDS: as long, further from the corpus that is kept.
fuzz_all() {
    local kind=$1 seconds=$2 target seeds=$STATE/fuzz-seeds bin=$QL_ROOT/build/fuzz/bin options
    local corpus=$STATE/fuzz-corpus
    FUZZ_LEAST=$FUZZ_RUNS
    options=(-seed=1 "-runs=$FUZZ_RUNS" "-max_total_time=$FUZZ_SECONDS_MAX")
    if [[ $kind == time ]]; then
        FUZZ_LEAST=1 corpus=$QL_ROOT/build/fuzz/corpus options=("-max_total_time=$seconds")
    fi
    for target in "${QL_FUZZ_TARGETS[@]}"; do mkdir -p "$seeds/$target"; done
    "$bin/pb_seeds" "$QL_ROOT/platform/pb/fuzz/seeds.txt" "$seeds"
    "$bin/rpc_seeds" "$seeds"
    "$bin/events_seeds" "$seeds"
    export -f fuzz_one
    export STATE QL_ROOT FUZZ_LEAST FUZZ_SECONDS_MAX
    # shellcheck disable=SC2016  # for the shell that xargs starts
    printf '%s\n' "${QL_FUZZ_TARGETS[@]}" |
        xargs -P "$(nproc)" -I '{}' bash -c 'fuzz_one "$1" "$2/$1" "${@:3}"' _ '{}' "$corpus" "${options[@]}"
}
