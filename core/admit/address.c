#include "core/admit/address.h"

#include "core/admit/manifest.h"

/* False: the list can't be read. Without it the proxy would be taken for the client, and a proxy on this machine is on
 * everybody's list of allowed networks. */
static bool read_trusted(struct hx_req *req, struct hx_cidr_list *out) {
    hx_str text = HX_STR_EMPTY;
    out->count = 0;
    if (hx_failed(hx_port_setting(req, HX_STR("HOOX_TRUSTED_PROXIES"), &text))) return true;
    if (hx_ok(hx_cidr_list_parse(text, out, NULL))) return true;
    out->count = 0;
    hx_port_log(req, HX_LOG_WARN, HX_STR("HOOX_TRUSTED_PROXIES is not a list of networks; nobody's address is known"),
                HX_STR_EMPTY);
    return false;
}

void hx_address_admit(struct hx_req *req, hx_str peer, const struct hx_http_header *headers, size_t header_count,
                      struct hx_admitted_address *out) {
    struct hx_cidr_list list;
    *out = (struct hx_admitted_address){.known = false};
    out->known = read_trusted(req, &list) && hx_ok(hx_client_address(peer, headers, header_count, &list, &out->client));
    out->is_tradingview = out->known && hx_ip_is_tradingview(out->client);
    if (!hx_manifest_ip_check(req)) {
        out->allowed = true;
        return;
    }
    if (!out->known) return;
    hx_manifest_allowed_ips(req, &list);
    out->allowed = hx_cidr_list_contains(&list, out->client);
}
