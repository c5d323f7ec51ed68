/* The disk's floor: overwriting a preallocated file and waiting for it, as a log that has reached its size does. */
#ifndef HX_BENCH_COMMON_DISK_H
#define HX_BENCH_COMMON_DISK_H

#include <stddef.h>
#include <stdint.h>

int floor_open(const char *folder); /* The file has no name any more; ends the program when it can't be made. */
/* Overwrites block `number` (it wraps) and syncs; nanoseconds. */
uint64_t floor_sample(int fd, size_t number);

#endif
