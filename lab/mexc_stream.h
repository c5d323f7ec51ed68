/* MEXC's contract stream, /edge: prices and the account's events on one connection. Spot's is protobuf: not offered. */
#ifndef HX_LAB_MEXC_STREAM_H
#define HX_LAB_MEXC_STREAM_H

#include "lab/stream.h"

enum hx_lab_mexc_topic { HX_LAB_MEXC_FAIR_PRICE, HX_LAB_MEXC_INDEX_PRICE, HX_LAB_MEXC_TICKER };

/* What personal.filter chooses. */
#define HX_LAB_MEXC_WANTS_ORDER 1u
#define HX_LAB_MEXC_WANTS_DEAL 2u
#define HX_LAB_MEXC_WANTS_POSITION 4u
#define HX_LAB_MEXC_WANTS_ASSET 8u
#define HX_LAB_MEXC_WANTS_ALL 15u

extern const struct hx_lab_stream_front hx_lab_mexc_streams;

/* mexc_event.c */
void hx_lab_mexc_tell(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event);

#endif
