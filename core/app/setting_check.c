/* The table as a whole: the rows of setting.def, then what the venues' adapters name, each name once. */
#include "core/app/setting.h"
#include "core/venue/adapter.h"
#include "core/venue/stream_order.h"

#define API_KEY_LEN_MAX 512
#define SECRET_LEN_MAX 1024

static const char *const issues[HX_SETTING_COUNT] = {
#define X(constant, name, kind, default_, when_wrong, user, issue) issue,
#include "core/app/setting.def"
#undef X
};

/* What one account's venue may be told: the row-th of it. False: it has no such row. */
enum { ROW_ORIGIN, ROW_KEY, ROW_SECRET, ROW_PRIVATE_STREAM, ROW_PUBLIC_STREAM, ROW_ORDER_SOCKET, ROWS_PER_ACCOUNT };

static const struct hx_stream_access *find_stream(const struct hx_account *account, uint32_t row) {
    if (row == ROW_ORDER_SOCKET) {
        const struct hx_order_socket *socket = hx_order_socket_find(account);
        return socket == NULL ? NULL : account->test ? &socket->test : &socket->live;
    }
    enum hx_stream_kind kind = row == ROW_PRIVATE_STREAM ? HX_STREAM_PRIVATE : HX_STREAM_PUBLIC;
    const struct hx_venue_stream *stream = hx_venue_find_stream(account, kind);
    return stream == NULL ? NULL : account->test ? &stream->test : &stream->live;
}

static bool find_row(const struct hx_venue_adapter *adapter, bool test, uint32_t row, struct hx_setting_info *out) {
    const struct hx_venue_access *access = test ? &adapter->test : &adapter->live;
    const struct hx_account account = {adapter->venue, adapter->market, test};
    *out = (struct hx_setting_info){.id = HX_SETTING_COUNT, .user = HX_SETTING_USER_GATEWAY};
    if (row == ROW_ORIGIN) {
        out->kind = HX_SETTING_KIND_ORIGIN;
        out->name = access->origin_setting;
        out->default_value = access->origin_default;
    } else if (row == ROW_KEY) {
        out->kind = HX_SETTING_KIND_API_KEY;
        out->name = access->key_setting;
        out->most = API_KEY_LEN_MAX;
    } else if (row == ROW_SECRET) {
        out->kind = HX_SETTING_KIND_SECRET;
        out->name = access->secret_name;
        out->most = SECRET_LEN_MAX;
    } else {
        const struct hx_stream_access *stream = find_stream(&account, row);
        out->kind = HX_SETTING_KIND_SOCKET_URL;
        out->name = stream == NULL ? HX_STR_EMPTY : stream->origin_setting;
        out->default_value = stream == NULL ? HX_STR_EMPTY : stream->origin_default;
    }
    return out->name.len > 0;
}

/* False at the end; places without a row leave an empty name. */
static bool find_place(uint32_t place, struct hx_setting_info *out) {
    const struct hx_venue_adapter *adapter = hx_venue_list_adapters(place / (2 * ROWS_PER_ACCOUNT));
    if (adapter == NULL) return false;
    if (!find_row(adapter, place / ROWS_PER_ACCOUNT % 2 == 1, place % ROWS_PER_ACCOUNT, out)) out->name = HX_STR_EMPTY;
    return true;
}

/* The products of a venue share names. */
static bool stands_before(uint32_t place, hx_str name) {
    struct hx_setting_info other;
    for (uint32_t i = 0; i < place && find_place(i, &other); i++) {
        if (hx_str_equal(other.name, name)) return true;
    }
    return false;
}

bool hx_setting_list(uint32_t index, struct hx_setting_info *out) {
    if (index < HX_SETTING_COUNT) {
        *out = hx_setting_info((enum hx_setting_id)index);
        return true;
    }
    index -= HX_SETTING_COUNT;
    for (uint32_t place = 0; find_place(place, out); place++) {
        if (out->name.len == 0 || stands_before(place, out->name)) continue;
        if (index-- == 0) return true;
    }
    return false;
}

/* HOOX_…_WS_URL serves for HOOX_…_WS_API_URL too (core/venue/stream.h), also where no adapter names it. */
static bool is_fellow(hx_str name, const struct hx_setting_info *info) {
    static const char ending[] = "_API_URL";
    if (info->kind != HX_SETTING_KIND_SOCKET_URL || !hx_str_ends_with(info->name, hx_str_from_c(ending))) return false;
    hx_str stem = hx_str_slice(info->name, 0, info->name.len - (sizeof ending - 1));
    return hx_str_starts_with(name, stem) && hx_str_equal(hx_str_slice(name, stem.len, name.len), HX_STR("_URL"));
}

bool hx_setting_find(hx_str name, struct hx_setting_info *out) {
    for (uint32_t i = 0; i < HX_SETTING_COUNT; i++) {
        *out = hx_setting_info((enum hx_setting_id)i);
        if (hx_str_equal(out->name, name)) return true;
    }
    for (uint32_t place = 0; name.len > 0 && find_place(place, out); place++) {
        if (!hx_str_equal(out->name, name) && !is_fellow(name, out)) continue;
        out->name = name;
        return true;
    }
    return false;
}

hx_str hx_setting_issue(const struct hx_setting_info *info) {
    if (info->id < HX_SETTING_COUNT) return hx_str_from_c(issues[info->id]);
    switch (info->kind) {
        case HX_SETTING_KIND_ORIGIN:
            return HX_STR("must begin with https:// or http://, then a host, and have no '?'");
        case HX_SETTING_KIND_SOCKET_URL:
            return HX_STR("must begin with wss:// or ws://, then a host, and have no '?'");
        case HX_SETTING_KIND_API_KEY:
            return HX_STR("must be the API key as the exchange shows it: up to 512 characters without spaces");
        default:
            return HX_STR("must be the API secret as the exchange shows it: up to 1024 characters without spaces");
    }
}
