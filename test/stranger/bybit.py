"""Bybit v5 as a stranger understands its documents: linear contracts and spot of a unified account."""

import json
from decimal import Decimal as D

from exchange import Reply, now, sign

KEY, SECRET = "stranger-bybit-key-01", "stranger-bybit-secret-02"
STATUS = {"NEW": "New", "PARTIALLY_FILLED": "PartiallyFilled", "FILLED": "Filled", "CANCELED": "Cancelled",
          "EXPIRED": "Cancelled"}


def wrap(result, code=0, text="OK"):
    return {"retCode": code, "retMsg": text, "result": result, "retExtInfo": {}, "time": now()}


def refuse(code, text):
    return Reply(200, wrap({}, code, text))


class Bybit:
    """`spot` of the book says which category is served."""

    def handle(self, x, r):
        if r.path == "/v5/market/time":
            return 200, wrap({"timeSecond": str(now() // 1000), "timeNano": str(now() * 1000000)})
        if r.path == "/v5/market/instruments-info":
            return 200, wrap(self.rules(x, r.params))
        serve = {("POST", "/v5/order/create"): self.place, ("POST", "/v5/order/cancel"): self.cancel,
                 ("GET", "/v5/order/realtime"): self.query, ("GET", "/v5/execution/list"): self.executions,
                 ("GET", "/v5/position/list"): self.positions, ("POST", "/v5/position/set-leverage"): self.leverage,
                 ("GET", "/v5/account/wallet-balance"): self.wallet}.get((r.method, r.path))
        if not serve:
            x.unknown(r)
        h = r.headers
        if h.get("x-bapi-api-key") != KEY:
            raise refuse(10003, "API key is invalid.")
        text = h["x-bapi-timestamp"] + KEY + h.get("x-bapi-recv-window", "5000")
        text += r.query if r.method == "GET" else r.body.decode()
        if h["x-bapi-sign"] != sign(SECRET, text):
            raise refuse(10004, "error sign! origin_string[...]")
        at = int(h["x-bapi-timestamp"])
        if not now() - int(h.get("x-bapi-recv-window", 5000)) <= at < now() + 1000:
            raise refuse(10002, "invalid request, please check your server timestamp or recv_window param.")
        params = r.params if r.method == "GET" else json.loads(r.body)
        if params.get("category", "") not in ("", "spot" if x.book.spot else "linear"):
            raise refuse(10001, "params error: Category is invalid")
        with x.book.lock:
            return 200, wrap(serve(x, params))

    def rules(self, x, p):
        out = []
        for s in x.book.prices:
            if p.get("symbol") not in (None, s):
                continue
            row = {"symbol": s, "status": "Trading", "baseCoin": s[:-4], "quoteCoin": "USDT", "innovation": "0",
                   "priceFilter": {"tickSize": D("0.10"), "minPrice": D("0.10"), "maxPrice": D("1999999.80")}}
            if x.book.spot:
                row.update(marginTrading="both", lotSizeFilter={
                    "basePrecision": D("0.000001"), "quotePrecision": D("0.00000001"), "minOrderQty": D("0.000011"),
                    "maxOrderQty": D("83"), "minOrderAmt": D("5"), "maxOrderAmt": D("8000000"),
                    "maxLimitOrderQty": D("83"), "maxMarketOrderQty": D("41.5")}, riskParameters={"x": "0.01"})
            else:
                row.update(contractType="LinearPerpetual", settleCoin="USDT", launchTime="1585526400000",
                           priceScale="2",
                           leverageFilter={"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
                           unifiedMarginTrade=True, fundingInterval=480, lotSizeFilter={
                               "maxOrderQty": D("1190"), "minOrderQty": D("0.001"), "qtyStep": D("0.001"),
                               "postOnlyMaxOrderQty": D("1190"), "maxMktOrderQty": D("500"),
                               "minNotionalValue": D("5")})
            out.append(row)
        return {"category": "spot" if x.book.spot else "linear", "list": out, "nextPageCursor": ""}

    def place(self, x, p):
        b, symbol = x.book, p["symbol"]
        if symbol not in b.prices:
            raise refuse(170121 if b.spot else 10001, "Invalid symbol")
        link, qty, market = p.get("orderLinkId", "auto%d" % b.next_id), D(p["qty"]), p["orderType"] == "Market"
        if any(o["client"] == link for o in b.orders):
            raise refuse(170141 if b.spot else 110072, "OrderLinkedID is duplicate")
        if b.spot and market and p["side"] == "Buy" and p.get("marketUnit", "quoteCoin") == "quoteCoin":
            qty = (qty / b.prices[symbol]).quantize(D("0.000001"))
        if b.spot and qty > b.coins.get(symbol[:-4], D(0)) and p["side"] == "Sell":
            raise refuse(170131, "Insufficient balance.")
        if qty * b.prices[symbol] > b.cash * 20:
            raise refuse(110007, "ab not enough for new order")
        held = b.positions.get((symbol, "BOTH"), [D(0)])[0]
        if p.get("reduceOnly") and not held:
            raise refuse(110017, "current position is zero, cannot fix reduce-only order qty")
        o = b.place(symbol, p["side"].upper(), "MARKET" if market else "LIMIT", qty, D(p.get("price") or 0), link,
                    bool(p.get("reduceOnly")))
        return {"orderId": "%08x-aaaa-bbbb-cccc-%012x" % (o["id"] >> 32, o["id"]), "orderLinkId": link}

    def name(self, o):
        return "%08x-aaaa-bbbb-cccc-%012x" % (o["id"] >> 32, o["id"])

    def chosen(self, x, p):
        return [o for o in reversed(x.book.orders) if p.get("symbol", o["symbol"]) == o["symbol"]
                and p.get("orderLinkId", o["client"]) == o["client"] and p.get("orderId", self.name(o)) == self.name(o)]

    def query(self, x, p):
        return {"category": p["category"], "nextPageCursor": "", "list": [{
            "orderId": self.name(o), "orderLinkId": o["client"], "symbol": o["symbol"], "price": o["price"],
            "qty": o["qty"],
            "side": o["side"].capitalize(), "positionIdx": 0, "orderStatus": STATUS[o["status"]],
            "cancelType": "UNKNOWN",
            "rejectReason": "EC_NoError", "avgPrice": o["spent"] / o["done"] if o["done"] else "",
            "leavesQty": o["qty"] - o["done"],
            "cumExecQty": o["done"], "cumExecValue": o["spent"], "cumExecFee": o["fee"], "timeInForce": "IOC",
            "orderType": o["type"].capitalize(), "stopOrderType": "", "reduceOnly": o["reduce"],
            "closeOnTrigger": False,
            "createdTime": str(o["time"]), "updatedTime": str(o["updated"])} for o in self.chosen(x, p)]}

    def cancel(self, x, p):
        rows = [o for o in self.chosen(x, p) if o["status"] in ("NEW", "PARTIALLY_FILLED")]
        if not rows:
            raise refuse(170213 if x.book.spot else 110001, "order not exists or too late to cancel")
        rows[0]["status"] = "CANCELED"
        return {"orderId": self.name(rows[0]), "orderLinkId": rows[0]["client"]}

    def executions(self, x, p):
        out = []
        for o in self.chosen(x, p):
            for f in o["fills"]:
                out.append({"symbol": o["symbol"], "orderId": self.name(o), "orderLinkId": o["client"],
                            "side": o["side"].capitalize(), "orderType": "Market", "execId": "e-%d" % f["id"],
                            "execPrice": f["price"], "execQty": f["qty"], "execValue": f["qty"] * f["price"],
                            "execFee": f["fee"], "feeCurrency": f["coin"] if x.book.spot else "", "feeRate": "0.0004",
                            "execType": "Trade", "execTime": str(f["time"]), "isMaker": False, "leavesQty": "0",
                            "closedSize": "0", "seq": f["id"]})
        return {"category": p["category"], "nextPageCursor": "", "list": out}

    def positions(self, x, p):
        held, entry = x.book.positions.get((p["symbol"], "BOTH"), [D(0), D(0)])
        return {"category": "linear", "nextPageCursor": "", "list": [{
            "positionIdx": 0, "symbol": p["symbol"], "side": "Buy" if held > 0 else "Sell" if held else "",
            "size": abs(held),
            "avgPrice": entry, "positionValue": abs(held) * entry, "tradeMode": 0, "positionStatus": "Normal",
            "leverage": str(x.book.leverage.get(p["symbol"], 10)), "markPrice": x.book.prices[p["symbol"]],
            "liqPrice": "",
            "unrealisedPnl": "0", "takeProfit": "", "stopLoss": "", "trailingStop": "0", "seq": 1,
            "createdTime": str(now()),
            "updatedTime": str(now())}]}

    def leverage(self, x, p):
        if x.book.leverage.get(p["symbol"], 10) == int(p["buyLeverage"]):
            raise refuse(110043, "leverage not modified")
        x.book.leverage[p["symbol"]] = int(p["buyLeverage"])
        return {}

    def wallet(self, x, p):
        coins = {**x.book.coins, "USDT": x.book.cash}
        return {"list": [{"accountType": "UNIFIED", "totalEquity": x.book.cash, "coin": [
            {"coin": c, "equity": a, "walletBalance": a, "locked": "0", "unrealisedPnl": "0", "availableToWithdraw": "",
             "usdValue": "1", "totalOrderIM": "0", "totalPositionIM": "0", "collateralSwitch": True,
             "marginCollateral": True}
            for c, a in coins.items() if p.get("coin", c) == c]}]}
