/* Laboratories behind sockets: paper trading in the server's own loop, or venues of their own for tests.
 *
 * One laboratory for each venue, and one more for each venue whose adapters name a testnet, with keys of its own, so
 * that nothing that was sent to the one can reach the other. All have the same seed and therefore the same prices. */
#ifndef HX_HOST_NATIVE_PAPER_H
#define HX_HOST_NATIVE_PAPER_H

#include "host/native/conn.h"
#include "host/native/settings.h"

/* The pair of the testnets; the others take HX_LAB_API_KEY and HX_LAB_API_SECRET. */
#define HX_PAPER_TESTNET_KEY "paper-testnet-key"
#define HX_PAPER_TESTNET_SECRET "paper-testnet-secret"

#define HX_PAPER_COUNT_MAX (2 * HX_VENUE_COUNT)

struct hx_paper;

/* Listens on the addresses of the comma list: the venues in the order of core/base/venues.h, then the testnets in the
 * same. Those beyond the list get a free port on 127.0.0.1. NULL and a sentence in `problem` when it can't. */
struct hx_paper *hx_paper_open(struct hx_loop *loop, hx_str listen, uint64_t seed, char *problem, size_t problem_size);
/* Laboratories, 1 at least; `index` is below their number. */
uint32_t hx_paper_count(const struct hx_paper *paper);
uint16_t hx_paper_port(const struct hx_paper *paper, uint32_t index);
const char *hx_paper_name(const struct hx_paper *paper, uint32_t index); /* "binance", "binance testnet". */
/* Points every URL of every venue at the laboratories and sets their keys, whatever was there before: paper mode must
 * not be able to reach an account with money in it. False: too many settings. */
bool hx_paper_configure(const struct hx_paper *paper, struct hx_settings *settings, struct hx_secrets *secrets);
void hx_paper_close(struct hx_paper *paper); /* NULL does nothing. */

#endif
