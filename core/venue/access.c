/* What can be told of accounts without asking the venue: which keys there can be, whether there is one, and whether
 * there is a test network. */
#include "core/venue/standing.h"

static const struct hx_venue_access *find_access(const struct hx_account *account) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    if (adapter == NULL) return NULL;
    return account->test ? &adapter->test : &adapter->live;
}

static bool shares_key(const struct hx_venue_adapter *adapter, const struct hx_venue_adapter *other, bool test) {
    const struct hx_venue_access *a = test ? &adapter->test : &adapter->live;
    const struct hx_venue_access *b = test ? &other->test : &other->live;
    return hx_str_equal(a->key_setting, b->key_setting);
}

const struct hx_venue_access *hx_venue_list_keys(uint32_t index, bool test) {
    const struct hx_venue_adapter *adapter = NULL;
    for (uint32_t i = 0; (adapter = hx_venue_list_adapters(i)) != NULL; i++) {
        const struct hx_venue_access *access = test ? &adapter->test : &adapter->live;
        bool seen = access->key_setting.len == 0;
        for (uint32_t k = 0; k < i && !seen; k++) seen = shares_key(adapter, hx_venue_list_adapters(k), test);
        if (!seen && index-- == 0) return access;
    }
    return NULL;
}

bool hx_venue_is_key_setting(hx_str name) {
    const struct hx_venue_access *access = NULL;
    for (int test = 0; test < 2; test++) {
        for (uint32_t i = 0; (access = hx_venue_list_keys(i, test == 1)) != NULL; i++) {
            if (hx_str_equal(access->key_setting, name)) return true;
        }
    }
    return false;
}

bool hx_venue_owns_setting(hx_str name) {
    const struct hx_venue_access *access = NULL;
    for (uint32_t i = 0; (access = hx_venue_list_keys(i, false)) != NULL; i++) {
        size_t end = 0;
        if (!hx_str_find_char(access->key_setting, '_', &end)) continue;
        if (hx_str_starts_with(name, hx_str_slice(access->key_setting, 0, end + 1))) return true;
    }
    return false;
}

bool hx_venue_is_reachable(const struct hx_account *account) {
    const struct hx_venue_access *access = find_access(account);
    return access == NULL || access->origin_default.len > 0;
}

bool hx_venue_has_key(struct hx_req *req, const struct hx_account *account) {
    const struct hx_venue_access *access = find_access(account);
    hx_str key = HX_STR_EMPTY;
    return access == NULL || (hx_ok(hx_port_setting(req, access->key_setting, &key)) && key.len > 0);
}

void hx_venue_add_key_names(struct hx_buf *buf, const struct hx_account *account) {
    const struct hx_venue_access *access = find_access(account);
    if (access == NULL) return;
    hx_buf_add(buf, access->key_setting);
    hx_buf_add_c(buf, " and ");
    hx_buf_add(buf, access->secret_name);
}

/* -1: not known. */
static int64_t noted(bool known, bool value) {
    return known ? (value ? 1 : 0) : -1;
}

void hx_venue_remember_rights(struct hx_req *req, const struct hx_account *account,
                              const struct hx_key_rights *rights) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    const int64_t fields[3] = {noted(rights->may_trade_known, rights->may_trade),
                               noted(rights->may_withdraw_known, rights->may_withdraw),
                               noted(rights->address_known, rights->bound_to_address)};
    if (adapter == NULL) return;
    hx_standing_put(req, hx_standing_key(memory, "rights", adapter, account->test, HX_STR_EMPTY), fields, 3);
}

bool hx_venue_recall_rights(struct hx_req *req, const struct hx_account *account, struct hx_key_rights *out) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[3];
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    if (adapter == NULL) return false;
    hx_str key = hx_standing_key(memory, "rights", adapter, account->test, HX_STR_EMPTY);
    if (!hx_standing_find(req, key, fields, 3)) return false;
    /* The markets of an exchange tell of the same key: what one of them does not know leaves what another said. */
    if (fields[0] >= 0) out->may_trade_known = true, out->may_trade = fields[0] == 1;
    if (fields[1] >= 0) out->may_withdraw_known = true, out->may_withdraw = fields[1] == 1;
    if (fields[2] >= 0) out->address_known = true, out->bound_to_address = fields[2] == 1;
    return fields[0] >= 0 || fields[1] >= 0 || fields[2] >= 0;
}
