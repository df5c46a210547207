# Installs the Debian packages we stand on, when they are missing. Sourced.
# shellcheck shell=bash disable=SC2034

# To build and run. The gcc is Debian's; ccache spares the second build.
QL_RUN_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config ccache mawk
    libh2o-evloop-dev libmicrohttpd-dev libnng-dev libprotobuf-c-dev libpq-dev libhiredis-dev librabbitmq-dev
    libjwt-dev libjansson-dev libsodium-dev libssl-dev zlib1g-dev libglib2.0-dev tzdata
    postgresql-15 redis-server rabbitmq-server curl procps)
# To test, besides; clang and its runtime are for the fuzz targets.
QL_TEST_PACKAGES=(libcmocka-dev clang libclang-rt-14-dev protobuf-compiler protobuf-c-compiler libprotobuf-dev libasan8 libubsan1
    python3 python3-pytest python3-requests python3-psycopg2 python3-pika python3-redis python3-protobuf
    python3-jsonschema python3-h2 git openssl pgbouncer)
# To lint, besides: scripts/lint.sh.
QL_LINT_PACKAGES=(clang-format clang-tidy cppcheck shellcheck npm)

missing_packages() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            printf '%s\n' "$package"
    done
}

as_root() {
    if is_root; then
        "$@"
    else
        command -v sudo >/dev/null || die "installing packages needs root or sudo; missing: ${missing[*]}"
        sudo "$@"
    fi
}

QL_POLICY=/usr/sbin/policy-rc.d

# Debian's server packages start their servers where an init runs: a policy that
# forbids it stands while the command runs, however that ends. One that was there
# before stays.
without_starting_servers() (
    if [[ ! -e $QL_POLICY ]]; then
        trap 'as_root rm -f "$QL_POLICY"' EXIT
        trap 'exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$QL_POLICY" >/dev/null
        as_root chmod 755 "$QL_POLICY"
    fi
    "$@"
)

apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
    as_root "${apt[@]}" update </dev/null &&
        as_root "${apt[@]}" install -y --no-install-recommends "$@" </dev/null
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    [[ -e /etc/debian_version ]] || die "packages missing (${missing[*]}) and this is not Debian: install them by hand"
    progress "installing ${#missing[@]} packages: ${missing[*]}"
    without_starting_servers apt_install "${missing[@]}" >"$STATE/log/packages.log" 2>&1 || {
        tail -n 20 "$STATE/log/packages.log" >&2
        die "installing packages failed; all of it is in $STATE/log/packages.log"
    }
}
