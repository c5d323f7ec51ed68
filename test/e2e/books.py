"""The venue's books (the laboratory's control API, docs/LAB.md) against the ledger's."""
from decimal import Decimal

import venues


def rows(host, path):
    """A whole list, however many answers it takes."""
    found, start = [], 0
    while True:
        page, headers = host.lab_request("GET", f"{path}?from={start}&limit=1000", with_headers=True)
        found += page
        if "x-lab-next" not in headers:
            return found
        start = int(headers["x-lab-next"])


def lab_orders(host):
    return rows(host, "/lab/orders")


def lab_order_requests(host):
    """As they came in, whatever a fault made of them after."""
    return host.lab_request("GET", "/lab/state")["seen"].get(venues.PROFILE["order"], 0)


def further_attempts(host):
    """How often the ledger says that an order was tried anew, having proof that it was not there."""
    return host.query("SELECT coalesce(sum(attempt - 1), 0) AS n FROM orders")[0]["n"]


def compare(what, venue, ledger):
    """Two dictionaries by id; the first few differences as text."""
    problems = [f"{what} {name} is not in the ledger" for name in sorted(set(venue) - set(ledger))]
    problems += [f"{what} {name} is not at the venue" for name in sorted(set(ledger) - set(venue))]
    problems += [f"{what} {name}: {venue[name]} at the venue, {ledger[name]} in the ledger"
                 for name in sorted(set(venue) & set(ledger)) if venue[name] != ledger[name]]
    return problems


def orders_differ(host):
    orders = lab_orders(host)
    doubled = [order["clientOrderId"] for order in orders if order["placements"] != 1]
    if doubled or len({order["clientOrderId"] for order in orders}) != len(orders):
        return [f"placed more than once: {doubled}"]
    venue = {order["clientOrderId"]: Decimal(order["executedQty"]) for order in orders}
    ledger = {row["client_order_id"]: Decimal(row["executed_quantity"]) for row in host.query(
        "SELECT client_order_id, executed_quantity FROM orders WHERE venue_order_id <> ''")}
    return compare("order", venue, ledger)


def totals(fills, order, with_fee):
    """Quantity, worth and commission of an order's fills. The price of a sum is rounded, so its worth is too."""
    mine = [fill for fill in fills.values() if fill[0] == order]
    total = (sum(fill[2] for fill in mine), round(sum(fill[2] * fill[3] for fill in mine), 6))
    return total + (sum(fill[4] for fill in mine),) if with_fee else total


def fills_differ(host):
    """Fill by fill; of an order whose fills could not all be read, their sums, and the commission only where the owner
    was not told that it is not known."""
    venue = {fill["tradeId"]: (fill["clientOrderId"], fill["side"], Decimal(fill["qty"]), Decimal(fill["price"]),
                               Decimal(fill["commission"]), fill["commissionAsset"])
             for fill in rows(host, "/lab/fills")}
    ledger = {row["venue_trade_id"]: (row["client_order_id"], row["side"].upper(), Decimal(row["quantity"]),
                                      Decimal(row["price"]), Decimal(row["fee"]), row["fee_asset"])
              for row in host.query("SELECT venue_trade_id, client_order_id, side, quantity, price, fee, fee_asset "
                                    "FROM fills")}
    summed = {fill[0] for name, fill in ledger.items() if name.startswith("summed-")}
    told = {row["client_order_id"] for row in host.query(
        "SELECT client_order_id FROM orders o JOIN outbox b ON b.subject = o.signal_id "
        "WHERE b.payload LIKE '%fee_unknown%'")} if summed else set()
    sums = [{order: totals(fills, order, order not in told) for order in summed} for fills in (venue, ledger)]
    single = [{name: fill for name, fill in fills.items() if fill[0] not in summed} for fills in (venue, ledger)]
    return compare("order", *sums) + compare("fill", *single)


def held_at_venue(host):
    """By symbol: positions, or on spot what came to the base asset's balance since the start."""
    if venues.PRODUCT == "futures":
        return {row["symbol"]: Decimal(row["positionAmt"]) for row in rows(host, "/lab/positions")}
    balances = rows(host, "/lab/balances")
    # One account serves both products at Bybit. USDT is what is paid with, and BNB what fees are paid in.
    account = "spot" if any(row["product"] == "spot" for row in balances) else "futures"
    return {f"{row['asset']}USDT": Decimal(row["total"]) - Decimal(row["start"])
            for row in balances if row["product"] == account and row["asset"] not in ("USDT", "BNB")}


def positions_differ(host):
    venue = held_at_venue(host)
    ledger = {row["symbol"]: Decimal(row["quantity"]) for row in host.query("SELECT symbol, quantity FROM positions")}
    return compare("position", {name: amount for name, amount in venue.items() if amount},
                   {name: amount for name, amount in ledger.items() if amount})


def difference(host):
    problems = orders_differ(host) + fills_differ(host) + positions_differ(host)
    return f"{len(problems)} differences: {'; '.join(problems[:5])}" if problems else ""
