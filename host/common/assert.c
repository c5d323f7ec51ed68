/* The end of a native program whose invariant does not hold. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"

_Noreturn void hx_assert_fail(const char *expression, const char *file, int line) {
    fprintf(stderr, "%s:%d: invariant does not hold: %s\n", file, line, expression);
    fflush(stderr);
    abort();
}
