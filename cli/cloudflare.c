#define _GNU_SOURCE
#include "cli/cloudflare.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef HX_VERSION
#define HX_VERSION "0.1.0"
#endif

#define BASE_URL "https://api.cloudflare.com/client/v4"
#define WORKER_NAME "hoox"
#define CONNECT_MS_MAX 10000L
#define REQUEST_MS_MAX 120000L
#define REPLY_LEN_MAX ((size_t)64 * 1024 * 1024)
#define ARENA_SIZE ((size_t)16 * 1024 * 1024)
#define TRIES_MAX 4
#define WAIT_S_MAX 60
#define WAIT_S_UNSAID 5
#define URL_SIZE 2048

struct cli_cloudflare {
    const struct cli *cli;
    struct cli_settings settings;
    CURL *curl;
    const char *base, *token, *account, *worker; /* Of the settings. */
};

static const struct {
    long code;
    const char *advice;
} advices[] = {
    {10000, "the token is wrong, expired or lacks a permission: docs/DEPLOY.md lists what it needs"},
    {9109, "the token is not allowed this: docs/DEPLOY.md lists what it needs"},
    {9106, "CLOUDFLARE_API_TOKEN is not a token"},
    {6003, "CLOUDFLARE_API_TOKEN is not a token"},
    {7003, "CLOUDFLARE_ACCOUNT_ID is not an account of this token"},
    {7000, "CLOUDFLARE_ACCOUNT_ID is not an account of this token"},
    {10007, "nothing is deployed under this name; `hoox deploy` does it"},
    {10090, "nothing is deployed under this name; `hoox deploy` does it"},
    {10042, "switch R2 on in Cloudflare's dashboard (it asks for a card and costs nothing within its free limits)"},
    {10063, "open Workers in Cloudflare's dashboard once: it gives the account its workers.dev name"},
    {10014, "the name is taken; choose another one"},
    {10004, "the name is taken; choose another one"},
    {7502, "the name is taken; choose another one"},
    {11009, "the name is taken; choose another one"},
    {3002, "the name is taken; choose another one"},
};

/* The pure parts. */

hx_str cli_cf_text(const struct hx_json *object, const char *member) {
    const struct hx_json *node = object != NULL ? hx_json_find(object, hx_str_from_c(member)) : NULL;
    if (node == NULL || (node->type != HX_JSON_STRING && node->type != HX_JSON_NUMBER)) return HX_STR("");
    return node->text;
}

bool cli_cf_is_word(const char *text, size_t len_max) {
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t len = strlen(text);
    return len > 0 && len <= len_max && strspn(text, chars) == len;
}

bool cli_cf_is_safe_url(const char *url) {
    static const char *const here[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    if (strncmp(url, "https://", 8) == 0) return url[8] != '\0';
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++) {
        size_t len = strlen(here[i]);
        /* "http://127.0.0.1.example" is somewhere else, and so is "http://localhost:1@example". */
        if (strncmp(url, here[i], len) == 0 && strchr(":/", url[len]) != NULL && strchr(url, '@') == NULL) return true;
    }
    return false;
}

bool cli_cf_parse(struct cli_cf_reply *reply) {
    struct hx_arena arena;
    bool success = false;
    reply->root = reply->result = NULL;
    reply->memory = cli_must(malloc(ARENA_SIZE));
    hx_arena_init(&arena, reply->memory, ARENA_SIZE);
    hx_err err = hx_json_parse(&arena, hx_str_make(reply->body, reply->len), &reply->root, NULL);
    reply->is_too_much = hx_err_class(err) == HX_CLASS_LIMIT;
    if (hx_failed(err)) {
        reply->root = NULL;
        return false;
    }
    bool said = hx_ok(hx_json_get_bool(reply->root, HX_STR("success"), &success)) && success;
    if (!said || reply->status < 200 || reply->status > 299) return false;
    reply->result = hx_json_find(reply->root, HX_STR("result"));
    return true;
}

static const char *advice_for(long code, long status) {
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        if (advices[i].code == code) return advices[i].advice;
    }
    if (status == 401 || status == 403) return "docs/DEPLOY.md lists the permissions the token needs";
    if (status == 429) return "Cloudflare allows 1200 requests in five minutes; try again later";
    return status >= 500 ? "Cloudflare has a problem; try again" : NULL;
}

void cli_cf_explain(const struct cli_cf_reply *reply, char *out, size_t size) {
    const struct hx_json *error = hx_json_at(hx_json_find(reply->root, HX_STR("errors")), 0);
    int64_t code = 0;
    hx_str message = cli_cf_text(error, "message");
    if (hx_failed(hx_json_get_i64(error, HX_STR("code"), &code))) code = 0;
    const char *advice = advice_for((long)code, reply->status);
    char number[32] = "";
    if (reply->is_too_much) {
        snprintf(out, size, "the answer holds more than can be read at once; ask for less, say with a LIMIT");
        return;
    }
    if (code != 0) snprintf(number, sizeof number, "code %lld, ", (long long)code);
    if (message.len == 0) message = reply->root != NULL ? HX_STR("refused without a reason") : HX_STR("no JSON came");
    snprintf(out, size, "%.*s (%sstatus %ld)%s%s", (int)(message.len < 500 ? message.len : 500), message.data, number,
             reply->status, advice != NULL ? "; " : "", advice != NULL ? advice : "");
}

long cli_cf_wait_s(const struct cli_cf_reply *reply, int tries) {
    if (reply->status != 429 || tries >= TRIES_MAX) return -1;
    long wait = reply->retry_after_s >= 0 ? reply->retry_after_s : WAIT_S_UNSAID;
    return wait <= WAIT_S_MAX ? wait : -1;
}

/* Opening. */

static int missing(const struct cli *cli, const char *name, const char *what) {
    return cli_fail(cli, EXIT_USAGE, "NOT_CONFIGURED", "%s is not set: put %s into hoox.env or the environment", name,
                    what);
}

static int check(const struct cli *cli, const struct cli_cloudflare *cf) {
    if (cf->token == NULL) return missing(cli, "CLOUDFLARE_API_TOKEN", "an API token (docs/DEPLOY.md)");
    if (cf->account == NULL) return missing(cli, "CLOUDFLARE_ACCOUNT_ID", "the account's id");
    if (!cli_cf_is_word(cf->account, 64)) {
        return cli_fail(cli, EXIT_USAGE, "NOT_CONFIGURED", "CLOUDFLARE_ACCOUNT_ID is not an account's id");
    }
    if (!cli_cf_is_word(cf->worker, 63)) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "a Worker's name has 1 to 63 letters, digits, - and _");
    }
    if (cli_cf_is_safe_url(cf->base)) return 0;
    return cli_fail(cli, EXIT_USAGE, "NOT_CONFIGURED", "CLOUDFLARE_API_BASE_URL must begin with https://");
}

int cli_cf_open(const struct cli *cli, struct cli_cloudflare **out) {
    struct cli_cloudflare *cf = cli_must(calloc(1, sizeof *cf));
    *out = NULL;
    int code = cli_settings_load(cli, &cf->settings);
    if (code != 0) {
        free(cf);
        return code;
    }
    cf->cli = cli;
    cf->base = cli_settings_find(&cf->settings, "CLOUDFLARE_API_BASE_URL");
    if (cf->base == NULL) cf->base = BASE_URL;
    cf->token = cli_settings_find(&cf->settings, "CLOUDFLARE_API_TOKEN");
    cf->account = cli_settings_find(&cf->settings, "CLOUDFLARE_ACCOUNT_ID");
    cf->worker = cli_find_option(cli, "name");
    if (cf->worker == NULL) cf->worker = cli_settings_find(&cf->settings, "HOOX_WORKER_NAME");
    if (cf->worker == NULL) cf->worker = WORKER_NAME;
    code = check(cli, cf);
    if (code == 0) cf->curl = cli_must(curl_easy_init());
    if (code != 0) {
        cli_cf_close(cf);
        return code;
    }
    *out = cf;
    return 0;
}

void cli_cf_close(struct cli_cloudflare *cf) {
    if (cf == NULL) return;
    curl_easy_cleanup(cf->curl);
    cli_settings_release(&cf->settings);
    free(cf);
}

const struct cli *cli_cf_cli(const struct cli_cloudflare *cf) {
    return cf->cli;
}

const struct cli_settings *cli_cf_settings(const struct cli_cloudflare *cf) {
    return &cf->settings;
}

const char *cli_cf_worker(const struct cli_cloudflare *cf) {
    return cf->worker;
}

void cli_cf_reply_release(struct cli_cf_reply *reply) {
    free(reply->body);
    free(reply->memory);
    *reply = (struct cli_cf_reply){.retry_after_s = -1};
}

/* Sending. */

static size_t take_body(char *data, size_t size, size_t count, void *arg) {
    struct cli_cf_reply *reply = arg;
    size_t len = size * count;
    if (len > REPLY_LEN_MAX - reply->len) return 0;
    reply->body = cli_must(realloc(reply->body, reply->len + len + 1));
    memcpy(reply->body + reply->len, data, len);
    reply->len += len;
    reply->body[reply->len] = '\0';
    return len;
}

static size_t take_header(char *data, size_t size, size_t count, void *arg) {
    static const char name[] = "retry-after:";
    struct cli_cf_reply *reply = arg;
    size_t len = size * count;
    if (len > sizeof name && strncasecmp(data, name, sizeof name - 1) == 0) {
        char text[16];
        snprintf(text, sizeof text, "%.*s", (int)(len - sizeof name + 1), data + sizeof name - 1);
        char *end = NULL;
        long seconds = strtol(text, &end, 10);
        if (end != text && seconds >= 0) reply->retry_after_s = seconds;
    }
    return len;
}

struct outgoing {
    const char *method, *url, *token;
    hx_str body;
    const char *type; /* NULL: no body of its own. */
    const struct cli_cf_part *parts;
    size_t part_count;
};

static curl_mime *make_mime(CURL *curl, const struct outgoing *out) {
    curl_mime *mime = cli_must(curl_mime_init(curl));
    for (size_t i = 0; i < out->part_count; i++) {
        curl_mimepart *part = cli_must(curl_mime_addpart(mime));
        curl_mime_name(part, out->parts[i].name);
        curl_mime_type(part, out->parts[i].type);
        curl_mime_data(part, out->parts[i].data.data, out->parts[i].data.len);
        /* The metadata is a field; modules are files. */
        if (i > 0) curl_mime_filename(part, out->parts[i].name);
    }
    return mime;
}

static CURLcode perform(CURL *curl, const struct outgoing *out, struct cli_cf_reply *reply) {
    char authorization[4200];
    struct curl_slist *headers = NULL;
    curl_mime *mime = NULL;
    *reply = (struct cli_cf_reply){.retry_after_s = -1};
    curl_easy_reset(curl);
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", out->token);
    headers = cli_must(curl_slist_append(NULL, authorization));
    explicit_bzero(authorization, sizeof authorization);
    if (out->type != NULL) {
        char type[64];
        snprintf(type, sizeof type, "Content-Type: %s", out->type);
        headers = cli_must(curl_slist_append(headers, type));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, out->body.data != NULL ? out->body.data : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)out->body.len);
    } else if (out->part_count > 0) {
        mime = make_mime(curl, out);
        curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
    }
    headers = cli_must(curl_slist_append(headers, "Expect:"));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, out->method);
    curl_easy_setopt(curl, CURLOPT_URL, out->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "hoox/" HX_VERSION);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS_MAX);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, REQUEST_MS_MAX);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    CURLcode said = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    if (reply->body == NULL) reply->body = cli_must(calloc(1, 1));
    for (struct curl_slist *h = headers; h != NULL; h = h->next) explicit_bzero(h->data, strlen(h->data));
    curl_slist_free_all(headers);
    curl_mime_free(mime);
    return said;
}

static int unreachable(const struct cli *cli, const char *method, const char *url, CURLcode said) {
    return cli_fail(cli, EXIT_UNREACHABLE, "UNREACHABLE", "%s %s: %s", method, url, curl_easy_strerror(said));
}

/* Until there is an answer that is not "later". 0, or an exit code after the problem was printed. */
static int exchange(struct cli_cloudflare *cf, const struct outgoing *out, struct cli_cf_reply *reply) {
    bool is_reading = strcmp(out->method, "GET") == 0;
    for (int tries = 1;; tries++) {
        CURLcode said = perform(cf->curl, out, reply);
        bool again = said != CURLE_OK && is_reading && tries < 2;
        if (said != CURLE_OK && !again) {
            cli_cf_reply_release(reply);
            return unreachable(cf->cli, out->method, out->url, said);
        }
        long wait = again ? 1 : cli_cf_wait_s(reply, tries);
        if (wait < 0) return 0;
        if (!again && !cf->cli->quiet) fprintf(stderr, "hoox: Cloudflare asks to wait %ld s\n", wait);
        cli_cf_reply_release(reply);
        nanosleep(&(struct timespec){.tv_sec = wait}, NULL);
    }
}

static int refused(struct cli_cloudflare *cf, const char *method, const char *path, const struct cli_cf_reply *reply) {
    char why[1024];
    cli_cf_explain(reply, why, sizeof why);
    bool is_down = reply->status == 429 || reply->status >= 500;
    return cli_fail(cf->cli, is_down ? EXIT_UNREACHABLE : EXIT_FAILED, "CLOUDFLARE", "%s %s: %s", method, path, why);
}

static int send_or_miss(struct cli_cloudflare *cf, const struct cli_cf_request *request, struct cli_cf_reply *reply,
                        bool is_value, bool *is_there) {
    char url[URL_SIZE];
    bool has_body = request->json.len > 0;
    snprintf(url, sizeof url, "%s/accounts/%s/%s", cf->base, cf->account, request->path);
    const struct outgoing out = {
        request->method,    url, cf->token, request->json, has_body ? "application/json" : NULL, request->parts,
        request->part_count};
    int code = exchange(cf, &out, reply);
    if (code != 0) return code;
    bool good = is_value && reply->status == 200 ? true : cli_cf_parse(reply);
    if (is_there != NULL) *is_there = good;
    if (good) return 0;
    /* A path that names no account is a 404 as well, with a number of its own. */
    int64_t number = 0;
    const struct hx_json *error = hx_json_at(hx_json_find(reply->root, HX_STR("errors")), 0);
    if (hx_failed(hx_json_get_i64(error, HX_STR("code"), &number))) number = 0;
    bool is_absent = is_there != NULL && reply->status == 404 && number != 7003 && number != 7000 && error != NULL;
    if (!is_absent) code = refused(cf, request->method, request->path, reply);
    cli_cf_reply_release(reply);
    return code;
}

int cli_cf_send(struct cli_cloudflare *cf, const struct cli_cf_request *request, struct cli_cf_reply *reply) {
    return send_or_miss(cf, request, reply, false, NULL);
}

int cli_cf_get(struct cli_cloudflare *cf, struct cli_cf_reply *reply, bool *is_there, const char *format, ...) {
    char path[URL_SIZE / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    const struct cli_cf_request request = {.method = "GET", .path = path};
    return send_or_miss(cf, &request, reply, false, is_there);
}

int cli_cf_get_value(struct cli_cloudflare *cf, struct cli_cf_reply *reply, bool *is_there, const char *format, ...) {
    char path[URL_SIZE / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    const struct cli_cf_request request = {.method = "GET", .path = path};
    return send_or_miss(cf, &request, reply, true, is_there);
}

/* The Worker. */

static int find_worker_url(struct cli_cloudflare *cf, char *url, size_t size) {
    const char *given = cli_settings_find(&cf->settings, "HOOX_WORKER_URL");
    if (given != NULL && !cli_cf_is_safe_url(given)) {
        return cli_fail(cf->cli, EXIT_USAGE, "NOT_CONFIGURED", "HOOX_WORKER_URL must begin with https://");
    }
    if (given != NULL) {
        size_t len = strlen(given);
        snprintf(url, size, "%.*s", (int)(len > 0 && given[len - 1] == '/' ? len - 1 : len), given);
        return 0;
    }
    struct cli_cf_reply reply;
    int code = cli_cf_get(cf, &reply, NULL, "workers/subdomain");
    if (code != 0) return code;
    hx_str name = cli_cf_text(reply.result, "subdomain");
    snprintf(url, size, "https://%s.%.*s.workers.dev", cf->worker, (int)name.len, name.data);
    cli_cf_reply_release(&reply);
    return 0;
}

int cli_cf_call_worker(struct cli_cloudflare *cf, const char *method, const char *target, const char *body,
                       struct cli_answer *answer) {
    char origin[URL_SIZE / 2], url[URL_SIZE];
    struct cli_cf_reply reply;
    const char *token = cli_settings_find(&cf->settings, "HOOX_OPERATOR_TOKEN");
    if (token == NULL) {
        return missing(cf->cli, "HOOX_OPERATOR_TOKEN", "a long random word, deploy it with `hoox deploy`, and keep it");
    }
    int code = find_worker_url(cf, origin, sizeof origin);
    if (code != 0) return code;
    snprintf(url, sizeof url, "%s%s", origin, target);
    const struct outgoing out = {method, url, token, hx_str_from_c(body), body != NULL ? "text/plain" : NULL, NULL, 0};
    code = exchange(cf, &out, &reply);
    if (code != 0) return code;
    *answer = (struct cli_answer){(int)reply.status, reply.body, reply.len};
    reply.body = NULL;
    cli_cf_reply_release(&reply);
    /* To strangers the Worker does not admit that operators' paths exist. */
    if (answer->status != 404 || strstr(answer->body, "no such path") == NULL) return 0;
    free(answer->body);
    answer->body = NULL;
    return cli_fail(cf->cli, EXIT_FAILED, "NOT_OPERATOR",
                    "the Worker at %s does not know this HOOX_OPERATOR_TOKEN; `hoox deploy` sends it", origin);
}
