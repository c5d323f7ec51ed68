#define _GNU_SOURCE

#include "host/common/coro.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/err.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if (defined(__x86_64__) && !defined(__ILP32__)) || defined(__aarch64__)
#define HAS_SWITCH 1
#else
#include <ucontext.h>
#endif

#define POOLED_MAX 512 /* Free stacks kept; what is beyond goes back to the system. */

/* Lives at the top of its own stack's mapping, out of the way of an overflow, which meets the guard page. */
struct hx_coro {
    hx_coro_fn fn;
    void *arg;
    uint8_t *mapping;
    struct hx_coro *resumer; /* Coroutine that resumed this one; NULL when it was the thread itself. */
    struct hx_coro *next;    /* In the pool. */
    bool running;            /* Being resumed, or waiting for one it resumed. */
    bool finished;
#ifdef HAS_SWITCH
    void *stack_pointer;
    void *resumer_stack_pointer;
#else
    ucontext_t context;
    ucontext_t resumer_context;
#endif
#ifdef HAS_ASAN
    void *fake_stack;
    void *resumer_fake_stack;
    const void *resumer_bottom;
    size_t resumer_size;
#endif
};

static _Thread_local struct {
    struct hx_coro *current;
    struct hx_coro *pool;
    size_t pooled_count;
    size_t live_count;
    hx_coro_fn outside_fn; /* Asked for by hx_coro_call_outside, not yet done. */
    void *outside_arg;
} state;

#ifdef HAS_SWITCH

/* Stores the callee-saved registers on the current stack, its pointer in *save, and goes on at `load`, which an earlier
 * call stored or stack_prepare made up. Signal masks are left alone: no system call. */
void hx_coro_switch_(void **save, void *load);

#if defined(__x86_64__)
/* System V ABI AMD64, 3.2.1: rbx, rbp, r12..r15, and the control words of SSE and x87 belong to the caller. */
__asm__(
    ".text\n"
    ".globl hx_coro_switch_\n"
    ".type hx_coro_switch_, @function\n"
    "hx_coro_switch_:\n"
    "    pushq %rbp\n"
    "    pushq %rbx\n"
    "    pushq %r12\n"
    "    pushq %r13\n"
    "    pushq %r14\n"
    "    pushq %r15\n"
    "    subq $8, %rsp\n"
    "    stmxcsr (%rsp)\n"
    "    fnstcw 4(%rsp)\n"
    "    movq %rsp, (%rdi)\n"
    "    movq %rsi, %rsp\n"
    "    ldmxcsr (%rsp)\n"
    "    fldcw 4(%rsp)\n"
    "    addq $8, %rsp\n"
    "    popq %r15\n"
    "    popq %r14\n"
    "    popq %r13\n"
    "    popq %r12\n"
    "    popq %rbx\n"
    "    popq %rbp\n"
    "    ret\n"
    ".size hx_coro_switch_, .-hx_coro_switch_\n");

static void *stack_prepare(uint8_t *top, void (*entry)(void)) {
    uint64_t *sp = (uint64_t *)(void *)(top - ((uintptr_t)top & 15));
    *--sp = 0; /* Where entry would return to, which also aligns its frame and ends back traces. */
    *--sp = (uint64_t)(uintptr_t)entry;
    for (int i = 0; i < 6; i++) *--sp = 0;
    uint32_t sse = 0;
    uint16_t x87 = 0;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(sse), "=m"(x87));
    *--sp = (uint64_t)x87 << 32 | sse;
    return sp;
}
#else
/* AAPCS64, 6.1.1 and 6.1.2: x19..x29, the link register and the low halves of v8..v15 belong to the caller. */
__asm__(
    ".text\n"
    ".globl hx_coro_switch_\n"
    ".type hx_coro_switch_, %function\n"
    "hx_coro_switch_:\n"
    "    sub sp, sp, #160\n"
    "    stp x19, x20, [sp, #0]\n"
    "    stp x21, x22, [sp, #16]\n"
    "    stp x23, x24, [sp, #32]\n"
    "    stp x25, x26, [sp, #48]\n"
    "    stp x27, x28, [sp, #64]\n"
    "    stp x29, x30, [sp, #80]\n"
    "    stp d8, d9, [sp, #96]\n"
    "    stp d10, d11, [sp, #112]\n"
    "    stp d12, d13, [sp, #128]\n"
    "    stp d14, d15, [sp, #144]\n"
    "    mov x9, sp\n"
    "    str x9, [x0]\n"
    "    mov sp, x1\n"
    "    ldp x19, x20, [sp, #0]\n"
    "    ldp x21, x22, [sp, #16]\n"
    "    ldp x23, x24, [sp, #32]\n"
    "    ldp x25, x26, [sp, #48]\n"
    "    ldp x27, x28, [sp, #64]\n"
    "    ldp x29, x30, [sp, #80]\n"
    "    ldp d8, d9, [sp, #96]\n"
    "    ldp d10, d11, [sp, #112]\n"
    "    ldp d12, d13, [sp, #128]\n"
    "    ldp d14, d15, [sp, #144]\n"
    "    add sp, sp, #160\n"
    "    ret\n"
    ".size hx_coro_switch_, .-hx_coro_switch_\n");

static void *stack_prepare(uint8_t *top, void (*entry)(void)) {
    uint64_t *sp = (uint64_t *)(void *)(top - ((uintptr_t)top & 15)) - 20;
    memset(sp, 0, 160);
    sp[11] = (uint64_t)(uintptr_t)entry; /* x30; x29 stays 0, which ends back traces. */
    return sp;
}
#endif

static void switch_in(struct hx_coro *coro) {
    hx_coro_switch_(&coro->resumer_stack_pointer, coro->stack_pointer);
}
static void switch_out(struct hx_coro *coro) {
    hx_coro_switch_(&coro->stack_pointer, coro->resumer_stack_pointer);
}
#else
static void switch_in(struct hx_coro *coro) {
    (void)swapcontext(&coro->resumer_context, &coro->context);
}
static void switch_out(struct hx_coro *coro) {
    (void)swapcontext(&coro->context, &coro->resumer_context);
}
#endif

static size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void enter(struct hx_coro *coro) {
#ifdef HAS_ASAN
    __sanitizer_start_switch_fiber(&coro->resumer_fake_stack, coro->mapping + page_size(), HX_CORO_STACK_SIZE);
#endif
    switch_in(coro);
#ifdef HAS_ASAN
    __sanitizer_finish_switch_fiber(coro->resumer_fake_stack, NULL, NULL);
#endif
}

static void arrived(struct hx_coro *coro) {
#ifdef HAS_ASAN
    __sanitizer_finish_switch_fiber(coro->fake_stack, &coro->resumer_bottom, &coro->resumer_size);
#else
    (void)coro;
#endif
}

static void leave(struct hx_coro *coro) {
#ifdef HAS_ASAN
    /* Without a place to keep it, the sanitizer frees the fake stack: right for a coroutine that ends. */
    __sanitizer_start_switch_fiber(coro->finished ? NULL : &coro->fake_stack, coro->resumer_bottom, coro->resumer_size);
#endif
    switch_out(coro);
    arrived(coro);
}

static void coro_main(void) {
    struct hx_coro *coro = state.current;
    arrived(coro);
    coro->fn(coro->arg);
    coro->finished = true;
    leave(coro);
    hx_assert(false);
}

static void context_prepare(struct hx_coro *coro) {
#ifdef HAS_SWITCH
    coro->stack_pointer = stack_prepare((uint8_t *)coro, coro_main);
#else
    hx_assert(getcontext(&coro->context) == 0);
    coro->context.uc_stack.ss_sp = coro->mapping + page_size();
    coro->context.uc_stack.ss_size = (size_t)((uint8_t *)coro - (coro->mapping + page_size()));
    makecontext(&coro->context, coro_main, 0);
#endif
}

static struct hx_coro *stack_take(void) {
    struct hx_coro *coro = state.pool;
    if (coro != NULL) {
        state.pool = coro->next;
        state.pooled_count--;
        return coro;
    }
    size_t size = page_size() + HX_CORO_STACK_SIZE;
    uint8_t *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) return NULL;
    if (mprotect(mapping, page_size(), PROT_NONE) != 0) {
        (void)munmap(mapping, size);
        return NULL;
    }
    size_t place = (size - sizeof(struct hx_coro)) & ~(size_t)63;
    coro = (struct hx_coro *)(void *)(mapping + place);
    coro->mapping = mapping;
    return coro;
}

static void stack_give_back(struct hx_coro *coro) {
    hx_assert(state.live_count > 0);
    state.live_count--;
#ifdef HAS_ASAN
    uint8_t *bottom = coro->mapping + page_size();
    __asan_unpoison_memory_region(bottom, HX_CORO_STACK_SIZE);
#endif
    if (state.pooled_count >= POOLED_MAX) {
        (void)munmap(coro->mapping, page_size() + HX_CORO_STACK_SIZE);
        return;
    }
    coro->next = state.pool;
    state.pool = coro;
    state.pooled_count++;
}

struct hx_coro *hx_coro_make(hx_coro_fn fn, void *arg) {
    struct hx_coro *coro = stack_take();
    if (coro == NULL) return NULL;
    uint8_t *mapping = coro->mapping;
    memset(coro, 0, sizeof(*coro));
    coro->mapping = mapping;
    coro->fn = fn;
    coro->arg = arg;
    context_prepare(coro);
    state.live_count++;
    return coro;
}

bool hx_coro_resume(struct hx_coro *coro) {
    hx_assert(!coro->running && !coro->finished);
    coro->resumer = state.current;
    coro->running = true;
    state.current = coro;
    enter(coro);
    while (state.outside_fn != NULL) {
        state.current = coro->resumer;
        if (coro->resumer == NULL) {
            hx_coro_fn fn = state.outside_fn;
            state.outside_fn = NULL;
            fn(state.outside_arg);
        } else {
            leave(coro->resumer);
        }
        state.current = coro;
        enter(coro);
    }
    state.current = coro->resumer;
    coro->running = false;
    bool finished = coro->finished;
    if (finished) stack_give_back(coro);
    return finished;
}

void hx_coro_yield(void) {
    hx_assert(state.current != NULL && state.outside_fn == NULL);
    leave(state.current);
}

struct hx_coro *hx_coro_current(void) {
    return state.current;
}

void hx_coro_abandon(struct hx_coro *coro) {
    hx_assert(!coro->running && !coro->finished);
    stack_give_back(coro);
}

void hx_coro_call_outside(hx_coro_fn fn, void *arg) {
    if (state.current == NULL) {
        fn(arg);
        return;
    }
    state.outside_fn = fn;
    state.outside_arg = arg;
    leave(state.current);
}

size_t hx_coro_live_count(void) {
    return state.live_count;
}

void hx_coro_pool_release(void) {
    while (state.pool != NULL) {
        struct hx_coro *coro = state.pool;
        state.pool = coro->next;
        (void)munmap(coro->mapping, page_size() + HX_CORO_STACK_SIZE);
    }
    state.pooled_count = 0;
}
