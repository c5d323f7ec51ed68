/* Bybit's streams: /v5/private, /v5/public/linear, /v5/public/spot and order entry on /v5/trade. */
#ifndef HX_LAB_BYBIT_STREAM_H
#define HX_LAB_BYBIT_STREAM_H

#include "lab/stream.h"

enum hx_lab_bybit_stream_kind { HX_LAB_BYBIT_PUBLIC, HX_LAB_BYBIT_PRIVATE, HX_LAB_BYBIT_TRADE };

/* The private topics, each a pair of bits: twice its number, and one more on spot. */
enum hx_lab_bybit_topic {
    HX_LAB_BYBIT_ORDER,
    HX_LAB_BYBIT_EXECUTION,
    HX_LAB_BYBIT_EXECUTION_FAST,
    HX_LAB_BYBIT_POSITION,
    HX_LAB_BYBIT_WALLET,
};
#define HX_LAB_BYBIT_TOPICS 5

extern const struct hx_lab_stream_front hx_lab_bybit_streams;

/* bybit_event.c */
void hx_lab_bybit_tell(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event);

/* bybit_trade.c: order.create and its like */
void hx_lab_bybit_receive_trade(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_json *root,
                                hx_str text);
void hx_lab_bybit_answer_message(struct hx_lab_call *call);
void hx_lab_bybit_wrap(struct hx_lab_call *call, struct hx_lab_stream *stream, hx_str text, struct hx_buf *out);

#endif
