#!/usr/bin/env bash
# What a machine can check of the house style: layout, which folder may include which,
# third-party headers, sizes, scripts; circles of includes, functions that are defined
# elsewhere than their header says, names of services, words (scripts/lint/); the contract,
# that generated/ is fresh, that gcc and clang have no warning, and what clang-tidy and
# cppcheck find. Prints every breach; 1 if any.
#
#   scripts/lint.sh          all of it
#   scripts/lint.sh quick    without compiling and analysing
#   scripts/lint.sh shrink   writes the lists of exceptions (scripts/lint/exceptions) anew,
#                            which may become shorter and never longer
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
breaches=0

breach() {
    printf '%s\n' "$*"
    breaches=$((breaches + 1))
}

ours() { git ls-files -co --exclude-standard "$@" | grep -v '^generated/'; }

# The modules that a module's files may include. A service or the gateway may include every
# module of the platform that it links.
declare -A may_include=(
    [base]='base' [text]='text base' [pb]='pb base' [pg]='pg base' [redis]='redis base' [limits]='limits base' [auth]='auth base' [ops]='ops base' [nng]='nng'
    [process]='process nng base' [rpc]='rpc pb auth limits base' [events]='events pb base'
    [outbox]='outbox pg events pb base' [idempotency]='idempotency pg pb auth base'
    [audit]='audit outbox events pg pb base'
    [service]='service process rpc events outbox idempotency audit pg redis auth limits ops pb base'
    [resource]='resource service rpc events outbox idempotency audit pg pb base'
    [readside]='readside resource service rpc events pg redis pb base'
)

# The folders of a service as its CMakeLists.txt names them: FOLDERS, from the bottom up.
check_folders() {
    local service=$1 folder file included below=" "
    local -a folders
    read -ra folders < <(sed -n 's/^ql_service(.*FOLDERS \([a-z ]*\)).*/\1/p' "$service/CMakeLists.txt")
    for folder in "${folders[@]}"; do
        below+="$folder "
        while IFS=: read -r file included; do
            included=${included#*"$service"/}
            [[ $below == *" ${included%%/*} "* ]] || breach "layers: $file includes $service/${included%\"}"
        done < <(ours "$service/$folder/*.[ch]" | grep -v '_test\.c$' | xargs -r grep -H "#include \"$service/")
    done
}

check_layers() {
    local file module included
    while IFS=: read -r file included; do
        included=${included#*platform/} included=${included%%/*}
        case $file in
        platform/*/bench/*) continue ;; # programs
        platform/*) module=${file#platform/} module=${module%%/*} ;;
        services/* | gateway/* | tools/*) continue ;;
        *) continue ;;
        esac
        # A test may use any module to prepare its subject.
        [[ $file != *_test.c ]] || continue
        [[ " ${may_include[$module]:-} " == *" $included "* ]] ||
            breach "layers: $file includes platform/$included"
    done < <(ours '*.c' '*.h' | xargs grep -H '#include "platform/')
    ours 'platform/*.[ch]' | xargs grep -n '#include "\(services\|gateway\|tools\)/' && breach 'layers: a module of the platform includes what is built on it'
    local folder
    # Within platform/pb arrows point down.
    local -A pb_below=([wire]='wire' [schema]='schema|wire' [validate]='validate|schema|wire' [json]='json|schema|wire' [route]='route|json|schema|wire')
    for folder in "${!pb_below[@]}"; do
        ours "platform/pb/$folder/*.[ch]" | grep -v '_test\.c$' | xargs grep -n '#include "platform/pb/' |
            grep -vE "\"platform/pb/(${pb_below[$folder]})/" && breach "layers: platform/pb/$folder includes a folder that is built on it"
    done
    local service
    for service in services/*/; do
        service=$(basename "$service")
        ours "services/$service/*.[ch]" | xargs -r grep -n '#include "services/' |
            grep -vE "#include \"services/($service|testing)/" && breach "layers: $service includes another service"
        check_folders "services/$service"
    done
}

# A third-party header appears in the modules named here and nowhere else.
declare -A home_of=(
    ['h2o']='gateway/' ['nng/']='platform/nng/ platform/rpc/ platform/ops/' ['libpq-fe']='platform/pg/' ['hiredis']='platform/redis/'
    ['jwt.h']='platform/auth/' ['jansson']='platform/auth/' ['openssl/']='platform/auth/ gateway/'
    ['rabbitmq-c/']='platform/events/' ['amqp']='platform/events/'
    ['microhttpd']='platform/ops/'
    ['glib.h']='platform/text/ services/' # of those whose CMakeLists.txt links it
    ['zlib.h']='gateway/'
    ['sodium']='platform/base/ platform/auth/'
)

check_headers() {
    local header file home found
    for header in "${!home_of[@]}"; do
        while IFS=: read -r file _; do
            found=no
            for home in ${home_of[$header]}; do [[ $file != "$home"* ]] || found=yes; done
            [[ $found == yes || $file == *_test.c ]] || breach "headers: $file includes <$header…>"
        done < <(ours '*.c' '*.h' | xargs grep -H "#include <$header")
    done
}

check_sizes() {
    local lines file limit
    while read -r lines file; do
        case $file in
        total) continue ;;
        *_fixture.h | */test_*.h | */testing/*) limit=300 ;;
        *.h | */main.c) limit=120 ;;
        *.proto) limit=240 ;;
        *) limit=600 ;;
        esac
        ((lines <= limit)) || breach "sizes: $file has $lines lines, $limit at most"
    done < <(ours '*.c' '*.h' '*.proto' '*.py' '*.sh' '*.sql' | grep -v '/schema\.h$' | xargs wc -l)
    # A function ends at the first "}" in column one after its "{" in column one.
    ours '*.c' | xargs awk '
        FNR == 1 { open = 0 }
        /^\{/ { open = FNR }
        /^\}/ && open { if (FNR - open - 1 > 60) printf "sizes: %s:%d a function of %d lines, 60 at most\n", FILENAME, open, FNR - open - 1; open = 0 }
    ' | { grep . && return 1 || return 0; } || breaches=$((breaches + 1))
}

check_words() {
    ours '*.c' '*.h' | xargs grep -nE '(^|[^:])//' | grep -vE '"[^"]*//[^"]*"|\* .*https?://' && breach 'words: // comments'
    ours '*.c' '*.h' | grep -v '_test\.c$' |
        xargs grep -nE '\<(strcpy|strcat|sprintf|gets|strtok|atoi|atol|localtime|alloca)\(' && breach 'words: a banned function'
    ours | grep -E '(^|/)(util|utils|common|misc|helpers)(\.|/|$)' && breach 'words: a drawer without a noun'
}

check_openapi() {
    scripts/check_openapi.sh
    case $? in
    0 | 77) ;; # 77: no validator can be had, which was said
    *) breach 'generated: openapi.json is no OpenAPI 3.1' ;;
    esac
}

need() {
    command -v "$1" >/dev/null || { breach "tools: $1 is missing (Debian package $2)" && return 1; }
}

# buf has no Debian package; npm gets it, this version and no other.
BUF=@bufbuild/buf@1.75.0

# The contract as it was: where this branch left main, or at the commit before.
contract_before() {
    local head base
    head=$(git rev-parse HEAD)
    base=$(git merge-base HEAD origin/main 2>/dev/null) || base=$head
    [[ $base != "$head" ]] || base=HEAD~1
    git show "$base:generated/questline.desc" 2>/dev/null
}

check_contract() {
    local before
    command -v npx >/dev/null || {
        breach 'contract: NOT CHECKED by buf lint and buf breaking: npm is missing (Debian package npm)'
        return
    }
    before=$(mktemp --suffix=.binpb)
    if ! (cd proto && npx --yes "$BUF" --version) >/dev/null 2>&1; then
        breach "contract: NOT CHECKED by buf lint and buf breaking: npm cannot get $BUF"
    else
        (cd proto && npx --yes "$BUF" lint .) 2>/dev/null || breach 'contract: buf lint'
        if contract_before >"$before" && [[ -s $before ]]; then
            (cd proto && npx --yes "$BUF" breaking . --against "$before" --path questline --exclude-imports) 2>/dev/null ||
                breach 'contract: buf breaking: a client of the commit before would break'
        fi
    fi
    rm -f "$before"
}

check_compilers() {
    local preset log
    log=$(mktemp)
    for preset in release clang; do
        { cmake --preset "$preset" && cmake --build --preset "$preset"; } >"$log" 2>&1 ||
            { tail -n 30 "$log" && breach "compilers: $preset"; }
    done
    rm -f "$log"
}

# Each file alone: clang-tidy 14 is wrong about va_list after the first of a run.
# Tests without its analyzer, which does not know that cmocka's assertions end them.
check_tidy() {
    local ours_built tests='(_test\.c|/testing/.*)$'
    ours_built=$(ours '*.c' | grep -Fxf <(sed -n "s,^  \"file\": \"$PWD/\(.*\)\"\,*$,\1,p" build/clang/compile_commands.json))
    grep -vE "$tests" <<<"$ours_built" | xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p build/clang 2>/dev/null ||
        breach 'analysis: clang-tidy'
    grep -E "$tests" <<<"$ours_built" |
        xargs -P "$(nproc)" -n 8 clang-tidy --quiet --checks='-clang-analyzer-*' -p build/clang 2>/dev/null ||
        breach 'analysis: clang-tidy, in tests'
}

check_cppcheck() {
    cppcheck -j "$(nproc)" --quiet --std=c11 --enable=warning,portability,performance --error-exitcode=1 \
        --inline-suppr --suppressions-list=.cppcheck-suppressions -I. -D_GNU_SOURCE \
        --template='{file}:{line}: {severity}: {message} [{id}]' platform services gateway tools ||
        breach 'analysis: cppcheck'
}

if [[ ${1:-} == shrink ]]; then exec /usr/bin/python3 scripts/lint shrink; fi
need clang-format clang-format && { scripts/format.sh check || breach 'layout: run scripts/format.sh fix'; }
need shellcheck shellcheck && { ours '*.sh' '.ci/run' | xargs shellcheck -x || breach 'scripts: shellcheck'; }
check_layers
check_headers
check_sizes
check_words
/usr/bin/python3 scripts/lint || breaches=$((breaches + 1))
scripts/generate.sh --check || breach 'generated: stale'
check_openapi
check_contract
if [[ ${1:-} != quick ]]; then
    need clang clang && check_compilers
    need clang-tidy clang-tidy && check_tidy
    need cppcheck cppcheck && check_cppcheck
fi
if ((breaches)); then
    printf 'lint: %d breaches\n' "$breaches"
    exit 1
fi
echo 'lint: clean'
