#!/usr/bin/env bash
# Makes generated/ from proto/: protobuf-c sources, short names for them, constants for
# methods, events and queues (names.h), what serves a package's methods (server.h) and
# what calls them (client.h), who issues accounts' tokens (tokens.h), and the descriptor
# set with comments that every process embeds.
#
#   scripts/generate.sh          write generated/
#   scripts/generate.sh --check  fail when generated/ is not what proto/ gives
#
# The description of the API is written by tools/ql-openapi, which scripts/generate.sh
# builds (preset run). With a program that is built already:
#
#   scripts/generate.sh openapi QL_OPENAPI          write generated/openapi.json
#   scripts/generate.sh openapi QL_OPENAPI --check  fail when it is another
set -euo pipefail
cd "$(dirname "$0")/.."

well_known=(google/protobuf/any.proto google/protobuf/descriptor.proto
    google/protobuf/duration.proto google/protobuf/field_mask.proto
    google/protobuf/struct.proto google/protobuf/timestamp.proto
    google/protobuf/wrappers.proto google/protobuf/empty.proto)

generate() {
    local out=$1 protos
    mapfile -t protos < <(cd proto && find . -name '*.proto' | sed 's,^\./,,' | LC_ALL=C sort)
    mkdir -p "$out/c"
    protoc-c -Iproto -I/usr/include --c_out="$out/c" "${protos[@]}" "${well_known[@]}"
    protoc -Iproto -I/usr/include --include_imports --include_source_info \
        -o "$out/questline.desc" "${protos[@]}" "${well_known[@]}"
    # The set as text, options by their names.
    local text folder package headers header
    text=$(mktemp)
    protoc -Iproto -I/usr/include --include_imports -o /dev/stdout "${protos[@]}" |
        protoc -Iproto -I/usr/include --decode=google.protobuf.FileDescriptorSet \
            google/protobuf/descriptor.proto questline/event/v1/options.proto >"$text"
    for folder in "$out"/c/questline/*/v1; do
        package=${folder#"$out/c/"} && package=${package//\//.}
        mapfile -t headers < <(find "$folder" -name '*.pb-c.h' | LC_ALL=C sort)
        awk -v package="$package" -v emit=names -f cmake/contract_names.awk "$text" >"$folder/names.part"
        awk -v contract="$folder/names.part" -f cmake/short_names.awk "${headers[@]}" >"$folder/names.h"
        rm "$folder/names.part"
        for header in server client; do
            awk -v package="$package" -v emit="$header" -f cmake/contract_names.awk "$text" >"$folder/$header.h"
            [[ -s $folder/$header.h ]] || rm "$folder/$header.h"
        done
    done
    awk -v emit=tokens -f cmake/contract_names.awk "$text" >"$out/c/questline/tokens.h"
    rm "$text"
}

if [[ ${1:-} == openapi ]]; then
    ql_openapi=${2:?scripts/generate.sh openapi QL_OPENAPI: the path of a built ql-openapi}
    fresh=$(mktemp)
    trap 'rm -f "$fresh"' EXIT
    "$ql_openapi" generated/questline.desc >"$fresh"
    if [[ ${3:-} != --check ]]; then
        cat "$fresh" >generated/openapi.json
        echo "generated/openapi.json written"
    elif ! diff -u generated/openapi.json "$fresh" | head -n 40; then
        echo "generated/openapi.json is stale: run scripts/generate.sh openapi $ql_openapi and commit the result" >&2
        exit 1
    else
        echo "generated/openapi.json is fresh"
    fi
elif [[ ${1:-} == --check ]]; then
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    generate "$fresh"
    cp generated/CMakeLists.txt "$fresh/"
    [[ ! -e generated/openapi.json ]] || cp generated/openapi.json "$fresh/"
    if ! diff -rq "$fresh" generated; then
        echo "generated/ is stale: run scripts/generate.sh and commit the result" >&2
        exit 1
    fi
    echo "generated/ is fresh"
else
    rm -rf generated/c generated/questline.desc
    generate generated
    echo "generated/ written, but for openapi.json: building ql-openapi"
    cmake --preset run >/dev/null
    cmake --build --preset run --target ql-openapi >/dev/null
    "$0" openapi build/run/bin/ql-openapi
fi
