/* Reading the fields of a signal: finds, converts, and collects what is wrong. Internal to core/signal.
 *
 * Every read answers ABSENT (missing or null), OK, or BAD (an issue was added), so that "required" is complained about
 * only where nothing else was. Issues are constant sentences about a field's name; they never quote a value, which
 * might be the key in the wrong place. */
#ifndef HX_CORE_SIGNAL_READER_H
#define HX_CORE_SIGNAL_READER_H

#include "core/signal/signal.h"

enum hx_field { HX_FIELD_ABSENT, HX_FIELD_OK, HX_FIELD_BAD };

struct hx_signal_reader {
    struct hx_arena *arena;
    const struct hx_json *root;     /* The alert: an object. */
    const struct hx_json *strategy; /* Its member "strategy" when that is an object, else NULL. */
    struct hx_signal_issues *issues;
    hx_err *fatal; /* What is not the sender's fault: LIMIT_ARENA. */
};

/* A field where it was found. `node` is NULL when absent; `name` is then the name to ask for. */
struct hx_field_ref {
    hx_str name;
    const struct hx_json *node;
};

struct hx_choice {
    hx_str text; /* Compared without regard to case. */
    int value;
};

/* Beyond HX_SIGNAL_ISSUES_MAX issues are dropped: the first ones are enough to go on with. */
void hx_signal_add_issue(struct hx_signal_issues *issues, hx_str field, const char *issue);

struct hx_field_ref hx_signal_find(const struct hx_signal_reader *r, const char *name);
/* The first of the names that is there. `alias` and `nested` may be NULL; `nested` is "strategy.<name>". */
struct hx_field_ref hx_signal_find_any(const struct hx_signal_reader *r, const char *name, const char *alias,
                                       const char *nested);

enum hx_field hx_signal_read_text(const struct hx_signal_reader *r, struct hx_field_ref ref, size_t len_max,
                                  hx_str *out);
enum hx_field hx_signal_read_choice(const struct hx_signal_reader *r, struct hx_field_ref ref,
                                    const struct hx_choice *choices, size_t count, const char *issue, int *out);
enum hx_field hx_signal_read_bool(const struct hx_signal_reader *r, struct hx_field_ref ref, bool *out);
/* Quoted or bare, |value| <= 10^12. Digits beyond what hx_dec keeps exactly are cut off a fraction: charts render
 * binary doubles ("1194.6000000000001"), and what is cut is far below any tick. */
enum hx_field hx_signal_read_dec(const struct hx_signal_reader *r, struct hx_field_ref ref, hx_dec *out);
/* The same, greater than zero. */
enum hx_field hx_signal_read_positive(const struct hx_signal_reader *r, struct hx_field_ref ref, hx_dec *out);
/* A whole number from min to max. */
enum hx_field hx_signal_read_whole(const struct hx_signal_reader *r, struct hx_field_ref ref, int64_t min, int64_t max,
                                   const char *issue, int64_t *out);

/* The two families, and the fields they share. What fails is in the issues. */
void hx_signal_read_hoox(const struct hx_signal_reader *r, struct hx_signal *out);
bool hx_signal_is_strategy(const struct hx_signal_reader *r);
void hx_signal_read_strategy(const struct hx_signal_reader *r, struct hx_signal *out);
void hx_signal_read_options(const struct hx_signal_reader *r, struct hx_signal *out);
/* `symbol`, else `ticker`; when both are there they must agree. */
void hx_signal_read_symbol(const struct hx_signal_reader *r, struct hx_signal *out);

/* True when the member of that name holds the webhook key or might: apiKey passphrase secret key token. */
bool hx_signal_is_key_name(hx_str name);

#endif
