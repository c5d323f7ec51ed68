/* Streams on this host: one WebSocket connection per (account, kind) that the core wants, over the links of link.h.
 *
 * The host connects, upgrades, frames, pings, and notices silence, loss and old age; what is said and what it means is
 * the core's (core/app/stream.h). Events of one stream go to the core one at a time and in order; one that is being
 * worked on never waits for another stream.
 *
 * Reconnecting: at once after a connection that held for a minute, else after 1 s, 2 s, 4 s … 60 s, with up to half as
 * much again by chance, so that many streams do not come back in one moment. */
#ifndef HX_HOST_NATIVE_STREAM_H
#define HX_HOST_NATIVE_STREAM_H

#include "host/native/host.h"

struct hx_streams;

/* Begins to ask the core which streams are wanted. */
void hx_streams_start(struct hx_host *host);
/* Says good-bye on every connection; none is made any more. */
void hx_streams_drain(struct hx_host *host);
void hx_streams_release(struct hx_host *host); /* After the tasks, before the links. */

#endif
