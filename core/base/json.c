#include "core/base/json.h"

#include "core/base/json_order.h"

/* Up to here a new name is compared with the earlier ones; larger objects are checked when they close, by sorting. */
#define MEMBERS_COMPARED_MAX 32

#define EACH_BYTE(byte) ((uint64_t)(byte)*0x0101010101010101u)
#define HIGH_BITS EACH_BYTE(0x80)

struct frame {
    uint32_t node;
    uint8_t closing; /* '}' or ']'. */
    uint64_t names;  /* One bit per name seen, by a weak hash: a clear bit proves that a name is new. */
};

/* Nodes grow up from the arena's free start, decoded text grows down from its end; once all is read, the text moves
 * down behind the nodes. So neither needs its size known beforehand and the arena gives up no more than is used. */
struct parser {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    struct hx_json *nodes;
    uint32_t count;
    uint8_t *text;
    uint8_t *text_end;
    hx_str name; /* Of the member whose value comes next. */
    uint32_t depth;
    struct frame frames[HX_JSON_DEPTH_MAX];
    const uint8_t *failed_at;
    const char *problem;
};

static hx_err fail(struct parser *p, const uint8_t *at, const char *problem, hx_err err) {
    p->failed_at = at;
    p->problem = problem;
    return err;
}

static hx_err fail_syntax(struct parser *p, const char *problem) {
    return fail(p, p->at, problem, HX_ERR(REJECT_SYNTAX));
}

static hx_err fail_arena(struct parser *p) {
    return fail(p, p->at, "too large for the memory given", HX_ERR(LIMIT_ARENA));
}

static void skip_space(struct parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t')) p->at++;
}

static bool is_at(const struct parser *p, uint8_t byte) {
    return p->at < p->end && *p->at == byte;
}

static bool is_digit_at(const struct parser *p) {
    return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

/* The high bit of the first byte that is a quote, a backslash, a control or not ASCII; bits above it are noise. */
static uint64_t mark_special(uint64_t word) {
    uint64_t quote = word ^ EACH_BYTE('"');
    uint64_t backslash = word ^ EACH_BYTE('\\');
    uint64_t found = (quote - EACH_BYTE(1)) & ~quote;
    found |= (backslash - EACH_BYTE(1)) & ~backslash;
    found |= (word - EACH_BYTE(0x20)) & ~word;
    return (found | word) & HIGH_BITS;
}

/* Skips the bytes that stand for themselves in a string, eight at a time. */
static const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end) {
    for (; end - at >= 8; at += 8) {
        uint64_t word = 0;
        for (unsigned i = 0; i < 8; i++) word |= (uint64_t)at[i] << (8 * i);
        uint64_t special = mark_special(word);
        if (special != 0) return at + __builtin_ctzll(special) / 8;
    }
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') at++;
    return at;
}

static bool read_hex4(const uint8_t *at, const uint8_t *end, uint32_t *out) {
    uint32_t value = 0;
    if (end - at < 4) return false;
    for (size_t i = 0; i < 4; i++) {
        uint8_t lower = at[i] | 0x20;
        if (at[i] >= '0' && at[i] <= '9') {
            value = value << 4 | (uint32_t)(at[i] - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value << 4 | (uint32_t)(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    *out = value;
    return true;
}

/* Reads the escape at `at` (a backslash); its length, or 0 and *problem. */
static size_t read_escape(const uint8_t *at, const uint8_t *end, uint32_t *code, const char **problem) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    uint32_t low = 0;
    *problem = "unknown escape in a string";
    if (end - at < 2) return 0;
    for (size_t i = 0; i < sizeof letters - 1; i++) {
        if (at[1] != (uint8_t)letters[i]) continue;
        *code = (uint8_t)meanings[i];
        return 2;
    }
    if (at[1] != 'u') return 0;
    *problem = "\\u without four hexadecimal digits";
    if (!read_hex4(at + 2, end, code)) return 0;
    if (*code < 0xd800 || *code > 0xdfff) return 6;
    *problem = "lone surrogate";
    if (*code > 0xdbff || end - at < 12 || at[6] != '\\' || at[7] != 'u') return 0;
    if (!read_hex4(at + 8, end, &low) || low < 0xdc00 || low > 0xdfff) return 0;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

static size_t utf8_width(uint32_t code) {
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

static uint8_t *put_utf8(uint8_t *to, uint32_t code) {
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t width = utf8_width(code);
    for (size_t i = width - 1; i > 0; i--) {
        to[i] = (uint8_t)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    to[0] = (uint8_t)(lead[width] | code);
    return to + width;
}

/* Decodes what read_string has checked: from `at` to its quote. */
static void decode_string(uint8_t *to, const uint8_t *at, const uint8_t *quote) {
    while (at < quote) {
        uint32_t code = 0;
        const char *problem = NULL;
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        at += read_escape(at, quote, &code, &problem);
        to = put_utf8(to, code);
    }
}

/* Reads the string whose quote is at p->at. */
static hx_err read_string(struct parser *p, hx_str *out) {
    const uint8_t *first = ++p->at;
    size_t saved = 0; /* Bytes by which the decoded text is shorter. */
    for (;;) {
        p->at = skip_plain(p->at, p->end);
        if (p->at == p->end) return fail_syntax(p, "unterminated string");
        if (*p->at == '"') break;
        if (*p->at == '\\') {
            uint32_t code = 0;
            const char *problem = NULL;
            size_t len = read_escape(p->at, p->end, &code, &problem);
            if (len == 0) return fail_syntax(p, problem);
            saved += len - utf8_width(code);
            p->at += len;
        } else {
            size_t len = hx_str_utf8_len((hx_str){(const char *)p->at, (size_t)(p->end - p->at)});
            if (len == 0) return fail_syntax(p, "bad UTF-8 in a string");
            if (len == 1) return fail_syntax(p, "control character in a string");
            p->at += len;
        }
    }
    const uint8_t *quote = p->at++;
    size_t len = (size_t)(quote - first) - saved;
    *out = (hx_str){(const char *)first, len};
    if (saved == 0) return HX_OK;
    if (len > (size_t)(p->text - (uint8_t *)(p->nodes + p->count))) return fail_arena(p);
    p->text -= len;
    decode_string(p->text, first, quote);
    out->data = (const char *)p->text;
    return HX_OK;
}

/* Skips digits, of which there must be one. */
static hx_err skip_digits(struct parser *p) {
    if (!is_digit_at(p)) return fail_syntax(p, "digit missing in a number");
    do p->at++;
    while (is_digit_at(p));
    return HX_OK;
}

static hx_err read_number(struct parser *p, hx_str *out) {
    const uint8_t *first = p->at;
    if (is_at(p, '-')) p->at++;
    if (is_at(p, '0')) {
        p->at++;
        if (is_digit_at(p)) return fail_syntax(p, "number with a leading zero");
    } else {
        HX_TRY(skip_digits(p));
    }
    if (is_at(p, '.')) {
        p->at++;
        HX_TRY(skip_digits(p));
    }
    if (is_at(p, 'e') || is_at(p, 'E')) {
        p->at++;
        if (is_at(p, '+') || is_at(p, '-')) p->at++;
        HX_TRY(skip_digits(p));
    }
    *out = (hx_str){(const char *)first, (size_t)(p->at - first)};
    return HX_OK;
}

static hx_err read_literal(struct parser *p, hx_str literal) {
    size_t left = (size_t)(p->end - p->at);
    if (left < literal.len || !hx_mem_equal(p->at, literal.data, literal.len)) {
        return fail_syntax(p, "not a JSON value");
    }
    p->at += literal.len;
    return HX_OK;
}

/* Adds a node for the value at p->at, as a child of the innermost open container. */
static hx_err push_node(struct parser *p, enum hx_json_type type, struct hx_json **out) {
    struct hx_json *node = p->nodes + p->count;
    if (p->count == HX_JSON_NODES_MAX) return fail(p, p->at, "too many values", HX_ERR(LIMIT_COUNT));
    if ((size_t)(p->text - (uint8_t *)node) < sizeof *node) return fail_arena(p);
    *node = (struct hx_json){.type = type, .next = 1, .name = p->name};
    if (p->depth > 0) p->nodes[p->frames[p->depth - 1].node].count++;
    p->count++;
    *out = node;
    return HX_OK;
}

static hx_err open_container(struct parser *p, enum hx_json_type type, uint8_t closing) {
    struct hx_json *node = NULL;
    if (p->depth == HX_JSON_DEPTH_MAX) return fail(p, p->at, "nested too deeply", HX_ERR(LIMIT_DEPTH));
    HX_TRY(push_node(p, type, &node));
    p->frames[p->depth++] = (struct frame){.node = p->count - 1, .closing = closing};
    p->name = HX_STR_EMPTY;
    p->at++;
    return HX_OK;
}

static hx_err read_value(struct parser *p, bool *opened) {
    struct hx_json *node = NULL;
    *opened = false;
    if (p->at == p->end) return fail_syntax(p, "value missing");
    switch (*p->at) {
        case '"':
            HX_TRY(push_node(p, HX_JSON_STRING, &node));
            return read_string(p, &node->text);
        case '{':
            *opened = true;
            return open_container(p, HX_JSON_OBJECT, '}');
        case '[':
            *opened = true;
            return open_container(p, HX_JSON_ARRAY, ']');
        case 't':
            HX_TRY(push_node(p, HX_JSON_BOOL, &node));
            node->boolean = true;
            return read_literal(p, HX_STR("true"));
        case 'f':
            HX_TRY(push_node(p, HX_JSON_BOOL, &node));
            return read_literal(p, HX_STR("false"));
        case 'n':
            HX_TRY(push_node(p, HX_JSON_NULL, &node));
            return read_literal(p, HX_STR("null"));
        default:
            break;
    }
    if (*p->at != '-' && !is_digit_at(p)) return fail_syntax(p, "not a JSON value");
    HX_TRY(push_node(p, HX_JSON_NUMBER, &node));
    return read_number(p, &node->text);
}

static uint64_t name_bit(hx_str name) {
    if (name.len == 0) return 1;
    size_t mixed = name.len * 5 + (uint8_t)name.data[0] + (size_t)(uint8_t)name.data[name.len - 1] * 11;
    return (uint64_t)1 << (mixed & 63);
}

static const char duplicate_name[] = "duplicate member name";

static hx_err check_new_name(struct parser *p, struct frame *frame, const uint8_t *name_at) {
    const struct hx_json *object = p->nodes + frame->node;
    if (object->count >= MEMBERS_COMPARED_MAX) return HX_OK;
    uint64_t bit = name_bit(p->name);
    if ((frame->names & bit) != 0) {
        const struct hx_json *member = object + 1;
        for (uint32_t i = 0; i < object->count; i++, member += member->next) {
            if (hx_str_equal(member->name, p->name)) return fail(p, name_at, duplicate_name, HX_ERR(REJECT_SYNTAX));
        }
    }
    frame->names |= bit;
    return HX_OK;
}

/* Checks a large object that has just been closed, with an index array between the nodes and the text. */
static hx_err check_all_names(struct parser *p, const struct hx_json *object) {
    uint8_t *free_start = (uint8_t *)(p->nodes + p->count);
    if ((size_t)(p->text - free_start) < object->count * sizeof(uint32_t)) return fail_arena(p);
    uint32_t *order = (uint32_t *)(void *)free_start;
    hx_json_order_members(object, order);
    for (uint32_t i = 1; i < object->count; i++) {
        if (hx_str_equal(object[order[i - 1]].name, object[order[i]].name)) return fail_syntax(p, duplicate_name);
    }
    return HX_OK;
}

/* Reads `"name" :` and leaves p->at at the value. */
static hx_err read_name(struct parser *p) {
    const uint8_t *name_at = p->at;
    if (!is_at(p, '"')) return fail_syntax(p, "member name missing");
    HX_TRY(read_string(p, &p->name));
    HX_TRY(check_new_name(p, &p->frames[p->depth - 1], name_at));
    skip_space(p);
    if (!is_at(p, ':')) return fail_syntax(p, "':' missing after a member name");
    p->at++;
    skip_space(p);
    return HX_OK;
}

static hx_err close_container(struct parser *p) {
    struct frame *frame = &p->frames[--p->depth];
    struct hx_json *node = p->nodes + frame->node;
    node->next = p->count - frame->node;
    p->at++;
    if (node->type == HX_JSON_OBJECT && node->count > MEMBERS_COMPARED_MAX) return check_all_names(p, node);
    return HX_OK;
}

/* A comma or closing brackets follow a value; *more when another value does too. */
static hx_err read_after_value(struct parser *p, bool *more) {
    *more = false;
    while (p->depth > 0) {
        const struct frame *frame = &p->frames[p->depth - 1];
        skip_space(p);
        if (is_at(p, ',')) {
            p->at++;
            skip_space(p);
            *more = true;
            if (frame->closing == '}') return read_name(p);
            p->name = HX_STR_EMPTY;
            return HX_OK;
        }
        if (!is_at(p, frame->closing)) return fail_syntax(p, "',' or closing bracket missing");
        HX_TRY(close_container(p));
    }
    return HX_OK;
}

static hx_err read_document(struct parser *p) {
    bool more = true;
    skip_space(p);
    while (more) {
        bool opened = false;
        HX_TRY(read_value(p, &opened));
        if (opened) {
            const struct frame *frame = &p->frames[p->depth - 1];
            skip_space(p);
            if (!is_at(p, frame->closing)) {
                if (frame->closing == '}') HX_TRY(read_name(p));
                continue;
            }
            HX_TRY(close_container(p));
        }
        HX_TRY(read_after_value(p, &more));
    }
    skip_space(p);
    if (p->at != p->end) return fail_syntax(p, "text after the document");
    return HX_OK;
}

static void move_view(hx_str *view, const struct parser *p, size_t distance) {
    uintptr_t at = (uintptr_t)view->data;
    if (at >= (uintptr_t)p->text && at < (uintptr_t)p->text_end) view->data -= distance;
}

/* Moves the decoded text down to the end of the nodes. */
static void compact(struct parser *p) {
    uint8_t *nodes_end = (uint8_t *)(p->nodes + p->count);
    size_t len = (size_t)(p->text_end - p->text);
    size_t distance = (size_t)(p->text - nodes_end);
    if (len == 0 || distance == 0) return;
    hx_mem_move(nodes_end, p->text, len);
    for (uint32_t i = 0; i < p->count; i++) {
        move_view(&p->nodes[i].name, p, distance);
        move_view(&p->nodes[i].text, p, distance);
    }
}

hx_err hx_json_parse(struct hx_arena *arena, hx_str input, const struct hx_json **root, struct hx_json_error *error) {
    const uint8_t *bytes = (const uint8_t *)input.data;
    uint8_t *memory = arena->base + arena->used;
    struct parser p;
    p.start = bytes;
    p.at = bytes;
    p.end = input.len == 0 ? bytes : bytes + input.len;
    p.nodes = (struct hx_json *)(void *)memory;
    p.count = 0;
    p.text_end = arena->base + arena->size;
    p.text = p.text_end;
    p.name = HX_STR_EMPTY;
    p.depth = 0;
    hx_err err = read_document(&p);
    if (hx_failed(err)) {
        if (hx_err_equal(err, HX_ERR(LIMIT_ARENA))) arena->refused = true;
        if (error != NULL) *error = (struct hx_json_error){(size_t)(p.failed_at - p.start), p.problem};
        return err;
    }
    compact(&p);
    size_t used = p.count * sizeof *p.nodes + (size_t)(p.text_end - p.text);
    void *taken = hx_arena_take(arena, used);
    hx_assert(taken == (void *)memory);
    *root = p.nodes;
    return HX_OK;
}
