# Building a preset, one build of it at a time. Sourced.
# shellcheck shell=bash

build() { # build PRESET [CMAKE-ARGUMENT...]: into build/PRESET
    local preset=$1 log=$STATE/log/build.log folder=$QL_ROOT/build/$1
    shift
    mkdir -p "$folder"
    # So that a tree in another folder finds what this one compiled.
    export CCACHE_BASEDIR=$QL_ROOT CCACHE_NOHASHDIR=1
    exec 8>"$folder/.lock"
    flock 8 || die "another build of $preset does not end"
    {
        cd "$QL_ROOT" && cmake --preset "$preset" "$@" && cmake --build --preset "$preset"
    } >"$log" 2>&1 8>&- || { tail -n 30 "$log" >&2 && die "the build failed; all of it is in $log"; }
    exec 8>&-
}
