/* The JSON scanner against two others: yajl and jansson. json_peers_finding returns NULL when all is well, else what is
 * wrong, as a sentence:
 *
 *   1. What hoox accepts, yajl and jansson accept, and jansson reads the same tree from it. Excepted are jansson's own
 *      limits: it refuses numbers beyond double and NUL in a member name.
 *   2. What both accept, hoox accepts, or refuses by one of its stated limits and with reason.
 *   3. The canonical form is JSON, is its own canonical form, and means the same to jansson.
 *   4. With less memory the answer is the same or LIMIT_ARENA, which leaves the arena as it was.
 *   5. A refusal says where and why. */
#ifndef HX_TEST_ORACLE_JSON_PEERS_H
#define HX_TEST_ORACLE_JSON_PEERS_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "core/base/json.h"

#define PEERS_ARENA_SIZE ((size_t)8 << 20)

static inline bool peers_yajl_accepts(hx_str input) {
    /* Without callbacks yajl converts no number, so its own range does not matter. */
    yajl_handle handle = yajl_alloc(NULL, NULL, NULL);
    const unsigned char *bytes = (const unsigned char *)input.data;
    bool accepts =
        yajl_parse(handle, bytes, input.len) == yajl_status_ok && yajl_complete_parse(handle) == yajl_status_ok;
    yajl_free(handle);
    return accepts;
}

static inline json_t *peers_jansson_load(hx_str input, json_error_t *error) {
    return json_loadb(input.len == 0 ? "" : input.data, input.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, error);
}

static inline bool peers_same_number(const struct hx_json *node, const json_t *peer) {
    char text[512];
    if (node->text.len >= sizeof text) return true;
    memcpy(text, node->text.data, node->text.len);
    text[node->text.len] = '\0';
    if (json_is_integer(peer)) return json_integer_value(peer) == strtoll(text, NULL, 10);
    double value = strtod(text, NULL);
    return json_is_real(peer) && !(json_real_value(peer) < value) && !(json_real_value(peer) > value);
}

static inline bool peers_same_scalar(const struct hx_json *node, const json_t *peer) {
    switch (node->type) {
        case HX_JSON_NULL:
            return json_is_null(peer);
        case HX_JSON_BOOL:
            return node->boolean ? json_is_true(peer) : json_is_false(peer);
        case HX_JSON_NUMBER:
            return peers_same_number(node, peer);
        case HX_JSON_STRING:
            return json_is_string(peer) && json_string_length(peer) == node->text.len &&
                   hx_mem_equal(json_string_value(peer), node->text.data, node->text.len);
        case HX_JSON_ARRAY:
        case HX_JSON_OBJECT:
            break;
    }
    return false;
}

/* Recursion is bounded: the scanner has refused anything deeper than HX_JSON_DEPTH_MAX. */
static inline bool peers_same_tree(const struct hx_json *node, const json_t *peer) {
    uint32_t seen = 0;
    if (node->type != HX_JSON_ARRAY && node->type != HX_JSON_OBJECT)
        return node->next == 1 && peers_same_scalar(node, peer);
    bool is_object = node->type == HX_JSON_OBJECT;
    if (is_object ? !json_is_object(peer) : !json_is_array(peer)) return false;
    if (node->count != (is_object ? json_object_size(peer) : json_array_size(peer))) return false;
    for (const struct hx_json *child = hx_json_first(node); child != NULL; child = hx_json_next(node, child)) {
        const json_t *twin =
            is_object ? json_object_getn(peer, child->name.data, child->name.len) : json_array_get(peer, seen);
        if (!is_object && child->name.len != 0) return false;
        if (twin == NULL || !peers_same_tree(child, twin)) return false;
        seen++;
    }
    return seen == node->count;
}

/* The canonical text of a document, in malloc'd memory. */
static inline hx_str peers_canonical(struct hx_arena *arena, const struct hx_json *root, size_t len_max) {
    struct hx_buf buf;
    hx_str text = HX_STR_EMPTY;
    hx_buf_init(&buf, malloc(len_max), len_max);
    size_t mark = hx_arena_mark(arena);
    hx_err err = hx_json_add_canonical(&buf, arena, root, NULL);
    hx_assert(hx_ok(err) && hx_arena_mark(arena) == mark);
    hx_assert(hx_ok(hx_buf_finish(&buf, &text)));
    return text;
}

static inline void peers_release(hx_str text) {
    union {
        const char *data;
        char *memory;
    } owned = {text.data};
    free(owned.memory);
}

static inline const char *peers_check_canonical(struct hx_arena *arena, const struct hx_json *root, hx_str input,
                                                const json_t *peer) {
    const struct hx_json *again = NULL;
    json_error_t error;
    const char *finding = NULL;
    /* An escape grows at most sixfold, from a raw control to \u00xx, and those are not accepted raw. */
    hx_str text = peers_canonical(arena, root, input.len + 16);
    if (hx_failed(hx_json_parse(arena, text, &again, NULL))) {
        peers_release(text);
        return "the canonical form is refused";
    }
    hx_str text_again = peers_canonical(arena, again, input.len + 16);
    if (!hx_str_equal(text, text_again)) finding = "the canonical form has another canonical form";
    if (peer != NULL && finding == NULL) {
        json_t *peer_again = peers_jansson_load(text, &error);
        if (peer_again == NULL || !json_equal(peer_again, peer)) finding = "the canonical form means something else";
        json_decref(peer_again);
    }
    peers_release(text);
    peers_release(text_again);
    return finding;
}

static inline const char *peers_check_less_memory(hx_str input, hx_err err, size_t size) {
    struct hx_arena arena;
    const struct hx_json *root = NULL;
    const char *finding = NULL;
    void *memory = malloc(size + 1);
    hx_arena_init(&arena, memory, size);
    hx_err less = hx_json_parse(&arena, input, &root, NULL);
    if (hx_failed(less) && arena.used != 0) finding = "a refusal kept memory";
    if (!hx_err_equal(less, err) && !hx_err_equal(less, HX_ERR(LIMIT_ARENA))) finding = "memory changes the answer";
    if (hx_ok(less) && arena.used > arena.size) finding = "more memory used than there is";
    free(memory);
    return finding;
}

static inline const char *peers_check_accepted(struct hx_arena *arena, const struct hx_json *root, hx_str input) {
    json_error_t error;
    if (!peers_yajl_accepts(input)) return "accepted, but not by yajl";
    json_t *peer = peers_jansson_load(input, &error);
    if (peer == NULL) {
        enum json_error_code code = json_error_code(&error);
        if (code != json_error_numeric_overflow && code != json_error_null_byte_in_key)
            return "accepted, but not by jansson";
    } else if (!peers_same_tree(root, peer)) {
        json_decref(peer);
        return "jansson reads another tree";
    }
    const char *finding = peers_check_canonical(arena, root, input, peer);
    json_decref(peer);
    return finding;
}

static inline const char *peers_check_refused(hx_str input, hx_err err, const struct hx_json_error *error) {
    json_error_t peer_error;
    size_t brackets = 0;
    if (error->problem == NULL || error->offset > input.len) return "a refusal does not say where and why";
    if (hx_err_is(err, HX_CLASS_REJECT)) {
        json_t *peer = peers_jansson_load(input, &peer_error);
        bool both = peer != NULL && peers_yajl_accepts(input);
        json_decref(peer);
        return both ? "refused, but accepted by yajl and jansson" : NULL;
    }
    for (size_t i = 0; i < input.len; i++) brackets += input.data[i] == '[' || input.data[i] == '{';
    if (hx_err_equal(err, HX_ERR(LIMIT_DEPTH))) return brackets > HX_JSON_DEPTH_MAX ? NULL : "not that deep";
    if (hx_err_equal(err, HX_ERR(LIMIT_COUNT))) return input.len > HX_JSON_NODES_MAX ? NULL : "not that many";
    if (hx_err_equal(err, HX_ERR(LIMIT_ARENA))) return input.len > PEERS_ARENA_SIZE / 100 ? NULL : "not that large";
    return "an unexpected error";
}

static inline const char *json_peers_finding(hx_str input) {
    static uint8_t memory[PEERS_ARENA_SIZE];
    struct hx_arena arena;
    struct hx_json_error error = {0, NULL};
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, memory, sizeof memory);
    hx_err err = hx_json_parse(&arena, input, &root, &error);
    /* The scanner decodes strings at the arena's end and then moves them: no view may still point there. */
    if (hx_ok(err) && input.len < arena.size - arena.used) memset(memory + sizeof memory - input.len, 0xa5, input.len);
    const char *finding =
        hx_ok(err) ? peers_check_accepted(&arena, root, input) : peers_check_refused(input, err, &error);
    if (finding == NULL) finding = peers_check_less_memory(input, err, HX_REQUEST_ARENA_SIZE);
    if (finding == NULL) finding = peers_check_less_memory(input, err, hx_str_hash(input) % 2048);
    return finding;
}

#endif
