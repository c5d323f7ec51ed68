/* Rows for the tests of the ledger, and their statements in a request of a world of its own. */
#ifndef HX_TEST_APP_ROWS_H
#define HX_TEST_APP_ROWS_H

#include "core/app/ledger.h"
#include "test/app/world.h"

typedef void (*scene)(struct hx_req *req);

static inline void scene_run(struct hx_req *req, void *context) {
    (*(scene *)context)(req);
}

/* Runs a test's body as a request. */
static inline void in_request(scene body) {
    world_begin();
    hx_sim_run_request(world.sim, scene_run, &body);
    world_check();
}

static inline struct hx_signal_row signal_of(const char *id, const char *lane) {
    return (struct hx_signal_row){.id = hx_str_from_c(id),
                                  .lane = hx_str_from_c(lane),
                                  .source = HX_STR("webhook"),
                                  .key_name = HX_STR("test"),
                                  .idempotency_key = HX_STR("key"),
                                  .payload_digest = HX_STR("digest"),
                                  .body = HX_STR("{\"symbol\":\"BTCUSDT\"}"),
                                  .venue = HX_VENUE_BINANCE,
                                  .market = HX_STR("futures"),
                                  .symbol = HX_STR("BTCUSDT"),
                                  .action = HX_STR("LONG"),
                                  .status = HX_STR("accepted"),
                                  .received_ms = 1000,
                                  .has_expiry = true,
                                  .expires_ms = 5000,
                                  .request_id = HX_STR("request")};
}

static inline hx_err signal_write(struct hx_req *req, const struct hx_signal_row *row, bool only_if_idle) {
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    hx_batch_add_signal(&batch, row, only_if_idle);
    return hx_batch_write(&batch, NULL);
}

static inline void assert_conflict(hx_err err) {
    assert_true(hx_err_is(err, HX_CLASS_CONFLICT));
}

#define assert_done(expression) assert_string_equal(hx_err_name(expression), "OK")
#define assert_text(str, expected) assert_true(hx_str_equal(str, HX_STR(expected)))

#endif
