/* Latencies of a run: kept in full, sorted once at the end. */
#ifndef HX_BENCH_COMMON_STATS_H
#define HX_BENCH_COMMON_STATS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct stats {
    uint64_t *ns;
    size_t count, capacity;
};

uint64_t stats_now_ns(void); /* Monotonic. */
void stats_add(struct stats *stats, uint64_t ns);
/* The value that `permille` of all do not exceed; 0 when there is none. */
uint64_t stats_at(struct stats *stats, unsigned permille);
/* "name_p50_us": 1.5, "name_p99_us": …, "name_count": … without braces. */
void stats_print(struct stats *stats, const char *name, FILE *out);

#endif
