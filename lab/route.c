/* The way of a request to its handler: the tables of routes, with {} for what a path carries itself. */
#include "lab/wire.h"

hx_str hx_lab_method_name(enum hx_http_method method) {
    switch (method) {
        case HX_HTTP_METHOD_GET:
            return HX_STR("GET");
        case HX_HTTP_METHOD_POST:
            return HX_STR("POST");
        case HX_HTTP_METHOD_PUT:
            return HX_STR("PUT");
        case HX_HTTP_METHOD_DELETE:
            return HX_STR("DELETE");
        default:
            return HX_STR("OTHER");
    }
}

bool hx_lab_find_header(const struct hx_lab_request *request, const char *name, hx_str *value) {
    for (uint32_t i = 0; i < request->header_count; i++) {
        if (!hx_str_equal_ignore_case(request->headers[i].name, hx_str_from_c(name))) continue;
        *value = request->headers[i].value;
        return true;
    }
    return false;
}

/* Segment by segment; an empty one fits nothing. */
static bool path_fits(hx_str pattern, hx_str path, hx_str *segments) {
    uint32_t taken = 0;
    size_t at;
    hx_str wanted;
    hx_str given;
    if (hx_str_equal(pattern, path)) return true;
    if (!hx_str_find_char(pattern, '{', &at)) return false;
    while (hx_str_split(&pattern, '/', &wanted)) {
        if (!hx_str_split(&path, '/', &given)) return false;
        if (!hx_str_equal(wanted, HX_STR("{}"))) {
            if (!hx_str_equal(wanted, given)) return false;
            continue;
        }
        hx_assert(taken < HX_LAB_SEGMENTS_MAX);
        if (given.len == 0) return false;
        if (segments != NULL) segments[taken] = given;
        taken++;
    }
    return path.len == 0;
}

const struct hx_lab_route *hx_lab_find_route(const struct hx_lab_front *front, enum hx_http_method method, hx_str path,
                                             uint32_t *index, hx_str *segments) {
    uint32_t before = 0;
    if (hx_str_ends_with(path, HX_STR("/"))) return NULL;
    for (uint32_t t = 0; t < HX_LAB_TABLES_MAX; t++) {
        const struct hx_lab_table *table = &front->tables[t];
        for (uint32_t i = 0; i < table->count; i++) {
            const struct hx_lab_route *route = &table->routes[i];
            if (route->method != method || !path_fits(hx_str_from_c(route->path), path, segments)) continue;
            *index = before + i;
            return route;
        }
        before += table->count;
    }
    return NULL;
}

uint32_t hx_lab_route_count(const struct hx_lab_front *front) {
    uint32_t count = 0;
    for (uint32_t t = 0; t < HX_LAB_TABLES_MAX; t++) count += front->tables[t].count;
    hx_assert(count <= HX_LAB_ROUTES_MAX);
    return count;
}

void hx_lab_add_route_name(struct hx_buf *buf, const struct hx_lab_front *front, uint32_t index) {
    uint32_t t = 0;
    while (index >= front->tables[t].count) index -= front->tables[t++].count;
    const struct hx_lab_route *route = &front->tables[t].routes[index];
    hx_buf_add(buf, hx_lab_method_name(route->method));
    hx_buf_add_char(buf, ' ');
    hx_buf_add_c(buf, route->path);
}

void hx_lab_answer(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    uint32_t index;
    lab->requests++;
    const struct hx_lab_request *request = call->request;
    const struct hx_lab_route *route =
        hx_lab_find_route(lab->front, request->method, request->path, &index, call->segments);
    if (route == NULL) {
        lab->seen_unknown++;
        lab->front->answer_unknown(call);
        return;
    }
    lab->seen[index]++;
    if (route->kind == HX_LAB_ROUTE_ORDER) lab->order_requests++;
    call->route = route;
    call->route_index = index;
    call->product = route->product;
    if (lab->front->admit(call)) route->run(call);
}

bool hx_lab_window_admit(struct hx_lab_window *window, hx_time clock, int64_t length_ms, uint32_t limit,
                         uint32_t weight) {
    const int64_t index = clock / length_ms;
    if (index != window->index) {
        window->index = index;
        window->count = 0;
    }
    if (window->count + weight > limit) return false;
    window->count += weight;
    return true;
}

void hx_lab_add_number_header(struct hx_lab_response *out, struct hx_buf *text, const char *name, int64_t value) {
    if (out->header_count == HX_LAB_HEADERS_MAX) return;
    const size_t start = text->len;
    hx_buf_add_i64(text, value);
    const hx_str all = hx_buf_str(text);
    out->headers[out->header_count++] = (struct hx_http_header){hx_str_from_c(name), hx_str_slice(all, start, all.len)};
}
