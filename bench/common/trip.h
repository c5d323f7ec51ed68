/* The floor of a message and its answer over loopback TCP: another process that only echoes. */
#ifndef HX_BENCH_COMMON_TRIP_H
#define HX_BENCH_COMMON_TRIP_H

#include <stdint.h>

int trip_open(void);          /* A connection to a child that ends when it is closed. */
uint64_t trip_sample(int fd); /* 300 bytes there and back; nanoseconds. */

#endif
