/* Faults: which rule applies to which request. What a rule then does to the answer is lab.c's. */
#include "lab/wire.h"

static bool is_terminated(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0) return true;
    }
    return false;
}

static bool is_alive(const struct hx_lab_rule *rule) {
    return rule->fault.count < 0 || rule->applied < (uint32_t)rule->fault.count;
}

static void drop_dead(struct hx_lab *lab) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lab->rule_count; i++) {
        if (is_alive(&lab->rules[i])) lab->rules[kept++] = lab->rules[i];
    }
    lab->rule_count = kept;
}

static bool is_usable(const struct hx_lab_fault *fault) {
    if (!is_terminated(fault->match, sizeof fault->match) || !is_terminated(fault->symbol, sizeof fault->symbol) ||
        !is_terminated(fault->msg, sizeof fault->msg)) {
        return false;
    }
    if ((uint32_t)fault->kind > HX_LAB_FAULT_STALE || fault->count < -1) return false;
    if (fault->delay_ms < 0 || fault->hold_ms < 0 || fault->probability_permille > 1000) return false;
    switch (fault->kind) {
        case HX_LAB_FAULT_HTTP_STATUS:
            return fault->status >= 200 && fault->status <= 599;
        case HX_LAB_FAULT_ERROR_CODE:
            return fault->code != 0;
        case HX_LAB_FAULT_PARTIAL:
            return fault->fill_permille <= 1000;
        case HX_LAB_FAULT_SPLIT:
            return fault->parts >= 1 && fault->parts <= HX_LAB_FAULT_PARTS_MAX;
        case HX_LAB_FAULT_GARBAGE:
            return fault->variant <= 2;
        default:
            return true;
    }
}

hx_err hx_lab_add_fault(struct hx_lab *lab, const struct hx_lab_fault *fault) {
    if (!is_usable(fault)) return HX_ERR(REJECT_INPUT);
    drop_dead(lab);
    if (lab->rule_count == lab->config.faults_max) return HX_ERR(LIMIT_COUNT);
    struct hx_lab_rule *rule = &lab->rules[lab->rule_count++];
    rule->fault = *fault;
    rule->seen = 0;
    rule->applied = 0;
    return HX_OK;
}

void hx_lab_clear_faults(struct hx_lab *lab) {
    lab->rule_count = 0;
}

uint32_t hx_lab_fault_count(const struct hx_lab *lab) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < lab->rule_count; i++) count += is_alive(&lab->rules[i]) ? 1 : 0;
    return count;
}

uint64_t hx_lab_faults_applied(const struct hx_lab *lab) {
    return lab->faults_applied;
}

static enum hx_lab_route_kind kind_of(const struct hx_lab *lab, const struct hx_lab_request *request) {
    uint32_t index;
    const struct hx_lab_route *route = hx_lab_find_route(lab->front, request->method, request->path, &index, NULL);
    return route != NULL ? route->kind : HX_LAB_ROUTE_OTHER;
}

static bool is_place(enum hx_lab_route_kind kind) {
    return kind == HX_LAB_ROUTE_ORDER || kind == HX_LAB_ROUTE_CONDITIONAL;
}

static bool match_fits(const char *match, const struct hx_lab_request *request, enum hx_lab_route_kind kind) {
    hx_str rest = hx_str_from_c(match);
    if (rest.len == 0 || hx_str_equal(rest, HX_STR("any"))) return true;
    if (hx_str_equal(rest, HX_STR("order"))) return is_place(kind);
    if (hx_str_equal(rest, HX_STR("query"))) return kind == HX_LAB_ROUTE_QUERY;
    hx_str method;
    if (rest.data[0] != '/') {
        if (!hx_str_split(&rest, ' ', &method)) return false;
        if (hx_http_find_method(method) != request->method) return false;
    }
    return hx_str_starts_with(request->path, rest);
}

/* BTC_USDT and BTCUSDT are the same. */
static bool is_symbol(hx_str text, hx_str symbol) {
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '_') continue;
        if (at == symbol.len || symbol.data[at] != text.data[i]) return false;
        at++;
    }
    return at == symbol.len;
}

/* The raw text is enough: symbols need no percent escapes. */
static bool pairs_name(hx_str pairs, hx_str symbol) {
    hx_str pair;
    while (hx_str_split(&pairs, '&', &pair)) {
        hx_str name;
        if (!hx_str_split(&pair, '=', &name) || !hx_str_equal(name, HX_STR("symbol"))) continue;
        return is_symbol(pair, symbol);
    }
    return false;
}

/* The text after each "symbol": of a JSON body. */
static bool json_names(hx_str body, hx_str symbol) {
    const hx_str member = HX_STR("\"symbol\"");
    size_t at;
    while (hx_str_find(body, member, &at)) {
        body = hx_str_slice(body, at + member.len, body.len);
        hx_str value;
        hx_str rest = body;
        if (!hx_str_split(&rest, '"', &value) || !hx_str_split(&rest, '"', &value)) return false;
        if (is_symbol(value, symbol)) return true;
    }
    return false;
}

static bool path_names(hx_str path, hx_str symbol) {
    hx_str segment;
    while (hx_str_split(&path, '/', &segment)) {
        if (is_symbol(segment, symbol)) return true;
    }
    return false;
}

static bool names_symbol(const struct hx_lab_request *request, hx_str symbol) {
    return pairs_name(request->query, symbol) || pairs_name(request->body, symbol) ||
           json_names(request->body, symbol) || path_names(request->path, symbol);
}

static bool rule_fits(const struct hx_lab_fault *fault, const struct hx_lab_request *request,
                      enum hx_lab_route_kind kind) {
    const bool orders_only =
        fault->kind == HX_LAB_FAULT_PARTIAL || fault->kind == HX_LAB_FAULT_SPLIT || fault->kind == HX_LAB_FAULT_HALT;
    if (orders_only && !is_place(kind)) return false;
    if (fault->kind == HX_LAB_FAULT_STALE && request->method != HX_HTTP_METHOD_GET) return false;
    if (!match_fits(fault->match, request, kind)) return false;
    const hx_str symbol = hx_str_from_c(fault->symbol);
    return symbol.len == 0 || names_symbol(request, symbol);
}

/* True when the rule bends the processing and leaves the decision to others. */
static bool bend_by(const struct hx_lab_fault *fault, struct hx_lab_bend *bend) {
    switch (fault->kind) {
        case HX_LAB_FAULT_PARTIAL:
            bend->has_partial = true;
            bend->fill_permille = fault->fill_permille;
            return true;
        case HX_LAB_FAULT_SPLIT:
            bend->parts = fault->parts;
            return true;
        case HX_LAB_FAULT_HALT:
            bend->halted = true;
            return true;
        case HX_LAB_FAULT_CLOCK_SKEW:
            bend->skew_ms += fault->skew_ms;
            return true;
        case HX_LAB_FAULT_STALE:
            bend->is_stale = true;
            return true;
        default:
            return false;
    }
}

static bool is_bend(enum hx_lab_fault_kind kind) {
    return kind == HX_LAB_FAULT_PARTIAL || kind == HX_LAB_FAULT_SPLIT || kind == HX_LAB_FAULT_HALT ||
           kind == HX_LAB_FAULT_CLOCK_SKEW || kind == HX_LAB_FAULT_STALE;
}

const struct hx_lab_fault *hx_lab_decide_fault(struct hx_lab *lab, const struct hx_lab_request *request,
                                               struct hx_lab_bend *bend, int64_t *delay_ms) {
    const struct hx_lab_fault *decided = NULL;
    const enum hx_lab_route_kind kind = lab->rule_count > 0 ? kind_of(lab, request) : HX_LAB_ROUTE_OTHER;
    for (uint32_t i = 0; i < lab->rule_count; i++) {
        struct hx_lab_rule *rule = &lab->rules[i];
        const struct hx_lab_fault *fault = &rule->fault;
        if (!is_alive(rule) || !rule_fits(fault, request, kind)) continue;
        if (decided != NULL && !is_bend(fault->kind)) continue;
        rule->seen++;
        if (rule->seen <= fault->skip) continue;
        const uint32_t permille = fault->probability_permille == 0 ? 1000 : fault->probability_permille;
        if (permille < 1000 && hx_lab_random(lab, 1000) >= permille) continue;
        rule->applied++;
        lab->faults_applied++;
        if (!bend_by(fault, bend)) decided = fault;
        if (fault->kind != HX_LAB_FAULT_LATE_PROCESS) *delay_ms += fault->delay_ms;
    }
    return decided;
}

bool hx_lab_halted_by_rule(const struct hx_lab *lab, const struct hx_lab_market *market) {
    const hx_str symbol = hx_str_from_c(market->name);
    if (market->halted) return true;
    for (uint32_t i = 0; i < lab->rule_count; i++) {
        const struct hx_lab_rule *rule = &lab->rules[i];
        if (rule->fault.kind != HX_LAB_FAULT_HALT || !is_alive(rule)) continue;
        if (rule->fault.symbol[0] == 0 || hx_str_equal(hx_str_from_c(rule->fault.symbol), symbol)) return true;
    }
    return false;
}
