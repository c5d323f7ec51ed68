"""Binance as a stranger understands its documents: USD-M futures and spot."""

import urllib.parse
from decimal import Decimal as D
from decimal import InvalidOperation

from exchange import Reply, now, sign

KEY, SECRET = "stranger-key-0123456789", "stranger-secret-9876543210"


def number(text):
    try:
        value = D(text)
    except InvalidOperation:
        raise Reply(400, {"code": -1100, "msg": "Illegal characters found in a parameter."}) from None
    return value


class Binance:
    version, prefix = "v1", "/fapi/"
    tick, step = D("0.10"), D("0.001")

    def handle(self, x, r):
        if not r.path.startswith(self.prefix):
            x.unknown(r)
        path = r.path[len(self.prefix):]
        if path == self.version + "/time":
            return 200, {"serverTime": now()}
        if path == self.version + "/exchangeInfo":
            return 200, self.rules(x, r)
        serve = self.private(r.method, path)
        if not serve:
            x.unknown(r)
        self.admit(r)
        with x.book.lock:
            return 200, serve(x, r.params)

    def admit(self, r):
        if "x-mbx-apikey" not in r.headers:
            raise Reply(401, {"code": -2014, "msg": "API-key format invalid."})
        if r.headers["x-mbx-apikey"] != KEY:
            raise Reply(401, {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."})
        body = r.body.decode()
        # The signature comes last; what is signed is the query and then the body, with nothing in between.
        before, _, given = (r.query + body).rpartition("signature=")
        text = before[:-1] if before.endswith("&") else before
        r.params = {**dict(urllib.parse.parse_qsl(body, keep_blank_values=True)), **r.params}
        if sign(SECRET, text) != given.lower():
            raise Reply(400, {"code": -1022, "msg": "Signature for this request is not valid."})
        at, window = int(r.params["timestamp"]), int(r.params.get("recvWindow", 5000))
        if window > 60000:
            raise Reply(400, {"code": -1131, "msg": "recvWindow must be less than 60000"})
        if at >= now() + 1000 or now() - at > window:
            raise Reply(400, {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."})

    def common(self, x, p):
        symbol = p["symbol"]
        if symbol not in x.book.prices:
            raise Reply(400, {"code": -1121, "msg": "Invalid symbol."})
        if p["side"] not in ("BUY", "SELL"):
            raise Reply(400, {"code": -1117, "msg": "Invalid side."})
        kind, price = p["type"], D(0)
        if kind == "LIMIT":
            price = number(p["price"])
            if p["timeInForce"] not in ("GTC", "IOC", "FOK", "GTX"):
                raise Reply(400, {"code": -1115, "msg": "Invalid timeInForce."})
            if price % self.ticks(symbol):
                raise self.off_tick()
        elif kind != "MARKET":
            raise Reply(400, {"code": -1116, "msg": "Invalid orderType."})
        elif "timeInForce" in p or "price" in p:
            raise Reply(400, {"code": -1106, "msg": "Parameter 'timeInForce' sent when not required."})
        client = p.get("newClientOrderId", "auto%d" % x.book.next_id)
        if not 1 <= len(client) <= 36:
            raise Reply(400, {"code": -4015, "msg": "Client order id length should be less than 36 chars"})
        return symbol, kind, price, client

    def ticks(self, symbol):
        return {"XRPUSDT": D("0.0001"), "SOLUSDT": D("0.0100")}.get(symbol, self.tick)

    def steps(self, symbol):
        return {"XRPUSDT": D("0.1"), "SOLUSDT": D("0.01")}.get(symbol, self.step)

    def find(self, x, p, code, text):
        if "orderId" not in p and "origClientOrderId" not in p:
            raise Reply(400, {"code": -1102, "msg": "Param 'origClientOrderId' or 'orderId' must be sent."})
        o = x.book.find(p["symbol"], p.get("orderId"), p.get("origClientOrderId"))
        if not o:
            raise Reply(400, {"code": code, "msg": text})
        return o


class Futures(Binance):
    def private(self, method, path):
        return {("POST", "v1/order"): self.place, ("GET", "v1/order"): self.query, ("DELETE", "v1/order"): self.cancel,
                ("GET", "v1/userTrades"): self.trades, ("GET", "v2/positionRisk"): lambda x, p: self.risk(x, p, True),
                ("GET", "v3/positionRisk"): lambda x, p: self.risk(x, p, False),
                ("GET", "v2/balance"): self.balance, ("GET", "v3/balance"): self.balance,
                ("GET", "v2/account"): self.account, ("GET", "v3/account"): self.account,
                ("POST", "v1/leverage"): self.leverage, ("POST", "v1/marginType"): self.margin,
                ("GET", "v1/positionSide/dual"): lambda x, p: {"dualSidePosition": x.book.hedge}}.get((method, path))

    def off_tick(self):
        return Reply(400, {"code": -4014, "msg": "Price not increased by tick size."})

    def rules(self, x, r):
        names = list(x.book.prices) + ["PAD%dUSDT" % i for i in range(x.manners["extra"])]
        symbols = []
        for s in names:
            filters = [
                {"filterType": "PRICE_FILTER", "maxPrice": D("4529764"), "minPrice": D("0.0001"),
                 "tickSize": self.ticks(s)},
                {"filterType": "LOT_SIZE", "maxQty": D("1000000" if s == "XRPUSDT" else "1000"),
                 "minQty": self.steps(s),
                 "stepSize": self.steps(s)},
                {"limit": 200, "filterType": "MAX_NUM_ORDERS"}, {"limit": 10, "filterType": "MAX_NUM_ALGO_ORDERS"},
                {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE", "notionalLimit": "0"},
                {"filterType": "SOMETHING_NEW", "nested": {"a": [1, 2.5, None, True]}}]
            if s != "ETHUSDT":
                filters.append({"filterType": "MARKET_LOT_SIZE", "stepSize": self.steps(s),
                                "maxQty": D(10000 if s == "XRPUSDT" else 120),
                                "minQty": self.steps(s)})
            if s != "SOLUSDT":
                filters.append({"notional": D(5 if s == "XRPUSDT" else 50), "filterType": "MIN_NOTIONAL"})
            symbols.append({
                "symbol": s, "pair": s, "contractType": "PERPETUAL", "deliveryDate": 4133404800000,
                "onboardDate": 1569398400000, "status": "TRADING", "maintMarginPercent": "2.5000",
                "requiredMarginPercent": "5.0000", "baseAsset": s[:-4], "quoteAsset": "USDT", "marginAsset": "USDT",
                "pricePrecision": 2, "quantityPrecision": 3, "baseAssetPrecision": 8, "quotePrecision": 8,
                "underlyingType": "COIN", "underlyingSubType": ["PoW"], "triggerProtect": "0.0500",
                "liquidationFee": "0.012500", "marketTakeBound": "0.05", "maxMoveOrderLimit": 10000, "filters": filters,
                "orderTypes": ["LIMIT", "MARKET", "STOP"], "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
                "permissionSets": ["GRID", "COPY"], "newField": {"x": None}})
        symbols.append({"symbol": "BTCUSDT_260327", "contractType": "CURRENT_QUARTER", "status": "PENDING_TRADING",
                        "baseAsset": "BTC", "quoteAsset": "USDT", "filters": []})
        return {"timezone": "UTC", "serverTime": now(), "futuresType": "U_MARGINED",
                "rateLimits": [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
                                "limit": 2400},
                               {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300}],
                "exchangeFilters": [], "assets": [{"asset": "USDT", "marginAvailable": True,
                                                   "autoAssetExchange": "-10000"}],
                "symbols": symbols}

    def shape(self, o, asked=False):
        out = {"orderId": o["id"], "symbol": o["symbol"], "status": o["status"], "clientOrderId": o["client"],
               "price": o["price"], "origQty": o["qty"], "executedQty": o["done"], "cumQty": o["done"],
               "timeInForce": "GTC", "type": o["type"], "reduceOnly": o["reduce"], "closePosition": False,
               "side": o["side"], "positionSide": o["leg"], "stopPrice": D(0), "workingType": "CONTRACT_PRICE",
               "priceProtect": False, "origType": o["type"], "priceMatch": "NONE", "selfTradePreventionMode": "NONE",
               "goodTillDate": 0, "updateTime": o["updated"]}
        if asked:
            out.update(avgPrice=o["spent"] / o["done"] if o["done"] else D(0), cumQuote=o["spent"], time=o["time"])
        return out

    def place(self, x, p):
        symbol, kind, price, client = self.common(x, p)
        qty, leg = number(p["quantity"]), p.get("positionSide", "BOTH")
        if (leg != "BOTH") != x.book.hedge:
            raise Reply(400, {"code": -4061, "msg": "Order's position side does not match user's setting."})
        if "reduceOnly" in p and x.book.hedge:
            raise Reply(400, {"code": -1106, "msg": "Parameter 'reduceOnly' sent when not required."})
        held = x.book.positions.get((symbol, leg), [D(0)])[0]
        closing = x.book.hedge and (p["side"] == "SELL") == (leg == "LONG")
        reduce = p.get("reduceOnly") == "true" or closing
        if qty % self.steps(symbol):
            raise Reply(400, {"code": -1111, "msg": "Precision is over the maximum defined for this asset."})
        if qty <= 0:
            raise Reply(400, {"code": -4003, "msg": "Quantity less than zero."})
        if reduce and (not held or (held > 0) == (p["side"] == "BUY")):
            raise Reply(400, {"code": -2022, "msg": "ReduceOnly Order is rejected."})
        least = {"SOLUSDT": 0, "XRPUSDT": 5}.get(symbol, 50)
        if not reduce and qty * (price or x.book.prices[symbol]) < least:
            raise Reply(400, {"code": -4164,
                              "msg": "Order's notional must be no smaller than 50 (unless you choose reduce only)."})
        if any(o["client"] == client and o["status"] in ("NEW", "PARTIALLY_FILLED") for o in x.book.orders):
            raise Reply(400, {"code": -4116, "msg": "ClientOrderId is duplicated."})
        if not reduce and qty * x.book.prices[symbol] > x.book.cash * x.book.leverage.get(symbol, 20):
            raise Reply(400, {"code": -2019, "msg": "Margin is insufficient."})
        o = x.book.place(symbol, p["side"], kind, qty, price, client, reduce, leg)
        if p.get("newOrderRespType", "ACK") == "ACK":
            return {**self.shape(o), "status": "NEW", "executedQty": D(0), "cumQty": D(0)}
        return self.shape(o)

    def query(self, x, p):
        return self.shape(self.find(x, p, -2013, "Order does not exist."), True)

    def cancel(self, x, p):
        o = self.find(x, p, -2011, "Unknown order sent.")
        if o["status"] not in ("NEW", "PARTIALLY_FILLED"):
            raise Reply(400, {"code": -2011, "msg": "Unknown order sent."})
        o["status"], o["updated"] = "CANCELED", now()
        return self.shape(o)

    def trades(self, x, p):
        out = []
        for f in x.book.fills:
            o = f["order"]
            if o["symbol"] != p["symbol"] or str(o["id"]) != p.get("orderId", str(o["id"])):
                continue
            out.append({"symbol": o["symbol"], "id": f["id"], "orderId": o["id"], "side": o["side"],
                        "price": f["price"],
                        "qty": f["qty"], "realizedPnl": D(0), "quoteQty": f["qty"] * f["price"], "commission": f["fee"],
                        "commissionAsset": f["coin"], "time": f["time"], "positionSide": o["leg"],
                        "buyer": o["side"] == "BUY", "maker": False, "marginAsset": "USDT", "pair": o["symbol"]})
        return out[-int(p.get("limit", 500)):]

    def risk(self, x, p, old):
        out = []
        legs = ("LONG", "SHORT") if x.book.hedge else ("BOTH",)
        for symbol in x.book.prices:
            for leg in legs:
                held, entry = x.book.positions.get((symbol, leg), [D(0), D(0)])
                if p.get("symbol") not in (None, symbol) or (not held and not old):
                    continue
                out.append({"symbol": symbol, "positionSide": leg, "positionAmt": held, "entryPrice": entry,
                            "breakEvenPrice": entry, "markPrice": x.book.prices[symbol], "unRealizedProfit": D(0),
                            "liquidationPrice": "0", "isolatedMargin": "0", "notional": held * entry,
                            "marginAsset": "USDT",
                            "updateTime": now()})
                if old:
                    out[-1].update(leverage=str(x.book.leverage.get(symbol, 20)), marginType="cross",
                                   isAutoAddMargin="false",
                                   maxNotionalValue="1000000")
        return out

    def balance(self, x, _):
        return [{"accountAlias": "SgsR", "asset": a, "balance": b, "crossWalletBalance": b, "crossUnPnl": D(0),
                 "availableBalance": b, "maxWithdrawAmount": b, "marginAvailable": True, "updateTime": now()}
                for a, b in (("BNB", D("0.5")), ("USDT", x.book.cash))]

    def account(self, x, _):
        return {"totalWalletBalance": x.book.cash, "availableBalance": x.book.cash, "canTrade": True,
                "assets": [{"asset": "USDT", "walletBalance": x.book.cash, "availableBalance": x.book.cash}],
                "positions": []}

    def leverage(self, x, p):
        if not 1 <= int(p["leverage"]) <= 125:
            raise Reply(400, {"code": -4028, "msg": "Leverage %s is not valid" % p["leverage"]})
        x.book.leverage[p["symbol"]] = int(p["leverage"])
        return {"leverage": int(p["leverage"]), "maxNotionalValue": "1000000", "symbol": p["symbol"]}

    def margin(self, x, p):
        if p["marginType"] == "CROSSED":
            raise Reply(400, {"code": -4046, "msg": "No need to change margin type."})
        return {"code": 200, "msg": "success"}


class Spot(Binance):
    version, prefix = "v3", "/api/"
    tick, step = D("0.01"), D("0.00001")

    def private(self, method, path):
        return {("POST", "v3/order"): self.place, ("GET", "v3/order"): self.query, ("DELETE", "v3/order"): self.cancel,
                ("GET", "v3/myTrades"): self.trades, ("GET", "v3/account"): self.account}.get((method, path))

    def off_tick(self):
        return Reply(400, {"code": -1013, "msg": "Filter failure: PRICE_FILTER"})

    def steps(self, symbol):
        return D("0.1") if symbol == "XRPUSDT" else self.step

    def rules(self, x, r):
        names = list(x.book.prices)
        if r.params.get("symbol"):
            if r.params["symbol"] not in names:
                raise Reply(400, {"code": -1121, "msg": "Invalid symbol."})
            names = [r.params["symbol"]]
        symbols = [{
            "symbol": s, "status": "TRADING", "baseAsset": s[:-4], "baseAssetPrecision": 8, "quoteAsset": "USDT",
            "quotePrecision": 8, "quoteAssetPrecision": 8, "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
            "icebergAllowed": True, "isSpotTradingAllowed": True, "isMarginTradingAllowed": True,
            "quoteOrderQtyMarketAllowed": True, "permissions": [], "permissionSets": [["SPOT", "MARGIN"]], "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": D("0.0001"), "maxPrice": D(1000000),
                 "tickSize": self.ticks(s)},
                {"filterType": "LOT_SIZE", "minQty": self.steps(s), "maxQty": D(9000), "stepSize": self.steps(s)},
                {"filterType": "ICEBERG_PARTS", "limit": 10},
                {"filterType": "MARKET_LOT_SIZE", "minQty": D(0), "maxQty": D("112.5"), "stepSize": D(0)},
                {"filterType": "NOTIONAL", "minNotional": D(5), "applyMinToMarket": True, "maxNotional": D(9000000),
                 "applyMaxToMarket": False, "avgPriceMins": 5}]} for s in names]
        return {"timezone": "UTC", "serverTime": now(), "rateLimits": [], "exchangeFilters": [], "symbols": symbols}

    def shape(self, o):
        return {"symbol": o["symbol"], "orderId": o["id"], "orderListId": -1, "clientOrderId": o["client"],
                "price": o["price"],
                "origQty": o["qty"], "executedQty": o["done"], "cummulativeQuoteQty": o["spent"], "status": o["status"],
                "timeInForce": "GTC", "type": o["type"], "side": o["side"], "selfTradePreventionMode": "NONE"}

    def place(self, x, p):
        symbol, kind, price, client = self.common(x, p)
        last = x.book.prices[symbol]
        qty = number(p["quantity"]) if "quantity" in p else number(p["quoteOrderQty"]) / last
        if qty % self.steps(symbol):
            raise Reply(400, {"code": -1013, "msg": "Filter failure: LOT_SIZE"})
        if qty * (price or last) < 5:
            raise Reply(400, {"code": -1013, "msg": "Filter failure: NOTIONAL"})
        if any(o["client"] == client and o["status"] in ("NEW", "PARTIALLY_FILLED") for o in x.book.orders):
            raise Reply(400, {"code": -2010, "msg": "Duplicate order sent."})
        short = qty * last > x.book.cash if p["side"] == "BUY" else qty > x.book.coins.get(symbol[:-4], D(0))
        if short:
            raise Reply(400, {"code": -2010, "msg": "Account has insufficient balance for requested action."})
        o = x.book.place(symbol, p["side"], kind, qty, price, client)
        out = {"symbol": symbol, "orderId": o["id"], "orderListId": -1, "clientOrderId": client,
               "transactTime": o["time"]}
        how = p.get("newOrderRespType", "FULL")
        if how != "ACK":
            out.update(self.shape(o), workingTime=o["time"], origQuoteOrderQty=D(0))
        if how == "FULL":
            out["fills"] = [{"price": f["price"], "qty": f["qty"], "commission": f["fee"], "commissionAsset": f["coin"],
                             "tradeId": f["id"]} for f in o["fills"]]
        return out

    def query(self, x, p):
        o = self.find(x, p, -2013, "Order does not exist.")
        return {**self.shape(o), "stopPrice": D(0), "icebergQty": D(0), "time": o["time"], "updateTime": o["updated"],
                "isWorking": True, "origQuoteOrderQty": D(0)}

    def cancel(self, x, p):
        o = self.find(x, p, -2011, "Unknown order sent.")
        if o["status"] not in ("NEW", "PARTIALLY_FILLED"):
            raise Reply(400, {"code": -2011, "msg": "Unknown order sent."})
        o["status"] = "CANCELED"
        return {**self.shape(o), "origClientOrderId": o["client"], "clientOrderId": "cancel%d" % o["id"],
                "transactTime": now()}

    def trades(self, x, p):
        return [{"symbol": f["order"]["symbol"], "id": f["id"], "orderId": f["order"]["id"], "orderListId": -1,
                 "price": f["price"],
                 "qty": f["qty"], "quoteQty": f["qty"] * f["price"], "commission": f["fee"],
                 "commissionAsset": f["coin"],
                 "time": f["time"], "isBuyer": f["order"]["side"] == "BUY", "isMaker": False, "isBestMatch": True}
                for f in x.book.fills if f["order"]["symbol"] == p["symbol"]
                and str(f["order"]["id"]) == p.get("orderId", str(f["order"]["id"]))]

    def account(self, x, _):
        coins = {**x.book.coins, "USDT": x.book.cash}
        return {"makerCommission": 10, "takerCommission": 10, "canTrade": True, "accountType": "SPOT",
                "balances": [{"asset": a, "free": b, "locked": D(0)} for a, b in coins.items()]}
