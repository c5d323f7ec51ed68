/* Errors: one small value with a class that callers act on.
 *
 * An hx_err is zero for success, else class << 24 | number. The list of errors is err.def.
 * Detail for people goes into the request's trail (port/host.h), never into the value. */
#ifndef HX_CORE_BASE_ERR_H
#define HX_CORE_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

/* What a caller can do about an error. */
enum hx_err_class {
    HX_CLASS_OK = 0,
    HX_CLASS_REJECT = 1,   /* The input is wrong: saying it again will not help. */
    HX_CLASS_CONFLICT = 2, /* Somebody was first: look again, then decide. */
    HX_CLASS_ABSENT = 3,   /* It is not there. */
    HX_CLASS_BUSY = 4,     /* Provably nothing happened: it may be tried again. */
    HX_CLASS_UNKNOWN = 5,  /* It may have happened: ask before anything else. */
    HX_CLASS_LIMIT = 6,    /* A declared limit was reached. */
    HX_CLASS_BROKEN = 7,   /* Host or invariant failure: stop using what broke. */
};

enum hx_err_number {
    HX_ERR_NUMBER_OK = 0,
#define X(name, class_, text) HX_ERR_NUMBER_##name,
#include "core/base/err.def"
#undef X
};

typedef struct {
    uint32_t code;
} hx_err;

#define HX_MUST_USE __attribute__((warn_unused_result))

#define HX_OK ((hx_err){0})
#define HX_ERR_MAKE(class_, number) ((hx_err){((uint32_t)(class_) << 24) | (uint32_t)(number)})

/* One constant per row of err.def: HX_ERR(LIMIT_ARENA) and so on. */
enum hx_err_code {
#define X(name, class_, text) HX_ERR_CODE_##name = (HX_CLASS_##class_ << 24) | HX_ERR_NUMBER_##name,
#include "core/base/err.def"
#undef X
};
#define HX_ERR(name) ((hx_err){(uint32_t)HX_ERR_CODE_##name})

static inline bool hx_ok(hx_err err) {
    return err.code == 0;
}
static inline bool hx_failed(hx_err err) {
    return err.code != 0;
}
static inline bool hx_err_equal(hx_err a, hx_err b) {
    return a.code == b.code;
}
static inline enum hx_err_class hx_err_class(hx_err err) {
    return (enum hx_err_class)(err.code >> 24);
}
static inline bool hx_err_is(hx_err err, enum hx_err_class class_) {
    return hx_err_class(err) == class_;
}

/* The name ("LIMIT_ARENA") and sentence of an error; "OK" and "ok" for success, "UNLISTED" and "unlisted" for a
 * value not in err.def. Both point at constant storage. */
const char *hx_err_name(hx_err err);
const char *hx_err_text(hx_err err);

/* Returns the error from the calling function; the only macro with hidden control flow. */
#define HX_TRY(expression)                              \
    do {                                                \
        hx_err hx_try_err_ = (expression);              \
        if (hx_failed(hx_try_err_)) return hx_try_err_; \
    } while (0)

/* Invariants. On in every build; never for bytes from outside, which are checked instead.
 * A failing assertion ends the process (native), the instance (edge) or the run (sim). */
_Noreturn void hx_assert_fail(const char *expression, const char *file, int line);
#define hx_assert(expression) ((expression) ? (void)0 : hx_assert_fail(#expression, __FILE__, __LINE__))

#endif
