/* Coroutines: one C stack each, switched by hand; the native host and the simulator run every request on one.
 *
 * One thread owns all coroutines it made (the state is per thread). Stacks are HX_CORO_STACK_SIZE bytes with a guard
 * page below, come from a pool and go back to it, so making one costs about as much as a function call.
 *
 * Invariants
 *  1. A coroutine runs only inside hx_coro_resume, on the thread that made it.
 *  2. A handle is dead once hx_coro_resume returned true for it or it was abandoned.
 *  3. Nothing on an abandoned stack is run again: no clean-up, no return. What it pointed to is the caller's care. */
#ifndef HX_HOST_COMMON_CORO_H
#define HX_HOST_COMMON_CORO_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define HX_CORO_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define HX_CORO_SANITIZED 1
#endif
#endif

/* Sanitizers put red zones around every local, so their builds get more. */
#ifdef HX_CORO_SANITIZED
#define HX_CORO_STACK_SIZE ((size_t)256 * 1024)
#else
#define HX_CORO_STACK_SIZE ((size_t)64 * 1024)
#endif

struct hx_coro;
typedef void (*hx_coro_fn)(void *arg);

/* A coroutine that will call fn(arg) when first resumed. NULL when the system has no memory for its stack. */
struct hx_coro *hx_coro_make(hx_coro_fn fn, void *arg);

/* Runs the coroutine until it yields (false) or its function returns (true: the handle is dead, the stack back in the
 * pool). May be called inside another coroutine, which then waits; a coroutine can't resume itself or its resumers. */
bool hx_coro_resume(struct hx_coro *coro);

/* Back to whoever resumed the current coroutine; returns when it is resumed again. Only inside a coroutine. */
void hx_coro_yield(void);

struct hx_coro *hx_coro_current(void); /* NULL outside every coroutine. */

/* Drops a coroutine that is not running (never resumed, or in hx_coro_yield): its stack goes back to the pool. */
void hx_coro_abandon(struct hx_coro *coro);

/* Calls fn(arg) on the stack of the outermost resumer (the thread's own), for library code whose need of stack is not
 * ours to bound. The coroutine counts as running meanwhile; fn must not yield. Outside a coroutine: a plain call. */
void hx_coro_call_outside(hx_coro_fn fn, void *arg);

size_t hx_coro_live_count(void); /* Made, and neither finished nor abandoned, on this thread. */
void hx_coro_pool_release(void); /* Gives the pooled stacks of this thread back to the system. */

#endif
