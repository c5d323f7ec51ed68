/* hoox trade: a signal by hand, through the very path an alert takes. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "core/base/json.h"
#include "core/signal/signal.h"

#define BODY_LEN_MAX 4096

const struct cli_option cli_trade_options[] = {
    {"exchange", "VENUE", "one of " HX_VENUE_NAMES "; else routing decides"},
    {"market", "MARKET", "futures (default) or spot"},
    {"type", "TYPE", "market (default) or limit"},
    {"price", "PRICE", "for limit orders"},
    {"quantity-type", "TYPE", "base (default), quote, percent_equity or risk_percent"},
    {"leverage", "N", "1 to 125"},
    {"stop-loss", "PRICE", "where risk_percent sizes to"},
    {"reduce-only", NULL, "never add exposure"},
    {"max-age", "SECONDS", "give up an entry that is older than this when its turn comes"},
    {"key", "KEY", "idempotency key; the same one twice is one trade"},
    {"test", NULL, "on the venue's test network"},
    {NULL, NULL, NULL},
};

static void write_option(const struct cli *cli, struct hx_json_writer *w, const char *option, const char *member) {
    const char *value = cli_find_option(cli, option);
    if (value != NULL) hx_json_write_str(w, member, hx_str_from_c(value));
}

static bool write_key(const struct cli *cli, struct hx_json_writer *w) {
    const char *given = cli_find_option(cli, "key");
    unsigned char random[16];
    char memory[64];
    struct hx_buf buf;
    if (given == NULL && getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return false;
    hx_buf_init(&buf, memory, sizeof memory);
    hx_buf_add_c(&buf, "cli-");
    hx_buf_add_hex(&buf, random, sizeof random);
    hx_json_write_str(w, "idempotencyKey", given != NULL ? hx_str_from_c(given) : hx_buf_str(&buf));
    return true;
}

static void print_members(const struct cli_answer *answer, const char *outer, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *name = outer != NULL ? outer : names[i];
        char *text = cli_json_text(answer->body, answer->body_len, name, outer != NULL ? names[i] : NULL);
        if (text != NULL && text[0] != '\0') {
            printf("%s%-*s ", outer != NULL ? "  " : "", outer != NULL ? 13 : 15, names[i]);
            cli_print_safely(stdout, text, strlen(text));
            putchar('\n');
        }
        free(text);
    }
}

static void print_summary(const struct cli_answer *answer) {
    static const char *const members[] = {"signalId", "exchange", "symbol", "action", "status", "message"};
    static const char *const results[] = {"orderId", "clientOrderId", "status", "executedQty", "price", "fee"};
    print_members(answer, NULL, members, sizeof members / sizeof members[0]);
    print_members(answer, "result", results, sizeof results / sizeof results[0]);
}

/* The body of the signal, as an alert would bring it. */
static int write_signal(const struct cli *cli, struct hx_buf *buf, hx_str *out) {
    struct hx_json_writer w;
    hx_json_begin(&w, buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "action", hx_str_from_c(cli->arguments[0]));
    hx_json_write_str(&w, "symbol", hx_str_from_c(cli->arguments[1]));
    if (cli->argument_count > 2) hx_json_write_str(&w, "quantity", hx_str_from_c(cli->arguments[2]));
    write_option(cli, &w, "exchange", "exchange");
    write_option(cli, &w, "market", "market");
    write_option(cli, &w, "type", "orderType");
    write_option(cli, &w, "price", "price");
    write_option(cli, &w, "quantity-type", "quantityType");
    write_option(cli, &w, "leverage", "leverage");
    write_option(cli, &w, "stop-loss", "stopLoss");
    write_option(cli, &w, "max-age", "maxAge");
    if (cli_has_option(cli, "reduce-only")) hx_json_write_bool(&w, "reduceOnly", true);
    if (cli_has_option(cli, "test")) hx_json_write_bool(&w, "test", true);
    if (!write_key(cli, &w)) return cli_fail(cli, EXIT_FAILED, "NO_RANDOM", "the system gave no random bytes");
    hx_json_close_object(&w);
    if (hx_ok(hx_buf_finish(buf, out))) return 0;
    return cli_fail(cli, EXIT_USAGE, "USAGE", "the arguments are too long");
}

int cli_trade(struct cli *cli) {
    char memory[BODY_LEN_MAX + 1];
    char question[256];
    struct hx_buf buf;
    struct cli_answer answer;
    hx_str body;
    hx_buf_init(&buf, memory, BODY_LEN_MAX);
    int code = write_signal(cli, &buf, &body);
    if (code != 0) return code;
    memory[body.len] = '\0';
    snprintf(question, sizeof question, "Send %.40s %.40s %.40s?", cli->arguments[0], cli->arguments[1],
             cli->argument_count > 2 ? cli->arguments[2] : "");
    if (!cli_confirm(cli, question)) return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was sent");
    code = cli_call(cli, "POST", "/v1/trade", memory, &answer);
    if (code != 0) return code;
    code = cli_exit_code(answer.status);
    if (cli->json) {
        printf("%s\n", answer.body);
    } else {
        print_summary(&answer);
        fflush(stdout);
        if (code != EXIT_OK) cli_print_answer_error(&answer);
    }
    free(answer.body);
    return code;
}
