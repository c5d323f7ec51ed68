#define _GNU_SOURCE
#include "cli/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/native/settings.h"

#define FILE_LEN_MAX ((size_t)256 * 1024)
#define NAMES_MAX 256 /* Many more than there are. */
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

extern char **environ;

static char *copy(const char *text) {
    return cli_must(strdup(text));
}

static void wipe(char *text) {
    explicit_bzero(text, strlen(text));
    free(text);
}

static bool put(struct cli_settings *settings, const char *name, const char *value) {
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->list[i].name, name) != 0) continue;
        wipe(settings->list[i].value);
        settings->list[i].value = copy(value);
        return true;
    }
    if (settings->count == CLI_SETTINGS_MAX) return false;
    settings->list[settings->count++] = (struct cli_setting){copy(name), copy(value)};
    return true;
}

const char *cli_settings_take_line(struct cli_settings *settings, hx_str line) {
    hx_str name, value;
    const char *problem = hx_settings_read_line(line, &name, &value);
    if (problem != NULL || name.len == 0) return problem;
    char *name_text = cli_must(strndup(name.data, name.len)),
         *value_text = cli_must(strndup(value.len > 0 ? value.data : "", value.len));
    bool taken = put(settings, name_text, value_text);
    free(name_text);
    wipe(value_text);
    return taken ? NULL : "is one setting too many";
}

static int take_lines(const struct cli *cli, struct cli_settings *out, const char *text, size_t len, const char *path) {
    hx_str rest = hx_str_make(text, len), line;
    for (unsigned number = 1; hx_str_split(&rest, '\n', &line); number++) {
        const char *problem = cli_settings_take_line(out, line);
        if (problem == NULL) continue;
        return cli_fail(cli, EXIT_FAILED, "BAD_SETTINGS", "%s:%u: this line %s", path, number, problem);
    }
    return 0;
}

static int take_file(const struct cli *cli, struct cli_settings *out) {
    char path[4200];
    struct stat info;
    snprintf(path, sizeof path, "%s/hoox.env", cli->data_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return 0;
    if (fd < 0 || fstat(fd, &info) != 0) {
        int code = cli_fail(cli, EXIT_FAILED, "BAD_SETTINGS", "%s: %s", path, strerror(errno));
        if (fd >= 0) close(fd);
        return code;
    }
    if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0 || (size_t)info.st_size >= FILE_LEN_MAX) {
        close(fd);
        return cli_fail(cli, EXIT_FAILED, "BAD_SETTINGS",
                        "%s must be a file of less than 256 KiB that only you can read; chmod 600 it", path);
    }
    char *text = cli_must(calloc(1, FILE_LEN_MAX));
    size_t used = 0;
    ssize_t got;
    while (used < FILE_LEN_MAX - 1 && (got = read(fd, text + used, FILE_LEN_MAX - 1 - used)) > 0) used += (size_t)got;
    close(fd);
    int code = take_lines(cli, out, text, used, path);
    explicit_bzero(text, FILE_LEN_MAX);
    free(text);
    return code;
}

static bool is_ours(const char *entry) {
    static const char account[] = "CLOUDFLARE_";
    return strncmp(entry, account, sizeof account - 1) == 0 || hx_settings_is_ours(hx_str_from_c(entry));
}

int cli_settings_load(const struct cli *cli, struct cli_settings *out) {
    out->count = 0;
    int code = take_file(cli, out);
    for (char **entry = environ; code == 0 && *entry != NULL; entry++) {
        char *equals = strchr(*entry, '=');
        if (!is_ours(*entry) || equals == NULL) continue;
        char *name = cli_must(strndup(*entry, (size_t)(equals - *entry)));
        if (strspn(name, NAME_CHARS) == strlen(name) && !put(out, name, equals + 1)) {
            code = cli_fail(cli, EXIT_FAILED, "BAD_SETTINGS", "more than %d settings", CLI_SETTINGS_MAX);
        }
        free(name);
    }
    if (code != 0) cli_settings_release(out);
    return code;
}

const char *cli_settings_find(const struct cli_settings *settings, const char *name) {
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->list[i].name, name) != 0) continue;
        return settings->list[i].value[0] != '\0' ? settings->list[i].value : NULL;
    }
    return NULL;
}

void cli_setting_suggest(hx_str name, char *sentence, size_t size) {
    const char *names[NAMES_MAX];
    char word[CLI_SETTING_NAME_SIZE];
    struct hx_setting_info info;
    size_t count = 0;
    for (uint32_t i = 0; count < NAMES_MAX && hx_setting_list(i, &info); i++) names[count++] = info.name.data;
    snprintf(word, sizeof word, "%.*s", (int)name.len, name.data);
    const char *near = cli_nearest(word, names, count);
    snprintf(sentence, size, "%s is no setting of hoox%s%s%s", word,
             near != NULL ? "; did you mean " : ": look at its spelling", near != NULL ? near : "",
             near != NULL ? "?" : "");
}

void cli_settings_release(struct cli_settings *settings) {
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->list[i].name);
        wipe(settings->list[i].value);
    }
    settings->count = 0;
}
