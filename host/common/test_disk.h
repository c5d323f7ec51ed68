/* For tests: SQLite's files on a disk that fills up, or whose syncs fail, when told to. A forked process shares it. */
#ifndef HX_HOST_COMMON_TEST_DISK_H
#define HX_HOST_COMMON_TEST_DISK_H

#include <stdbool.h>

#define HX_TEST_DISK_NAME "test-disk"

struct hx_test_disk {
    /* So many more writes that make a log or a database longer find room; negative: all. Of one that finds none a half
     * is done. What overwrites needs no room. */
    int log_room, database_room;
    bool syncs_fail;
};

/* Makes the VFS known, as the one that is used when none is named. Once per process; it stays. */
struct hx_test_disk *hx_test_disk_install(void);

#endif
