/* What no gateway can be faster than: one fdatasync of a preallocated file in the data folder, and one round trip of a
 * small message over loopback TCP, each repeated without a pause. Usage: floor FOLDER SECONDS. Prints JSON. */
#include <stdlib.h>
#include <unistd.h>

#include "bench/common/disk.h"
#include "bench/common/stats.h"
#include "bench/common/trip.h"

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s FOLDER SECONDS\n", argv[0]);
        return 2;
    }
    struct stats sync = {0}, trip = {0};
    uint64_t each_ns = (uint64_t)(strtod(argv[2], NULL) * 1e9);
    int file = floor_open(argv[1]), connection = trip_open();
    uint64_t end = stats_now_ns() + each_ns;
    for (size_t i = 0; stats_now_ns() < end; i++) stats_add(&sync, floor_sample(file, i));
    end = stats_now_ns() + each_ns;
    while (stats_now_ns() < end) stats_add(&trip, trip_sample(connection));
    close(connection);
    close(file);
    printf("{");
    stats_print(&sync, "sync", stdout);
    printf(", ");
    stats_print(&trip, "trip", stdout);
    printf("}\n");
    free(sync.ns);
    free(trip.ns);
    return 0;
}
