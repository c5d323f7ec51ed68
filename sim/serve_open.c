/* Making the world: settings, the directory that the command line will find, the oracles. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/admit/keys.h"
#include "sim/serve.h"

#define START_MS ((hx_time)1767225600000) /* 2026-01-01 */
#define PAIRS_MAX 64
#define STORE_MS_MAX 1
#define NETWORK_MS_MAX 5
#define SETTINGS_SIZE ((size_t)1024 * 1024)

static char *path_make(const char *dir, const char *name) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s", dir, name) < 0) abort();
    return path;
}

static const char *text_keep(struct hx_serve *serve, hx_str text) {
    hx_str copy;
    if (hx_failed(hx_arena_copy_str(&serve->arena, text, &copy))) abort();
    return copy.data;
}

static bool pairs_read(struct hx_serve *serve, const struct hx_json *command, const char *name,
                       const struct hx_sim_pair **out, uint32_t *count) {
    const struct hx_json *object = hx_json_find(command, hx_str_from_c(name));
    struct hx_sim_pair *pairs = hx_arena_alloc(&serve->arena, PAIRS_MAX * sizeof(*pairs));
    if (pairs == NULL) abort();
    *out = pairs;
    *count = 0;
    if (object == NULL) return true;
    if (object->type != HX_JSON_OBJECT || object->count > PAIRS_MAX)
        return hx_serve_fail(serve, "%s is an object with %d members at most", name, PAIRS_MAX);
    for (const struct hx_json *m = hx_json_first(object); m != NULL; m = hx_json_next(object, m)) {
        if (m->type != HX_JSON_STRING) return hx_serve_fail(serve, "in %s every value is a text", name);
        pairs[(*count)++] = (struct hx_sim_pair){text_keep(serve, m->name), text_keep(serve, m->text)};
    }
    return true;
}

/* Whoever else would write here is told that the directory is in use. */
static bool directory_take(struct hx_serve *serve) {
    char *path = path_make(serve->data_dir, "hoox.lock");
    (void)umask(0077);
    serve->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool ok = serve->lock_fd >= 0 && flock(serve->lock_fd, LOCK_EX | LOCK_NB) == 0;
    free(path);
    if (!ok) return hx_serve_fail(serve, "%s can't be had: it is not there, or in use", serve->data_dir);
    char *log = path_make(serve->data_dir, "serve.log"), *story = path_make(serve->data_dir, "story.log");
    serve->log = fopen(log, "w");
    serve->story = fopen(story, "w");
    free(log);
    free(story);
    return (serve->log != NULL && serve->story != NULL) || hx_serve_fail(serve, "%s can't be written", serve->data_dir);
}

/* The key that the environment of a real server gives it: its digest is in the ledger. */
static const char *key_row(struct hx_serve *serve, hx_str key) {
    char text[160] = "";
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof(text) - 1);
    hx_buf_add_c(&buf, "{\"digest\":\"");
    hx_key_add_digest(&buf, key);
    hx_buf_add_c(&buf, "\",\"created\":0,\"expires\":0}");
    return text_keep(serve, hx_buf_str(&buf));
}

static bool world_make(struct hx_serve *serve, struct hx_sim_config *config) {
    const struct hx_sim_room room = hx_sim_room_large(serve->ledger_path);
    sqlite3 *reader = NULL;
    serve->sim = hx_sim_make_with(&room);
    serve->call_max = room.callers_max;
    serve->calls = calloc(room.callers_max, sizeof(*serve->calls));
    serve->waiting = calloc(room.callers_max, sizeof(*serve->waiting));
    if (serve->sim == NULL || serve->calls == NULL || serve->waiting == NULL)
        return hx_serve_fail(serve, "no memory, or %s can't be opened", serve->ledger_path);
    if (sqlite3_open_v2(serve->ledger_path, &reader, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        return hx_serve_fail(serve, "%s can't be read", serve->ledger_path);
    serve->reader = reader;
    config->story = serve->story;
    config->log = serve->log;
    hx_sim_reset(serve->sim, config);
    hx_serve_watch(serve);
    hx_sim_catch_assertions(serve->sim);
    return true;
}

/* Only where a case asks for them: all others show that nothing needs them. */
static uint32_t streams_of(const struct hx_sim_config *config) {
    for (uint32_t i = 0; i < config->setting_count; i++) {
        const struct hx_sim_pair *pair = &config->settings[i];
        if (strcmp(pair->name, "HOOX_STREAMS") == 0 && strcmp(pair->value, "on") == 0) return 2;
    }
    return 0;
}

bool hx_serve_open(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    (void)out;
    hx_str dir = HX_STR_EMPTY, key = HX_STR_EMPTY;
    hx_str venue = hx_str_from_c(hx_sim_venues[0].name);
    int64_t seed = 1;
    struct hx_sim_config config = {.start_ms = START_MS,
                                   .store_ms_max = STORE_MS_MAX,
                                   .network_ms_max = NETWORK_MS_MAX,
                                   .kv = &serve->key,
                                   .kv_count = 1};
    void *memory = malloc(SETTINGS_SIZE);
    if (memory == NULL) abort();
    hx_arena_init(&serve->arena, memory, SETTINGS_SIZE);
    if (hx_failed(hx_json_get_str(command, HX_STR("data"), &dir)) ||
        hx_failed(hx_json_get_str(command, HX_STR("webhook_key"), &key)))
        return hx_serve_fail(serve, "open wants data and webhook_key");
    if (hx_json_find(command, HX_STR("seed")) != NULL && hx_failed(hx_json_get_i64(command, HX_STR("seed"), &seed)))
        return hx_serve_fail(serve, "the seed is a whole number");
    if (hx_json_find(command, HX_STR("venue")) != NULL && hx_failed(hx_json_get_str(command, HX_STR("venue"), &venue)))
        return hx_serve_fail(serve, "the venue is text");
    config.venue = hx_sim_find_venue(venue);
    if (config.venue == NULL) return hx_serve_fail(serve, "no such venue; one is bybit:spot");
    if (!pairs_read(serve, command, "settings", &config.settings, &config.setting_count) ||
        !pairs_read(serve, command, "secrets", &config.secrets, &config.secret_count))
        return false;
    config.seed = (uint64_t)seed;
    config.streams = streams_of(&config);
    serve->key = (struct hx_sim_pair){HX_KEYS_PREFIX "env", key_row(serve, key)};
    serve->data_dir = strdup(text_keep(serve, dir));
    serve->ledger_path = path_make(serve->data_dir, "hoox.db");
    serve->socket_path = path_make(serve->data_dir, "hoox.sock");
    serve->oracle.secrets[0] = hx_str_from_c(text_keep(serve, key));
    serve->oracle.secrets[1] = HX_STR(HX_LAB_API_SECRET);
    serve->oracle.secret_count = 2;
    serve->is_open = directory_take(serve) && world_make(serve, &config) && hx_serve_listen(serve);
    return serve->is_open;
}

void hx_serve_close(struct hx_serve *serve) {
    hx_serve_deafen(serve);
    if (serve->sim != NULL) hx_sim_release(serve->sim);
    sqlite3_close(serve->reader);
    if (serve->log != NULL) fclose(serve->log);
    if (serve->story != NULL) fclose(serve->story);
    if (serve->lock_fd >= 0) close(serve->lock_fd);
    free(serve->calls);
    free(serve->waiting);
    free(serve->data_dir);
    free(serve->ledger_path);
    free(serve->socket_path);
    free(serve->arena.base);
}
