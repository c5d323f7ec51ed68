#define _GNU_SOURCE

#include "host/native/log.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/json.h"

#define TEXT_LEN_MAX 1024
#define LINE_LEN_MAX (14 * TEXT_LEN_MAX) /* An escaped byte takes up to six. */

enum hx_log_level hx_log_parse_level(hx_str text) {
    if (hx_str_equal_ignore_case(text, HX_STR("debug"))) return HX_LOG_DEBUG;
    if (hx_str_equal_ignore_case(text, HX_STR("warn"))) return HX_LOG_WARN;
    if (hx_str_equal_ignore_case(text, HX_STR("error"))) return HX_LOG_ERROR;
    return HX_LOG_INFO;
}

/* Scrubbed before it is escaped: escapes could hide a secret from the comparison. */
static void write_text(const struct hx_log *log, struct hx_json_writer *writer, const char *name, hx_str text) {
    if (text.len == 0) return;
    static char scrubbed[TEXT_LEN_MAX + HX_SECRET_LEN_MAX];
    size_t len = text.len < sizeof(scrubbed) ? text.len : sizeof(scrubbed);
    memcpy(scrubbed, text.data, len);
    if (log->secrets != NULL) hx_secrets_scrub(log->secrets, scrubbed, len);
    /* Cut after scrubbing, so that the cut can't hide the end of a secret and show its beginning. */
    hx_json_write_str(writer, name, hx_str_make(scrubbed, len < TEXT_LEN_MAX ? len : TEXT_LEN_MAX));
}

void hx_log_write(const struct hx_log *log, enum hx_log_level level, hx_str request_id, hx_str message, hx_str detail) {
    static const char *const names[] = {"debug", "info", "warn", "error", "notice"};
    if (level < log->level) return;
    static char line[LINE_LEN_MAX]; /* One thread; too large for a coroutine's stack. */
    struct hx_buf buf;
    struct hx_json_writer writer;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    char time_text[32];
    struct hx_buf time_buf;
    hx_buf_init(&time_buf, time_text, sizeof(time_text));
    hx_time_add_rfc3339(&time_buf, (hx_time)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    hx_buf_init(&buf, line, sizeof(line));
    hx_json_begin(&writer, &buf);
    hx_json_open_object(&writer, NULL);
    hx_json_write_str(&writer, "time", hx_buf_str(&time_buf));
    hx_json_write_str(&writer, "level", hx_str_from_c(names[level]));
    write_text(log, &writer, "requestId", request_id);
    write_text(log, &writer, "message", message);
    write_text(log, &writer, "detail", detail);
    hx_json_close_object(&writer);
    hx_buf_add_char(&buf, '\n');
    hx_str out = hx_buf_str(&buf);
    while (out.len > 0) {
        ssize_t written = write(log->fd, out.data, out.len);
        if (written <= 0) return;
        out = hx_str_slice(out, (size_t)written, out.len);
    }
}
