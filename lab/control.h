/* The control API's own: reading the members of its JSON bodies, and who answers what. */
#ifndef HX_LAB_CONTROL_H
#define HX_LAB_CONTROL_H

#include "lab/wire.h"

#define HX_LAB_DURATION_MS_MAX (365 * HX_MS_PER_DAY)

/* An integer member and where it goes. */
struct hx_lab_number {
    const char *name;
    int64_t min, max;
    int64_t *to;
};

/* control.c */
const struct hx_json *hx_lab_control_body(struct hx_lab_call *call); /* NULL: not JSON, and answered. */
void hx_lab_control_fail(struct hx_lab_call *call, hx_str problem);  /* 400. */
void hx_lab_control_ok(struct hx_lab_call *call);

/* control_rules.c: all false after having answered; an absent member leaves the value as it is */
bool hx_lab_control_fail_member(struct hx_lab_call *call, hx_str name, const char *problem);
bool hx_lab_control_read_number(struct hx_lab_call *call, const struct hx_json *object,
                                const struct hx_lab_number *number);
bool hx_lab_control_read_bool(struct hx_lab_call *call, const struct hx_json *object, const char *name, bool *value);
bool hx_lab_control_read_product(struct hx_lab_call *call, const struct hx_json *object,
                                 enum hx_lab_product *product); /* Futures when absent. */
void hx_lab_control_get_faults(struct hx_lab_call *call);
void hx_lab_control_post_faults(struct hx_lab_call *call);
void hx_lab_control_delete_faults(struct hx_lab_call *call);

/* control_settings.c */
void hx_lab_control_post_settings(struct hx_lab_call *call);

#endif
