/* Writing JSON, and the canonical form of a parsed document: see json.h. */
#include "core/base/json.h"
#include "core/base/json_order.h"

static bool is_plain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static void add_escape(struct hx_buf *buf, uint8_t byte) {
    char text[6] = {'\\', 'u', '0', '0', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    switch (byte) {
        case '"':
            hx_buf_add(buf, HX_STR("\\\""));
            break;
        case '\\':
            hx_buf_add(buf, HX_STR("\\\\"));
            break;
        case '\b':
            hx_buf_add(buf, HX_STR("\\b"));
            break;
        case '\f':
            hx_buf_add(buf, HX_STR("\\f"));
            break;
        case '\n':
            hx_buf_add(buf, HX_STR("\\n"));
            break;
        case '\r':
            hx_buf_add(buf, HX_STR("\\r"));
            break;
        case '\t':
            hx_buf_add(buf, HX_STR("\\t"));
            break;
        default:
            hx_buf_add(buf, (hx_str){text, sizeof text});
            break;
    }
}

void hx_json_add_string(struct hx_buf *buf, hx_str s) {
    size_t at = 0;
    hx_buf_add_char(buf, '"');
    while (at < s.len) {
        size_t run = at;
        while (run < s.len && is_plain((uint8_t)s.data[run])) run++;
        hx_buf_add(buf, (hx_str){s.data + at, run - at});
        at = run;
        if (at == s.len) break;
        size_t len = hx_str_utf8_len((hx_str){s.data + at, s.len - at});
        if (len == 1) {
            add_escape(buf, (uint8_t)s.data[at]);
        } else if (len == 0) {
            hx_buf_add(buf, HX_STR("\xef\xbf\xbd"));
            len = 1;
        } else {
            hx_buf_add(buf, (hx_str){s.data + at, len});
        }
        at += len;
    }
    hx_buf_add_char(buf, '"');
}

void hx_json_begin(struct hx_json_writer *w, struct hx_buf *buf) {
    *w = (struct hx_json_writer){.buf = buf};
}

static void add_name(struct hx_json_writer *w, const char *name) {
    if (w->comma_next) hx_buf_add_char(w->buf, ',');
    w->comma_next = true;
    if (name == NULL) return;
    hx_json_add_string(w->buf, hx_str_from_c(name));
    hx_buf_add_char(w->buf, ':');
}

static void open_container(struct hx_json_writer *w, const char *name, char bracket) {
    add_name(w, name);
    hx_buf_add_char(w->buf, bracket);
    w->comma_next = false;
}

static void close_container(struct hx_json_writer *w, char bracket) {
    hx_buf_add_char(w->buf, bracket);
    w->comma_next = true;
}

void hx_json_open_object(struct hx_json_writer *w, const char *name) {
    open_container(w, name, '{');
}

void hx_json_close_object(struct hx_json_writer *w) {
    close_container(w, '}');
}

void hx_json_open_array(struct hx_json_writer *w, const char *name) {
    open_container(w, name, '[');
}

void hx_json_close_array(struct hx_json_writer *w) {
    close_container(w, ']');
}

void hx_json_write_str(struct hx_json_writer *w, const char *name, hx_str value) {
    add_name(w, name);
    hx_json_add_string(w->buf, value);
}

void hx_json_write_dec(struct hx_json_writer *w, const char *name, hx_dec value) {
    add_name(w, name);
    hx_buf_add_char(w->buf, '"');
    hx_dec_add_to(w->buf, value);
    hx_buf_add_char(w->buf, '"');
}

void hx_json_write_i64(struct hx_json_writer *w, const char *name, int64_t value) {
    add_name(w, name);
    hx_buf_add_i64(w->buf, value);
}

void hx_json_write_bool(struct hx_json_writer *w, const char *name, bool value) {
    add_name(w, name);
    hx_buf_add(w->buf, value ? HX_STR("true") : HX_STR("false"));
}

void hx_json_write_null(struct hx_json_writer *w, const char *name) {
    add_name(w, name);
    hx_buf_add(w->buf, HX_STR("null"));
}

void hx_json_write_raw(struct hx_json_writer *w, const char *name, hx_str json) {
    add_name(w, name);
    hx_buf_add(w->buf, json);
}

/* A container being written canonically. */
struct level {
    const struct hx_json *container;
    const uint32_t *order; /* Objects only. */
    uint32_t child;        /* Arrays: index distance to the next element. Objects: position in order. */
    bool comma_next;
};

struct canonical {
    struct hx_buf *buf;
    struct hx_arena *arena;
    uint32_t depth;
    struct level levels[HX_JSON_DEPTH_MAX];
};

static void add_scalar(struct hx_buf *buf, const struct hx_json *node) {
    switch (node->type) {
        case HX_JSON_NULL:
            hx_buf_add(buf, HX_STR("null"));
            break;
        case HX_JSON_BOOL:
            hx_buf_add(buf, node->boolean ? HX_STR("true") : HX_STR("false"));
            break;
        case HX_JSON_NUMBER:
            hx_buf_add(buf, node->text);
            break;
        case HX_JSON_STRING:
            hx_json_add_string(buf, node->text);
            break;
        case HX_JSON_ARRAY:
        case HX_JSON_OBJECT:
            hx_assert(node->type != HX_JSON_ARRAY && node->type != HX_JSON_OBJECT);
            break;
    }
}

/* Writes a scalar, or opens a container, whose children the loop of hx_json_add_canonical then writes. */
static hx_err begin_value(struct canonical *c, const struct hx_json *node) {
    void *order = NULL;
    if (node->type != HX_JSON_ARRAY && node->type != HX_JSON_OBJECT) {
        add_scalar(c->buf, node);
        return HX_OK;
    }
    hx_assert(c->depth < HX_JSON_DEPTH_MAX);
    if (node->type == HX_JSON_OBJECT) {
        HX_TRY(hx_arena_make(c->arena, node->count, sizeof(uint32_t), &order));
        hx_json_order_members(node, order);
    }
    c->levels[c->depth++] = (struct level){node, order, node->type == HX_JSON_OBJECT ? 0 : 1, false};
    hx_buf_add_char(c->buf, node->type == HX_JSON_OBJECT ? '{' : '[');
    return HX_OK;
}

static const struct hx_json *take_child(struct level *level) {
    const struct hx_json *container = level->container;
    if (container->type == HX_JSON_OBJECT) {
        return level->child < container->count ? container + level->order[level->child++] : NULL;
    }
    if (level->child >= container->next) return NULL;
    const struct hx_json *element = container + level->child;
    level->child += element->next;
    return element;
}

hx_err hx_json_add_canonical(struct hx_buf *buf, struct hx_arena *arena, const struct hx_json *root, const char *skip) {
    struct canonical c;
    c.buf = buf;
    c.arena = arena;
    c.depth = 0;
    size_t mark = hx_arena_mark(arena);
    hx_err err = begin_value(&c, root);
    while (hx_ok(err) && c.depth > 0) {
        struct level *level = &c.levels[c.depth - 1];
        const struct hx_json *child = take_child(level);
        bool is_object = level->container->type == HX_JSON_OBJECT;
        if (child == NULL) {
            hx_buf_add_char(buf, is_object ? '}' : ']');
            c.depth--;
            continue;
        }
        if (is_object && skip != NULL && c.depth == 1 && hx_str_equal(child->name, hx_str_from_c(skip))) continue;
        if (level->comma_next) hx_buf_add_char(buf, ',');
        level->comma_next = true;
        if (is_object) {
            hx_json_add_string(buf, child->name);
            hx_buf_add_char(buf, ':');
        }
        err = begin_value(&c, child);
    }
    hx_arena_rewind(arena, mark);
    if (hx_ok(err) && buf->overflowed) return HX_ERR(LIMIT_BUFFER);
    return err;
}
