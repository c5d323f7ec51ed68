/* Private to the ledger: parameters in, cells out. */
#ifndef HX_CORE_APP_LEDGER_ROW_H
#define HX_CORE_APP_LEDGER_ROW_H

#include "core/app/ledger.h"

static inline struct hx_db_value hx_param_text(hx_str text) {
    /* A NULL pointer would be bound as NULL; an empty text is an empty text. */
    return (struct hx_db_value){HX_DB_TEXT, 0, text.data == NULL ? HX_STR("") : text};
}
static inline struct hx_db_value hx_param_blob(const void *data, size_t len) {
    return (struct hx_db_value){HX_DB_BLOB, 0, hx_str_make((const char *)data, len)};
}
static inline struct hx_db_value hx_param_int(int64_t value) {
    return (struct hx_db_value){HX_DB_INT, value, HX_STR_EMPTY};
}
static inline struct hx_db_value hx_param_null(void) {
    return (struct hx_db_value){HX_DB_NULL, 0, HX_STR_EMPTY};
}

/* Copies the parameters into the arena and adds the statement. Failures are kept in batch->err. */
void hx_batch_add(struct hx_batch *batch, const char *sql, int32_t expect_changes, const struct hx_db_value *params,
                  uint32_t param_count);
/* A decimal as a text parameter; failures are kept in batch->err. */
struct hx_db_value hx_batch_dec(struct hx_batch *batch, hx_dec value);

/* Reads the cells of one row in order; the first wrong cell is kept in err. */
struct hx_row_reader {
    const struct hx_db_value *cells;
    uint32_t count;
    uint32_t next;
    hx_err err;
};
struct hx_row_reader hx_row_read(const struct hx_db_rows *rows, uint32_t row);
hx_str hx_row_text(struct hx_row_reader *reader); /* NULL reads as empty. */
int64_t hx_row_int(struct hx_row_reader *reader, bool *present);
hx_dec hx_row_dec(struct hx_row_reader *reader);

/* One query with its parameters. */
HX_MUST_USE hx_err hx_ledger_query(struct hx_req *req, const char *sql, const struct hx_db_value *params,
                                   uint32_t param_count, struct hx_db_rows *out);

#define HX_PARAM_COUNT(params) ((uint32_t)(sizeof(params) / sizeof((params)[0])))

hx_str hx_side_name(enum hx_side side);

#endif
