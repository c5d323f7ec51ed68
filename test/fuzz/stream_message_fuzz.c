/* Goal: whatever comes over a stream, no decoder crashes and every note is one the core can act on. The first byte
 * picks the row of the table, the rest is the message.
 *
 * Invariants: at most HX_STREAM_NOTES_MAX notes; a price is positive and has a symbol and a time; an order's note has
 * an id; what cannot be read as JSON is a GAP on a private stream and nothing on a public one; the same bytes give the
 * same notes. */
#include "core/base/json.h"
#include "core/venue/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[HX_REQUEST_ARENA_SIZE], again_memory[HX_REQUEST_ARENA_SIZE];
static struct hx_stream_notes notes, again;

static void decode(const struct hx_venue_stream *stream, hx_str message, void *place, struct hx_stream_notes *out) {
    struct hx_arena arena;
    struct hx_stream_context ctx = {.arena = &arena};
    hx_arena_init(&arena, place, HX_REQUEST_ARENA_SIZE);
    hx_mem_set(out, 0, sizeof *out);
    stream->decode(&ctx, message, out);
}

static void check(const struct hx_stream_note *note) {
    switch (note->kind) {
        case HX_NOTE_MARK:
            hx_assert(hx_dec_sign(note->price) > 0 && note->symbol.data != NULL);
            break;
        case HX_NOTE_ORDER:
            hx_assert(note->client_order_id.data != NULL);
            hx_assert(!note->has_status || note->status <= HX_ORDER_EXPIRED);
            break;
        case HX_NOTE_SETTING:
            hx_assert(note->symbol.data != NULL && note->leverage >= 0);
            break;
        case HX_NOTE_RENEW:
        case HX_NOTE_REFUSED:
        case HX_NOTE_GAP:
            hx_assert(note->words.data != NULL);
            break;
        case HX_NOTE_POSITION:
        case HX_NOTE_LOGGED_IN:
        case HX_NOTE_READY:
            break;
    }
}

static bool same(const struct hx_stream_note *a, const struct hx_stream_note *b) {
    return a->kind == b->kind && hx_str_equal(a->client_order_id, b->client_order_id) &&
           hx_str_equal(a->symbol, b->symbol) && hx_dec_equal(a->price, b->price) && a->status == b->status &&
           a->has_status == b->has_status && a->venue_time_ms == b->venue_time_ms;
}

static bool is_object(hx_str message) {
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, again_memory, sizeof again_memory);
    return hx_ok(hx_json_parse(&arena, message, &root, NULL)) && root->type == HX_JSON_OBJECT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t rows = 0;
    if (size < 1) return 0;
    while (hx_venue_list_streams(rows) != NULL) rows++;
    const struct hx_venue_stream *stream = hx_venue_list_streams(data[0] % rows);
    hx_str message = hx_str_make((const char *)data + 1, size - 1);
    decode(stream, message, memory, &notes);
    hx_assert(notes.count <= HX_STREAM_NOTES_MAX);
    for (uint32_t i = 0; i < notes.count; i++) check(&notes.list[i]);
    decode(stream, message, again_memory, &again);
    hx_assert(again.count == notes.count);
    for (uint32_t i = 0; i < notes.count; i++) hx_assert(same(&notes.list[i], &again.list[i]));
    if (is_object(message)) return 0;
    bool gap = notes.count == 1 && notes.list[0].kind == HX_NOTE_GAP;
    hx_assert(stream->kind == HX_STREAM_PRIVATE ? gap : notes.count == 0);
    return 0;
}
