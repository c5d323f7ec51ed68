/* The memory functions of the core, declared in str.h, and on wasm the four that the compiler calls by itself. */
#include "core/base/str.h"

#ifdef __wasm__
/* Clang turns struct copies and its builtins into calls of these, and the wasm link allows no import but the port's.
 * no_builtin keeps it from recognising the loops and turning each into a call of itself. */
#define NO_BUILTIN __attribute__((no_builtin))
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

struct word {
    uint64_t value;
} __attribute__((packed, may_alias));

NO_BUILTIN void *memcpy(void *restrict to, const void *restrict from, size_t len) {
    uint8_t *out = to;
    const uint8_t *in = from;
    for (; len >= 8; len -= 8, out += 8, in += 8) ((struct word *)out)->value = ((const struct word *)in)->value;
    for (; len > 0; len--) *out++ = *in++;
    return to;
}

NO_BUILTIN void *memmove(void *to, const void *from, size_t len) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out < (uintptr_t)in) {
        for (size_t i = 0; i < len; i++) out[i] = in[i];
    } else {
        for (size_t i = len; i > 0; i--) out[i - 1] = in[i - 1];
    }
    return to;
}

NO_BUILTIN void *memset(void *to, int byte, size_t len) {
    uint8_t *out = to;
    uint64_t pattern = (uint64_t)(uint8_t)byte * 0x0101010101010101u;
    for (; len >= 8; len -= 8, out += 8) ((struct word *)out)->value = pattern;
    for (; len > 0; len--) *out++ = (uint8_t)byte;
    return to;
}

NO_BUILTIN int memcmp(const void *a, const void *b, size_t len) {
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < len; i++) {
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}
#endif

/* The guards for len 0 are there because the builtins leave NULL with length 0 undefined and hx_str allows it. */

void hx_mem_copy(void *to, const void *from, size_t len) {
    if (len > 0) __builtin_memcpy(to, from, len);
}

void hx_mem_move(void *to, const void *from, size_t len) {
    if (len > 0) __builtin_memmove(to, from, len);
}

void hx_mem_set(void *to, uint8_t byte, size_t len) {
    if (len > 0) __builtin_memset(to, byte, len);
}

bool hx_mem_equal(const void *a, const void *b, size_t len) {
    return len == 0 || __builtin_memcmp(a, b, len) == 0;
}

bool hx_mem_equal_constant_time(const void *a, const void *b, size_t len) {
    /* Volatile reads: the compiler may not notice that the result is settled after the first difference. */
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < len; i++) difference = (uint8_t)(difference | (left[i] ^ right[i]));
    return difference == 0;
}
