/* hoox trade: a signal by hand, through the very path an alert takes. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "core/base/json.h"

#define BODY_LEN_MAX 4096

const struct cli_option cli_trade_options[] = {
    {"exchange", "VENUE", "binance, bybit or mexc; else routing decides"},
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

static void print_summary(const struct cli_answer *answer) {
    static const char *const members[] = {"signalId", "exchange", "symbol", "action", "status", "message"};
    static const char *const results[] = {"orderId", "clientOrderId", "status", "executedQty", "price", "fee"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char *text = cli_json_text(answer->body, answer->body_len, members[i], NULL);
        if (text != NULL && text[0] != '\0') printf("%-14s %s\n", members[i], text);
        free(text);
    }
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        char *text = cli_json_text(answer->body, answer->body_len, "result", results[i]);
        if (text != NULL && text[0] != '\0') printf("  %-12s %s\n", results[i], text);
        free(text);
    }
    char *problem = cli_json_text(answer->body, answer->body_len, "error", "message");
    char *code = cli_json_text(answer->body, answer->body_len, "error", "code");
    if (problem != NULL) fprintf(stderr, "hoox: %s (%s)\n", problem, code != NULL ? code : "no code");
    free(problem);
    free(code);
}

int cli_trade(struct cli *cli) {
    char memory[BODY_LEN_MAX];
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str body;
    hx_buf_init(&buf, memory, sizeof memory);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "action", hx_str_from_c(cli->arguments[0]));
    hx_json_write_str(&w, "symbol", hx_str_from_c(cli->arguments[1]));
    if (cli->argument_count > 2) hx_json_write_str(&w, "quantity", hx_str_from_c(cli->arguments[2]));
    write_option(cli, &w, "exchange", "exchange");
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
    if (hx_failed(hx_buf_finish(&buf, &body))) return cli_fail(cli, EXIT_USAGE, "USAGE", "the arguments are too long");
    char question[256];
    snprintf(question, sizeof question, "Send %.40s %.40s %.40s for real?", cli->arguments[0], cli->arguments[1],
             cli->argument_count > 2 ? cli->arguments[2] : "");
    if (isatty(STDIN_FILENO) && !cli_confirm(cli, question)) {
        return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was sent");
    }
    struct cli_answer answer;
    int code = cli_call(cli, "POST", "/v1/trade", body.data, body.len, &answer);
    if (code != 0) return code;
    if (cli->json) {
        printf("%s\n", answer.body);
    } else {
        print_summary(&answer);
    }
    code = answer.status >= 200 && answer.status < 300 ? EXIT_OK : EXIT_FAILED;
    free(answer.body);
    return code;
}
