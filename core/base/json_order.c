#include "core/base/json_order.h"

static bool is_before(const struct hx_json *object, uint32_t a, uint32_t b) {
    return hx_str_compare(object[a].name, object[b].name) < 0;
}

/* Restores the heap below `top`: the largest name of order[0..count) comes first. */
static void sift_down(const struct hx_json *object, uint32_t *order, uint32_t top, uint32_t count) {
    uint32_t moving = order[top];
    for (;;) {
        uint32_t child = 2 * top + 1;
        if (child >= count) break;
        if (child + 1 < count && is_before(object, order[child], order[child + 1])) child++;
        if (!is_before(object, moving, order[child])) break;
        order[top] = order[child];
        top = child;
    }
    order[top] = moving;
}

void hx_json_order_members(const struct hx_json *object, uint32_t *order) {
    uint32_t member = 1;
    hx_assert(object->type == HX_JSON_OBJECT);
    for (uint32_t i = 0; i < object->count; i++) {
        order[i] = member;
        member += object[member].next;
    }
    for (uint32_t i = object->count / 2; i > 0; i--) sift_down(object, order, i - 1, object->count);
    for (uint32_t last = object->count; last > 1; last--) {
        uint32_t largest = order[0];
        order[0] = order[last - 1];
        order[last - 1] = largest;
        sift_down(object, order, 0, last - 1);
    }
}
