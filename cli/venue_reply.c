/* `hoox venue parse`: a venue's reply as its adapter understands it. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/venue.h"
#include "core/venue/extract.h"

#define HEADERS_MAX 16
#define ELEMENT_LEN_MAX ((size_t)64 * 1024)
#define FACTS_MAX 48
#define NUMBER_SIZE 24

const struct cli_option cli_venue_parse_options[] = {
    {"status", "N", "the reply's HTTP status (200)"},
    {"header", "NAME:VALUE", "a header of the reply; may be given again"},
    {"symbol", "SYMBOL", "what it is about; else taken from the intent or the reply itself"},
    {"client-order-id", "ID", "likewise"},
    {"intent", "INTENT", "all that was asked: the file or text given to `hoox venue request`"},
    {NULL, NULL, NULL}};

/* What is printed: a line or a JSON member each. */
struct facts {
    struct {
        const char *name;
        hx_str text;
        bool is_raw; /* A JSON value: printed as it is. */
    } list[FACTS_MAX];
    size_t count;
    enum hx_outcome outcome;
    struct hx_arena *arena;
    struct cli_table *fills; /* NULL: the answer has no such list. */
};

static void add(struct facts *facts, const char *name, hx_str text, bool is_raw) {
    hx_assert(facts->count < FACTS_MAX);
    facts->list[facts->count].name = name;
    facts->list[facts->count].text = text;
    facts->list[facts->count].is_raw = is_raw;
    facts->count++;
}

static void add_str(struct facts *facts, const char *name, hx_str text) {
    add(facts, name, text, false);
}

static void add_bool(struct facts *facts, const char *name, bool value) {
    add(facts, name, value ? HX_STR("true") : HX_STR("false"), true);
}

/* A flag worth a line only when it is set. */
static void add_flag(struct facts *facts, const char *name, bool value) {
    if (value) add_bool(facts, name, value);
}

static hx_str number(struct hx_arena *arena, int64_t value) {
    char text[NUMBER_SIZE];
    hx_str out = HX_STR_EMPTY;
    int len = snprintf(text, sizeof text, "%" PRId64, value);
    return hx_ok(hx_arena_copy_str(arena, hx_str_make(text, (size_t)len), &out)) ? out : HX_STR("0");
}

static void add_i64(struct facts *facts, const char *name, int64_t value) {
    add(facts, name, number(facts->arena, value), true);
}

static hx_str decimal(struct hx_arena *arena, hx_dec value) {
    hx_str out = HX_STR_EMPTY;
    return hx_ok(hx_dec_format(arena, value, &out)) ? out : HX_STR_EMPTY;
}

static void add_dec(struct facts *facts, const char *name, hx_dec value) {
    add_str(facts, name, decimal(facts->arena, value));
}

/* null: the venue does not say. */
static void add_known(struct facts *facts, const char *name, bool known, bool value) {
    if (known) {
        add_bool(facts, name, value);
    } else {
        add(facts, name, HX_STR("null"), true);
    }
}

static const char *outcome_name(enum hx_outcome outcome) {
    switch (outcome) {
        case HX_OUTCOME_DONE:
            return "done";
        case HX_OUTCOME_REJECTED:
            return "rejected";
        case HX_OUTCOME_BUSY:
            return "busy";
        case HX_OUTCOME_UNKNOWN:
            return "unknown";
        case HX_OUTCOME_ABSENT:
            return "absent";
    }
    return "?";
}

static const char *status_name(enum hx_order_status status) {
    switch (status) {
        case HX_ORDER_NEW:
            return "NEW";
        case HX_ORDER_PARTIALLY_FILLED:
            return "PARTIALLY_FILLED";
        case HX_ORDER_FILLED:
            return "FILLED";
        case HX_ORDER_CANCELED:
            return "CANCELED";
        case HX_ORDER_REJECTED:
            return "REJECTED";
        case HX_ORDER_EXPIRED:
            return "EXPIRED";
    }
    return "?";
}

static void add_verdict(struct facts *facts, enum cli_venue_kind kind, const struct hx_venue_verdict *verdict) {
    facts->outcome = verdict->outcome;
    add_str(facts, "kind", hx_str_from_c(cli_venue_kind_name(kind)));
    add_str(facts, "outcome", hx_str_from_c(outcome_name(verdict->outcome)));
    if (verdict->venue_code != 0) add_i64(facts, "venueCode", verdict->venue_code);
    if (verdict->message.len > 0) add_str(facts, "message", verdict->message);
    if (verdict->retry_after_ms > 0) add_i64(facts, "retryAfterMs", verdict->retry_after_ms);
    add_flag(facts, "clockIsOff", verdict->clock_is_off);
    add_flag(facts, "alreadySo", verdict->already_so);
    add_flag(facts, "positionPrevents", verdict->position_prevents);
    add_flag(facts, "modeDiffers", verdict->mode_differs);
}

static void add_order(struct facts *facts, const struct hx_order_report *report) {
    add_str(facts, "status", hx_str_from_c(status_name(report->status)));
    add_str(facts, "orderId", report->venue_order_id);
    add_str(facts, "clientOrderId", report->client_order_id);
    add_dec(facts, "executedQuantity", report->executed_quantity);
    add_dec(facts, "averagePrice", report->average_price);
    if (report->venue_time_ms > 0) add_i64(facts, "venueTimeMs", report->venue_time_ms);
    add_bool(facts, "isAck", report->is_ack);
}

static void add_stop(struct facts *facts, const struct hx_stop_report *report) {
    add_str(facts, "stopId", report->venue_stop_id);
    add_str(facts, "orderId", report->venue_order_id);
    add_bool(facts, "waiting", report->waiting);
    add_bool(facts, "triggered", report->triggered);
    if (report->expires_ms > 0) add_i64(facts, "expiresMs", report->expires_ms);
}

static void add_cell(struct facts *facts, hx_str text, bool is_raw) {
    cli_table_add(facts->fills, text.len > 0 ? text.data : "", text.len, is_raw);
}

static void add_fills(struct facts *facts, const struct hx_fill_page *page) {
    static const char *const columns[] = {"tradeId",  "side",        "quantity", "price", "fee",
                                          "feeAsset", "realizedPnl", "maker",    "timeMs"};
    facts->fills = cli_table_make(columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < page->count; i++) {
        const struct hx_fill *fill = &page->list[i];
        add_cell(facts, fill->venue_trade_id, false);
        cli_table_add_c(facts->fills, fill->side == HX_SIDE_SELL ? "SELL" : "BUY");
        add_cell(facts, decimal(facts->arena, fill->quantity), false);
        add_cell(facts, decimal(facts->arena, fill->price), false);
        add_cell(facts, decimal(facts->arena, fill->fee), false);
        add_cell(facts, fill->fee_asset, false);
        add_cell(facts, decimal(facts->arena, fill->realized_pnl), false);
        add_cell(facts, fill->maker ? HX_STR("true") : HX_STR("false"), true);
        add_cell(facts, number(facts->arena, fill->time_ms), true);
    }
    if (page->next.len > 0) add_str(facts, "nextPage", page->next);
    add_flag(facts, "restart", page->restart);
}

static void add_position(struct facts *facts, const struct hx_venue_position *position) {
    add_dec(facts, "quantity", position->quantity);
    add_bool(facts, "hedged", position->hedged);
    if (position->hedged) {
        add_dec(facts, "longQuantity", position->long_quantity);
        add_dec(facts, "shortQuantity", position->short_quantity);
    }
    add_dec(facts, "entryPrice", position->entry_price);
    add_dec(facts, "markPrice", position->mark_price);
    add_dec(facts, "unrealizedPnl", position->unrealized_pnl);
}

static void add_equity(struct facts *facts, const struct hx_equity *equity) {
    add_str(facts, "asset", equity->asset);
    add_dec(facts, "walletBalance", equity->wallet_balance);
    add_dec(facts, "unrealizedPnl", equity->unrealized_pnl);
    add_dec(facts, "available", equity->available);
}

static void add_rules(struct facts *facts, const struct hx_symbol_rules *rules) {
    hx_str text = HX_STR_EMPTY;
    if (hx_ok(cli_venue_format_rules(facts->arena, rules, &text))) add(facts, "rules", text, true);
}

/* A leverage of 0: the venue does not say here. */
static void add_setting(struct facts *facts, const struct hx_symbol_setting *setting, bool per_side) {
    const struct hx_side_setting *longs = &setting->sides[HX_SIDE_BUY], *shorts = &setting->sides[HX_SIDE_SELL];
    add_known(facts, "isolated", setting->margin_known, setting->isolated);
    if (!per_side) {
        add_i64(facts, "leverage", setting->leverage);
        return;
    }
    add_i64(facts, "longLeverage", longs->leverage);
    add_i64(facts, "shortLeverage", shorts->leverage);
    if (longs->position_id > 0) add_i64(facts, "longPositionId", longs->position_id);
    if (shorts->position_id > 0) add_i64(facts, "shortPositionId", shorts->position_id);
}

static void add_key_rights(struct facts *facts, const struct hx_key_rights *rights) {
    add_known(facts, "mayTrade", rights->may_trade_known, rights->may_trade);
    add_known(facts, "mayWithdraw", rights->may_withdraw_known, rights->may_withdraw);
    add_known(facts, "boundToAddress", rights->address_known, rights->bound_to_address);
}

/* One reply, everywhere below. */
struct reading {
    const struct hx_venue_adapter *adapter;
    struct hx_venue_context ctx;
    struct hx_http_answer answer;
    const struct cli_venue_intent *intent;
    struct facts *facts;
};

static void decode_order(struct reading *r) {
    const struct hx_venue_adapter *a = r->adapter;
    const struct cli_venue_intent *i = r->intent;
    const struct hx_order_request sent = cli_venue_order(i);
    struct hx_order_report report = {0};
    struct hx_venue_verdict verdict;
    if (i->kind == CLI_VENUE_ORDER) {
        verdict = a->decode_order(&r->ctx, &r->answer, &sent, &report);
    } else if (i->kind == CLI_VENUE_QUERY) {
        verdict = a->decode_query(&r->ctx, &r->answer, i->symbol, i->client_order_id, (uint32_t)i->stage, &report);
    } else {
        verdict = a->decode_cancel(&r->ctx, &r->answer, i->symbol, i->client_order_id, &report);
    }
    add_verdict(r->facts, i->kind, &verdict);
    if (verdict.outcome == HX_OUTCOME_DONE) add_order(r->facts, &report);
}

static void decode_stop(struct reading *r) {
    const struct hx_venue_adapter *a = r->adapter;
    const struct cli_venue_intent *i = r->intent;
    const struct hx_stop_request sent = cli_venue_stop(i);
    struct hx_stop_report report = {0};
    struct hx_venue_verdict verdict;
    if (i->kind == CLI_VENUE_STOP) {
        verdict = a->decode_stop(&r->ctx, &r->answer, &sent, &report);
    } else if (i->kind != CLI_VENUE_STOP_CANCEL) {
        verdict = a->decode_stop_query(&r->ctx, &r->answer, &sent, &report);
    } else {
        verdict = a->decode_stop_cancel(&r->ctx, &r->answer, &sent, &report);
    }
    add_verdict(r->facts, i->kind, &verdict);
    if (verdict.outcome == HX_OUTCOME_DONE) add_stop(r->facts, &report);
}

static void decode_settings(struct reading *r) {
    const struct hx_venue_adapter *a = r->adapter;
    const struct cli_venue_intent *i = r->intent;
    struct hx_symbol_setting setting = {0};
    struct hx_venue_verdict verdict;
    bool hedged = false;
    if (i->kind == CLI_VENUE_LEVERAGE) {
        verdict = a->decode_leverage(&r->ctx, &r->answer, i->symbol, i->leverage);
    } else if (i->kind == CLI_VENUE_MARGIN_MODE) {
        verdict = a->decode_margin_mode(&r->ctx, &r->answer);
    } else if (i->kind == CLI_VENUE_POSITION_MODE) {
        verdict = a->decode_position_mode(&r->ctx, &r->answer, &hedged);
    } else {
        verdict = a->decode_setting(&r->ctx, &r->answer, i->symbol, &setting);
    }
    add_verdict(r->facts, i->kind, &verdict);
    if (verdict.outcome != HX_OUTCOME_DONE) return;
    if (i->kind == CLI_VENUE_POSITION_MODE) add_bool(r->facts, "hedged", hedged);
    if (i->kind == CLI_VENUE_SETTING) add_setting(r->facts, &setting, a->leverage_per_side);
}

static void decode_account(struct reading *r) {
    const struct hx_venue_adapter *a = r->adapter;
    const struct cli_venue_intent *i = r->intent;
    struct hx_venue_position position = {0};
    struct hx_equity equity = {0};
    struct hx_key_rights rights = {0};
    struct hx_venue_verdict verdict;
    if (i->kind == CLI_VENUE_POSITION) {
        verdict = a->decode_position(&r->ctx, &r->answer, i->symbol, &position);
    } else if (i->kind == CLI_VENUE_EQUITY) {
        verdict = a->decode_equity(&r->ctx, &r->answer, i->asset, &equity);
    } else {
        verdict = a->decode_key_rights(&r->ctx, &r->answer, &rights);
    }
    add_verdict(r->facts, i->kind, &verdict);
    if (verdict.outcome != HX_OUTCOME_DONE) return;
    if (i->kind == CLI_VENUE_POSITION) add_position(r->facts, &position);
    if (i->kind == CLI_VENUE_EQUITY) add_equity(r->facts, &equity);
    if (i->kind == CLI_VENUE_KEY_RIGHTS) add_key_rights(r->facts, &rights);
}

static void decode_fills(struct reading *r) {
    const struct cli_venue_intent *i = r->intent;
    struct hx_fill_page *page = hx_arena_alloc(r->ctx.arena, sizeof *page);
    if (page == NULL) return;
    struct hx_venue_verdict verdict =
        r->adapter->decode_fills(&r->ctx, &r->answer, i->symbol, i->order_id, i->page, page);
    add_verdict(r->facts, i->kind, &verdict);
    if (verdict.outcome == HX_OUTCOME_DONE) add_fills(r->facts, page);
}

static void decode_market(struct reading *r) {
    const struct hx_venue_adapter *a = r->adapter;
    const struct cli_venue_intent *i = r->intent;
    struct hx_symbol_rules rules = {.symbol = i->symbol};
    struct hx_venue_verdict verdict;
    hx_dec price = HX_DEC_ZERO;
    hx_time time = 0;
    if (i->kind == CLI_VENUE_RULES) {
        verdict = a->decode_rules(&r->ctx, &r->answer, i->symbol, &rules);
    } else if (i->kind == CLI_VENUE_MARK_PRICE) {
        verdict = a->decode_mark_price(&r->ctx, &r->answer, i->symbol, &price);
    } else {
        verdict = a->decode_time(&r->ctx, &r->answer, &time);
    }
    add_verdict(r->facts, i->kind, &verdict);
    if (verdict.outcome != HX_OUTCOME_DONE) return;
    if (i->kind == CLI_VENUE_RULES) add_rules(r->facts, &rules);
    if (i->kind == CLI_VENUE_MARK_PRICE) add_dec(r->facts, "price", price);
    if (i->kind == CLI_VENUE_TIME) add_i64(r->facts, "venueTimeMs", time);
}

/* Of a list too long to keep the decoder sees the one element that was asked for; that alone may be given as well. */
static void extract(struct reading *r) {
    struct hx_venue_call call = {0};
    struct hx_extract extractor;
    hx_err err = cli_venue_encode(r->adapter, &r->ctx, r->intent, &call);
    if (hx_failed(err) || call.extract_array.len == 0 || r->answer.status < 200 || r->answer.status >= 300) return;
    void *memory = hx_arena_take(r->ctx.arena, ELEMENT_LEN_MAX);
    if (memory == NULL) return;
    hx_extract_init(&extractor, call.extract_array, call.extract_member, call.extract_value, memory, ELEMENT_LEN_MAX);
    hx_extract_feed(&extractor, r->answer.body.data, r->answer.body.len);
    hx_str element = HX_STR_EMPTY;
    if (hx_extract_finish(&extractor, &element) != HX_EXTRACT_BROKEN) r->answer.body = element;
}

static void decode(struct reading *r) {
    extract(r);
    switch (r->intent->kind) {
        case CLI_VENUE_ORDER:
        case CLI_VENUE_QUERY:
        case CLI_VENUE_CANCEL:
            decode_order(r);
            break;
        case CLI_VENUE_STOP:
        case CLI_VENUE_STOP_QUERY:
        case CLI_VENUE_STOP_HISTORY:
        case CLI_VENUE_STOP_CANCEL:
            decode_stop(r);
            break;
        case CLI_VENUE_LEVERAGE:
        case CLI_VENUE_MARGIN_MODE:
        case CLI_VENUE_POSITION_MODE:
        case CLI_VENUE_SETTING:
            decode_settings(r);
            break;
        case CLI_VENUE_POSITION:
        case CLI_VENUE_EQUITY:
        case CLI_VENUE_KEY_RIGHTS:
            decode_account(r);
            break;
        case CLI_VENUE_FILLS:
            decode_fills(r);
            break;
        case CLI_VENUE_TIME:
        case CLI_VENUE_RULES:
        case CLI_VENUE_MARK_PRICE:
            decode_market(r);
            break;
        case CLI_VENUE_KINDS:
            break;
    }
}

/* What the reply says of limits: "weight of 60000 ms: 12 of 2400". */
static void add_usage(struct reading *r) {
    struct hx_venue_usage usage = {.used = {-1, -1, -1}};
    char text[128];
    struct hx_buf buf;
    r->adapter->read_usage(&r->answer, &usage);
    if (usage.blocked_for_ms > 0) add_i64(r->facts, "blockedForMs", usage.blocked_for_ms);
    if (hx_failed(hx_buf_make(&buf, r->ctx.arena, sizeof text * HX_VENUE_BUDGETS_MAX))) return;
    for (int i = 0; i < HX_VENUE_BUDGETS_MAX; i++) {
        const struct hx_venue_budget *budget = &r->adapter->budgets[i];
        if (usage.used[i] < 0 || budget->limit == 0) continue;
        snprintf(text, sizeof text, "%s%s %" PRId64 " of %" PRId64 " in %" PRId64 " s", buf.len > 0 ? ", " : "",
                 budget->unit == HX_SPEND_ORDERS ? "orders" : "weight", usage.used[i], budget->limit,
                 budget->window_ms / 1000);
        hx_buf_add_c(&buf, text);
    }
    if (buf.len > 0) add_str(r->facts, "used", hx_buf_str(&buf));
}

static void print_facts(const struct cli *cli, const struct facts *facts) {
    size_t width = 0;
    for (size_t i = 0; i < facts->count; i++) {
        if (strlen(facts->list[i].name) > width) width = strlen(facts->list[i].name);
    }
    if (cli->json) putchar('{');
    for (size_t i = 0; i < facts->count; i++) {
        hx_str text = facts->list[i].text;
        if (!cli->json) {
            printf("%-*s  ", (int)width, facts->list[i].name);
            cli_print_safely(stdout, text.data, text.len);
            putchar('\n');
            continue;
        }
        printf("%s\"%s\":", i > 0 ? "," : "", facts->list[i].name);
        if (facts->list[i].is_raw) {
            fwrite(text.data, 1, text.len, stdout);
        } else {
            cli_print_json_string(text.data, text.len);
        }
    }
    if (facts->fills != NULL) {
        printf(cli->json ? ",\"fills\":" : "\n");
        cli_table_print(cli, facts->fills, "no fills");
    }
    if (cli->json) printf("}\n");
}

/* "Name: value" of every --header. */
static int read_headers(const struct cli *cli, struct hx_http_header *headers, struct hx_http_answer *answer) {
    answer->headers = headers;
    for (int i = 0; i < cli->option_count; i++) {
        if (strcmp(cli->options[i].name, "header") != 0) continue;
        hx_str text = hx_str_from_c(cli->options[i].value);
        size_t colon = 0;
        if (!hx_str_find_char(text, ':', &colon) || colon == 0) {
            return cli_fail(cli, EXIT_USAGE, "USAGE", "--header must be NAME:VALUE, such as Retry-After:30");
        }
        if (answer->header_count == HEADERS_MAX) return cli_fail(cli, EXIT_USAGE, "USAGE", "too many headers");
        headers[answer->header_count++] =
            (struct hx_http_header){hx_str_slice(text, 0, colon), hx_str_trim(hx_str_slice(text, colon + 1, text.len))};
    }
    return 0;
}

/* The intent that the reply answers: from --intent, then what single options say. */
static int find_intent(struct cli_venue_desk *desk, enum cli_venue_kind kind) {
    const struct cli *cli = desk->cli;
    const char *source = cli_find_option(cli, "intent");
    const char *symbol = cli_find_option(cli, "symbol"), *id = cli_find_option(cli, "client-order-id");
    hx_str text = HX_STR("{}");
    int code = 0;
    if (source != NULL) code = cli_venue_read(desk, source, true, &text);
    if (code == 0)
        code = cli_venue_parse_intent(desk, source != NULL && source[0] != '{' ? source : "the intent", text);
    if (code != 0) return code;
    desk->intent.kind = kind;
    return cli_venue_set(desk, symbol, id);
}

static int parse(struct cli_venue_desk *desk, enum cli_venue_kind kind) {
    struct hx_http_header headers[HEADERS_MAX];
    struct facts facts = {.arena = &desk->arena};
    struct reading r = {.adapter = desk->adapter, .intent = &desk->intent, .facts = &facts};
    const char *status = cli_find_option(desk->cli, "status");
    long value = 200;
    hx_str taken = HX_STR_EMPTY;
    int code = read_headers(desk->cli, headers, &r.answer);
    if (code == 0 && status != NULL) code = cli_parse_count(desk->cli, "--status", status, 100, 599, &value);
    if (code == 0) code = cli_venue_check_kind(desk, kind);
    if (code == 0) code = find_intent(desk, kind);
    if (code == 0) code = cli_venue_read(desk, desk->cli->arguments[3], false, &r.answer.body);
    if (code != 0) return code;
    r.answer.status = (uint32_t)value;
    r.ctx = (struct hx_venue_context){.arena = &desk->arena,
                                      .receive_window_ms = desk->adapter->guarantees.receive_window_ms};
    const struct hx_json *reply = NULL;
    size_t mark = hx_arena_mark(&desk->arena);
    if (hx_failed(hx_json_parse(&desk->arena, r.answer.body, &reply, NULL))) hx_arena_rewind(&desk->arena, mark);
    cli_venue_complete_intent(desk, reply, &taken);
    code = cli_venue_check_stage(desk);
    if (code == 0) code = cli_venue_fill_context(desk, &r.ctx);
    if (code != 0) return code;
    decode(&r);
    add_usage(&r);
    if (taken.len > 0) add_str(&facts, "takenFromReply", taken);
    const char *missing = cli_venue_first_missing(desk);
    if (missing != NULL && facts.outcome == HX_OUTCOME_UNKNOWN) add_str(&facts, "notKnown", hx_str_from_c(missing));
    print_facts(desk->cli, &facts);
    cli_table_release(facts.fills);
    return EXIT_OK;
}

int cli_venue_parse(struct cli *cli) {
    struct cli_venue_desk desk;
    enum cli_venue_kind kind = CLI_VENUE_KINDS;
    int code = cli_venue_open(&desk, cli);
    if (code == 0) code = cli_venue_find_kind(cli, cli->arguments[2], &kind);
    if (code == 0) code = parse(&desk, kind);
    cli_venue_release(&desk);
    return code;
}
