/* One read of the runtime manifest, as the native host answers it. Usage: kv READS. Prints JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/stats.h"
#include "host/native/host.h"

#define KEYS 64
#define PER_SAMPLE 100 /* Reads between two looks at the clock, which costs as much as one. */

int main(int argc, char **argv) {
    long reads = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (reads < PER_SAMPLE) {
        fprintf(stderr, "usage: %s READS\n", argv[0]);
        return 2;
    }
    static struct hx_host host;
    static struct hx_kv_slot slots[KEYS];
    static char names[KEYS][32];
    static char value[] = "queue_failover";
    static _Alignas(16) uint8_t memory[16384];
    struct hx_req req;
    hx_req_init(&req, &host, memory, sizeof(memory));
    size_t mark = hx_arena_mark(&req.arena);
    for (int i = 0; i < KEYS; i++) {
        int len = snprintf(names[i], sizeof(names[i]), "webhook:key_%02d", i);
        slots[i] = (struct hx_kv_slot){names[i], value, (size_t)len, strlen(value)};
    }
    host.kv = slots;
    host.kv_count = host.kv_max = KEYS;
    struct stats read = {0};
    size_t seen = 0;
    for (long i = 0; i < reads; i += PER_SAMPLE) {
        uint64_t started = stats_now_ns();
        for (int j = 0; j < PER_SAMPLE; j++) {
            hx_str out;
            const char *name = names[(i + j * 37) % KEYS];
            if (hx_failed(hx_host_kv_get(&req, hx_str_make(name, strlen(name)), HX_KV_CACHED, &out))) return 1;
            seen += out.len;
        }
        hx_arena_rewind(&req.arena, mark);
        stats_add(&read, (stats_now_ns() - started) / PER_SAMPLE);
    }
    printf("{\"read_p50_ns\": %llu, \"read_p99_ns\": %llu, \"bytes\": %zu}\n", (unsigned long long)stats_at(&read, 500),
           (unsigned long long)stats_at(&read, 990), seen);
    free(read.ns);
    return 0;
}
