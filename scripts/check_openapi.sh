#!/usr/bin/env bash
# Holds generated/openapi.json, or another document, against OpenAPI 3.1 with a
# validator that is not ours, fetched from the npm registry and kept in its cache.
#
#   scripts/check_openapi.sh [FILE]    0 valid, 1 not, 77 no validator can be had
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
file=${1:-generated/openapi.json}
validator=@seriousme/openapi-schema-validator@2.11.0

if ! command -v npx >/dev/null; then
    echo "openapi: NOT CHECKED: npm is missing (Debian package npm)" >&2
    exit 77
fi
said=$(npx --yes --prefer-offline --package "$validator" -- validate-api "$file" 2>&1)
case $said in
*'"valid": true'*) echo "openapi: $file is valid" ;;
*'"valid": false'*) printf '%s\nopenapi: %s is not valid\n' "$said" "$file" >&2 && exit 1 ;;
*) printf '%s\nopenapi: NOT CHECKED: %s cannot be fetched or run\n' "$said" "$validator" >&2 && exit 77 ;;
esac
