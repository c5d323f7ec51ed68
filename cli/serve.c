/* Setting up and running: init, serve, lab. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/ledger.h"
#include "cli/setting.h"
#include "core/app/setting.h"
#include "core/base/buf.h"
#include "core/venue/adapter.h"
#include "host/native/native.h"

#define KEY_OF_THE_OWNER "'\"$HOOX_WEBHOOK_KEY\"'" /* For the shell that it is pasted into; it is not shown. */
#define ENV_SIZE 4096

const struct cli_option cli_serve_options[] = {
    {"paper", NULL, "trade against a built-in exchange instead of a real one"},
    {"listen", "ADDRESS", "address and port (HOOX_LISTEN, else 127.0.0.1:8787)"},
    {"tls-cert", "FILE", "PEM certificate chain: serve HTTPS"},
    {"tls-key", "FILE", "its PEM private key"},
    {NULL, NULL, NULL},
};
const struct cli_option cli_lab_options[] = {
    {"listen", "ADDRESS", "address and port (default 127.0.0.1:8790)"},
    {"seed", "N", "seed of prices and chances (default 1)"},
    {NULL, NULL, NULL},
};

/* What stands in a new hoox.env, before and after the exchanges' keys. */
static const char env_head[] =
    "# hoox: static settings and secrets, one NAME=value a line. Keep this file readable by you alone (mode 0600).\n"
    "# Settings that change while hoox runs are in the manifest: hoox config kv manifest\n"
    "\n"
    "# The exchanges, those you use. A key needs the permission to trade what you trade (futures, spot), none to\n"
    "# withdraw, and should be bound to this machine's address.\n";
static const char env_test_head[] = "# Keys of test networks, for signals with \"test\": true.\n";
static const char env_tail[] =
    "# Margin of futures: crossed, isolated, or keep what the exchange has. Bybit's is the whole account's.\n"
    "#HOOX_MARGIN_MODE=\n"
    "# 1: don't start with a key that may withdraw. Keys and clocks are looked at when hoox starts.\n"
    "#HOOX_REFUSE_WITHDRAW_KEYS=0\n"
    "\n"
    "# Where alerts are received. TradingView reaches ports 80 and 443 only: put a proxy or tunnel in front.\n"
    "#HOOX_LISTEN=127.0.0.1:8787\n"
    "#HOOX_TRUSTED_PROXIES=127.0.0.1/32\n"
    "\n"
    "# Where you are told what happened: a JSON POST for every finished signal.\n"
    "#HOOX_NOTIFY_URL=\n"
    "\n"
    "# Seconds between tries while a venue is down, and how long a caller waits for its answer.\n"
    "#HOOX_RETRY_SCHEDULE=30,60,300,900,1800\n"
    "#HOOX_REPLY_BUDGET_MS=2000\n"
    "\n"
    "# catch_up follows a strategy's target after a lost alert; refuse does not trade then.\n"
    "#HOOX_TARGET_MISMATCH=catch_up\n"
    "#HOOX_LOG_LEVEL=info\n";

static bool make_dirs(const char *path) {
    char part[4200];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return false;
        *slash = '/';
    }
    return mkdir(part, 0700) == 0 || errno == EEXIST;
}

static void add_keys(struct hx_buf *buf, bool test) {
    const struct hx_venue_access *access = NULL;
    for (uint32_t i = 0; (access = hx_venue_list_keys(i, test)) != NULL; i++) {
        const hx_str names[2] = {access->key_setting, access->secret_name};
        for (int k = 0; k < 2; k++) {
            hx_buf_add_char(buf, '#');
            hx_buf_add(buf, names[k]);
            hx_buf_add_c(buf, "=\n");
        }
    }
}

/* Into a file that has just been made. */
static bool write_env(int fd) {
    char text[ENV_SIZE];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_buf_add_c(&buf, env_head);
    add_keys(&buf, false);
    hx_buf_add_c(&buf, env_test_head);
    add_keys(&buf, true);
    hx_buf_add_c(&buf, env_tail);
    return !buf.overflowed && write(fd, text, buf.len) == (ssize_t)buf.len;
}

static void print_templates(const struct cli *cli, const char *key) {
    cli_say(cli, "\nAlert message for TradingView (any alert):\n\n");
    cli_say(cli,
            "{\"apiKey\":\"%s\",\"exchange\":\"binance\",\"action\":\"LONG\",\"symbol\":\"{{ticker}}\","
            "\"quantity\":\"0.01\",\"timenow\":\"{{timenow}}\"}\n",
            key);
    cli_say(cli, "\nAlert message for a TradingView strategy:\n\n");
    cli_say(cli,
            "{\"apiKey\":\"%s\",\"ticker\":\"{{ticker}}\",\"exchange\":\"BINANCE\","
            "\"action\":\"{{strategy.order.action}}\",\"contracts\":\"{{strategy.order.contracts}}\","
            "\"market_position\":\"{{strategy.market_position}}\","
            "\"position_size\":\"{{strategy.position_size}}\","
            "\"prev_market_position\":\"{{strategy.prev_market_position}}\","
            "\"prev_market_position_size\":\"{{strategy.prev_market_position_size}}\","
            "\"timenow\":\"{{timenow}}\"}\n",
            key);
}

int cli_init(struct cli *cli) {
    char path[4300];
    if (!make_dirs(cli->data_dir)) {
        return cli_fail(cli, EXIT_FAILED, "NO_DIRECTORY", "%s can't be made: %s", cli->data_dir, strerror(errno));
    }
    snprintf(path, sizeof path, "%s/hoox.env", cli->data_dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) {
        return cli_fail(cli, EXIT_FAILED, "NO_FILE", "%s can't be written: %s", path, strerror(errno));
    }
    bool existed = fd < 0;
    if (!existed) {
        bool written = write_env(fd);
        if (close(fd) != 0 || !written) {
            unlink(path);
            return cli_fail(cli, EXIT_FAILED, "NO_FILE", "%s can't be written: %s", path, strerror(errno));
        }
    }
    struct cli_answer answer;
    int code = cli_call(cli, "POST", "/v1/keys/default", NULL, &answer);
    if (code != 0) return code;
    char *key = answer.status == 200 ? cli_json_text(answer.body, answer.body_len, "key", NULL) : NULL;
    if (key == NULL && answer.status != 409) {
        code = cli_fail(cli, EXIT_FAILED, "NO_KEY", "no webhook key could be made: %s", answer.body);
    } else if (cli->json) {
        printf("{\"success\":true,\"env\":");
        cli_print_json_string(path, strlen(path));
        printf(",\"key\":");
        if (key != NULL) cli_print_json_string(key, strlen(key));
        printf("%s}\n", key != NULL ? "" : "null");
    } else if (key != NULL) {
        cli_say(cli, "%s %s\nWebhook key 'default', shown once:\n", existed ? "Kept" : "Wrote", path);
        printf("%s\n", key);
        print_templates(cli, key);
        cli_say(cli,
                "\nNext: put your exchange key into %s, then `hoox serve`.\n"
                "Or try it on paper, in a directory of its own: hoox serve --paper --data %s-paper\n",
                path, cli->data_dir);
    } else {
        cli_say(cli, "%s %s. The webhook key 'default' exists already; `hoox keys rotate default` makes a new one.\n",
                existed ? "Kept" : "Wrote", path);
    }
    free(key);
    free(answer.body);
    return code;
}

struct banner {
    const struct cli *cli;
    bool paper;
};

static void on_ready(void *arg, const struct hx_native_ready *ready) {
    const struct banner *banner = arg;
    const char *scheme = ready->is_tls ? "https" : "http";
    if (banner->cli->json) {
        printf("{\"listening\":\"%s://%s\"}\n", scheme, ready->address);
    } else {
        cli_say(banner->cli, "hoox listens on %s://%s%s\n", scheme, ready->address,
                banner->paper ? ", trading on paper" : "");
    }
    if (banner->paper && !banner->cli->json) {
        cli_say(banner->cli, "\nA first alert to paste into another terminal:\n\n");
        cli_say(banner->cli,
                "curl -sS %s://%s/webhook -d '{\"apiKey\":\"%s\",\"exchange\":\"binance\",\"action\":\"LONG\","
                "\"symbol\":\"BTCUSDT\",\"quantity\":\"0.01\"}'\n\n",
                scheme, ready->address, ready->paper_key != NULL ? ready->paper_key : KEY_OF_THE_OWNER);
        cli_say(banner->cli, "Then: %s positions --data %s\n\n", banner->cli->program, banner->cli->data_dir);
    }
    fflush(stdout);
}

static void on_problem(void *arg, const char *problem) {
    (void)cli_fail(arg, EXIT_FAILED, "NOT_STARTED", "%s", problem);
}

static void write_mark(const struct cli *cli, char *path, size_t size) {
    snprintf(path, size, "%s/paper", cli->data_dir);
}

bool cli_is_paper_dir(const struct cli *cli) {
    char path[4300];
    write_mark(cli, path, sizeof path);
    return access(path, F_OK) == 0;
}

static bool has_signals(const struct cli *cli) {
    char path[4300];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/hoox.db", cli->data_dir);
    if (access(path, F_OK) != 0 || cli_ledger_open(cli, &db) != 0) return false;
    char *found = cli_ledger_value(db, "SELECT 1 FROM signals LIMIT 1", NULL, 0);
    bool any = found != NULL;
    free(found);
    sqlite3_close(db);
    return any;
}

/* A ledger is of paper or of real trades, never of both: closing a paper position at a real venue would be an order
 * that nobody meant. A file marks a directory for paper; while there are no signals it may still change sides. */
static int settle_paper(const struct cli *cli, bool paper) {
    char path[4300];
    write_mark(cli, path, sizeof path);
    if (cli_is_paper_dir(cli) == paper) return 0;
    if (has_signals(cli)) {
        return cli_fail(cli, EXIT_FAILED, "PAPER_MIX",
                        "%s holds %s trades; name another directory for %s ones (--data)", cli->data_dir,
                        paper ? "real" : "paper", paper ? "paper" : "real");
    }
    int fd = paper ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (paper ? fd >= 0 && close(fd) == 0 : unlink(path) == 0) return 0;
    return cli_fail(cli, EXIT_FAILED, "NO_FILE", "%s can't be changed: %s", path, strerror(errno));
}

int cli_serve(struct cli *cli) {
    bool paper = cli_has_option(cli, "paper");
    if (cli_has_option(cli, "tls-cert") != cli_has_option(cli, "tls-key")) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--tls-cert and --tls-key go together");
    }
    if (!make_dirs(cli->data_dir)) {
        return cli_fail(cli, EXIT_FAILED, "NO_DIRECTORY", "%s can't be made: %s", cli->data_dir, strerror(errno));
    }
    int code = settle_paper(cli, paper);
    if (code != 0) return code;
    struct banner banner = {cli, paper};
    const struct hx_native_options options = {.data_dir = cli->data_dir,
                                              .listen = cli_find_option(cli, "listen"),
                                              .tls_cert = cli_find_option(cli, "tls-cert"),
                                              .tls_key = cli_find_option(cli, "tls-key"),
                                              .paper = paper,
                                              .on_ready = on_ready,
                                              .on_ready_arg = &banner,
                                              .on_problem = on_problem,
                                              .on_problem_arg = cli,
                                              .suggest = cli_setting_suggest};
    int code_of_server = hx_native_serve(&options);
    return code_of_server == 0 ? EXIT_OK : code_of_server == HX_EXIT_WRONG_SETTING ? EXIT_USAGE : EXIT_FAILED;
}

static void on_lab_ready(void *arg, const struct hx_native_ready *ready) {
    const struct cli *cli = arg;
    if (cli->json) printf("{\"listening\":\"http://%s\"}\n", ready->address);
    cli_say(arg, "the laboratory listens on http://%s\n%s\n", ready->address, ready->lab_url);
    fflush(stdout);
}

int cli_lab(struct cli *cli) {
    const char *listen = cli_find_option(cli, "listen");
    const char *seed_text = cli_find_option(cli, "seed");
    uint64_t seed = 1;
    if (seed_text != NULL && hx_failed(hx_str_parse_u64(hx_str_from_c(seed_text), &seed))) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--seed needs a whole number");
    }
    struct hx_setting_info info = hx_setting_info(HX_SETTING_LISTEN);
    if (listen != NULL && !hx_setting_check(&info, hx_str_from_c(listen))) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--listen %s", hx_setting_issue(&info).data);
    }
    return hx_native_lab_run(listen != NULL ? listen : "127.0.0.1:8790", seed, on_lab_ready, on_problem, cli);
}
