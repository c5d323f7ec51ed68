"""The products that the stand-in has a face for, and faces of Binance futures with peculiar answers."""

import dataclasses

import binance
import bybit
import mexc


@dataclasses.dataclass
class Product:
    face: type
    name: str   # What the names of the keys' settings begin with.
    url: str    # The setting of its address.
    key: str
    secret: str
    book: dict


def product(module, face, name, url, **book):
    return Product(face, name, url, module.KEY, module.SECRET, book)


PRODUCTS = {
    "binance:futures": product(binance, binance.Futures, "BINANCE", "HOOX_BINANCE_FUTURES_URL"),
    "binance:spot": product(binance, binance.Spot, "BINANCE", "HOOX_BINANCE_SPOT_URL", spot=True),
    "bybit:futures": product(bybit, bybit.Bybit, "BYBIT", "HOOX_BYBIT_URL"),
    "bybit:spot": product(bybit, bybit.Bybit, "BYBIT", "HOOX_BYBIT_URL", spot=True),
    "mexc:futures": product(mexc, mexc.Contracts, "MEXC", "HOOX_MEXC_FUTURES_URL", unit="0.0001"),
    "mexc:spot": product(mexc, mexc.Spot, "MEXC", "HOOX_MEXC_SPOT_URL", spot=True),
}

PLACES = ("/fapi/v1/order", "/api/v3/order", "/v5/order/create", "/api/v1/private/order/create")


def places(r):
    return r.method == "POST" and r.path in PLACES


def only(row, *names):
    return {name: row[name] for name in names}


class Receipts(binance.Futures):
    """Takes no notice of newOrderRespType: an order is answered before it is matched."""

    def place(self, x, p):
        return super().place(x, {**p, "newOrderRespType": "ACK"})


class Lean(binance.Futures):
    """Says no more than it must."""

    def shape(self, o, asked=False):
        return only(super().shape(o, asked), "orderId", "symbol", "status", "clientOrderId", "origQty", "executedQty",
                    "side", "type")

    def trades(self, x, p):
        return [only(t, "symbol", "id", "orderId", "side", "price", "qty", "commission", "commissionAsset", "time")
                for t in super().trades(x, p)]

    def risk(self, x, p, old):
        return [only(row, "symbol", "positionAmt", "entryPrice") for row in super().risk(x, p, old)]

    def rules(self, x, r):
        rows = super().rules(x, r)["symbols"]
        wanted = ("PRICE_FILTER", "LOT_SIZE")
        return {"symbols": [{**only(s, "symbol", "status", "baseAsset", "quoteAsset"),
                             "filters": [f for f in s["filters"] if f["filterType"] in wanted]} for s in rows]}


class Careless(binance.Futures):
    """Overlooks orderId and symbol where they narrow a list."""

    def trades(self, x, p):
        return super().trades(x, {k: v for k, v in p.items() if k != "orderId"})

    def risk(self, x, p, old):
        return super().risk(x, {}, old)
