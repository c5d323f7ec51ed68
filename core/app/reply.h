/* Replies: the table of DESIGN 2, "What a caller gets". Bodies are JSON in the request's arena. */
#ifndef HX_CORE_APP_REPLY_H
#define HX_CORE_APP_REPLY_H

#include "core/app/app.h"
#include "core/app/ledger.h"

/* How a signal ended: what is stored with it and what its caller is told. */
struct hx_verdict {
    hx_str status;        /* signals.status: filled, rejected, … */
    uint32_t http_status; /* 200 for success, else an error of the table. */
    hx_str code;          /* error.code; empty for success. */
    hx_str message;
    hx_str field; /* For details: which field to change; may be empty. */
};

/* An error reply with its JSON body. Never fails: when the arena is used up it falls back to constant text. */
void hx_reply_error(struct hx_req *req, struct hx_reply *reply, uint32_t status, hx_str code, hx_str message,
                    const struct hx_signal_issues *issues);
void hx_reply_json(struct hx_reply *reply, uint32_t status, hx_str body);
void hx_reply_add_header(struct hx_reply *reply, hx_str name, hx_str value);

/* The body that is stored and sent for a signal that ended with `verdict`. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_reply_body_make(struct hx_req *req, const struct hx_signal_row *row,
                                      const struct hx_order_row *orders, uint32_t order_count,
                                      const struct hx_verdict *verdict, hx_str *out);
/* The body of a 202. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_reply_body_accepted(struct hx_req *req, const struct hx_signal_row *row, hx_str *out);
/* The payload of the owner's notice about a signal: what happened, in fields and one sentence. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_notice_make(struct hx_req *req, const struct hx_signal_row *row,
                                  const struct hx_order_row *orders, uint32_t order_count,
                                  const struct hx_verdict *verdict, hx_str *out);

#endif
