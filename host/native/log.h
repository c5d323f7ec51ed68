/* JSON lines on standard error: {"time":…,"level":…,"requestId":…,"message":…,"detail":…}. */
#ifndef HX_HOST_NATIVE_LOG_H
#define HX_HOST_NATIVE_LOG_H

#include "host/native/secrets.h"
#include "port/host.h"

struct hx_log {
    int fd;
    enum hx_log_level level;          /* Less is dropped. */
    const struct hx_secrets *secrets; /* Scrubbed from every line. */
};

/* "debug", "info", "warn", "error"; anything else is info. */
enum hx_log_level hx_log_parse_level(hx_str text);
/* `request_id` and `detail` may be empty. Text beyond 1 KiB each is cut. One write per line. */
void hx_log_write(const struct hx_log *log, enum hx_log_level level, hx_str request_id, hx_str message, hx_str detail);

#endif
