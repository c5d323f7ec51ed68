/* What can be told of an account without asking the venue: whether it has a test network, and whether there is a key.
 */
#include "core/venue/adapter.h"

static const struct hx_venue_access *find_access(const struct hx_account *account) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    if (adapter == NULL) return NULL;
    return account->test ? &adapter->test : &adapter->live;
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
