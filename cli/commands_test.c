/* Covers call.c, check.c, config.c, keys.c, perf.c, queue.c, serve.c, trade.c: commands that change something, with the
 * server stopped and running. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/test_rig.h"
#include "core/venue/adapter.h"
#include "host/native/test_rig.h"

struct step {
    const char *line;
    int code;
    const char *says; /* In what was printed, on either stream. */
};

static void run_steps(const struct step *steps, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct cli_captured captured;
        cli_rig_run(&captured, steps[i].line);
        bool says = strstr(captured.out, steps[i].says) != NULL || strstr(captured.err, steps[i].says) != NULL;
        if (captured.code != steps[i].code || !says) {
            fail_msg("`hoox %s`: code %d, out '%s', err '%s'; wanted %d and '%s'", steps[i].line, captured.code,
                     captured.out, captured.err, steps[i].code, steps[i].says);
        }
        if (strstr(steps[i].line, "--json") != NULL) assert_true(cli_json_is_valid(captured.out, captured.out_len));
        cli_rig_release(&captured);
    }
}

#define RUN_STEPS(steps) run_steps(steps, sizeof(steps) / sizeof((steps)[0]))

/* What must come out the same whether the server runs or not. */
static const struct step both_ways[] = {
    {"config kv get trade:kill_switch", 0, "off"},
    {"monitor kill-switch show --json", 0, "{\"key\":\"trade:kill_switch\",\"value\":\"off\",\"isDefault\":true}"},
    {"monitor kill-switch on", 0, "only orders that reduce"},
    {"monitor kill-switch show", 0, "reduce"},
    {"monitor kill-switch OFF", 0, "entries are sent again"},
    {"monitor kill-switch Reduce", 0, "only orders that reduce"},
    {"monitor kill-switch SHOW", 0, "reduce"},
    {"monitor kill-switch halt --json", 0, "\"success\":true"},
    {"config kv get trade:kill_switch --json", 0, "\"value\":\"halt\",\"isDefault\":false"},
    {"config kv delete trade:kill_switch", 0, "the default rules"},
    {"config kv get trade:kill_switch", 0, "off"},
    {"config kv set webhook:rate_limit 5/3", 0, "Set."},
    {"config kv list --json", 0, "{\"key\":\"webhook:rate_limit\",\"value\":\"5/3\"}"},
    {"config kv set webhook:rate_limit nonsense", 2, "VALIDATION_ERROR"},
    {"config kv set webhook:rate_limt 5/3 --json", 2, "did you mean 'webhook:rate_limit'?"},
    {"config kv apply-manifest --dry-run --json", 0, "\"write\":true"},
    {"config kv list --json", 0, "[\n  {\"key\":\"webhook:rate_limit\""},
    {"config kv apply-manifest", 0, "written"},
    {"config kv get webhook:rate_limit", 0, "5/3"},
    {"keys generate tv --json", 0, "\"key\":\"hxk_"},
    {"keys generate tv", 1, "CONFLICT"},
    {"keys list", 0, "created_utc"},
    {"keys list --json", 0, "\"name\":\"tv\",\"valid\":true,\"created_ms\":1"},
    {"keys rotate tv --overlap 60", 0, "hxk_"},
    {"keys rotate nobody", 1, "NOT_FOUND"},
    {"keys revoke tv", 0, "Revoked"},
    {"keys revoke tv", 1, "NOT_FOUND"},
    {"queue retry 01a20790-261f-7c37-81e2-eaf35ec1b554", 1, "NOT_FOUND"},
    {"queue drop 01a20790-261f-7c37-81e2-eaf35ec1b554 --json", 1, "NOT_FOUND"},
    {"queue resolve 01a20790-261f-7c37-81e2-eaf35ec1b554 --absent --json", 1, "NOT_FOUND"},
    {"queue resolve 01a20790-261f-7c37-81e2-eaf35ec1b554", 2, "say what you have found at the exchange: --absent"},
    {"queue resolve ../../etc --absent", 2, "is no signal id"},
    {"trade LONG BTCUSDT abc", 2, "  quantity: must be a number"},
    {"trade LONG BTCUSDT abc --json", 2, "\"details\":[{\"field\":\"quantity\""},
    {"trade JUMP BTCUSDT 1", 2, "  action: "},
    {"trade SHORT BTCUSDT 1 --market spot", 2, "  action: "},
    {"trade LONG BTCUSDT 1 --market margin", 2, "  market: "},
};

static void test_with_the_server_stopped(void **state) {
    (void)state;
    char dir[64];
    cli_rig_make_dir(dir, sizeof dir, false);
    setenv("HOOX_LOG_LEVEL", "error", 1);
    RUN_STEPS(both_ways);
    static const struct step steps[] = {{"check health", 3, "no server runs"},
                                        {"check health --json", 3, "NOT_RUNNING"},
                                        {"perf fastpath run --key k --url http://127.0.0.1:1", 3, "no answer"}};
    RUN_STEPS(steps);
    cli_rig_remove_dir(dir);
}

/* The server is a paper one, in a child process. */
static void test_with_the_server_running(void **state) {
    (void)state;
    struct hx_rig rig;
    char perf[160];
    setenv("HOOX_LOG_LEVEL", "error", 1);
    setenv("HOOX_WEBHOOK_KEY", "a-webhook-key-for-tests", 1);
    hx_rig_start(&rig, &(struct hx_native_options){.paper = true});
    unsetenv("HOOX_WEBHOOK_KEY");
    setenv("HOOX_DATA", rig.directory, 1);
    RUN_STEPS(both_ways);
    static const struct step steps[] = {
        {"config kv set webhook:rate_limit 1000/60", 0, "Set."},
        {"check health --json", 0, "{\"health\":{"},
        {"trade LONG BTCUSDT 0.01 --exchange binance --key once", 0, "FILLED"},
        {"trade LONG BTCUSDT 0.01 --exchange binance --key once", 0, "FILLED"},
        {"positions --json", 0, "\"side\":\"long\",\"quantity\":\"0.01\""},
        {"trade LONG BTCUSDT 0.02 --exchange binance --key once", 1, "KEY_REUSED"},
        {"trade LONG BTCUSDT 0.02 --exchange binance --market spot", 0, "FILLED"},
        {"positions --json", 0, "\"market\":\"spot\""},
        {"trade CLOSE BTCUSDT --exchange binance --market spot", 0, "FILLED"},
        {"monitor kill-switch on", 0, "on"},
        {"trade LONG BTCUSDT 0.01 --exchange binance", 1, "KILL_SWITCH"},
        {"trade CLOSE BTCUSDT --exchange binance", 0, "FILLED"},
        {"monitor kill-switch off", 0, "off"},
        {"positions", 0, "no open positions"},
        {"monitor trades --json", 0, "\"closed_quantity\":\"0.01\""},
    };
    RUN_STEPS(steps);
    snprintf(perf, sizeof perf,
             "perf fastpath run --n 4 --json --key a-webhook-key-for-tests --url http://127.0.0.1:%u",
             (unsigned)rig.port);
    const struct step measured = {perf, 0, "{\"stage\":\"order_sent\",\"count\":4"};
    run_steps(&measured, 1);
    static const struct step served[] = {
        {"serve --paper --listen 127.0.0.1:0", 1, "is in use"},
        {"serve --paper --json --listen 127.0.0.1:0", 1, "{\"success\":false,\"error\":{\"code\":\"NOT_STARTED\""},
        {"lab --listen nonsense", 2, "hoox: --listen must be an address"},
        {"lab --listen 192.0.2.1:8790", 1, "hoox: cannot listen on 192.0.2.1:8790"},
        {"lab --json --listen 192.0.2.1:8790", 1, "{\"success\":false,\"error\":{\"code\":\"NOT_STARTED\""},
    };
    /* What the rig's server made is a paper ledger; the mark is what `serve --paper` would have left. */
    char mark[96];
    snprintf(mark, sizeof mark, "%s/paper", rig.directory);
    close(open(mark, O_CREAT | O_WRONLY, 0600));
    RUN_STEPS(served);
    assert_int_equal(hx_rig_stop(&rig), 0);
    unsetenv("HOOX_DATA");
}

/* A line for each, to be filled in: whatever exchanges there are. */
static void assert_env_names_every_key(const char *path) {
    const struct hx_venue_access *access = NULL;
    char text[8192], line[128];
    int fd = open(path, O_RDONLY);
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    assert_true(len > 0);
    text[len] = '\0';
    for (int test = 0; test < 2; test++) {
        for (uint32_t i = 0; (access = hx_venue_list_keys(i, test == 1)) != NULL; i++) {
            snprintf(line, sizeof line, "\n#%s=\n#%s=\n", access->key_setting.data, access->secret_name.data);
            if (strstr(text, line) == NULL) fail_msg("%s is not in hoox.env", line);
        }
    }
}

/* init makes private files and one key; a second run keeps them. */
static void test_init(void **state) {
    (void)state;
    char base[64], path[160];
    struct stat info;
    cli_rig_make_dir(base, sizeof base, false);
    snprintf(path, sizeof path, "%s/a/b", base);
    setenv("HOOX_DATA", path, 1);
    static const struct step steps[] = {
        {"keys list", 3, "no data directory"},
        {"trade LONG BTCUSDT 1 --json", 3, "NO_DIRECTORY"},
        {"check setup", 1, "hoox init"},
        {"init", 0, "\"apiKey\":\"hxk_"},
        {"init", 0, "Kept"},
        {"init --json", 0, "\"key\":null"},
        {"keys list --json", 0, "\"name\":\"default\""},
        {"check setup --json", 1, "{\"state\":\"look\",\"check\":\"there is a key of an exchange\""},
    };
    RUN_STEPS(steps);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    snprintf(path, sizeof path, "%s/a/b/hoox.env", base);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_env_names_every_key(path);
    assert_int_equal(chmod(path, 0644), 0);
    static const struct step readable[] = {{"keys list", 3, "readable by others"},
                                           {"check setup", 1, "only you can read hoox.env"}};
    RUN_STEPS(readable);
    cli_rig_remove_dir(base);
}

/* Paper and real trades never share a ledger, and a paper ledger never meets a real venue. */
static void test_paper_guard(void **state) {
    (void)state;
    char dir[64], mark[96];
    cli_rig_make_dir(dir, sizeof dir, true);
    snprintf(mark, sizeof mark, "%s/paper", dir);
    cli_rig_exec(dir,
                 "INSERT INTO signals(seq,id,lane,source,key_name,idempotency_key,payload_digest,body,venue,market,"
                 "test,symbol,action,status,received_ms,due_ms,finished_ms,request_id) VALUES(1,'i','l','cli','','k',"
                 "'d','{}','binance','futures',0,'S','LONG','filled',0,0,1,'r')");
    static const struct step real[] = {{"serve --paper --json --listen 127.0.0.1:0", 1, "PAPER_MIX"}};
    RUN_STEPS(real);
    assert_int_equal(access(mark, F_OK), -1);
    close(open(mark, O_CREAT | O_WRONLY, 0600));
    static const struct step paper[] = {
        {"serve --listen 127.0.0.1:0", 1, "holds paper trades"},
        {"trade LONG BTCUSDT 1", 3, "its server is stopped"},
        {"queue retry 01a20790-261f-7c37-81e2-eaf35ec1b554", 3, "its server is stopped"},
        {"keys list", 0, "no webhook keys"},
        {"check setup", 1, "no exchange key is needed"},
    };
    RUN_STEPS(paper);
    cli_rig_remove_dir(dir);
}

static void write_text(const char *dir, const char *name, const char *text) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* What serve would refuse, check setup tells of, all of it, and no value. */
static void test_wrong_settings(void **state) {
    (void)state;
    char dir[64];
    cli_rig_make_dir(dir, sizeof dir, true);
    assert_int_equal(chmod(dir, 0700), 0);
    write_text(dir, "paper", "");
    cli_rig_exec(dir, "INSERT INTO kv(key, value, updated_ms) VALUES('keys:webhook:tv', '{}', 0)");
    static const struct step right[] = {{"check setup", 0, "ok     the settings have values they may have"},
                                        {"check setup --json", 0, "\"the ledger is sound\""}};
    RUN_STEPS(right);
    write_text(dir, "hoox.env", "HOOX_RETRY_SCHEDULE=30s\nHOOX_MARGIN_MODE=cross\nHOOX_NOTIFI_URL=https://a.example\n");
    static const struct step wrong[] = {
        {"check setup", 1, "look   HOOX_RETRY_SCHEDULE is set right"},
        {"check setup", 1, "it must be crossed, isolated, or keep"},
        {"check setup", 1, "HOOX_NOTIFI_URL is no setting of hoox; did you mean HOOX_NOTIFY_URL?"},
        {"serve --paper --listen 127.0.0.1:0", 2, "hoox: HOOX_RETRY_SCHEDULE must be whole numbers of seconds"},
        {"lab --listen=", 2, "--listen must be an address"},
        {"config kv set trade:kill_switch halt", 0, "Set."}};
    RUN_STEPS(wrong);
    write_text(dir, "hoox.env", "export HOOX_MARGIN_MODE=crossed\n");
    static const struct step unreadable[] = {{"check setup", 1, "hoox.env:1: this line begins with 'export'"}};
    RUN_STEPS(unreadable);
    cli_rig_remove_dir(dir);
}

/* A ledger that is none is a finding like any other, and the document stays one. */
static void test_unreadable_ledger(void **state) {
    (void)state;
    char dir[64];
    struct cli_captured said;
    cli_rig_make_dir(dir, sizeof dir, false);
    assert_int_equal(chmod(dir, 0700), 0);
    write_text(dir, "paper", "");
    write_text(dir, "hoox.db", "this is no ledger, and it never was: it only has the name of one");
    static const struct step steps[] = {{"check setup", 1, "look   the ledger can be read"},
                                        {"check setup", 1, "restore a backup"}};
    RUN_STEPS(steps);
    cli_rig_run(&said, "check setup --json");
    assert_int_equal(said.code, 1);
    assert_true(cli_json_is_valid(said.out, said.out_len));
    assert_string_equal(said.err, "");
    cli_rig_release(&said);
    cli_rig_remove_dir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_paper_guard),
        cmocka_unit_test(test_wrong_settings),
        cmocka_unit_test(test_unreadable_ledger),
        cmocka_unit_test(test_with_the_server_stopped),
        cmocka_unit_test(test_with_the_server_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
