/* `hoox venue request`: an intent, encoded by the venue's adapter and signed, as it would leave. */
#define _GNU_SOURCE
#include "cli/venue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "core/http/http.h"
#include "host/native/settings.h"

#define ARENA_SIZE ((size_t)32 * 1024 * 1024)
#define FILE_LEN_MAX ((size_t)8 * 1024 * 1024)
#define TIME_MS_MAX 253402300799999L /* The year 9999. */

const struct cli_option cli_venue_request_options[] = {
    {"time", "MS", "the request's timestamp on the venue's clock, in Unix milliseconds (else now)"},
    {"key", "KEY", "API key (else the venue's setting, such as BINANCE_API_KEY)"},
    {"secret", "SECRET", "signs the request and is not printed (else the venue's setting)"},
    {"test", NULL, "for the venue's test network, with its own keys"},
    {NULL, NULL, NULL}};

static int find_account(const struct cli *cli, struct hx_account *out) {
    static const enum hx_market markets[] = {HX_MARKET_FUTURES, HX_MARKET_SPOT};
    const char *venue_names[HX_VENUES - 1], *market_names[2];
    bool has_venue = false, has_market = false;
    for (uint32_t i = 0; i < HX_VENUES - 1; i++) {
        venue_names[i] = hx_venue_name((enum hx_venue_id)(i + 1)).data;
        if (strcmp(cli->arguments[0], venue_names[i]) != 0) continue;
        out->venue = (enum hx_venue_id)(i + 1);
        has_venue = true;
    }
    if (!has_venue) return cli_venue_unknown(cli, "venue", cli->arguments[0], venue_names, HX_VENUES - 1);
    for (size_t i = 0; i < 2; i++) {
        market_names[i] = hx_market_name(markets[i]).data;
        if (strcmp(cli->arguments[1], market_names[i]) != 0) continue;
        out->market = markets[i];
        has_market = true;
    }
    return has_market ? 0 : cli_venue_unknown(cli, "market", cli->arguments[1], market_names, 2);
}

int cli_venue_open(struct cli_venue_desk *desk, const struct cli *cli) {
    struct hx_account account = {0};
    memset(desk, 0, sizeof *desk);
    desk->cli = cli;
    int code = find_account(cli, &account);
    if (code != 0) return code;
    desk->adapter = hx_venue_find_adapter(&account);
    if (desk->adapter == NULL) {
        return cli_fail(cli, EXIT_FAILED, "UNSUPPORTED", "hoox does not trade on %s %s yet", cli->arguments[0],
                        cli->arguments[1]);
    }
    desk->memory = cli_must(malloc(ARENA_SIZE));
    hx_arena_init(&desk->arena, desk->memory, ARENA_SIZE);
    return 0;
}

void cli_venue_release(struct cli_venue_desk *desk) {
    free(desk->memory);
    desk->memory = NULL;
}

int cli_venue_read(struct cli_venue_desk *desk, const char *source, bool may_be_inline, hx_str *out) {
    if (may_be_inline && source[0] == '{') {
        *out = hx_str_from_c(source);
        return 0;
    }
    bool is_stdin = strcmp(source, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(source, "rbe");
    if (file == NULL) {
        return cli_fail(desk->cli, EXIT_FAILED, "NO_FILE", "%s can't be read: %s", source, strerror(errno));
    }
    char *bytes = cli_must(malloc(FILE_LEN_MAX + 1));
    size_t len = fread(bytes, 1, FILE_LEN_MAX + 1, file);
    bool failed = ferror(file) != 0;
    int problem = errno;
    if (!is_stdin) fclose(file);
    hx_err err = HX_OK;
    if (!failed && len <= FILE_LEN_MAX) err = hx_arena_copy_str(&desk->arena, hx_str_make(bytes, len), out);
    free(bytes);
    if (failed) return cli_fail(desk->cli, EXIT_FAILED, "NO_FILE", "%s can't be read: %s", source, strerror(problem));
    if (len > FILE_LEN_MAX || hx_failed(err)) {
        return cli_fail(desk->cli, EXIT_FAILED, "TOO_LARGE", "%s is larger than an answer may be", source);
    }
    return 0;
}

/* Of spot only what is held, and what a fill cost, is told by the symbol's assets; contracts are counted everywhere. */
static bool takes_rules(const struct cli_venue_desk *desk) {
    bool spot = desk->adapter->traits.spot;
    if (!desk->adapter->needs_rules) return false;
    switch (desk->intent.kind) {
        case CLI_VENUE_TIME:
        case CLI_VENUE_RULES:
        case CLI_VENUE_MARK_PRICE:
        case CLI_VENUE_EQUITY:
        case CLI_VENUE_POSITION_MODE:
        case CLI_VENUE_KEY_RIGHTS:
            return false;
        case CLI_VENUE_POSITION:
        case CLI_VENUE_FILLS:
            return true;
        default:
            return !spot;
    }
}

int cli_venue_fill_context(const struct cli_venue_desk *desk, struct hx_venue_context *ctx) {
    ctx->isolated = desk->intent.isolated;
    ctx->stage = (uint32_t)desk->intent.stage;
    ctx->position_side = (enum hx_position_side)desk->intent.position_side;
    ctx->setting = &desk->intent.setting;
    if (desk->intent.has_rules) ctx->rules = &desk->intent.rules;
    if (ctx->rules != NULL || !takes_rules(desk)) return 0;
    return cli_fail(desk->cli, EXIT_USAGE, "INTENT",
                    "%s needs the symbol's rules for this: give \"contractSize\", or \"rules\" as `hoox venue parse %s "
                    "%s rules REPLY --json` prints them",
                    desk->adapter->name.data, desk->cli->arguments[0], desk->cli->arguments[1]);
}

/* What is signed with, and where to. */
struct credentials {
    struct hx_settings settings;
    struct hx_secrets *secrets;
    const struct hx_venue_access *access;
    hx_str origin, key;
};

static int load_credentials(const struct cli_venue_desk *desk, struct credentials *c) {
    char problem[256] = "";
    bool test = cli_has_option(desk->cli, "test");
    const char *key = cli_find_option(desk->cli, "key");
    const char *secret = cli_find_option(desk->cli, "secret");
    c->access = test ? &desk->adapter->test : &desk->adapter->live;
    c->secrets = cli_must(hx_secrets_make());
    if (c->access->origin_default.len == 0) {
        return cli_fail(desk->cli, EXIT_FAILED, "TEST_TRADING_UNSUPPORTED", "%s has no test network",
                        desk->adapter->name.data);
    }
    if (hx_failed(hx_settings_load(&c->settings, c->secrets, desk->cli->data_dir, problem, sizeof problem))) {
        return cli_fail(desk->cli, EXIT_UNREACHABLE, "SETTINGS", "%s", problem);
    }
    hx_settings_find_str(&c->settings, c->access->origin_setting, &c->origin);
    if (c->origin.len == 0) c->origin = c->access->origin_default;
    while (hx_str_ends_with(c->origin, HX_STR("/"))) c->origin.len--;
    hx_settings_find_str(&c->settings, c->access->key_setting, &c->key);
    if (key != NULL) c->key = hx_str_from_c(key);
    if (secret == NULL || hx_secrets_put(c->secrets, c->access->secret_name, hx_str_from_c(secret))) return 0;
    return cli_fail(desk->cli, EXIT_USAGE, "USAGE", "--secret is too long");
}

static void release_credentials(struct credentials *c) {
    hx_secrets_release(c->secrets);
    hx_settings_release(&c->settings);
}

static int no_room(const struct cli_venue_desk *desk) {
    return cli_fail(desk->cli, EXIT_FAILED, "TOO_LARGE", "the request has no room");
}

static int sign(struct cli_venue_desk *desk, const struct credentials *c, struct hx_venue_call *call, hx_str *target) {
    char hex[64];
    hx_str signature = HX_STR_EMPTY;
    if (call->signature_place != HX_SIGNATURE_NONE) {
        bool has_both = c->key.len > 0 && hx_secrets_has(c->secrets, c->access->secret_name);
        if (!has_both || !hx_secrets_sign(c->secrets, c->access->secret_name, call->sign_text, hex)) {
            return cli_fail(desk->cli, EXIT_USAGE, "NO_KEY",
                            "this is signed: give --key and --secret, or set %s and %s", c->access->key_setting.data,
                            c->access->secret_name.data);
        }
        /* A header's signature is a view that outlives this function. */
        if (hx_failed(hx_arena_copy_str(&desk->arena, hx_str_make(hex, sizeof hex), &signature))) return no_room(desk);
    }
    if (hx_failed(hx_venue_call_finish(&desk->arena, call, signature, target))) return no_room(desk);
    return 0;
}

hx_err cli_venue_encode(const struct hx_venue_adapter *a, const struct hx_venue_context *ctx,
                        const struct cli_venue_intent *i, struct hx_venue_call *call) {
    const struct hx_order_request order = cli_venue_order(i);
    const struct hx_stop_request stop = cli_venue_stop(i);
    switch (i->kind) {
        case CLI_VENUE_ORDER:
            return a->encode_order(ctx, &order, call);
        case CLI_VENUE_QUERY:
            return a->encode_query(ctx, i->symbol, i->client_order_id, (uint32_t)i->stage, call);
        case CLI_VENUE_CANCEL:
            return a->encode_cancel(ctx, i->symbol, i->client_order_id, call);
        case CLI_VENUE_FILLS:
            return a->encode_fills(ctx, i->symbol, i->order_id, i->page, call);
        case CLI_VENUE_POSITION:
            return a->encode_position(ctx, i->symbol, call);
        case CLI_VENUE_EQUITY:
            return a->encode_equity(ctx, i->asset, call);
        case CLI_VENUE_LEVERAGE:
            return a->encode_leverage(ctx, i->symbol, i->leverage, call);
        case CLI_VENUE_MARGIN_MODE:
            return a->encode_margin_mode(ctx, i->symbol, i->isolated, call);
        case CLI_VENUE_POSITION_MODE:
            return a->encode_position_mode(ctx, i->symbol, call);
        case CLI_VENUE_SETTING:
            return a->encode_setting(ctx, i->symbol, call);
        case CLI_VENUE_STOP:
            return a->encode_stop(ctx, &stop, call);
        case CLI_VENUE_STOP_QUERY:
            return a->encode_stop_query(ctx, &stop, call);
        case CLI_VENUE_STOP_HISTORY:
            return a->encode_stop_history(ctx, &stop, call);
        case CLI_VENUE_STOP_CANCEL:
            return a->encode_stop_cancel(ctx, &stop, call);
        case CLI_VENUE_TIME:
            return a->encode_time(ctx, call);
        case CLI_VENUE_RULES:
            return a->encode_rules(ctx, i->symbol, call);
        case CLI_VENUE_MARK_PRICE:
            return a->encode_mark_price(ctx, i->symbol, call);
        case CLI_VENUE_KEY_RIGHTS:
            return a->encode_key_rights(ctx, call);
        case CLI_VENUE_KINDS:
            break;
    }
    return HX_ERR(REJECT_INPUT);
}

static void print_text(hx_str text) {
    cli_print_safely(stdout, text.data, text.len);
}

static void print_json(hx_str text) {
    cli_print_json_string(text.data, text.len);
}

static const char *method_name(enum hx_http_method method) {
    switch (method) {
        case HX_HTTP_METHOD_GET:
            return "GET";
        case HX_HTTP_METHOD_POST:
            return "POST";
        case HX_HTTP_METHOD_PUT:
            return "PUT";
        case HX_HTTP_METHOD_DELETE:
            return "DELETE";
        default:
            return "?";
    }
}

static void print_request(const struct cli *cli, const struct hx_venue_call *call, hx_str url) {
    bool is_signed = call->signature_place != HX_SIGNATURE_NONE;
    if (cli->json) {
        printf("{\"method\":\"%s\",\"url\":", method_name(call->method));
        print_json(url);
        printf(",\"headers\":{");
        for (uint32_t i = 0; i < call->header_count; i++) {
            if (i > 0) putchar(',');
            print_json(call->headers[i].name);
            putchar(':');
            print_json(call->headers[i].value);
        }
        printf("},\"body\":");
        print_json(call->body);
        printf(",\"signed\":");
        if (is_signed) print_json(call->sign_text);
        printf("%s}\n", is_signed ? "" : "null");
        return;
    }
    printf("%s ", method_name(call->method));
    print_text(url);
    putchar('\n');
    for (uint32_t i = 0; i < call->header_count; i++) {
        print_text(call->headers[i].name);
        printf(": ");
        print_text(call->headers[i].value);
        putchar('\n');
    }
    if (call->body.len > 0) putchar('\n');
    print_text(call->body);
    if (call->body.len > 0) putchar('\n');
    if (!is_signed || cli->quiet) return;
    printf("\n%ssigned%s ", cli_color(cli, "dim"), cli_color(cli, "reset"));
    print_text(call->sign_text);
    putchar('\n');
}

static int find_time(const struct cli *cli, hx_time *out) {
    const char *text = cli_find_option(cli, "time");
    struct timespec now;
    long ms = 0;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (hx_time)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (text == NULL) return 0;
    int code = cli_parse_count(cli, "--time", text, 1, TIME_MS_MAX, &ms);
    *out = ms;
    return code;
}

static int not_encoded(const struct cli_venue_desk *desk, hx_err err, hx_str refusal) {
    if (hx_err_is(err, HX_CLASS_REJECT) && refusal.len > 0) {
        return cli_fail(desk->cli, EXIT_FAILED, hx_err_name(err), "hoox does not ask this of %s: %.*s",
                        desk->adapter->name.data, (int)refusal.len, refusal.data);
    }
    return cli_fail(desk->cli, EXIT_FAILED, hx_err_name(err),
                    "the request can't be expressed in the terms of %s: %s; hoox would refuse it too",
                    desk->adapter->name.data, hx_err_text(err));
}

static int request(struct cli_venue_desk *desk, struct credentials *c) {
    struct hx_venue_context ctx = {
        .arena = &desk->arena, .api_key = c->key, .receive_window_ms = desk->adapter->guarantees.receive_window_ms};
    struct hx_venue_call call = {0};
    struct hx_buf url;
    hx_str target = HX_STR_EMPTY;
    int code = find_time(desk->cli, &ctx.timestamp_ms);
    if (code == 0) code = cli_venue_fill_context(desk, &ctx);
    if (code != 0) return code;
    hx_err err = cli_venue_encode(desk->adapter, &ctx, &desk->intent, &call);
    if (hx_failed(err)) return not_encoded(desk, err, call.refusal);
    code = sign(desk, c, &call, &target);
    if (code != 0) return code;
    err = hx_buf_make(&url, &desk->arena, c->origin.len + target.len);
    if (hx_failed(err)) return no_room(desk);
    hx_buf_add(&url, c->origin);
    hx_buf_add(&url, target);
    print_request(desk->cli, &call, hx_buf_str(&url));
    return EXIT_OK;
}

int cli_venue_request(struct cli *cli) {
    static struct credentials credentials;
    struct cli_venue_desk desk;
    hx_str text = HX_STR_EMPTY;
    memset(&credentials, 0, sizeof credentials);
    int code = cli_venue_open(&desk, cli);
    if (code == 0) code = cli_venue_read(&desk, cli->arguments[2], true, &text);
    const char *source = text.data == cli->arguments[2] ? "the intent" : cli->arguments[2];
    if (code == 0) code = cli_venue_parse_intent(&desk, source, text);
    if (code == 0) code = cli_venue_check_intent(&desk);
    if (code == 0) code = load_credentials(&desk, &credentials);
    if (code == 0) code = request(&desk, &credentials);
    release_credentials(&credentials);
    cli_venue_release(&desk);
    return code;
}
