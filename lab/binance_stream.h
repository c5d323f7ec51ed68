/* Binance's streams: prices, the futures user stream behind a listen key, and the WebSocket API, which on spot carries
 * the user stream too. */
#ifndef HX_LAB_BINANCE_STREAM_H
#define HX_LAB_BINANCE_STREAM_H

#include "lab/stream.h"

enum hx_lab_binance_stream_kind {
    HX_LAB_BINANCE_PRICES,
    HX_LAB_BINANCE_USER, /* Futures. */
    HX_LAB_BINANCE_API,
};

/* Topics: markPrice every three seconds or every second, the best of the book, and the end of the listen key. */
enum hx_lab_binance_topic { HX_LAB_BINANCE_MARK_3S, HX_LAB_BINANCE_MARK_1S, HX_LAB_BINANCE_BOOK, HX_LAB_BINANCE_KEY };

#define HX_LAB_BINANCE_WANTS_ORDERS 1u
#define HX_LAB_BINANCE_WANTS_ACCOUNT 2u
#define HX_LAB_BINANCE_WANTS_ALGOS 4u

extern const struct hx_lab_stream_front hx_lab_binance_streams;

/* binance_stream.c. The current listen key; it is good while listen_key_until is ahead. */
void hx_lab_add_listen_key(struct hx_buf *buf, const struct hx_lab *lab);
bool hx_lab_listen_key_is_good(const struct hx_lab *lab, hx_str key);
/* {"stream":name,"data": around what follows, where the stream is a combined one. */
void hx_lab_binance_open_frame(struct hx_lab_stream *stream, struct hx_lab_text *text, hx_str name);
void hx_lab_binance_push_frame(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text);

/* binance_futures_event.c, binance_spot_event.c */
void hx_lab_binance_tell_futures(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event);
void hx_lab_binance_tell_spot(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event);

/* binance_ws_api.c */
void hx_lab_binance_receive_api(struct hx_lab *lab, struct hx_lab_stream *stream, hx_str text);
void hx_lab_binance_answer_message(struct hx_lab_call *call);
void hx_lab_binance_wrap(struct hx_lab_call *call, struct hx_lab_stream *stream, hx_str text, struct hx_buf *out);

#endif
