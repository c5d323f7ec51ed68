/* The two health questions: /health, whether the program is alive, and /ready, whether it can do its work: write the
 * ledger, and reach an exchange, which is one whose every market answers that there is a key for. One that is down for
 * maintenance must not take the gateway away from the others: what was for it waits. Each exchange that there is a key
 * for is shown, and of one that can't be reached, which markets. */
#include "core/app/flows.h"
#include "core/app/ledger.h"
#include "core/app/reply.h"
#include "core/app/venues.h"
#include "core/venue/standing.h"

#define READY_MEMORY_MS (5 * HX_MS_PER_SECOND)
#define READY_LEN_MAX 8192
#define VENUES_LEN_MAX 7168
#define SILENT_LEN_MAX 96
#define PROBLEM_LEN_MAX 640 /* Names of markets, and the longest words of a venue. */

void hx_health_handle(struct hx_req *req, struct hx_reply *reply) {
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str body = HX_STR("{\"success\":true,\"status\":\"ok\"}");
    if (hx_ok(hx_buf_make(&buf, &req->arena, 256))) {
        hx_json_begin(&w, &buf);
        hx_json_open_object(&w, NULL);
        hx_json_write_bool(&w, "success", true);
        hx_json_write_str(&w, "status", HX_STR("ok"));
        hx_json_write_str(&w, "service", HX_STR("hoox"));
        hx_json_write_i64(&w, "timestamp", hx_port_now(req));
        hx_json_close_object(&w);
        hx_str made;
        if (hx_ok(hx_buf_finish(&buf, &made))) body = made;
    }
    hx_reply_json(reply, 200, body);
}

/* Writes a row for real: a ledger that can only be read is not ready. */
static bool ledger_writable(struct hx_req *req) {
    const struct hx_db_stmt statement = {
        "INSERT INTO meta (name, value) VALUES ('ready_probe', '1') ON CONFLICT (name) DO UPDATE SET value = '1'", NULL,
        0, 1};
    return hx_ok(hx_port_db_batch(req, &statement, 1, NULL));
}

/* Anybody may ask, so the ledger is written once in a while, not once a question. */
static bool was_writable(struct hx_req *req) {
    hx_str known, text;
    struct hx_buf buf;
    int64_t until = 0;
    hx_time now = hx_port_now(req);
    bool fresh =
        hx_ok(hx_port_memo_get(req, HX_STR("ready"), &known)) && hx_ok(hx_str_parse_i64(known, &until)) && now < until;
    if (fresh) return true;
    if (!ledger_writable(req) || hx_failed(hx_buf_make(&buf, &req->arena, 24))) return false;
    hx_buf_add_i64(&buf, now + READY_MEMORY_MS);
    text = hx_buf_str(&buf);
    hx_port_memo_put(req, HX_STR("ready"), text);
    return true;
}

/* One exchange, live or test: what is true of all its markets, and the worst of what is not. */
struct summary {
    enum hx_venue_id venue;
    bool test;
    bool reachable; /* In every market. */
    bool stand_in, has_offset;
    int64_t offset_ms;
    struct hx_buf silent; /* The markets that can't be reached, */
    hx_str problem;       /* and what is wrong with the first of them. */
    struct hx_key_rights rights;
};

static int64_t magnitude(int64_t value) {
    return value < 0 ? -value : value;
}

static void add_account(struct hx_req *req, struct summary *sum, const struct hx_venue_adapter *adapter,
                        const struct hx_account *account) {
    struct hx_venue_clock clock;
    struct hx_venue_result answer = hx_venue_sync_clock(req, account);
    bool reachable = answer.outcome == HX_OUTCOME_DONE;
    if (!reachable) {
        if (sum->reachable) sum->problem = answer.message;
        if (!sum->reachable) hx_buf_add_c(&sum->silent, ", ");
        hx_buf_add(&sum->silent, adapter->name);
    }
    sum->reachable = sum->reachable && reachable;
    sum->stand_in = sum->stand_in && hx_venues_is_stand_in(req, adapter, account->test);
    if (reachable && hx_venue_clock_find(req, adapter, account->test, &clock)) {
        bool worse = !sum->has_offset || magnitude(clock.offset_ms) > magnitude(sum->offset_ms);
        if (worse) sum->offset_ms = clock.offset_ms;
        sum->has_offset = true;
    }
    hx_venue_recall_rights(req, account, &sum->rights);
}

/* "binance-futures, binance-spot: what is wrong"; in the arena. */
static hx_str problem_of(struct hx_req *req, const struct summary *sum) {
    struct hx_buf buf;
    if (hx_failed(hx_buf_make(&buf, &req->arena, PROBLEM_LEN_MAX))) return sum->problem;
    hx_buf_add(&buf, hx_buf_str(&sum->silent));
    hx_buf_add_c(&buf, ": ");
    hx_buf_add(&buf, sum->problem);
    return hx_buf_str(&buf);
}

static void write_summary(struct hx_req *req, struct hx_json_writer *w, const struct summary *sum) {
    char name[32] = {0};
    struct hx_buf buf;
    hx_buf_init(&buf, name, sizeof(name) - 1);
    hx_buf_add(&buf, hx_venue_name(sum->venue));
    if (sum->test) hx_buf_add_c(&buf, "-test");
    name[buf.len] = '\0';
    hx_json_open_object(w, name);
    hx_json_write_bool(w, "reachable", sum->reachable);
    hx_json_write_bool(w, "standIn", sum->stand_in);
    if (sum->has_offset) hx_json_write_i64(w, "clockOffsetMs", sum->offset_ms);
    hx_venues_write_rights(w, &sum->rights);
    if (!sum->reachable) hx_json_write_str(w, "problem", problem_of(req, sum));
    hx_json_close_object(w);
}

/* The markets of an exchange share its name: they are one entry. True when one exchange can be reached; *any: there is
 * one. */
static bool write_venues(struct hx_req *req, struct hx_json_writer *w, bool *any) {
    bool reachable = false;
    *any = false;
    hx_json_open_object(w, NULL);
    for (uint32_t v = 2 * (HX_VENUE_NONE + 1); v < 2 * HX_VENUES; v++) {
        struct summary sum = {
            .venue = (enum hx_venue_id)(v / 2), .test = v % 2 == 1, .reachable = true, .stand_in = true};
        char silent[SILENT_LEN_MAX];
        const struct hx_venue_adapter *adapter = NULL;
        struct hx_account account;
        uint32_t markets = 0;
        hx_buf_init(&sum.silent, silent, sizeof(silent));
        for (uint32_t i = 0; hx_venues_next(req, &i, &adapter, &account);) {
            if (account.venue != sum.venue || account.test != sum.test) continue;
            add_account(req, &sum, adapter, &account);
            markets++;
        }
        if (markets == 0) continue;
        write_summary(req, w, &sum);
        reachable = reachable || sum.reachable;
        *any = true;
    }
    hx_json_close_object(w);
    return reachable;
}

void hx_ready_handle(struct hx_req *req, struct hx_reply *reply) {
    struct hx_buf buf, venues;
    struct hx_json_writer w, v;
    int64_t signals_open = 0, outbox_open = 0;
    bool writable = was_writable(req) && hx_ok(hx_ledger_counts(req, &signals_open, &outbox_open));
    bool ready = false, any = false;
    hx_str body = HX_STR("{\"success\":false}");
    bool has_memory = hx_ok(hx_buf_make(&buf, &req->arena, READY_LEN_MAX)) &&
                      hx_ok(hx_buf_make(&venues, &req->arena, VENUES_LEN_MAX));
    if (has_memory) {
        hx_json_begin(&v, &venues);
        ready = write_venues(req, &v, &any) && writable && !venues.overflowed;
        hx_json_begin(&w, &buf);
        hx_json_open_object(&w, NULL);
        hx_json_write_bool(&w, "success", ready);
        hx_json_write_bool(&w, "ledgerWritable", writable);
        hx_json_write_i64(&w, "queueDepth", signals_open);
        hx_json_write_i64(&w, "outboxDepth", outbox_open);
        hx_json_write_raw(&w, "venues", hx_buf_str(&venues));
        if (!any) hx_json_write_str(&w, "problem", HX_STR("there is no key of any exchange: see hoox check setup"));
        hx_json_close_object(&w);
        hx_str made;
        if (hx_ok(hx_buf_finish(&buf, &made))) body = made;
    }
    hx_reply_json(reply, ready ? 200 : 503, body);
}
