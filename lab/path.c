/* Prices: value noise in five octaves, integers only, a function of (seed, symbol, time) without memory. Asking twice
 * or skipping a day changes nothing, which keeps replays exact and idle time free. */
#include "lab/state.h"

struct octave {
    int64_t period_ms;
    int64_t swing_ppm; /* The octave stays within plus or minus this much of the starting price. */
};

static const struct octave octaves[] = {
    {6 * HX_MS_PER_HOUR, 30000}, {HX_MS_PER_HOUR, 8000},      {10 * HX_MS_PER_MINUTE, 2500},
    {HX_MS_PER_MINUTE, 800},     {5 * HX_MS_PER_SECOND, 150},
};

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t hx_lab_mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

uint32_t hx_lab_random(struct hx_lab *lab, uint32_t below) {
    hx_assert(below > 0);
    lab->random++;
    return (uint32_t)(hx_lab_mix(lab->random) % below);
}

static int64_t knot_ppm(uint64_t stream, int64_t index, int64_t swing_ppm) {
    const uint64_t bits = hx_lab_mix(stream ^ hx_lab_mix((uint64_t)index));
    return (int64_t)(bits % (uint64_t)(2 * swing_ppm + 1)) - swing_ppm;
}

static int64_t deviation_ppm(uint64_t stream, hx_time time) {
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof octaves / sizeof octaves[0]; i++) {
        const struct octave *octave = &octaves[i];
        const uint64_t own = hx_lab_mix(stream + i);
        const int64_t index = time / octave->period_ms;
        const int64_t into = time % octave->period_ms;
        const int64_t from = knot_ppm(own, index, octave->swing_ppm);
        const int64_t to = knot_ppm(own, index + 1, octave->swing_ppm);
        sum += from + (to - from) * into / octave->period_ms;
    }
    return sum;
}

struct hx_lab_book hx_lab_book_at(const struct hx_lab *lab, const struct hx_lab_market *market, hx_time time) {
    if (market->pinned != 0) return (struct hx_lab_book){market->pinned, market->pinned, market->pinned};
    const uint64_t stream = lab->seed ^ hx_str_hash(hx_str_from_c(market->name));
    const int64_t ppm = deviation_ppm(stream, time > 0 ? time : 0);
    struct hx_lab_book book;
    book.mark = market->price_start + hx_lab_amount_scale(market->price_start, ppm, 1000000);
    book.bid = hx_lab_amount_floor_step(book.mark, market->tick);
    if (book.bid == 0) book.bid = market->tick;
    book.ask = book.bid + market->tick;
    return book;
}

struct hx_lab_book hx_lab_book_now(const struct hx_lab *lab, const struct hx_lab_market *market) {
    return hx_lab_book_at(lab, market, lab->now);
}
