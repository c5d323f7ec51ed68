/* Cases: building them, and their text form. */
#include "sim/case.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/admit/keys.h"

#define CASE_ARENA_SIZE ((size_t)1024 * 1024)
#define START_MS ((hx_time)1767225600000) /* 2026-01-01 */

static _Noreturn void give_up(const char *what) {
    fprintf(stderr, "sim: a case has too many or too large: %s\n", what);
    exit(2);
}

struct hx_case *hx_case_make(void) {
    struct hx_case *c = calloc(1, sizeof(*c));
    void *memory = malloc(CASE_ARENA_SIZE);
    if (c == NULL || memory == NULL) give_up("bytes");
    hx_arena_init(&c->arena, memory, CASE_ARENA_SIZE);
    hx_case_clear(c);
    return c;
}

void hx_case_release(struct hx_case *c) {
    if (c == NULL) return;
    free(c->arena.base);
    free(c);
}

const char *hx_case_text(struct hx_case *c, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    char *text = hx_arena_take(&c->arena, (size_t)len + 1);
    if (text == NULL) give_up("strings");
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(arguments);
    va_end(again);
    return text;
}

static void pair_put(struct hx_case *c, struct hx_sim_pair *pairs, uint32_t *count, const char *name,
                     const char *value) {
    uint32_t i = 0;
    while (i < *count && strcmp(pairs[i].name, name) != 0) i++;
    if (i == HX_CASE_PAIRS_MAX) give_up("settings");
    if (i == *count) ++*count;
    pairs[i] = (struct hx_sim_pair){hx_case_text(c, "%s", name), hx_case_text(c, "%s", value)};
}

void hx_case_setting(struct hx_case *c, const char *name, const char *value) {
    pair_put(c, c->settings, &c->setting_count, name, value);
}

void hx_case_kv(struct hx_case *c, const char *key, const char *value) {
    pair_put(c, c->kv, &c->kv_count, key, value);
}

void hx_case_clear(struct hx_case *c) {
    struct hx_arena arena = c->arena;
    hx_arena_reset(&arena);
    memset(c, 0, sizeof(*c));
    c->arena = arena;
    c->start_ms = START_MS;
    c->store_ms_max = 1;
    c->network_ms_max = 5;
    c->safety_ms = 10 * HX_MS_PER_MINUTE;
    char digest[2 * HX_SHA256_LEN + 1] = {0};
    struct hx_buf buf;
    hx_buf_init(&buf, digest, sizeof(digest) - 1);
    hx_key_add_digest(&buf, HX_STR(HX_CASE_WEBHOOK_KEY));
    hx_case_kv(c, HX_KEYS_PREFIX "sim", hx_case_text(c, "{\"digest\":\"%s\",\"created\":0,\"expires\":0}", digest));
    hx_case_set_venue(c, &hx_sim_venues[0]);
}

static void setting_drop(struct hx_case *c, const char *name) {
    for (uint32_t i = 0; i < c->setting_count; i++) {
        if (strcmp(c->settings[i].name, name) != 0) continue;
        memmove(&c->settings[i], &c->settings[i + 1], (c->setting_count - i - 1) * sizeof(c->settings[0]));
        c->setting_count--;
        return;
    }
}

void hx_case_set_venue(struct hx_case *c, const struct hx_sim_venue *venue) {
    if (c->venue != NULL) {
        setting_drop(c, c->venue->adapter->live.origin_setting.data);
        setting_drop(c, c->venue->adapter->live.key_setting.data);
    }
    c->venue = venue;
    hx_case_setting(c, venue->adapter->live.origin_setting.data, "http://venue.sim");
    hx_case_setting(c, venue->adapter->live.key_setting.data, HX_LAB_API_KEY);
    hx_case_kv(c, "exchanges:default_routing", hx_lab_venue_text(venue->venue).data);
}

static const char *market_field(const struct hx_case *c) {
    return c->venue->product == HX_LAB_SPOT ? ",\"market\":\"spot\"" : "";
}

struct hx_case_action *hx_case_add(struct hx_case *c, enum hx_case_action_kind kind, int64_t at_ms) {
    if (c->action_count == HX_CASE_ACTIONS_MAX) give_up("actions");
    struct hx_case_action *action = &c->actions[c->action_count++];
    *action = (struct hx_case_action){.kind = kind, .at_ms = at_ms, .count = 1, .fault = HX_SIM_FAULT_COUNT};
    return action;
}

struct hx_case_action *hx_case_signal(struct hx_case *c, int64_t at_ms, uint32_t sends, const char *fields) {
    struct hx_case_action *action = hx_case_add(c, HX_CASE_SIGNAL, at_ms);
    action->count = sends;
    action->body =
        hx_str_from_c(hx_case_text(c, "{\"apiKey\":\"" HX_CASE_WEBHOOK_KEY "\",%s%s}", fields, market_field(c)));
    return action;
}

void hx_case_trade(struct hx_case *c, int64_t at_ms, const char *fields) {
    hx_case_operator(c, at_ms, HX_HTTP_METHOD_POST, "/v1/trade", hx_case_text(c, "{%s%s}", fields, market_field(c)));
}

void hx_case_operator(struct hx_case *c, int64_t at_ms, enum hx_http_method method, const char *path,
                      const char *body) {
    struct hx_case_action *action = hx_case_add(c, HX_CASE_OPERATOR, at_ms);
    action->method = method;
    action->path = hx_str_from_c(hx_case_text(c, "%s", path));
    action->body = hx_str_from_c(hx_case_text(c, "%s", body));
}

void hx_case_fault(struct hx_case *c, uint32_t point, enum hx_sim_fault_kind kind, int64_t argument) {
    if (c->fault_count == HX_CASE_FAULTS_MAX) give_up("faults");
    c->faults[c->fault_count++] = (struct hx_sim_fault){point, kind, argument};
}

/* Text. */

static const char *method_text(enum hx_http_method method) {
    switch (method) {
        case HX_HTTP_METHOD_PUT:
            return "PUT";
        case HX_HTTP_METHOD_DELETE:
            return "DELETE";
        case HX_HTTP_METHOD_GET:
            return "GET";
        default:
            return "POST";
    }
}

static void price_write(FILE *file, hx_dec price) {
    char text[HX_DEC_TEXT_MAX + 1] = {0};
    struct hx_buf buf;
    hx_buf_init(&buf, text, HX_DEC_TEXT_MAX);
    hx_dec_add_to(&buf, price);
    fprintf(file, "%s", text);
}

static void action_write(const struct hx_case_action *a, FILE *file) {
    fprintf(file, "at %" PRId64 " ", a->at_ms);
    switch (a->kind) {
        case HX_CASE_SIGNAL:
            fprintf(file, "signal %u %.*s %.*s\n", a->count, a->header.len > 0 ? (int)a->header.len : 1,
                    a->header.len > 0 ? a->header.data : "-", (int)a->body.len, a->body.data);
            break;
        case HX_CASE_OPERATOR:
            fprintf(file, "operator %s %.*s %.*s\n", method_text(a->method), (int)a->path.len, a->path.data,
                    (int)a->body.len, a->body.data);
            break;
        case HX_CASE_RETRY:
            fprintf(file, "retry %u\n", a->count);
            break;
        case HX_CASE_DROP:
            fprintf(file, "drop %u\n", a->count);
            break;
        case HX_CASE_ABSENT:
            fprintf(file, "absent %u\n", a->count);
            break;
        case HX_CASE_CRASH:
            fprintf(file, "crash %" PRId64 "\n", a->number);
            break;
        case HX_CASE_CLOCK:
            fprintf(file, "clock %" PRId64 "\n", a->number);
            break;
        case HX_CASE_TROUBLE:
            fprintf(file, "trouble %s %u %" PRId64 " %.*s\n", hx_sim_fault_text(a->fault), a->count, a->number,
                    (int)a->path.len, a->path.data);
            break;
        case HX_CASE_PRICE:
            fprintf(file, "price %.*s ", (int)a->body.len, a->body.data);
            price_write(file, a->price);
            fputc('\n', file);
            break;
    }
}

void hx_case_write(const struct hx_case *c, FILE *file) {
    if (c->edge) fprintf(file, "world edge\n");
    if (c->venue != &hx_sim_venues[0]) fprintf(file, "venue %s\n", c->venue->name);
    fprintf(file, "seed %" PRIu64 "\nstart %" PRId64 "\nstore_ms %" PRId64 "\nnetwork_ms %" PRId64 "\n", c->seed,
            c->start_ms, c->store_ms_max, c->network_ms_max);
    fprintf(file, "safety_ms %" PRId64 "\nvenue_fills %u\nvenue_lag_ms %" PRId64 "\nvenue_fee_bnb %u\nstreams %u\n",
            c->safety_ms, c->venue_fills_max, c->venue_lag_ms, c->venue_fee_bnb, c->streams);
    for (uint32_t i = 0; i < c->setting_count; i++)
        fprintf(file, "setting %s %s\n", c->settings[i].name, c->settings[i].value);
    for (uint32_t i = 0; i < c->kv_count; i++) fprintf(file, "kv %s %s\n", c->kv[i].name, c->kv[i].value);
    for (uint32_t i = 0; i < c->action_count; i++) action_write(&c->actions[i], file);
    for (uint32_t i = 0; i < c->fault_count; i++)
        fprintf(file, "fault %u %s %" PRId64 "\n", c->faults[i].point, hx_sim_fault_text(c->faults[i].kind),
                c->faults[i].argument);
    for (uint32_t i = 0; i < HX_SIM_FAULT_COUNT; i++) {
        if (c->fault_chance[i] > 0)
            fprintf(file, "chance %s %u\n", hx_sim_fault_text((enum hx_sim_fault_kind)i), c->fault_chance[i]);
    }
}

/* Cuts the next word off; the rest of the line is the last field, blanks included. */
static hx_str word_take(hx_str *line) {
    *line = hx_str_trim(*line);
    hx_str word = HX_STR_EMPTY;
    if (!hx_str_split(line, ' ', &word)) return HX_STR_EMPTY;
    return word;
}

static bool number_take(hx_str *line, int64_t *out) {
    return hx_ok(hx_str_parse_i64(word_take(line), out));
}

static bool count_take(hx_str *line, uint32_t *out) {
    int64_t number = 0;
    if (!number_take(line, &number) || number < 0 || number > UINT32_MAX) return false;
    *out = (uint32_t)number;
    return true;
}

static hx_str keep(struct hx_case *c, hx_str text) {
    return hx_str_make(hx_case_text(c, "%.*s", (int)text.len, text.data == NULL ? "" : text.data), text.len);
}

static bool signal_read(struct hx_case *c, struct hx_case_action *action, hx_str line) {
    if (!count_take(&line, &action->count) || action->count == 0) return false;
    hx_str header = word_take(&line);
    if (!hx_str_equal(header, HX_STR("-"))) action->header = keep(c, header);
    action->body = keep(c, hx_str_trim(line));
    return true;
}

static bool action_read(struct hx_case *c, hx_str line) {
    int64_t at_ms = 0;
    if (!number_take(&line, &at_ms)) return false;
    hx_str what = word_take(&line);
    struct hx_case_action *action = hx_case_add(c, HX_CASE_SIGNAL, at_ms);
    if (hx_str_equal(what, HX_STR("signal"))) return signal_read(c, action, line);
    if (hx_str_equal(what, HX_STR("operator"))) {
        action->kind = HX_CASE_OPERATOR;
        action->method = hx_http_find_method(word_take(&line));
        action->path = keep(c, word_take(&line));
        action->body = keep(c, hx_str_trim(line));
        return action->method != HX_HTTP_METHOD_OTHER;
    }
    if (hx_str_equal(what, HX_STR("price"))) {
        action->kind = HX_CASE_PRICE;
        action->body = keep(c, word_take(&line));
        return hx_ok(hx_dec_parse(hx_str_trim(line), &action->price));
    }
    if (hx_str_equal(what, HX_STR("trouble"))) {
        action->kind = HX_CASE_TROUBLE;
        if (!hx_sim_fault_parse(word_take(&line), &action->fault) || !count_take(&line, &action->count) ||
            !number_take(&line, &action->number))
            return false;
        action->path = keep(c, hx_str_trim(line));
        return true;
    }
    if (hx_str_equal(what, HX_STR("retry")) || hx_str_equal(what, HX_STR("drop"))) {
        action->kind = hx_str_equal(what, HX_STR("retry")) ? HX_CASE_RETRY : HX_CASE_DROP;
        return count_take(&line, &action->count);
    }
    if (hx_str_equal(what, HX_STR("absent"))) {
        action->kind = HX_CASE_ABSENT;
        return count_take(&line, &action->count);
    }
    action->kind = hx_str_equal(what, HX_STR("crash")) ? HX_CASE_CRASH : HX_CASE_CLOCK;
    if (action->kind == HX_CASE_CLOCK && !hx_str_equal(what, HX_STR("clock"))) return false;
    return number_take(&line, &action->number);
}

static bool fault_read(struct hx_case *c, hx_str line) {
    uint32_t point = 0;
    int64_t argument = 0;
    enum hx_sim_fault_kind kind = HX_SIM_FAULT_COUNT;
    if (!count_take(&line, &point) || !hx_sim_fault_parse(word_take(&line), &kind) || !number_take(&line, &argument))
        return false;
    if (c->fault_count > 0 && c->faults[c->fault_count - 1].point >= point) return false;
    hx_case_fault(c, point, kind, argument);
    return true;
}

static bool line_read(struct hx_case *c, hx_str line) {
    hx_str what = word_take(&line);
    int64_t number = 0;
    if (hx_str_equal(what, HX_STR("at"))) return action_read(c, line);
    if (hx_str_equal(what, HX_STR("fault"))) return fault_read(c, line);
    if (hx_str_equal(what, HX_STR("setting")) || hx_str_equal(what, HX_STR("kv"))) {
        hx_str name = keep(c, word_take(&line)), value = keep(c, hx_str_trim(line));
        if (hx_str_equal(what, HX_STR("kv"))) hx_case_kv(c, name.data, value.data);
        else hx_case_setting(c, name.data, value.data);
        return true;
    }
    if (hx_str_equal(what, HX_STR("chance"))) {
        enum hx_sim_fault_kind kind = HX_SIM_FAULT_COUNT;
        if (!hx_sim_fault_parse(word_take(&line), &kind) || !number_take(&line, &number)) return false;
        if (number < 0 || number > UINT16_MAX) return false;
        c->fault_chance[kind] = (uint16_t)number;
        return true;
    }
    if (hx_str_equal(what, HX_STR("world"))) {
        hx_str world = word_take(&line);
        c->edge = hx_str_equal(world, HX_STR("edge"));
        return c->edge || hx_str_equal(world, HX_STR("native"));
    }
    if (hx_str_equal(what, HX_STR("venue"))) {
        const struct hx_sim_venue *venue = hx_sim_find_venue(word_take(&line));
        if (venue != NULL) hx_case_set_venue(c, venue);
        return venue != NULL;
    }
    if (hx_str_equal(what, HX_STR("seed"))) return hx_ok(hx_str_parse_u64(word_take(&line), &c->seed));
    if (hx_str_equal(what, HX_STR("start"))) return number_take(&line, &c->start_ms);
    if (hx_str_equal(what, HX_STR("store_ms"))) return number_take(&line, &c->store_ms_max);
    if (hx_str_equal(what, HX_STR("network_ms"))) return number_take(&line, &c->network_ms_max);
    if (hx_str_equal(what, HX_STR("safety_ms"))) return number_take(&line, &c->safety_ms);
    if (hx_str_equal(what, HX_STR("venue_fills"))) return count_take(&line, &c->venue_fills_max);
    if (hx_str_equal(what, HX_STR("venue_lag_ms"))) return number_take(&line, &c->venue_lag_ms);
    if (hx_str_equal(what, HX_STR("venue_fee_bnb"))) return count_take(&line, &c->venue_fee_bnb);
    if (hx_str_equal(what, HX_STR("streams"))) return count_take(&line, &c->streams);
    return false;
}

bool hx_case_read(struct hx_case *c, FILE *file, char *problem, size_t problem_size) {
    static char text[256 * 1024];
    hx_case_clear(c);
    for (int number = 1; fgets(text, sizeof(text), file) != NULL; number++) {
        hx_str line = hx_str_trim(hx_str_from_c(text));
        if (line.len == 0 || line.data[0] == '#') continue;
        if (line_read(c, line)) continue;
        snprintf(problem, problem_size, "line %d can't be understood", number);
        return false;
    }
    return true;
}
