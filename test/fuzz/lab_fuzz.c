/* The laboratory's requests: any bytes as method, path, parameters and control JSON, signed so that they get inside.
 *
 * Input: lines. The first character chooses (G, P, D: signed; c: control POST; r: raw, unsigned GET; t: time passes, as
 * many milliseconds as the line is long, squared), then path, a space, parameters or body.
 * Must hold: no crash, every answer that is not told to be garbage is JSON with a status of the venue, and the wallet
 * is the start plus realised P&L minus fees. */
#include <stdio.h>
#include <stdlib.h>

#include "lab/test_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(16) uint8_t memory[RIG_MEMORY_MAX];
static struct rig rig;

static void require(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "finding: %s: %s\n", what, rig.text);
    abort();
}

static void check_answer(void) {
    struct hx_arena arena;
    const struct hx_json *root;
    const bool html = hx_str_equal(rig_header(&rig, "Content-Type"), HX_STR("text/html"));
    require(rig.answer.status >= 200 && rig.answer.status <= 599, "a status");
    require(rig.answer.delay_ms >= 0, "a delay");
    if (html || hx_lab_faults_applied(rig.lab) > 0) return;
    hx_arena_init(&arena, rig.scratch, sizeof rig.scratch);
    require(hx_ok(hx_json_parse(&arena, rig.answer.body, &root, NULL)), "JSON");
}

static void run_line(const char *line, size_t len) {
    char path[128];
    char rest[2048];
    hx_str tail = hx_str_make(line + 1, len - 1);
    hx_str head = HX_STR_EMPTY;
    (void)hx_str_split(&tail, ' ', &head);
    (void)snprintf(path, sizeof path, "%.*s", (int)head.len, head.data);
    (void)snprintf(rest, sizeof rest, "%.*s", (int)tail.len, tail.data);
    switch (line[0]) {
        case 'G':
            (void)rig_get(&rig, path, rest);
            break;
        case 'P':
            (void)rig_post(&rig, path, rest);
            break;
        case 'D':
            (void)rig_delete(&rig, path, rest);
            break;
        case 'c':
            (void)rig_send(&rig, HX_HTTP_METHOD_POST, path, "", rest);
            break;
        case 'r':
            (void)rig_send(&rig, HX_HTTP_METHOD_GET, path, rest, "");
            break;
        case 't':
            rig.now += (int64_t)(len * len);
            return;
        default:
            return;
    }
    check_answer();
}

static void check_books(void) {
    struct hx_lab_account_view account;
    hx_dec sum;
    hx_lab_get_account(rig.lab, &account);
    require(hx_ok(hx_dec_add(account.usdt_start, account.realized_pnl_total, &sum)), "a sum");
    require(hx_ok(hx_dec_subtract(sum, account.usdt_fees_total, &sum)), "a difference");
    require(hx_dec_equal(sum, account.usdt_wallet), "wallet = start + realised - fees");
    for (uint32_t i = 0; i < hx_lab_order_count(rig.lab); i++) {
        struct hx_lab_order_view order;
        hx_lab_get_order(rig.lab, i, &order);
        require(hx_dec_compare(order.executed_quantity, order.quantity) <= 0, "executed <= quantity");
        require(order.status != HX_LAB_STATUS_FILLED || hx_dec_equal(order.executed_quantity, order.quantity),
                "filled is full");
        require(order.placements > 0, "placements");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hx_str rest = hx_str_make((const char *)data, size);
    hx_str line;
    rig_init(&rig, memory, 42);
    while (hx_str_split(&rest, '\n', &line)) {
        if (line.len > 1) run_line(line.data, line.len);
    }
    hx_lab_clear_faults(rig.lab);
    hx_lab_advance(rig.lab, rig.now + HX_MS_PER_DAY);
    check_books();
    return 0;
}
