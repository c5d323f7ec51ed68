/* The static settings: what an owner sets once, in the environment or hoox.env (the manifest's change while hoox runs).
 * The list is setting.def, and the venues' own: the addresses, keys and secrets that their adapters name.
 *
 * One table for all who have to know: `hoox serve` refuses to start with a wrong setting, `hoox deploy` to upload one,
 * `hoox check setup` tells of each. A gateway that can't refuse to start (the edge: settings may be changed behind it)
 * goes by the most careful reading: TARGET_MISMATCH refuses, REFUSE_WITHDRAW_KEYS is on, TRUSTED_PROXIES lets nobody
 * past the address check (core/admit/address.h), MARGIN_MODE refuses what would open (core/venue/venue.h), and the rest
 * is as if it had not been set. Each such reading is a warning in the log.
 *
 * Invariants: 1. What hx_setting_check lets pass, every reader understands as the owner meant it. 2. Texts never quote
 * a value: some are secrets. 3. An empty value is as good as none, except HOOX_LISTEN, where it would be a gateway that
 * nobody can reach. Words and switches are read in any case.
 *
 * Nothing here suspends; what is returned is constant storage, or the host's own for as long as the request lives. */
#ifndef HX_CORE_APP_SETTING_H
#define HX_CORE_APP_SETTING_H

#include "core/base/str.h"
#include "port/host.h"

enum hx_setting_id {
#define X(constant, name, kind, default_, when_wrong, user, issue) HX_SETTING_##constant,
#include "core/app/setting.def"
#undef X
    HX_SETTING_COUNT /* Of a venue's: it has no number. */
};

enum hx_setting_kind {
    HX_SETTING_KIND_TEXT,
    HX_SETTING_KIND_SWITCH, /* on off, yes no, true false, 1 0 */
    HX_SETTING_KIND_WORD,   /* one of a few */
    HX_SETTING_KIND_WHOLE,
    HX_SETTING_KIND_WHOLES,    /* comma list, at least one */
    HX_SETTING_KIND_ADDRESSES, /* comma list of what can be listened on, at least one */
    HX_SETTING_KIND_NETWORKS,
    HX_SETTING_KIND_URL,        /* http, https */
    HX_SETTING_KIND_ORIGIN,     /* the same without a query: paths are put behind it */
    HX_SETTING_KIND_SOCKET_URL, /* ws, wss, http, https */
    HX_SETTING_KIND_API_KEY,    /* goes into a header; no secret */
    HX_SETTING_KIND_SECRET,
    HX_SETTING_KIND_FILE, /* the host looks whether it can be read */
};

/* Whom it concerns: the gateway, wherever it runs, or only commands that deploy one and talk to it. */
enum hx_setting_user { HX_SETTING_USER_GATEWAY, HX_SETTING_USER_COMMANDS };

struct hx_setting_info {
    enum hx_setting_id id;
    enum hx_setting_kind kind;
    enum hx_setting_user user;
    int64_t least, most; /* Of numbers; of keys and secrets their length. */
    hx_str words;        /* Comma list. */
    hx_str name, default_value, when_wrong;
};

struct hx_setting_info hx_setting_info(enum hx_setting_id id); /* `id` must be below HX_SETTING_COUNT. */

/* Whether this may stand in the setting; of files only that there is a name. */
bool hx_setting_check(const struct hx_setting_info *info, hx_str value);

/* Readers, in setting.c. */

/* The value; the default when it is not set; when it is wrong, what setting.def says, with a warning. */
hx_str hx_setting_read(struct hx_req *req, enum hx_setting_id id);
bool hx_setting_is_on(struct hx_req *req, enum hx_setting_id id); /* Of switches. */
int64_t hx_setting_read_whole(struct hx_req *req, enum hx_setting_id id);
/* A value that hx_setting_check let pass. */
bool hx_setting_parse_switch(hx_str value);
int64_t hx_setting_parse_whole(hx_str value);

/* The whole table, in setting_check.c: not linked into the edge's module, which has no use for its sentences. */

bool hx_setting_list(uint32_t index, struct hx_setting_info *out); /* Each name once; false at the end. */
/* The same, and HOOX_…_WS_URL wherever there is a HOOX_…_WS_API_URL. out->name may be `name` itself. */
bool hx_setting_find(hx_str name, struct hx_setting_info *out);
/* What is right: "must be on or off". To be put behind the name. */
hx_str hx_setting_issue(const struct hx_setting_info *info);

#endif
