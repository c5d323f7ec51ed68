/* One operator request without a server: the same core on the same ledger, for the time of one command. */
#include <signal.h>
#include <stdio.h>

#include "host/native/open.h"

struct shot {
    void (*on_reply)(void *arg, const struct hx_reply *reply);
    void *arg;
    bool replied;
};

static void on_done(struct hx_task *task) {
    struct shot *shot = task->done_arg;
    shot->replied = true;
    shot->on_reply(shot->arg, &task->reply);
    task->host->loop.stop = true;
}

enum hx_native_status hx_native_oneshot(const struct hx_native_options *options, const struct hx_event *event,
                                        void (*on_reply)(void *arg, const struct hx_reply *reply), void *arg,
                                        char *problem, size_t problem_size) {
    struct hx_opened opened;
    struct shot shot = {on_reply, arg, false};
    enum hx_native_status status = hx_host_open(options, &opened, problem, problem_size);
    if (status != HX_NATIVE_OK) return status;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* A limit of the size of files: the write says so. */
    if (hx_task_start(opened.host, event, on_done, &shot) && !shot.replied) hx_loop_run(&opened.host->loop);
    if (!shot.replied) {
        (void)snprintf(problem, problem_size, "the request did not finish: %s", hx_store_problem(opened.host->store));
        status = HX_NATIVE_FAILED;
    }
    hx_host_close(&opened);
    return status;
}
