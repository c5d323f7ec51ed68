/* The world at the pace of the outside: `hoox-sim --serve`, as test/e2e/sim.py uses it.
 *
 * Commands are JSON objects, one a line; each is answered by one line, in order. Every answer has "now", the world's
 * time in milliseconds, or "error", a sentence. A violated promise (docs/INVARIANTS.md) is the error of every command
 * after it, and makes the exit code 1.
 *
 *  {"do":"open","data":DIR,"seed":1,"settings":{…},"secrets":{…},"webhook_key":"hxk_…",
 *   "venue":"bybit:spot"}                     first, and once; the venue streams with HOOX_STREAMS=on in the settings
 *  {"do":"send","requests":[TEXT,…]}         requests to the gateway, all at this moment: {"ids":[0,1]}
 *  {"do":"run","ms":50,"for_answer":true}    lets time pass; `for_answer`: until somebody is answered, at the latest
 *                                            {"answers":[{"id":0,"status":200,"headers":{…},"body":"…","ms":12}]}
 *  {"do":"lab","request":TEXT}               the laboratory's control API: {"status":200,"headers":{…},"body":"…"}
 *  {"do":"query","sql":"SELECT …"}           reads the ledger: {"rows":[{"column":1}]}
 *  {"do":"kill"} {"do":"stop"} {"do":"start"}    the gateway's process, as kill -9, SIGTERM and a new start
 *  {"do":"quit"}                             ends; so does the end of the input
 *
 * A TEXT is an HTTP/1.1 request as it is on the wire, one code point per byte, and goes through the codec of the native
 * server. An answer of status 0: nobody there, or the connection broke.
 *
 * Time passes in "run" (and in "stop", while what is under way ends) and nowhere else, so waiting costs nothing and the
 * same commands give the same answers.
 *
 * In DIR the command line (`hoox`, HOOX_DATA=DIR) finds what it finds beside a real server: the ledger, hoox.db, and,
 * while the process is up, the control socket, hoox.sock. An operator's request is taken between two commands; as much
 * time passes as its answer takes. While the process is stopped the directory stays locked: what only reads can run.
 * serve.log has what the core logged, story.log what happened (docs/SIM.md). */
#ifndef HX_SIM_SERVE_H
#define HX_SIM_SERVE_H

#include <stdio.h>

#include "core/base/json.h"
#include "sim/oracle.h"

#define HX_SERVE_PROBLEM_SIZE 600

/* One request to the gateway and its answer. */
struct hx_serve_call {
    bool refused; /* By the codec: it never became one. */
    bool is_head, is_operator;
    bool answered;
    uint32_t exchange;
    uint32_t refused_status;
    char refused_body[200];
};

struct hx_serve {
    struct hx_host *sim;
    struct hx_oracle oracle;
    struct hx_sim_observer watching; /* The oracle's. */
    struct hx_arena arena;           /* Settings and the like, for as long as the process lives. */
    struct hx_sim_pair key;
    char *data_dir, *ledger_path, *socket_path;
    FILE *log, *story;
    int lock_fd, listen_fd; /* -1: none. */
    struct sqlite3 *reader; /* A connection to the ledger that can't write. */
    struct hx_serve_call *calls;
    uint32_t call_count, call_max;
    uint32_t *waiting; /* Answered, and not yet told. */
    uint32_t waiting_count;
    bool is_open, quits;
    char problem[HX_SERVE_PROBLEM_SIZE];
};

/* serve.c: reads commands from `in` until "quit" or its end. Returns the exit code: 0, 1 when a promise was violated, 2
 * when it can't be run. */
int hx_serve_run(int in, FILE *out);
/* Sets the problem; false, for the caller to return. */
bool hx_serve_fail(struct hx_serve *serve, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each command writes the members of its answer, each with a comma before it. False: see the problem. */

/* serve_open.c */
bool hx_serve_open(struct hx_serve *serve, const struct hx_json *command, FILE *out);
void hx_serve_close(struct hx_serve *serve);

/* serve_world.c */
void hx_serve_watch(struct hx_serve *serve);
bool hx_serve_send(struct hx_serve *serve, const struct hx_json *command, FILE *out);
bool hx_serve_pass(struct hx_serve *serve, const struct hx_json *command, FILE *out); /* "run". */
bool hx_serve_lab(struct hx_serve *serve, const struct hx_json *command, FILE *out);
bool hx_serve_query(struct hx_serve *serve, const struct hx_json *command, FILE *out);
bool hx_serve_kill(struct hx_serve *serve, const struct hx_json *command, FILE *out);
bool hx_serve_stop(struct hx_serve *serve, const struct hx_json *command, FILE *out);
bool hx_serve_start(struct hx_serve *serve, const struct hx_json *command, FILE *out);
/* Runs an operator's request, as it is on the wire, until it is answered. NULL: it was not, or is no request. */
const struct hx_sim_exchange *hx_serve_operate(struct hx_serve *serve, hx_str wire);

/* serve_control.c: the control socket. */
bool hx_serve_listen(struct hx_serve *serve);
void hx_serve_deafen(struct hx_serve *serve);
void hx_serve_accept(struct hx_serve *serve); /* Takes one connection and answers its request. */

#endif
