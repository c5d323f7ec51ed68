#!/bin/sh
# Runs fuzzers from their seeds. Usage: tools/fuzz.sh SECONDS [NAME ...]   (all of test/fuzz when none is named)
# What they discover is kept in build/fuzz/corpus; an input that breaks something is left in build/fuzz/found.
set -eu
seconds=$1
shift
[ $# -gt 0 ] || set -- $(ls test/fuzz | sed -n 's/_fuzz\.c$//p')
for name in "$@"; do
    corpus=build/fuzz/corpus/$name
    seeds=test/fuzz/seeds/$name
    mkdir -p "$corpus" build/fuzz/found
    [ -d "$seeds" ] || seeds=
    build/fuzz/"${name}"_fuzz -max_total_time="$seconds" -timeout=60 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix=build/fuzz/found/"$name"- "$corpus" ${seeds:+"$seeds"} 2>&1
    echo "fuzz $name: no finding in $seconds s"
done
