#include "core/venue/answer.h"

#define RETRY_AFTER_LIMITED_MS (60 * HX_MS_PER_SECOND)
#define RETRY_AFTER_BANNED_MS (2 * HX_MS_PER_MINUTE)
#define RETRY_AFTER_SECONDS_MAX ((uint64_t)3 * 86400)

const struct hx_venue_code *hx_venue_code_find(const struct hx_venue_code *table, size_t count, int64_t code) {
    size_t low = 0;
    size_t high = count;
    bool rising = count > 1 && table[0].code < table[1].code;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle].code == code) return &table[middle];
        if ((table[middle].code < code) == rising) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

struct hx_venue_verdict hx_answer_done(void) {
    return (struct hx_venue_verdict){.outcome = HX_OUTCOME_DONE};
}

struct hx_venue_verdict hx_answer_verdict(const struct hx_venue_context *ctx, enum hx_outcome outcome,
                                          struct hx_venue_failure failure, hx_str advice) {
    return (struct hx_venue_verdict){.outcome = outcome,
                                     .venue_code = failure.code,
                                     .message = hx_venue_message_make(ctx->arena, failure.words, failure.code, advice)};
}

struct hx_venue_verdict hx_answer_unreadable(const struct hx_venue_context *ctx) {
    return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, (struct hx_venue_failure){0},
                             HX_STR("The venue's answer could not be understood or is about something else."));
}

struct hx_venue_verdict hx_answer_refuse(const struct hx_venue_context *ctx, hx_str advice) {
    return hx_answer_verdict(ctx, HX_OUTCOME_REJECTED, (struct hx_venue_failure){0}, advice);
}

struct hx_venue_verdict hx_answer_read_code(const struct hx_venue_context *ctx, const struct hx_venue_code *code,
                                            struct hx_venue_failure failure, enum hx_venue_purpose purpose) {
    if (code == NULL) {
        return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure, HX_STR("The venue does not document this answer."));
    }
    struct hx_venue_verdict verdict = hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure, hx_str_from_c(code->advice));
    bool setting = purpose == HX_VENUE_FOR_SETTING;
    switch (code->class_) {
        case HX_CODE_REJECTED:
        case HX_CODE_HALTED:
        case HX_CODE_LEVERAGE:
            verdict.outcome = HX_OUTCOME_REJECTED;
            verdict.halted = code->class_ == HX_CODE_HALTED;
            verdict.about_leverage = code->class_ == HX_CODE_LEVERAGE;
            break;
        case HX_CODE_CLOCK:
        case HX_CODE_BUSY:
            verdict.outcome = HX_OUTCOME_BUSY;
            verdict.clock_is_off = code->class_ == HX_CODE_CLOCK;
            break;
        case HX_CODE_ALREADY:
            verdict.already_so = setting;
            if (setting) verdict.outcome = HX_OUTCOME_DONE;
            break;
        case HX_CODE_PREVENTED:
            verdict.position_prevents = setting;
            if (setting) verdict.outcome = HX_OUTCOME_REJECTED;
            break;
        case HX_CODE_ABSENT:
        case HX_CODE_GONE:
            if (purpose == HX_VENUE_FOR_CANCEL) verdict.outcome = HX_OUTCOME_ABSENT;
            if (purpose == HX_VENUE_FOR_QUERY && code->class_ == HX_CODE_ABSENT) verdict.outcome = HX_OUTCOME_ABSENT;
            break;
        case HX_CODE_UNKNOWN:
        case HX_CODE_DUPLICATE:
            break;
    }
    return verdict;
}

struct hx_venue_verdict hx_answer_limited(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                          struct hx_venue_failure failure) {
    struct hx_venue_verdict verdict =
        hx_answer_verdict(ctx, HX_OUTCOME_BUSY, failure,
                          answer->status == 418 ? HX_STR("The venue has banned this address for a while.")
                                                : HX_STR("Too many requests in a short time."));
    verdict.retry_after_ms = hx_answer_retry_after_ms(answer);
    return verdict;
}

struct hx_venue_verdict hx_answer_for_purpose(struct hx_venue_verdict verdict, enum hx_venue_purpose purpose,
                                              bool server_failed) {
    bool asking = purpose == HX_VENUE_FOR_QUERY || purpose == HX_VENUE_FOR_QUESTION;
    if (asking && verdict.outcome == HX_OUTCOME_UNKNOWN && server_failed) verdict.outcome = HX_OUTCOME_BUSY;
    if (purpose == HX_VENUE_FOR_QUERY && verdict.outcome == HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    return verdict;
}

bool hx_answer_find_header(const struct hx_http_answer *answer, hx_str name, hx_str *value) {
    for (uint32_t i = 0; i < answer->header_count; i++) {
        if (!hx_str_equal_ignore_case(answer->headers[i].name, name)) continue;
        *value = answer->headers[i].value;
        return true;
    }
    return false;
}

int64_t hx_answer_read_count(const struct hx_http_answer *answer, hx_str name) {
    hx_str text = HX_STR_EMPTY;
    uint64_t count = 0;
    if (!hx_answer_find_header(answer, name, &text) || hx_failed(hx_str_parse_u64(text, &count))) return -1;
    return count > INT32_MAX ? INT32_MAX : (int64_t)count;
}

int64_t hx_answer_retry_after_ms(const struct hx_http_answer *answer) {
    hx_str text = HX_STR_EMPTY;
    uint64_t seconds = 0;
    if (hx_answer_find_header(answer, HX_STR("Retry-After"), &text) && hx_ok(hx_str_parse_u64(text, &seconds))) {
        if (seconds < 1) seconds = 1;
        if (seconds > RETRY_AFTER_SECONDS_MAX) seconds = RETRY_AFTER_SECONDS_MAX;
        return (int64_t)seconds * HX_MS_PER_SECOND;
    }
    if (answer->status == 429) return RETRY_AFTER_LIMITED_MS;
    return answer->status == 418 ? RETRY_AFTER_BANNED_MS : 0;
}

const struct hx_json *hx_answer_parse(const struct hx_venue_context *ctx, hx_str body) {
    const struct hx_json *root = NULL;
    return hx_ok(hx_json_parse(ctx->arena, body, &root, NULL)) ? root : NULL;
}

bool hx_answer_member_equals(const struct hx_json *object, hx_str name, hx_str wanted) {
    hx_str text = HX_STR_EMPTY;
    return hx_ok(hx_json_get_str(object, name, &text)) && hx_str_equal(text, wanted);
}

hx_dec hx_answer_optional_dec(const struct hx_json *object, hx_str name) {
    hx_dec value = HX_DEC_ZERO;
    return hx_ok(hx_json_get_dec(object, name, &value)) ? value : HX_DEC_ZERO;
}

bool hx_answer_read_dec_cut(const struct hx_json *object, hx_str name, hx_dec *out) {
    const struct hx_json *member = hx_json_find(object, name);
    size_t point = 0;
    hx_err err = hx_json_get_dec(object, name, out);
    if (hx_ok(err)) return true;
    if (member == NULL || (member->type != HX_JSON_STRING && member->type != HX_JSON_NUMBER)) return false;
    if (!hx_str_find_char(member->text, '.', &point) || point + 1 == member->text.len) return false;
    for (size_t i = point + 1; i < member->text.len; i++) {
        if (member->text.data[i] < '0' || member->text.data[i] > '9') return false;
    }
    for (size_t len = member->text.len; len > point && hx_failed(err);) {
        len = len - 1 > point + 1 ? len - 1 : point;
        err = hx_dec_parse(hx_str_slice(member->text, 0, len), out);
    }
    return hx_ok(err);
}

bool hx_answer_positive_dec(const struct hx_json *object, hx_str name, hx_dec *out) {
    return hx_ok(hx_json_get_dec(object, name, out)) && hx_dec_sign(*out) > 0;
}

bool hx_answer_read_ms(const struct hx_json *object, hx_str name, hx_time *out) {
    hx_str text = HX_STR_EMPTY;
    if (hx_ok(hx_json_get_i64(object, name, out))) return true;
    return hx_ok(hx_json_get_str(object, name, &text)) && hx_ok(hx_str_parse_i64(text, out));
}

bool hx_answer_read_id(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str name, int64_t *id,
                       hx_str *text) {
    struct hx_buf buf;
    if (hx_failed(hx_json_get_i64(object, name, id)) || *id < 0) return false;
    if (hx_failed(hx_buf_make(&buf, ctx->arena, 20))) return false;
    hx_buf_add_i64(&buf, *id);
    return hx_ok(hx_buf_finish(&buf, text));
}

bool hx_answer_read_word(const struct hx_json *object, hx_str name, const struct hx_answer_word *words, size_t count,
                         int *value) {
    hx_str text = HX_STR_EMPTY;
    if (hx_failed(hx_json_get_str(object, name, &text))) return false;
    for (size_t i = 0; i < count; i++) {
        if (!hx_str_equal(text, hx_str_from_c(words[i].text))) continue;
        *value = words[i].value;
        return true;
    }
    return false;
}

bool hx_answer_order_is_consistent(const struct hx_order_report *report, hx_dec ordered) {
    int executed = hx_dec_sign(report->executed_quantity);
    bool known = hx_dec_sign(ordered) > 0;
    if (executed < 0 || hx_dec_sign(ordered) < 0 || hx_dec_sign(report->average_price) < 0) return false;
    if (known && hx_dec_compare(report->executed_quantity, ordered) > 0) return false;
    if (known && report->status == HX_ORDER_FILLED && !hx_dec_equal(report->executed_quantity, ordered)) return false;
    bool says_filled = report->status == HX_ORDER_FILLED || report->status == HX_ORDER_PARTIALLY_FILLED;
    return !says_filled || executed > 0;
}

bool hx_answer_quantity_matches(const struct hx_order_request *sent, hx_dec ordered) {
    int compared = hx_dec_compare(ordered, sent->quantity);
    return compared == 0 || (compared < 0 && sent->reduce_only);
}

bool hx_fill_page_insert(struct hx_fill_page *page, int64_t *ids, int64_t id, const struct hx_fill *fill) {
    uint32_t at = page->count;
    while (at > 0 && ids[at - 1] > id) at--;
    if (at > 0 && ids[at - 1] == id) return false;
    for (uint32_t i = page->count; i > at; i--) {
        page->list[i] = page->list[i - 1];
        ids[i] = ids[i - 1];
    }
    page->list[at] = *fill;
    ids[at] = id;
    page->count++;
    return true;
}
