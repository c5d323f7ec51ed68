/* Arena: bump allocation with a hard cap, no free.
 *
 * A request owns one arena (256 KiB, HX_REQUEST_ARENA_SIZE); everything the core returns lives there or in
 * the caller's storage, so `return` is always safe. Running out is an error (LIMIT_ARENA), never a crash.
 * A mark taken before a loop body and reset after it makes the body's memory reusable. */
#ifndef HX_CORE_BASE_ARENA_H
#define HX_CORE_BASE_ARENA_H

#include "core/base/err.h"
#include "core/base/str.h"

#define HX_REQUEST_ARENA_SIZE ((size_t)256 * 1024)

struct hx_arena {
    uint8_t *base;
    size_t size;
    size_t used;
    size_t used_max; /* High-water mark, for the budget reports. */
    bool refused;    /* Something did not fit since whoever asks here last cleared it. */
};

/* Uses what lies in `memory` between 16-byte borders. */
void hx_arena_init(struct hx_arena *arena, void *memory, size_t size);
void hx_arena_reset(struct hx_arena *arena);

/* Zeroed memory aligned for any type (16 bytes). NULL when the cap is reached. */
void *hx_arena_alloc(struct hx_arena *arena, size_t size);
/* The same, not zeroed: for buffers that are written before they are read. */
void *hx_arena_take(struct hx_arena *arena, size_t size);
/* As above, as an error: LIMIT_ARENA. count * size is checked for overflow. */
HX_MUST_USE hx_err hx_arena_make(struct hx_arena *arena, size_t count, size_t size, void **out);

size_t hx_arena_mark(const struct hx_arena *arena);
void hx_arena_rewind(struct hx_arena *arena, size_t mark);

/* Copies; the copy is NUL-terminated as a courtesy (the NUL is not counted in len). LIMIT_ARENA. */
HX_MUST_USE hx_err hx_arena_copy_str(struct hx_arena *arena, hx_str s, hx_str *out);

#endif
