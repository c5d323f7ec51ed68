#!/bin/sh
# Prints C source that holds the migrations named as arguments, in order of their number: see host/common/schema.h.
set -eu
echo '#include "host/common/schema.h"'
# A schema is longer than the 4095 characters that ISO C promises for one literal; gcc and clang take any length.
echo '#pragma GCC diagnostic ignored "-Woverlength-strings"'
echo 'const struct hx_migration hx_migrations[] = {'
for file in "$@"; do
    name=$(basename "$file" .sql)
    number=$(echo "$name" | sed 's/_.*//; s/^0*//')
    printf '    {%s, "%s",\n' "$number" "$name"
    sed 's/\\/\\\\/g; s/"/\\"/g; s/^/     "/; s/$/\\n"/' "$file"
    echo '    },'
done
echo '};'
echo 'const int hx_migration_count = (int)(sizeof(hx_migrations) / sizeof(hx_migrations[0]));'
