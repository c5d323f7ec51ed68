#include "core/base/err.h"

#include <stddef.h>

struct row {
    uint32_t code;
    const char *name;
    const char *text;
};

/* In the order of enum hx_err_number, so that a number is an index. */
static const struct row rows[] = {
    {0, "OK", "ok"},
#define X(name, class_, text) {(uint32_t)HX_ERR_CODE_##name, #name, text},
#include "core/base/err.def"
#undef X
};

static const struct row *find_row(hx_err err) {
    size_t number = err.code & 0xffffffu;
    if (number >= sizeof rows / sizeof rows[0]) return NULL;
    /* A known number under another class is as foreign as an unknown number. */
    return rows[number].code == err.code ? &rows[number] : NULL;
}

const char *hx_err_name(hx_err err) {
    const struct row *row = find_row(err);
    return row != NULL ? row->name : "UNLISTED";
}

const char *hx_err_text(hx_err err) {
    const struct row *row = find_row(err);
    return row != NULL ? row->text : "unlisted";
}
