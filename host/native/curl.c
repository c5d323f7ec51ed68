/* Connecting through libcurl: names, TLS with verified certificates, proxies. Only connecting (CONNECT_ONLY): requests
 * travel under our own codec, because curl's transfers repeat a request on a reused connection that died. */
#define _GNU_SOURCE

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "host/native/link.h"

#define CONNECT_MS_MAX 30000L /* The tasks' own deadlines are shorter; this ends connections opened ahead. */

struct hx_curl {
    struct hx_host *host;
    CURLM *multi;
    struct hx_timer timer;
    struct hx_ready check; /* Looks for finished connections outside curl's callbacks. */
};

struct socket_watch {
    struct hx_watch watch;
    struct hx_curl *curl;
};

static void act(struct hx_curl *curl, curl_socket_t fd, int what) {
    int running = 0;
    (void)curl_multi_socket_action(curl->multi, fd, what, &running);
    hx_loop_make_ready(&curl->host->loop, &curl->check);
}

static void on_socket_event(struct hx_watch *watch, uint32_t events) {
    struct socket_watch *socket_watch = watch->owner;
    int what = 0;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP)) != 0) what |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((events & EPOLLERR) != 0) what |= CURL_CSELECT_ERR;
    act(socket_watch->curl, watch->fd, what);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned) {
    (void)easy;
    struct hx_curl *curl = user;
    struct socket_watch *socket_watch = assigned;
    if (what == CURL_POLL_REMOVE) {
        if (socket_watch != NULL) hx_loop_unwatch(&curl->host->loop, &socket_watch->watch);
        free(socket_watch);
        (void)curl_multi_assign(curl->multi, fd, NULL);
        return 0;
    }
    uint32_t events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
    if (socket_watch != NULL) {
        (void)hx_loop_rewatch(&curl->host->loop, &socket_watch->watch, events);
        return 0;
    }
    socket_watch = calloc(1, sizeof(*socket_watch));
    hx_assert(socket_watch != NULL);
    socket_watch->curl = curl;
    socket_watch->watch = (struct hx_watch){-1, on_socket_event, socket_watch};
    (void)hx_loop_watch(&curl->host->loop, &socket_watch->watch, fd, events);
    (void)curl_multi_assign(curl->multi, fd, socket_watch);
    return 0;
}

static int on_timeout(CURLM *multi, long timeout_ms, void *user) {
    (void)multi;
    struct hx_curl *curl = user;
    if (timeout_ms < 0) {
        hx_timer_unset(&curl->host->loop.timers, &curl->timer);
    } else {
        hx_loop_set_timer(&curl->host->loop, &curl->timer, (int64_t)timeout_ms * 1000);
    }
    return 0;
}

static void on_timer(struct hx_timer *timer) {
    act(timer->owner, CURL_SOCKET_TIMEOUT, 0);
}

static void on_check(struct hx_ready *ready) {
    struct hx_curl *curl = ready->owner;
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(curl->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        struct hx_link *link = NULL;
        curl_socket_t fd = CURL_SOCKET_BAD;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&link);
        if (code == CURLE_OK) (void)curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
        hx_link_connected(link, fd == CURL_SOCKET_BAD ? -1 : fd, curl_easy_strerror(code));
    }
}

static struct hx_curl *curl_get(struct hx_host *host) {
    if (host->curl != NULL) return host->curl;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;
    struct hx_curl *curl = calloc(1, sizeof(*curl));
    hx_assert(curl != NULL);
    curl->host = host;
    curl->multi = curl_multi_init();
    curl->timer = (struct hx_timer){.fn = on_timer, .owner = curl};
    curl->check = (struct hx_ready){.fn = on_check, .owner = curl};
    hx_assert(curl->multi != NULL);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
    host->curl = curl;
    return curl;
}

bool hx_curl_connect(struct hx_link *link) {
    struct hx_host *host = link->origin->host;
    struct hx_curl *curl = curl_get(host);
    CURL *easy = curl == NULL ? NULL : curl_easy_init();
    if (easy == NULL) return false;
    hx_str ca_file;
    const char *url = link->origin->text;
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, link);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    /* Else TLS would agree on HTTP/2, which the codec does not speak. */
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS_MAX);
    /* A proxy must tunnel: our requests are in origin form. */
    (void)curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    if ((ca_file = hx_settings_read(&host->settings, HX_SETTING_CA_FILE)).len > 0) {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.data);
    }
    if (curl_multi_add_handle(curl->multi, easy) != CURLM_OK) {
        curl_easy_cleanup(easy);
        return false;
    }
    link->easy = easy;
    return true;
}

void hx_curl_close(struct hx_link *link) {
    struct hx_curl *curl = link->origin->host->curl;
    (void)curl_multi_remove_handle(curl->multi, link->easy);
    curl_easy_cleanup(link->easy);
    link->easy = NULL;
}

ssize_t hx_curl_send(struct hx_link *link, const char *data, size_t len) {
    size_t sent = 0;
    CURLcode code = curl_easy_send(link->easy, data, len, &sent);
    if (code == CURLE_OK) return (ssize_t)sent;
    return code == CURLE_AGAIN ? HX_LINK_AGAIN : HX_LINK_FAILED;
}

ssize_t hx_curl_recv(struct hx_link *link, char *out, size_t size) {
    size_t got = 0;
    CURLcode code = curl_easy_recv(link->easy, out, size, &got);
    if (code == CURLE_OK) return (ssize_t)got;
    return code == CURLE_AGAIN ? HX_LINK_AGAIN : HX_LINK_FAILED;
}

void hx_curl_release(struct hx_host *host) {
    struct hx_curl *curl = host->curl;
    if (curl == NULL) return;
    hx_timer_unset(&host->loop.timers, &curl->timer);
    (void)curl_multi_cleanup(curl->multi);
    free(curl);
    host->curl = NULL;
    curl_global_cleanup();
}
