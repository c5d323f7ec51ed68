#include "core/venue/stream.h"

#include "core/http/url.h"

static const struct hx_venue_stream *const streams[] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket) \
    HX_IF_##private_stream(&hx_##adapter##_private_stream, ) HX_IF_##public_stream(&hx_##adapter##_public_stream, )
    HX_PRODUCT_ROWS(ROW)
#undef ROW
};

const struct hx_venue_stream *hx_venue_list_streams(uint32_t index) {
    return index < sizeof streams / sizeof streams[0] ? streams[index] : NULL;
}

const struct hx_venue_stream *hx_venue_find_stream(const struct hx_account *account, enum hx_stream_kind kind) {
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        const struct hx_venue_stream *stream = streams[i];
        const struct hx_stream_access *access = account->test ? &stream->test : &stream->live;
        if (stream->venue != account->venue || stream->market != account->market || stream->kind != kind) continue;
        return access->origin_default.len > 0 ? stream : NULL;
    }
    return NULL;
}

uint32_t hx_stream_symbols_max(const struct hx_venue_stream *stream) {
    return stream->symbols_max > 0 ? stream->symbols_max : HX_STREAM_SYMBOLS_MAX;
}

void hx_stream_notes_add(struct hx_stream_notes *notes, const struct hx_stream_note *note) {
    if (notes->count < HX_STREAM_NOTES_MAX) {
        notes->list[notes->count++] = *note;
        return;
    }
    notes->list[HX_STREAM_NOTES_MAX - 1] =
        (struct hx_stream_note){.kind = HX_NOTE_GAP, .words = HX_STR("more in one message than can be followed")};
}

void hx_stream_notes_tell(struct hx_stream_notes *notes, enum hx_stream_note_kind kind, hx_str words) {
    const struct hx_stream_note note = {.kind = kind, .words = words};
    hx_stream_notes_add(notes, &note);
}

hx_err hx_stream_parse_url(struct hx_arena *arena, hx_str url, hx_str *origin, hx_str *prefix) {
    static const struct {
        hx_str scheme, becomes;
    } schemes[] = {{{"wss://", 6}, {"https://", 8}},
                   {{"ws://", 5}, {"http://", 7}},
                   {{"https://", 8}, {"https://", 8}},
                   {{"http://", 7}, {"http://", 7}}};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!hx_str_starts_with(url, schemes[i].scheme)) continue;
        struct hx_buf buf;
        struct hx_http_url parts;
        hx_str text;
        HX_TRY(hx_buf_make(&buf, arena, url.len + 2));
        hx_buf_add(&buf, schemes[i].becomes);
        hx_buf_add(&buf, hx_str_slice(url, schemes[i].scheme.len, url.len));
        HX_TRY(hx_buf_finish(&buf, &text));
        HX_TRY(hx_http_parse_url(text, &parts));
        if (parts.query.len > 0) return HX_ERR(REJECT_SYNTAX);
        *origin = hx_str_slice(text, 0, (size_t)(parts.authority.data - text.data) + parts.authority.len);
        *prefix = parts.path;
        while (hx_str_ends_with(*prefix, HX_STR("/"))) prefix->len--;
        return HX_OK;
    }
    return HX_ERR(REJECT_SYNTAX);
}

int32_t hx_stream_read_leverage(const struct hx_json *object, hx_str name) {
    hx_dec value = HX_DEC_ZERO;
    int64_t whole = 0;
    if (hx_failed(hx_json_get_dec(object, name, &value)) || hx_dec_sign(value) <= 0) return 0;
    return hx_ok(hx_dec_to_i64(value, &whole)) && whole <= INT32_MAX ? (int32_t)whole : -1;
}
