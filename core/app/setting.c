#include "core/app/setting.h"

#include "core/admit/cidr.h"
#include "core/admit/keys.h"
#include "core/admit/manifest_value.h"
#include "core/http/url.h"
#include "core/signal/signal.h"

#define SOCKET_URL_LEN_MAX 512

/* A row's kind, its limits and its words. */
#define TEXT HX_SETTING_KIND_TEXT, 0, 0, ""
#define SWITCH HX_SETTING_KIND_SWITCH, 0, 0, ""
#define WORD(words) HX_SETTING_KIND_WORD, 0, 0, words
#define WHOLE(least, most) HX_SETTING_KIND_WHOLE, least, most, ""
#define WHOLES(least, most) HX_SETTING_KIND_WHOLES, least, most, ""
#define ADDRESSES HX_SETTING_KIND_ADDRESSES, 0, 0, ""
#define NETWORKS HX_SETTING_KIND_NETWORKS, 0, 0, ""
#define URL HX_SETTING_KIND_URL, 0, 0, ""
#define SECRET(least, most) HX_SETTING_KIND_SECRET, least, most, ""
#define FILE HX_SETTING_KIND_FILE, 0, 0, ""

static const struct row {
    const char *name, *default_value, *when_wrong;
    enum hx_setting_user user;
    enum hx_setting_kind kind;
    int64_t least, most;
    const char *words;
} rows[HX_SETTING_COUNT] = {
#define X(constant, name, kind, default_, when_wrong, user, issue) \
    {name, default_, when_wrong, HX_SETTING_USER_##user, kind},
#include "core/app/setting.def"
#undef X
};

struct hx_setting_info hx_setting_info(enum hx_setting_id id) {
    hx_assert(id < HX_SETTING_COUNT);
    const struct row *row = &rows[id];
    return (struct hx_setting_info){.id = id,
                                    .kind = row->kind,
                                    .user = row->user,
                                    .least = row->least,
                                    .most = row->most,
                                    .words = hx_str_from_c(row->words),
                                    .name = hx_str_from_c(row->name),
                                    .default_value = hx_str_from_c(row->default_value),
                                    .when_wrong = hx_str_from_c(row->when_wrong)};
}

static bool is_word(hx_str words, hx_str text) {
    hx_str word;
    while (hx_str_split(&words, ',', &word)) {
        if (hx_str_equal_ignore_case(word, text)) return true;
    }
    return false;
}

static bool is_whole(const struct hx_setting_info *info, hx_str text) {
    int64_t value = 0;
    return hx_ok(hx_str_parse_i64(text, &value)) && value >= info->least && value <= info->most;
}

/* 8787, :8787, 127.0.0.1:8787, localhost:8787, [::1]:8787, with the port 0 for any that is free. */
static bool is_address(hx_str text) {
    uint64_t number = 0;
    size_t colon = text.len;
    while (colon > 0 && text.data[colon - 1] != ':') colon--;
    if (hx_failed(hx_str_parse_u64(hx_str_slice(text, colon, text.len), &number)) || number > 65535) return false;
    if (colon <= 1) return true;
    struct hx_ip ip;
    hx_str host = hx_str_slice(text, 0, colon - 1);
    bool bracketed = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
    if (hx_str_equal(host, HX_STR("localhost"))) return true;
    if (bracketed) host = hx_str_slice(host, 1, host.len - 1);
    size_t at = 0;
    return hx_ok(hx_ip_parse(host, &ip)) && bracketed == hx_str_find_char(host, ':', &at);
}

static bool is_list(const struct hx_setting_info *info, hx_str text) {
    hx_str part;
    bool any = false;
    while (hx_str_split(&text, ',', &part)) {
        part = hx_str_trim(part);
        any = info->kind == HX_SETTING_KIND_WHOLES ? is_whole(info, part) : is_address(part);
        if (!any) return false;
    }
    return any;
}

static bool is_printable(hx_str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') return false;
    }
    return true;
}

static bool is_url(hx_str text, bool may_query) {
    struct hx_http_url url;
    return hx_ok(hx_http_parse_url(text, &url)) && (may_query || url.query.len == 0);
}

/* As hx_stream_parse_url reads it, which the edge has not got. */
static bool is_socket_url(hx_str text) {
    char memory[SOCKET_URL_LEN_MAX];
    struct hx_buf buf;
    bool is_ws = hx_str_starts_with(text, HX_STR("ws://")) || hx_str_starts_with(text, HX_STR("wss://"));
    if (!is_ws) return is_url(text, false);
    hx_buf_init(&buf, memory, sizeof memory);
    hx_buf_add_c(&buf, "http");
    hx_buf_add(&buf, hx_str_slice(text, 2, text.len));
    return !buf.overflowed && is_url(hx_buf_str(&buf), false);
}

static bool is_of_kind(const struct hx_setting_info *info, hx_str value) {
    struct hx_cidr_list networks;
    bool on = false;
    switch (info->kind) {
        case HX_SETTING_KIND_SWITCH:
            return hx_ok(hx_manifest_parse_bool(value, &on));
        case HX_SETTING_KIND_WORD:
            return is_word(info->words, value);
        case HX_SETTING_KIND_WHOLE:
            return is_whole(info, value);
        case HX_SETTING_KIND_WHOLES:
        case HX_SETTING_KIND_ADDRESSES:
            return is_list(info, value);
        case HX_SETTING_KIND_NETWORKS:
            return hx_ok(hx_cidr_list_parse(value, &networks, NULL));
        case HX_SETTING_KIND_URL:
            return is_url(value, true);
        case HX_SETTING_KIND_ORIGIN:
            return is_url(value, false);
        case HX_SETTING_KIND_SOCKET_URL:
            return is_socket_url(value);
        case HX_SETTING_KIND_API_KEY:
        case HX_SETTING_KIND_SECRET:
            return (int64_t)value.len >= info->least && (int64_t)value.len <= info->most && is_printable(value);
        case HX_SETTING_KIND_TEXT:
        case HX_SETTING_KIND_FILE:
            return true;
    }
    return false;
}

bool hx_setting_check(const struct hx_setting_info *info, hx_str value) {
    if (value.len == 0 && info->id != HX_SETTING_LISTEN) return true;
    return is_of_kind(info, value);
}

hx_str hx_setting_read(struct hx_req *req, enum hx_setting_id id) {
    struct hx_setting_info info = hx_setting_info(id);
    hx_str text = HX_STR_EMPTY;
    if (hx_failed(hx_port_setting(req, info.name, &text)) || text.len == 0) return info.default_value;
    if (hx_setting_check(&info, text)) return text;
    hx_port_log(req, HX_LOG_WARN, HX_STR("a setting is wrong and read in the most careful way; hoox check setup tells"),
                info.name);
    return info.when_wrong;
}

bool hx_setting_is_on(struct hx_req *req, enum hx_setting_id id) {
    return hx_setting_parse_switch(hx_setting_read(req, id));
}

int64_t hx_setting_read_whole(struct hx_req *req, enum hx_setting_id id) {
    return hx_setting_parse_whole(hx_setting_read(req, id));
}

bool hx_setting_parse_switch(hx_str value) {
    bool on = false;
    hx_err err = hx_manifest_parse_bool(value, &on);
    return hx_ok(err) && on;
}

int64_t hx_setting_parse_whole(hx_str value) {
    int64_t number = 0;
    hx_err err = hx_str_parse_i64(value, &number);
    return hx_ok(err) ? number : 0;
}
