#define _GNU_SOURCE
#include "bench/common/stats.h"

#include <stdlib.h>
#include <time.h>

uint64_t stats_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void stats_add(struct stats *stats, uint64_t ns) {
    if (stats->count == stats->capacity) {
        stats->capacity = stats->capacity == 0 ? 4096 : stats->capacity * 2;
        stats->ns = realloc(stats->ns, stats->capacity * sizeof(*stats->ns));
        if (stats->ns == NULL) abort();
    }
    stats->ns[stats->count++] = ns;
}

static int compare(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

uint64_t stats_at(struct stats *stats, unsigned permille) {
    if (stats->count == 0) return 0;
    qsort(stats->ns, stats->count, sizeof(*stats->ns), compare);
    return stats->ns[(stats->count - 1) * permille / 1000];
}

void stats_print(struct stats *stats, const char *name, FILE *out) {
    fprintf(out, "\"%s_p50_us\": %.2f, \"%s_p99_us\": %.2f, \"%s_count\": %zu", name,
            (double)stats_at(stats, 500) / 1000, name, (double)stats_at(stats, 990) / 1000, name, stats->count);
}
