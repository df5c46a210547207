#!/usr/bin/env bash
# The layout of C files, by clang-format 14 and .clang-format.
#
#   scripts/format.sh check   list files that are laid out otherwise
#   scripts/format.sh fix     lay them out
set -euo pipefail
cd "$(dirname "$0")/.."
formatter=$(command -v clang-format-14 || command -v clang-format) || {
    echo 'error: clang-format is missing (Debian package clang-format)' >&2
    exit 1
}
mapfile -t files < <(git ls-files -co --exclude-standard '*.c' '*.h' | grep -v '^generated/')
case ${1:-} in
check) "$formatter" --dry-run --Werror "${files[@]}" ;;
fix) "$formatter" -i "${files[@]}" ;;
*) sed -n '2,5s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
