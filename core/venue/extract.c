#include "core/venue/extract.h"

enum state {
    STATE_VALUE,
    STATE_VALUE_OR_END, /* After '['. */
    STATE_NAME,
    STATE_NAME_OR_END, /* After '{'. */
    STATE_COLON,
    STATE_AFTER, /* After a value: a separator, an end, or white space behind the root. */
    STATE_STRING,
    STATE_ESCAPE,
    STATE_LITERAL, /* A number, true, false or null. */
    STATE_BROKEN,
};

/* Depths, counted in open containers: the root's members, the array's elements, an element's members. */
#define DEPTH_ROOT 1u
#define DEPTH_ARRAY 2u
#define DEPTH_ELEMENT 3u

void hx_extract_init(struct hx_extract *extract, hx_str array, hx_str member, hx_str value, void *memory, size_t size) {
    *extract = (struct hx_extract){
        .array = array, .member = member, .value = value, .kept = memory, .kept_len_max = size, .state = STATE_VALUE};
}

static void keep(struct hx_extract *x, char c) {
    if (x->found) return;
    if (x->kept_len == x->kept_len_max) {
        x->kept_overflowed = true;
    } else {
        x->kept[x->kept_len++] = c;
    }
}

static void element_begin(struct hx_extract *x) {
    x->keeping = true;
    x->matches = false;
    if (!x->found) {
        x->kept_len = 0;
        x->kept_overflowed = false;
    }
    keep(x, '{');
}

static void element_end(struct hx_extract *x) {
    x->keeping = false;
    if (!x->matches) return;
    if (x->found || x->kept_overflowed) {
        x->state = STATE_BROKEN;
        return;
    }
    x->found = true;
}

static bool top_is_object(const struct hx_extract *x) {
    return x->depth > 0 && (x->objects >> (x->depth - 1) & 1u) != 0;
}

static void container_open(struct hx_extract *x, bool is_object) {
    if (x->depth == HX_EXTRACT_DEPTH_MAX) {
        x->state = STATE_BROKEN;
        return;
    }
    if (is_object && x->in_array && x->depth == DEPTH_ARRAY) element_begin(x);
    if (!is_object && x->depth == DEPTH_ROOT && x->name_wanted) x->in_array = x->array_seen = true;
    uint32_t bit = (uint32_t)1 << x->depth;
    x->objects = is_object ? x->objects | bit : x->objects & ~bit;
    x->depth++;
    x->state = is_object ? STATE_NAME_OR_END : STATE_VALUE_OR_END;
}

static void container_close(struct hx_extract *x, bool is_object) {
    if (x->depth == 0 || top_is_object(x) != is_object) {
        x->state = STATE_BROKEN;
        return;
    }
    x->state = STATE_AFTER;
    if (x->keeping && x->depth == DEPTH_ELEMENT) element_end(x);
    if (x->in_array && x->depth == DEPTH_ARRAY) x->in_array = false;
    x->depth--;
}

static void string_begin(struct hx_extract *x, bool is_name) {
    bool in_element = x->keeping && x->depth == DEPTH_ELEMENT;
    bool at_root = x->depth == DEPTH_ROOT && top_is_object(x);
    x->string_is_name = is_name;
    x->string_pos = 0;
    x->string_equal = is_name ? in_element || at_root : in_element && x->name_wanted;
    x->string_wanted = !is_name ? x->value : in_element ? x->member : x->array;
    x->state = STATE_STRING;
}

static void string_end(struct hx_extract *x) {
    bool equal = x->string_equal && x->string_pos == x->string_wanted.len;
    if (x->string_is_name) {
        x->name_wanted = equal;
        x->state = STATE_COLON;
        return;
    }
    if (equal) x->matches = true;
    x->state = STATE_AFTER;
}

static void string_add(struct hx_extract *x, char c) {
    if (c == '"') {
        string_end(x);
    } else if (c == '\\') {
        x->string_equal = false;
        x->state = STATE_ESCAPE;
    } else if ((unsigned char)c < 0x20) {
        x->state = STATE_BROKEN;
    } else if (x->string_equal) {
        x->string_equal = x->string_pos < x->string_wanted.len && x->string_wanted.data[x->string_pos] == c;
        x->string_pos++;
    }
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_literal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

static void value_begin(struct hx_extract *x, char c) {
    if (c == '{' || c == '[') {
        container_open(x, c == '{');
    } else if (c == ']' && x->state == STATE_VALUE_OR_END) {
        container_close(x, false);
    } else if (c == '"') {
        string_begin(x, false);
    } else {
        x->state = is_literal(c) ? STATE_LITERAL : STATE_BROKEN;
    }
}

static void name_begin(struct hx_extract *x, char c) {
    if (c == '"') {
        string_begin(x, true);
    } else if (c == '}' && x->state == STATE_NAME_OR_END) {
        container_close(x, true);
    } else {
        x->state = STATE_BROKEN;
    }
}

static void value_after(struct hx_extract *x, char c) {
    if (c == ',' && x->depth > 0) {
        x->state = top_is_object(x) ? STATE_NAME : STATE_VALUE;
    } else if (c == '}' || c == ']') {
        container_close(x, c == '}');
    } else {
        x->state = STATE_BROKEN;
    }
}

static void step(struct hx_extract *x, char c) {
    if (x->keeping) keep(x, c);
    if (x->state == STATE_LITERAL) {
        if (is_literal(c)) return;
        x->state = STATE_AFTER;
    }
    switch ((enum state)x->state) {
        case STATE_STRING:
            string_add(x, c);
            return;
        case STATE_ESCAPE:
            x->state = STATE_STRING;
            return;
        case STATE_BROKEN:
        case STATE_LITERAL:
            return;
        default:
            break;
    }
    if (is_space(c)) return;
    switch ((enum state)x->state) {
        case STATE_VALUE:
        case STATE_VALUE_OR_END:
            value_begin(x, c);
            return;
        case STATE_NAME:
        case STATE_NAME_OR_END:
            name_begin(x, c);
            return;
        case STATE_COLON:
            x->state = c == ':' ? STATE_VALUE : STATE_BROKEN;
            return;
        default:
            value_after(x, c);
            return;
    }
}

void hx_extract_feed(struct hx_extract *extract, const char *bytes, size_t len) {
    for (size_t i = 0; i < len && extract->state != STATE_BROKEN; i++) step(extract, bytes[i]);
}

void hx_extract_sink(void *extract, const char *bytes, size_t len) {
    hx_extract_feed(extract, bytes, len);
}

enum hx_extract_result hx_extract_finish(const struct hx_extract *extract, hx_str *element) {
    bool complete = extract->state == STATE_AFTER && extract->depth == 0;
    *element = HX_STR_EMPTY;
    if (!complete) return HX_EXTRACT_BROKEN;
    if (extract->found) {
        *element = hx_str_make(extract->kept, extract->kept_len);
        return HX_EXTRACT_FOUND;
    }
    return extract->array_seen ? HX_EXTRACT_ABSENT : HX_EXTRACT_BROKEN;
}
