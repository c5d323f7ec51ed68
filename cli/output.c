/* What people and scripts see: errors, remarks, colours, questions, and text that is safe to print. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/cli.h"

#define REPLACEMENT "\xef\xbf\xbd"

void *cli_must(void *memory) {
    if (memory != NULL) return memory;
    fprintf(stderr, "hoox: out of memory\n");
    exit(EXIT_FAILED);
}

/* One character of UTF-8 (RFC 3629: shortest form, no surrogates). Its length, or 0 when these bytes are none. */
static size_t decode(const char *text, size_t len, uint32_t *out) {
    const unsigned char *s = (const unsigned char *)text;
    size_t need = s[0] < 0x80             ? 1
                  : (s[0] & 0xe0) == 0xc0 ? 2
                  : (s[0] & 0xf0) == 0xe0 ? 3
                  : (s[0] & 0xf8) == 0xf0 ? 4
                                          : 0;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (need == 0 || need > len) return 0;
    uint32_t code = need == 1 ? s[0] : s[0] & (0x7fU >> need);
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
    *out = code;
    return need;
}

void cli_print_json_string(const char *text, size_t len) {
    putchar('"');
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t size = decode(text + i, len - i, &code);
        if (size == 0) {
            fputs(REPLACEMENT, stdout);
        } else if (code == '"' || code == '\\') {
            printf("\\%c", (char)code);
        } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            printf("\\u%04x", (unsigned)code);
        } else {
            fwrite(text + i, 1, size, stdout);
        }
        i += size > 0 ? size : 1;
    }
    putchar('"');
}

/* Control characters steer the terminal (C1 ones too); directional marks make text read as something it is not. */
static bool is_steering(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f || code == 0x61c ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

size_t cli_print_safely(FILE *out, const char *text, size_t len) {
    size_t columns = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t size = decode(text + i, len - i, &code);
        int width = size > 0 && !is_steering(code) ? wcwidth((wchar_t)code) : -1;
        if (width < 0) {
            if (out != NULL) fputc('?', out);
        } else if (out != NULL) {
            fwrite(text + i, 1, size, out);
        }
        columns += width < 0 ? 1 : (size_t)width;
        i += size > 0 ? size : 1;
    }
    return columns;
}

const char *cli_color(const struct cli *cli, const char *name) {
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool off = cli->no_color || cli->json || (no_color != NULL && no_color[0] != '\0') || term == NULL ||
               term[0] == '\0' || strcmp(term, "dumb") == 0 || !isatty(STDOUT_FILENO);
    if (off) return "";
    if (strcmp(name, "red") == 0) return "\033[31m";
    if (strcmp(name, "green") == 0) return "\033[32m";
    if (strcmp(name, "bold") == 0) return "\033[1m";
    if (strcmp(name, "dim") == 0) return "\033[2m";
    return "\033[0m";
}

int cli_fail(const struct cli *cli, enum exit_code code, const char *name, const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (cli->json) {
        printf("{\"success\":false,\"error\":{\"code\":\"%s\",\"message\":", name);
        cli_print_json_string(text, strlen(text));
        printf("}}\n");
    } else {
        fprintf(stderr, "hoox: ");
        cli_print_safely(stderr, text, strlen(text));
        fputc('\n', stderr);
    }
    return (int)code;
}

void cli_say(const struct cli *cli, const char *format, ...) {
    if (cli->quiet || cli->json) return;
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

bool cli_confirm(const struct cli *cli, const char *question) {
    if (cli->yes || !isatty(STDIN_FILENO)) return true;
    fprintf(stderr, "%s [y/N] ", question);
    char line[16];
    if (fgets(line, sizeof line, stdin) == NULL) return false;
    return line[0] == 'y' || line[0] == 'Y';
}
