#!/bin/sh
# Writes C source with the migrations NNN_name.sql named by the arguments (default: those in schema/), which must be
# numbered 001, 002 ... without gaps, to standard output. Declared in host/common/schema.h.
# Bytes rather than string literals: C promises only 4095 characters of those.
set -eu

[ $# -gt 0 ] || set -- schema/[0-9][0-9][0-9]_*.sql

printf '/* Made by tools/embed_schema.sh. */\n#include "host/common/schema.h"\n\n'
expected=1
list=
for file in "$@"; do
    base=$(basename "$file" .sql)
    number=$(printf '%s' "$base" | sed 's/_.*//; s/^0*//')
    if [ "$number" != "$expected" ]; then
        echo "embed_schema: expected migration number $expected, found $file" >&2
        exit 1
    fi
    printf 'static const unsigned char sql_%s[] = {\n' "$number"
    od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
    printf '0x00};\n\n'
    list="$list    {$number, \"$base\", (const char *)sql_$number},
"
    expected=$((expected + 1))
done
printf 'const struct hx_migration hx_migrations[] = {\n%s};\n' "$list"
printf 'const int hx_migration_count = %s;\n' "$((expected - 1))"
