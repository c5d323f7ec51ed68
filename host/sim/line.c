#include "host/sim/line.h"

static int64_t transit(struct hx_host *sim) {
    return 1 + sim_random_to(&sim->latency, sim->config.network_ms_max);
}

static hx_str path_of(hx_str target, hx_str *query) {
    size_t mark = 0;
    *query = HX_STR_EMPTY;
    if (!hx_str_find_char(target, '?', &mark)) return target;
    *query = hx_str_slice(target, mark + 1, target.len);
    return hx_str_slice(target, 0, mark);
}

uint32_t sim_line_open(struct hx_host *sim, enum sim_line_kind kind, uint32_t owner, hx_str target) {
    struct sim_lines *lines = sim->lines;
    hx_str query, path = path_of(target, &query);
    uint32_t index = 0, lab_stream = 0;
    while (index < SIM_LINES_MAX && (lines->list[index].open || lines->list[index].near)) index++;
    if (index == SIM_LINES_MAX) return SIM_NONE;
    if (hx_failed(hx_lab_stream_open(sim->lab, sim->now, path, query, &lab_stream))) return SIM_NONE;
    lines->list[index] = (struct sim_line){.open = true,
                                           .near = true,
                                           .kind = kind,
                                           .owner = owner,
                                           .lab_stream = lab_stream,
                                           .serial = ++lines->serial,
                                           .path = sim_copy(sim, target)};
    return index;
}

static void close_far(struct hx_host *sim, struct sim_line *line) {
    if (line->near || line->under_way > 0 || !line->open) return;
    line->open = false;
    hx_lab_stream_close(sim->lab, line->lab_stream);
}

void sim_line_say(struct hx_host *sim, uint32_t index, hx_str text, int64_t late_ms) {
    struct sim_line *line = &sim->lines->list[index];
    hx_str *copy = sim_alloc(sim, sizeof(*copy));
    *copy = sim_copy(sim, text);
    hx_time at = sim->now + transit(sim) + late_ms;
    /* What is held up somewhere arrives after what was said later: the weakest there is. */
    if (late_ms == 0) {
        if (at < line->told_at) at = line->told_at;
        line->told_at = at;
    }
    line->under_way++;
    sim_push(sim,
             (struct sim_event){.at = at, .kind = SIM_EVENT_LINE_TELL, .a = index, .token = line->serial, .p = copy});
}

void sim_line_cut(struct hx_host *sim, uint32_t index) {
    struct sim_line *line = &sim->lines->list[index];
    line->near = false;
    close_far(sim, line);
}

static void told(struct hx_host *sim, const struct sim_event *event) {
    struct sim_line *line = &sim->lines->list[event->a];
    const hx_str *text = event->p;
    if (line->serial != event->token) return;
    line->under_way--;
    if (line->open) {
        sim_mix_str(sim, *text);
        hx_lab_stream_receive(sim->lab, sim->now, line->lab_stream, *text);
        sim_lines_pump(sim);
    }
    close_far(sim, line);
}

static void push_to_process(struct hx_host *sim, uint32_t index, enum sim_event_kind kind, const hx_str *text) {
    struct sim_line *line = &sim->lines->list[index];
    hx_time at = sim->now + transit(sim);
    if (at < line->heard_at) at = line->heard_at;
    line->heard_at = at;
    sim_push(sim, (struct sim_event){.at = at, .kind = kind, .a = line->owner, .token = line->serial, .p = text});
}

static void take_frame(struct hx_host *sim, uint32_t index, const struct hx_lab_frame *frame) {
    struct sim_line *line = &sim->lines->list[index];
    if (frame->kind == HX_LAB_FRAME_PING) {
        hx_str payload = sim_copy(sim, frame->text);
        if (line->near) hx_lab_stream_pong(sim->lab, sim->now, line->lab_stream, payload);
        return;
    }
    if (frame->kind == HX_LAB_FRAME_CLOSE) {
        line->open = false;
        if (!line->near) return;
        hx_sim_tell(sim, "VENUE  ends %.*s with %u", (int)line->path.len, line->path.data, frame->close_code);
        if (line->kind == SIM_LINE_SOCKET) sim_socket_ended(sim, index);
        else push_to_process(sim, index, SIM_EVENT_LINE_END, NULL);
        return;
    }
    sim_mix_str(sim, frame->text);
    if (!line->near) return;
    if (line->kind == SIM_LINE_SOCKET) {
        sim_socket_heard(sim, index, frame->text);
        return;
    }
    hx_str *copy = sim_alloc(sim, sizeof(*copy));
    *copy = sim_copy(sim, frame->text);
    push_to_process(sim, index, SIM_EVENT_LINE_HEAR, copy);
}

void sim_lines_pump(struct hx_host *sim) {
    hx_time due = INT64_MAX;
    for (uint32_t i = 0; i < SIM_LINES_MAX; i++) {
        struct sim_line *line = &sim->lines->list[i];
        struct hx_lab_frame frame;
        while (line->open && hx_lab_stream_next(sim->lab, sim->now, line->lab_stream, &frame)) {
            take_frame(sim, i, &frame);
        }
        if (!line->open) continue;
        hx_time next = hx_lab_stream_due(sim->lab, line->lab_stream);
        if (next < due) due = next;
    }
    if (due == INT64_MAX) return;
    if (due <= sim->now) due = sim->now + 1;
    bool ahead = sim->lines->pump_at > sim->now && sim->lines->pump_at <= due;
    if (ahead) return;
    sim->lines->pump_at = due;
    sim_push(sim, (struct sim_event){.at = due, .kind = SIM_EVENT_LINE_PUMP});
}

bool sim_lines_handle(struct hx_host *sim, const struct sim_event *event) {
    switch (event->kind) {
        case SIM_EVENT_LINE_TELL:
            told(sim, event);
            return true;
        case SIM_EVENT_LINE_PUMP:
            sim->lines->pump_at = 0;
            sim_lines_pump(sim);
            return true;
        case SIM_EVENT_LINE_OPENED:
            sim_stream_opened(sim, event);
            return true;
        case SIM_EVENT_LINE_HEAR:
            sim_stream_heard(sim, event);
            return true;
        case SIM_EVENT_LINE_END:
            sim_stream_ended(sim, event);
            return true;
        case SIM_EVENT_STREAM_WAKE:
            sim_stream_woken(sim, event);
            return true;
        default:
            return false;
    }
}

/* HOOX_BINANCE_FUTURES_URL is REST's; its fellows end in _WS_URL and _WS_API_URL. */
bool sim_line_url(const struct hx_host *sim, hx_str name, hx_str *out) {
    hx_str rest = hx_sim_venue_of(sim)->adapter->live.origin_setting;
    hx_str stem = hx_str_slice(rest, 0, rest.len - 3);
    if (!hx_str_starts_with(name, stem)) return false;
    hx_str ending = hx_str_slice(name, stem.len, name.len);
    if (!hx_str_equal(ending, HX_STR("WS_URL")) && !hx_str_equal(ending, HX_STR("WS_API_URL"))) return false;
    *out = HX_STR("ws://venue.sim");
    return true;
}
