#!/usr/bin/env bash
# Fails when one of the libraries or programs defines the symbol.
#
#   lacks_symbol.sh NM SYMBOL FILE...
set -euo pipefail
nm=$1 symbol=$2
shift 2
for file in "$@"; do
    [[ -n $file ]] || continue # a generator expression that was empty
    symbols=$("$nm" --defined-only "$file")
    [[ -n $symbols ]] || { echo "$file has no symbols to look at" >&2 && exit 1; }
    if grep -E " $symbol(@.*)?\$" <<<"$symbols"; then
        echo "$file defines $symbol" >&2
        exit 1
    fi
done
