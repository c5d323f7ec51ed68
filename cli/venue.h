/* `hoox venue`: the exact request an adapter would send, and how it reads what comes back, without a network.
 *
 * An intent is a JSON object that says what is asked of a venue: its kind and, under the names of one table
 * (venue_intent.c), what it is about. The same intent serves for the request and for reading the reply to it. */
#ifndef HX_CLI_VENUE_H
#define HX_CLI_VENUE_H

#include "cli/cli.h"
#include "core/venue/adapter.h"

enum cli_venue_kind {
    CLI_VENUE_ORDER,
    CLI_VENUE_QUERY,
    CLI_VENUE_CANCEL,
    CLI_VENUE_FILLS,
    CLI_VENUE_POSITION,
    CLI_VENUE_EQUITY,
    CLI_VENUE_LEVERAGE,
    CLI_VENUE_MARGIN_MODE,
    CLI_VENUE_POSITION_MODE,
    CLI_VENUE_SETTING,
    CLI_VENUE_STOP,
    CLI_VENUE_STOP_QUERY,
    CLI_VENUE_STOP_HISTORY,
    CLI_VENUE_STOP_CANCEL,
    CLI_VENUE_TIME,
    CLI_VENUE_RULES,
    CLI_VENUE_MARK_PRICE,
    CLI_VENUE_KEY_RIGHTS,
    CLI_VENUE_KINDS, /* How many; as a kind: none yet. */
};

/* Words are positions in their lists and equal the core's enumerators. */
struct cli_venue_intent {
    enum cli_venue_kind kind;
    uint32_t given; /* A bit for each row of the table of members. */
    hx_str symbol, client_order_id, order_id, stop_id, page, asset;
    int side, type, position_side, stop_kind;
    hx_dec quantity, price, quote_quantity, trigger_price, contract_size;
    int32_t leverage, stage;
    int64_t position_id;
    bool reduce_only, isolated, by_mark, has_rules;
    struct hx_symbol_rules rules;
    struct hx_symbol_setting setting; /* What the intent says was found of it. */
};

/* What a venue command works on. Everything allocated lives in the arena, whose memory `release` frees. */
struct cli_venue_desk {
    const struct cli *cli;
    void *memory;
    struct hx_arena arena;
    const struct hx_venue_adapter *adapter;
    struct cli_venue_intent intent;
};

/* In venue.c. */

/* Takes venue and market from the command's first two arguments. 0, or an exit code after the problem was printed. */
int cli_venue_open(struct cli_venue_desk *desk, const struct cli *cli);
void cli_venue_release(struct cli_venue_desk *desk);
/* A file, standard input ("-"), or, where `may_be_inline`, text that begins with '{'. Likewise. */
int cli_venue_read(struct cli_venue_desk *desk, const char *source, bool may_be_inline, hx_str *out);
/* The context of the intent: its settings, and the symbol's rules where the adapter needs them. Likewise. */
int cli_venue_fill_context(const struct cli_venue_desk *desk, struct hx_venue_context *ctx);

/* The intent as its adapter puts it; whether it has a word for this kind must be known. Errors are the encoder's. */
HX_MUST_USE hx_err cli_venue_encode(const struct hx_venue_adapter *adapter, const struct hx_venue_context *ctx,
                                    const struct cli_venue_intent *intent, struct hx_venue_call *call);

/* In venue_intent.c. */

/* Prints "no <what> '<word>'; did you mean '…'?", or what there is, and returns an exit code. */
int cli_venue_unknown(const struct cli *cli, const char *what, const char *word, const char *const *names,
                      size_t count);
const char *cli_venue_kind_name(enum cli_venue_kind kind); /* "marginMode". */
/* Likewise. */
int cli_venue_find_kind(const struct cli *cli, const char *word, enum cli_venue_kind *out);
/* Reads an intent; `source` names it in messages. Without a kind in it, out->kind is CLI_VENUE_KINDS. Likewise. */
int cli_venue_parse_intent(struct cli_venue_desk *desk, const char *source, hx_str text);
/* Replaces symbol and client order id; NULL leaves them. Likewise. */
int cli_venue_set(struct cli_venue_desk *desk, const char *symbol, const char *client_order_id);
/* Whether the intent's stage is one of the places that the venue is asked in. Likewise. */
int cli_venue_check_stage(const struct cli_venue_desk *desk);
/* Whether everything is there that the kind needs. Likewise. */
int cli_venue_check_intent(const struct cli_venue_desk *desk);
/* Whether the venue has such a thing in this market. Likewise. */
int cli_venue_check_kind(const struct cli_venue_desk *desk, enum cli_venue_kind kind);
/* Gives what the intent leaves open as the reply names it; *taken lists the members, or is empty. */
void cli_venue_complete_intent(struct cli_venue_desk *desk, const struct hx_json *reply, hx_str *taken);
/* What the intent's kind needs at this venue and nothing gave: the first such member's name, or NULL. */
const char *cli_venue_first_missing(const struct cli_venue_desk *desk);
/* The rules as a JSON object under the names that an intent's "rules" takes. LIMIT_ARENA. */
HX_MUST_USE hx_err cli_venue_format_rules(struct hx_arena *arena, const struct hx_symbol_rules *rules, hx_str *out);

struct hx_order_request cli_venue_order(const struct cli_venue_intent *intent);
struct hx_stop_request cli_venue_stop(const struct cli_venue_intent *intent);

#endif
