"""MEXC as a stranger understands its documents: contract v1 and spot v3."""

import json
from decimal import Decimal as D

from binance import Binance, number
from exchange import Bare, Reply, now, sign

KEY, SECRET = "stranger-mexc-key-01", "stranger-mexc-secret-02"


class Contracts:
    """Numbers are JSON numbers, quantities whole contracts of 0.0001; the book of this face has that as its unit."""

    def handle(self, x, r):
        base = "/api/v1/"
        if r.path == base + "contract/ping":
            return 200, {"success": True, "code": 0, "data": now()}
        if r.path == base + "contract/detail":
            return 200, {"success": True, "code": 0, "data": self.rules(x, r.params)}
        path = r.path[len(base + "private/"):] if r.path.startswith(base + "private/") else ""
        for method, prefix, serve in (("POST", "order/create", self.place), ("GET", "order/external/", self.external),
                                      ("GET", "order/get/", self.by_id), ("GET", "order/deal_details/", self.deals),
                                      ("POST", "order/cancel_with_external", self.cancel),
                                      ("POST", "order/batch_cancel_with_external", self.cancel),
                                      ("GET", "position/open_positions", self.positions),
                                      ("POST", "position/change_leverage", lambda x, p, rest: None),
                                      ("GET", "account/assets", self.assets), ("GET", "account/asset/", self.assets)):
            if method == r.method and path.startswith(prefix) and path:
                break
        else:
            x.unknown(r)
        at, window = int(r.headers["request-time"]), int(r.headers.get("recv-window", 10))
        if r.headers.get("apikey") != KEY:
            raise Reply(200, {"success": False, "code": 402, "message": "API key expired"})
        params = "&".join(sorted(r.query.split("&"))) if r.method == "GET" else r.body.decode()
        if r.headers["signature"] != sign(SECRET, KEY + str(at) + params):
            raise Reply(200, {"success": False, "code": 602, "message": "Signature verification failed"})
        if abs(now() - at) > window * 1000:
            raise Reply(200, {"success": False, "code": 513, "message": "Invalid request time"})
        p = r.params if r.method == "GET" else json.loads(r.body)
        with x.book.lock:
            data = serve(x, p, path[len(prefix):])
        out = {"success": True, "code": 0}
        if data is not None:
            out["data"] = data
        return 200, out

    def rules(self, x, p):
        rows = [{"symbol": s[:-4] + "_USDT", "displayName": s, "baseCoin": s[:-4], "quoteCoin": "USDT",
                 "settleCoin": "USDT",
                 "contractSize": Bare("0.0001"), "priceUnit": Bare("0.1"), "volUnit": Bare("1"), "minVol": Bare("1"),
                 "maxVol": Bare("625000"), "limitMaxVol": Bare("625000"), "minLeverage": 1, "maxLeverage": 200,
                 "priceScale": 1, "volScale": 0, "amountScale": 4, "positionOpenType": 3,
                 "takerFeeRate": Bare("0.0004"),
                 "makerFeeRate": Bare("0.0001"), "state": 0, "apiAllowed": True, "isNew": False}
                for s in x.book.prices if p.get("symbol", s[:-4] + "_USDT") == s[:-4] + "_USDT"]
        if "symbol" not in p:
            return rows
        if not rows:
            raise Reply(200, {"success": False, "code": 1001, "message": "Contract does not exist"})
        return rows[0]

    def place(self, x, p, _):
        b, symbol, vol = x.book, p["symbol"].replace("_", ""), D(str(p["vol"]))
        if any(o["client"] == p["externalOid"] for o in b.orders):
            raise Reply(200, {"success": False, "code": 2042, "message": "externalOid duplicate"})
        closing = p["side"] in (2, 4)
        held = b.positions.get((symbol, "BOTH"), [D(0)])[0]
        if closing and vol > abs(held):
            raise Reply(200, {"success": False, "code": 2008 if held else 2009,
                              "message": "Position is nonexistent or closed"})
        if vol * b.unit * b.prices[symbol] > b.cash * 20:
            raise Reply(200, {"success": False, "code": 2005, "message": "Balance insufficient"})
        o = b.place(symbol, "BUY" if p["side"] in (1, 2) else "SELL", "MARKET" if p["type"] in (5, 6) else "LIMIT", vol,
                    D(str(p.get("price", 0))), p["externalOid"], closing)
        o["code"], o["open"] = p["side"], p["openType"]
        return {"orderId": str(o["id"]), "ts": now()}

    def shape(self, o):
        return {"orderId": str(o["id"]), "symbol": o["symbol"][:-4] + "_USDT", "positionId": 1,
                "price": Bare(o["price"]),
                "vol": Bare(o["qty"]), "leverage": 1, "side": o["code"], "category": 1,
                "orderType": 5 if o["type"] == "MARKET" else 1,
                "dealAvgPrice": Bare(o["fills"][0]["price"] if o["fills"] else 0), "dealVol": Bare(o["done"]),
                "orderMargin": 0,
                "takerFee": Bare(o["fee"]), "makerFee": 0, "profit": 0, "feeCurrency": "USDT", "openType": o["open"],
                "state": {"NEW": 2, "PARTIALLY_FILLED": 2, "FILLED": 3}.get(o["status"], 4), "externalOid": o["client"],
                "errorCode": 0, "usedMargin": 0, "createTime": o["time"], "updateTime": o["updated"]}

    def external(self, x, p, rest):
        symbol, _, client = rest.partition("/")
        o = x.book.find(symbol.replace("_", ""), client_id=client)
        return self.shape(o) if o else None

    def by_id(self, x, p, rest):
        for o in x.book.orders:
            if str(o["id"]) == rest:
                return self.shape(o)
        raise Reply(200, {"success": False, "code": 2040, "message": "Order does not exist"})

    def deals(self, x, p, rest):
        return [{"id": str(f["id"]), "symbol": f["order"]["symbol"][:-4] + "_USDT", "side": f["order"]["code"],
                 "vol": Bare(f["qty"]),
                 "price": Bare(f["price"]), "fee": Bare(f["fee"]), "feeCurrency": "USDT", "profit": 0, "taker": True,
                 "category": 1,
                 "orderId": rest, "timestamp": f["time"]} for f in x.book.fills if str(f["order"]["id"]) == rest]

    def cancel(self, x, p, _):
        rows = p if isinstance(p, list) else [p]
        out = []
        for row in rows:
            o = x.book.find(row["symbol"].replace("_", ""), client_id=row["externalOid"])
            ok = o and o["status"] in ("NEW", "PARTIALLY_FILLED")
            if ok:
                o["status"] = "CANCELED"
            out.append({"symbol": row["symbol"], "externalOid": row["externalOid"], "errorCode": 0 if ok else 2041,
                        "errorMsg": "success" if ok else "order state cannot be cancelled"})
        return out

    def positions(self, x, p, _):
        return [{"positionId": 1, "symbol": s[:-4] + "_USDT", "positionType": 1 if q > 0 else 2, "openType": 2,
                 "state": 1,
                 "holdVol": Bare(abs(q)), "frozenVol": 0, "closeVol": 0, "holdAvgPrice": Bare(e),
                 "openAvgPrice": Bare(e),
                 "closeAvgPrice": 0, "liquidatePrice": 0, "oim": 0, "im": 0, "holdFee": 0, "realised": 0, "leverage": 1,
                 "createTime": now(), "updateTime": now(), "autoAddIm": False}
                for (s, _leg), (q, e) in x.book.positions.items() if q and p.get("symbol",
                                                                                 s[:-4] + "_USDT") == s[:-4] + "_USDT"]

    def assets(self, x, p, rest):
        row = {"currency": "USDT", "positionMargin": 0, "availableBalance": Bare(x.book.cash),
               "cashBalance": Bare(x.book.cash),
               "frozenBalance": 0, "equity": Bare(x.book.cash), "unrealized": 0, "bonus": 0}
        return row if rest else [row]


class Spot(Binance):
    version, prefix = "v3", "/api/"
    tick, step = D("0.01"), D("0.000001")

    def private(self, method, path):
        return {("POST", "v3/order"): self.place, ("GET", "v3/order"): self.query, ("DELETE", "v3/order"): self.cancel,
                ("GET", "v3/myTrades"): self.trades, ("GET", "v3/account"): self.account,
                ("GET", "v3/ticker/price"): None}.get((method, path))

    def handle(self, x, r):
        if r.path == "/api/v3/ticker/price" and r.params.get("symbol") in x.book.prices:
            return 200, {"symbol": r.params["symbol"], "price": x.book.prices[r.params["symbol"]]}
        return Binance.handle(self, x, r)

    def admit(self, r):
        if r.headers.get("x-mexc-apikey") != KEY:
            raise Reply(400, {"code": 10072, "msg": "Api key info invalid"})
        text, _, given = r.query.rpartition("&signature=")
        if sign(SECRET, text + r.body.decode()) != given:
            raise Reply(400, {"code": 700002, "msg": "Signature for this request is not valid."})
        if abs(now() - int(r.params["timestamp"])) > int(r.params.get("recvWindow", 5000)):
            raise Reply(400, {"code": 700003, "msg": "Timestamp for this request is outside of the recvWindow."})

    def rules(self, x, r):
        return {"timezone": "CST", "serverTime": now(), "rateLimits": [], "exchangeFilters": [], "symbols": [
            {"symbol": s, "status": "1", "baseAsset": s[:-4], "baseAssetPrecision": 6, "quoteAsset": "USDT",
             "quotePrecision": 2,
             "quoteAssetPrecision": 2, "orderTypes": ["LIMIT", "MARKET", "LIMIT_MAKER"], "isSpotTradingAllowed": True,
             "isMarginTradingAllowed": False, "quoteAmountPrecision": "1", "baseSizePrecision": "0.000001",
             "permissions": ["SPOT"], "filters": [], "maxQuoteAmount": "4000000", "makerCommission": "0",
             "takerCommission": "0.0004",
             "quoteAmountPrecisionMarket": "1", "maxQuoteAmountMarket": "2000000", "fullName": s[:-4],
             "tradeSideType": 1, "st": False}
            for s in x.book.prices if r.params.get("symbol", s) == s]}

    def place(self, x, p):
        symbol, last = p["symbol"], x.book.prices[p["symbol"]]
        qty = number(p["quantity"]) if "quantity" in p else (number(p["quoteOrderQty"]) / last).quantize(self.step)
        if p["side"] == "SELL" and qty > x.book.coins.get(symbol[:-4], D(0)):
            raise Reply(400, {"code": 30005, "msg": "Oversold"})
        if p["side"] == "BUY" and qty * last > x.book.cash:
            raise Reply(400, {"code": 30004, "msg": "Insufficient position"})
        o = x.book.place(symbol, p["side"], p["type"], qty, number(p.get("price", "0")), p["newClientOrderId"])
        return {"symbol": symbol, "orderId": "C02__%d" % o["id"], "orderListId": -1, "price": o["price"],
                "origQty": qty,
                "type": p["type"], "side": p["side"], "transactTime": o["time"]}

    def query(self, x, p):
        p = {**p, "orderId": p["orderId"].replace("C02__", "")} if "orderId" in p else p
        o = self.find(x, p, -2013, "Order does not exist.")
        return {"symbol": o["symbol"], "orderId": "C02__%d" % o["id"], "orderListId": -1, "clientOrderId": o["client"],
                "price": o["price"], "origQty": o["qty"], "executedQty": o["done"], "cummulativeQuoteQty": o["spent"],
                "status": o["status"], "timeInForce": "GTC", "type": o["type"], "side": o["side"], "stopPrice": "0",
                "time": o["time"], "updateTime": o["updated"], "isWorking": True, "origQuoteOrderQty": "0"}

    def cancel(self, x, p):
        o = self.find(x, p, -2011, "Unknown order sent.")
        if o["status"] not in ("NEW", "PARTIALLY_FILLED"):
            raise Reply(400, {"code": -2011, "msg": "Unknown order sent."})
        o["status"] = "CANCELED"
        return self.query(x, p)

    def trades(self, x, p):
        out = []
        for f in x.book.fills:
            o, order = f["order"], "C02__%d" % f["order"]["id"]
            if o["symbol"] != p["symbol"] or p.get("orderId", order) != order:
                continue
            out.append({"symbol": o["symbol"], "id": str(f["id"]), "orderId": order, "price": f["price"],
                        "qty": f["qty"], "quoteQty": f["qty"] * f["price"], "commission": f["fee"],
                        "commissionAsset": f["coin"], "time": f["time"], "isBuyer": o["side"] == "BUY",
                        "isMaker": False, "isBestMatch": True, "isSelfTrade": False, "clientOrderId": o["client"]})
        return out

    def account(self, x, _):
        return {"canTrade": True, "accountType": "SPOT", "balances": [
            {"asset": a, "free": v, "locked": "0"} for a, v in {**x.book.coins, "USDT": x.book.cash}.items()]}
