#!/bin/sh
# The simulator on fresh seeds, in growing rounds, until it finds something or is interrupted.
set -eu
make --no-print-directory build
first=$(date +%s)
while :; do
    build/hoox-sim --swarm --seeds "$first..$((first + 9999))"
    first=$((first + 10000))
done
