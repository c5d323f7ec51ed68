/* The laboratory behind a socket: paper trading in the server's own loop, or a venue of its own for tests. */
#ifndef HX_HOST_NATIVE_PAPER_H
#define HX_HOST_NATIVE_PAPER_H

#include "host/native/conn.h"

struct hx_paper;

/* Listens; NULL and a sentence in `problem` when it can't. */
struct hx_paper *hx_paper_open(struct hx_loop *loop, hx_str listen, uint64_t seed, char *problem, size_t problem_size);
uint16_t hx_paper_port(const struct hx_paper *paper);
void hx_paper_close(struct hx_paper *paper); /* NULL does nothing. */

#endif
