#define _GNU_SOURCE
#include "cli/test_rig.h"

#include <ftw.h>
#include <locale.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "host/common/sqlite_store.h"

#define LINE_WORDS_MAX 32

static void need(bool ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "test rig: %s\n", what);
    abort();
}

/* Puts a temporary file in the place of a stream's descriptor; returns a copy of the old one. */
static int divert(FILE *stream, FILE *to) {
    need(fflush(stream) == 0, "flush");
    int kept = dup(fileno(stream));
    need(kept >= 0 && dup2(fileno(to), fileno(stream)) >= 0, "dup2");
    return kept;
}

static char *restore(FILE *stream, int kept, FILE *from, size_t *len) {
    need(fflush(stream) == 0 && dup2(kept, fileno(stream)) >= 0, "dup2 back");
    close(kept);
    long end = fseek(from, 0, SEEK_END) == 0 ? ftell(from) : -1;
    need(end >= 0, "seek");
    rewind(from);
    char *text = cli_must(malloc((size_t)end + 1));
    need(fread(text, 1, (size_t)end, from) == (size_t)end, "read");
    text[end] = '\0';
    if (len != NULL) *len = (size_t)end;
    fclose(from);
    return text;
}

void cli_rig_capture(struct cli_captured *captured, int (*fn)(void *arg), void *arg) {
    FILE *out = cli_must(tmpfile()), *err = cli_must(tmpfile());
    setlocale(LC_CTYPE, "C.UTF-8");
    int kept_out = divert(stdout, out), kept_err = divert(stderr, err);
    captured->code = fn(arg);
    captured->out = restore(stdout, kept_out, out, &captured->out_len);
    captured->err = restore(stderr, kept_err, err, NULL);
}

struct line {
    char *words[LINE_WORDS_MAX];
    int count;
};

static int run_line(void *arg) {
    static struct cli cli;
    struct line *line = arg;
    int code = cli_parse(&cli, line->count, line->words);
    return code != 0 ? code : cli_run(&cli);
}

void cli_rig_run(struct cli_captured *captured, const char *text) {
    static char program[] = "hoox";
    struct line line = {{program}, 1};
    char *copy = cli_must(strdup(text)), *save = NULL;
    for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
        need(line.count < LINE_WORDS_MAX, "too many words");
        for (char *at = word; *at != '\0'; at++) *at = *at == '~' ? ' ' : *at;
        line.words[line.count++] = word;
    }
    cli_rig_capture(captured, run_line, &line);
    free(copy);
}

void cli_rig_release(struct cli_captured *captured) {
    free(captured->out);
    free(captured->err);
}

void cli_rig_make_dir(char *path, size_t size, bool with_ledger) {
    char file[256];
    struct hx_store *store = NULL;
    snprintf(path, size, "/tmp/hoox-cli-XXXXXX");
    need(mkdtemp(path) != NULL && setenv("HOOX_DATA", path, 1) == 0, "directory");
    if (!with_ledger) return;
    snprintf(file, sizeof file, "%s/hoox.db", path);
    need(hx_ok(hx_store_open(&(struct hx_store_options){.path = file}, &store, NULL, 0)), "ledger");
    hx_store_close(store);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at) {
    (void)info, (void)type, (void)at;
    return remove(path);
}

void cli_rig_remove_dir(const char *path) {
    need(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 && unsetenv("HOOX_DATA") == 0, "removal");
}

void cli_rig_exec(const char *dir, const char *sql) {
    char file[256];
    sqlite3 *db = NULL;
    snprintf(file, sizeof file, "%s/hoox.db", dir);
    need(sqlite3_open(file, &db) == SQLITE_OK, "open");
    int status = sqlite3_exec(db, sql, NULL, NULL, NULL);
    need(status == SQLITE_OK, sqlite3_errmsg(db));
    sqlite3_close(db);
}
