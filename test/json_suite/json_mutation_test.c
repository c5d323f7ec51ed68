/* Goal: scanner and peers agree on inputs nobody thought of, in every test run and not only while fuzzing. Method:
 * seeded random edits of a few documents, judged by test/oracle/json_peers.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "test/oracle/json_peers.h"

#define MUTANTS 60000
#define LEN_MAX 1024

static uint64_t random_state = 20261123;

static uint32_t draw(uint32_t below) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((random_state >> 33) * below) >> 31);
}

static const char *const documents[] = {
    "{\"apiKey\":\"k\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":0.001,\"price\":\"65000.10\",\"test\":"
    "true}",
    "{\"strategy\":{\"order\":{\"id\":\"L\\u00e9\\ud83d\\ude00\\n\\\"\",\"price\":1E+2}},\"tags\":[null,false,-0.5e-7,{"
    "}]}",
    "[[],[[1,2],[3]],{\"a\":[{\"b\":{\"c\":[0]}}]},\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]",
    "{\"a\":1,\"b\":2,\"c\":3,\"\\u0064\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9}",
    " [ 1 , 2.50 , -3 , \"\\\\\\/\\b\\f\\r\\t\" , true ]\n",
};

static const char *const tokens[] = {
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\u0000",
    "\\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "0",
    "1",
    "-",
    ".",
    "e",
    "E+",
    "true",
    "null",
    "\"a\":",
    "\"\":1,",
    " ",
    "\t",
    "\xc3",
    "\xa9",
    "\xed\xa0\x80",
    "\xf4\x90",
    "\x1f",
    "\x7f",
    "//",
    "[[[[[[[[[[[[[[[[",
};

struct mutant {
    char text[LEN_MAX];
    size_t len;
};

static void replace(struct mutant *m, size_t at, size_t len, const char *text, size_t text_len) {
    if (at > m->len || len > m->len - at || m->len - len + text_len > sizeof m->text) return;
    memmove(m->text + at + text_len, m->text + at + len, m->len - at - len);
    memcpy(m->text + at, text, text_len);
    m->len += text_len - len;
}

static void mutate(struct mutant *m) {
    char piece[64];
    size_t at = draw((uint32_t)m->len + 1);
    size_t piece_at = draw((uint32_t)m->len + 1);
    size_t piece_len = draw(24);
    const char *token = tokens[draw(sizeof tokens / sizeof tokens[0])];
    switch (draw(5)) {
        case 0:
            replace(m, at, 0, token, strlen(token));
            break;
        case 1:
            replace(m, at, 1, token, strlen(token));
            break;
        case 2:
            replace(m, at, draw(8), "", 0);
            break;
        case 3:
            if (piece_at + piece_len > m->len) break;
            memcpy(piece, m->text + piece_at, piece_len);
            replace(m, at, 0, piece, piece_len);
            break;
        default:
            if (at < m->len) m->text[at] = (char)(m->text[at] ^ (1 << draw(8)));
            break;
    }
}

static void mutants_agree(void **state) {
    (void)state;
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < MUTANTS; i++) {
        struct mutant m;
        const char *document = documents[draw(sizeof documents / sizeof documents[0])];
        m.len = strlen(document);
        memcpy(m.text, document, m.len);
        for (uint32_t edits = draw(4); edits > 0; edits--) mutate(&m);
        char *exact = malloc(m.len + 1);
        memcpy(exact, m.text, m.len);
        const char *finding = json_peers_finding(hx_str_make(exact, m.len));
        free(exact);
        if (finding != NULL) {
            print_message("%s: %.*s\n", finding, (int)m.len, m.text);
            fail();
        }
        accepted += peers_yajl_accepts(hx_str_make(m.text, m.len));
    }
    /* Mutants of both kinds, or the test would show nothing. */
    assert_in_range(accepted, MUTANTS / 10, MUTANTS / 10 * 9);
}

/* Objects on both sides of the size at which the duplicate check changes its method, with and without a duplicate. */
static void large_objects_agree(void **state) {
    (void)state;
    static char text[1 << 16];
    for (uint32_t members = 28; members < 300; members += 1 + draw(4)) {
        size_t len = 1;
        uint32_t twin = draw(members);
        uint32_t copy = draw(2) == 0 ? members : draw(members);
        bool escaped = draw(2) == 0;
        text[0] = '{';
        for (uint32_t i = 0; i < members; i++) {
            uint32_t number = i == copy ? twin : i;
            const char *form = i == copy && escaped ? "\"\\u006%u%08u\":%u," : "\"%c%08u\":%u,";
            uint32_t lead = i == copy && escaped ? 1 + number % 8 : 'a' + number % 8;
            len += (size_t)snprintf(text + len, sizeof text - len, form, lead, number * 2654435761u % 100000000, i);
        }
        text[len - 1] = '}';
        const char *finding = json_peers_finding(hx_str_make(text, len));
        if (finding != NULL) fail_msg("%s: %.*s", finding, (int)len, text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutants_agree),
        cmocka_unit_test(large_objects_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
