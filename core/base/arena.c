#include "core/base/arena.h"

#define ALIGNMENT ((size_t)16)

void hx_arena_init(struct hx_arena *arena, void *memory, size_t size) {
    uint8_t *base = memory;
    size_t skew = (size_t)((uintptr_t)base & (ALIGNMENT - 1));
    size_t skip = skew == 0 ? 0 : ALIGNMENT - skew;
    if (skip > size) skip = size;
    /* A whole number of units, so that every piece, even an empty one at the end, begins aligned. */
    size_t usable = (size - skip) & ~(ALIGNMENT - 1);
    *arena = (struct hx_arena){.base = size == 0 ? base : base + skip, .size = usable};
}

void hx_arena_reset(struct hx_arena *arena) {
    arena->used = 0;
}

void *hx_arena_take(struct hx_arena *arena, size_t size) {
    hx_assert(arena->used <= arena->size && arena->used % ALIGNMENT == 0);
    size_t room = arena->size - arena->used;
    if (size > room) {
        arena->refused = true;
        return NULL;
    }
    uint8_t *memory = arena->base + arena->used;
    /* The room is a multiple of the alignment, so a size that fits still fits when rounded up. */
    arena->used += (size + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1);
    if (arena->used > arena->used_max) arena->used_max = arena->used;
    return memory;
}

void *hx_arena_alloc(struct hx_arena *arena, size_t size) {
    void *memory = hx_arena_take(arena, size);
    if (memory != NULL) hx_mem_set(memory, 0, size);
    return memory;
}

hx_err hx_arena_make(struct hx_arena *arena, size_t count, size_t size, void **out) {
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) return HX_ERR(LIMIT_ARENA);
    void *memory = hx_arena_alloc(arena, total);
    if (memory == NULL) return HX_ERR(LIMIT_ARENA);
    *out = memory;
    return HX_OK;
}

size_t hx_arena_mark(const struct hx_arena *arena) {
    return arena->used;
}

void hx_arena_rewind(struct hx_arena *arena, size_t mark) {
    hx_assert(mark <= arena->used);
    arena->used = mark;
}

hx_err hx_arena_copy_str(struct hx_arena *arena, hx_str s, hx_str *out) {
    if (s.len == SIZE_MAX) return HX_ERR(LIMIT_ARENA);
    char *copy = hx_arena_take(arena, s.len + 1);
    if (copy == NULL) return HX_ERR(LIMIT_ARENA);
    hx_mem_copy(copy, s.data, s.len);
    copy[s.len] = '\0';
    *out = (hx_str){copy, s.len};
    return HX_OK;
}
