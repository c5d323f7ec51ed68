"""Somebody else's stand-in for an exchange: written from the exchanges' public documents, not from hoox.

It serves what an order needs and answers everything else with a 404 (or what `manners` says), has no streams and no
rate-limit headers, writes numbers, fields and headers its own way, and checks signature and time as the exchange does.
`faults` is a list of functions of a request; the first that returns something decides (see Fault).
"""

import hashlib
import hmac
import json
import socket
import threading
import time
import urllib.parse
from decimal import Decimal as D

PRICES = {"BTCUSDT": "60000.10", "ETHUSDT": "3000.50", "SOLUSDT": "150.20", "XRPUSDT": "0.5"}
PLAIN = {"missing": "html", "close": True, "chunked": True, "exact": False, "reverse": True, "space": True, "extra": 0,
         "delay": 0.0, "without": ()}


def now():
    return int(time.time() * 1000)


class Bare(D):
    """A decimal that is written as a JSON number."""


class Reply(Exception):
    """An answer that ends the handling: status, body (bytes, or something for JSON)."""

    def __init__(self, status, body):
        super().__init__(status)
        self.status, self.body = status, body


class Drop(Exception):
    """The connection is closed without an answer."""


class Request:
    def __init__(self, method, target, headers, body, nth):
        self.method, self.headers, self.body, self.nth = method, headers, body, nth
        self.path, _, self.query = target.partition("?")
        self.params = dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))


class Book:
    """What the exchange knows of one product: orders, fills, positions."""

    def __init__(self, hedge=False, spot=False, unit="1", fee="0.0004"):
        self.lock = threading.RLock()
        self.orders, self.fills, self.positions, self.leverage = [], [], {}, {}
        self.hedge, self.spot, self.unit, self.fee = hedge, spot, D(unit), D(fee)
        self.prices = {s: D(p) for s, p in PRICES.items()}
        self.cash, self.coins = D(100000), {}
        self.share = D(1)       # how much of a market order is filled
        self.next_id = 8389765000000001

    def find(self, symbol, order_id=None, client_id=None):
        for o in reversed(self.orders):
            if o["symbol"] == symbol and (str(o["id"]) == str(order_id) if order_id else o["client"] == client_id):
                return o
        return None

    def place(self, symbol, side, kind, qty, price, client, reduce=False, leg="BOTH"):
        with self.lock:
            held = self.positions.get((symbol, leg), [D(0), D(0)])[0]
            if reduce:
                qty = min(qty, abs(held))
            o = {"id": self.next_id, "client": client, "symbol": symbol, "side": side, "type": kind, "qty": qty,
                 "price": price, "done": D(0), "spent": D(0), "fee": D(0), "status": "NEW", "time": now(),
                 "reduce": reduce, "leg": leg, "updated": now(), "fills": [], "coin": "USDT"}
            self.next_id += 1
            self.orders.append(o)
            last = self.prices[symbol]
            crosses = kind == "MARKET" or (price >= last if side == "BUY" else price <= last)
            if crosses:
                part = qty if kind != "MARKET" else qty * self.share
                for piece in (part / 2, part - part / 2) if part * 500 == int(part * 500) else (part,):
                    self.fill(o, piece, last)
                o["status"] = "FILLED" if o["done"] == qty else "EXPIRED"
            return o

    def fill(self, o, qty, price):
        if not qty:
            return
        fee = qty * price * self.unit * self.fee
        coin = "USDT"
        if self.spot and o["side"] == "BUY":
            fee, coin = qty * self.fee, o["symbol"][:-4]
        f = {"id": len(self.fills) + 700001, "order": o, "qty": qty, "price": price, "fee": fee, "coin": coin,
             "time": now()}
        self.fills.append(f)
        o["fills"].append(f)
        o["done"] += qty
        o["spent"] += qty * price * self.unit
        o["fee"] += fee
        o["coin"] = coin
        o["updated"] = now()
        o["status"] = "FILLED" if o["done"] == o["qty"] else "PARTIALLY_FILLED"
        self.move(o, qty if o["side"] == "BUY" else -qty, price, fee)

    def move(self, o, signed, price, fee):
        if self.spot:
            base = o["symbol"][:-4]
            self.coins[base] = self.coins.get(base, D(0)) + signed - (fee if signed > 0 else 0)
            self.cash -= signed * price + (fee if signed < 0 else 0)
            return
        held, entry = self.positions.get((o["symbol"], o["leg"]), [D(0), D(0)])
        after = held + signed
        if held * signed >= 0:
            entry = (abs(held) * entry + abs(signed) * price) / abs(after)
        elif after * held < 0:
            entry = price
        self.positions[(o["symbol"], o["leg"])] = [after, entry if after else D(0)]

    def tally(self):
        """(client id, filled quantity) of every order that filled anything, to compare with a ledger."""
        with self.lock:
            return sorted((o["client"], o["done"] * self.unit) for o in self.orders if o["done"])


class Exchange:
    """One listening product. `face` (faces.py) knows its paths; this knows HTTP, manners and faults."""

    def __init__(self, face, book=None, **manners):
        self.face, self.book = face, book or Book()
        self.manners = {**PLAIN, **manners}
        self.faults, self.requests, self.unserved = [], [], []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.listener = threading.Thread(target=self.accept, daemon=True)
        self.listener.start()

    def accept(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        nth = 0
        with peer:
            stream = peer.makefile("rb")
            while True:
                try:
                    request = self.read(stream, nth)
                    if request is None:
                        return
                    nth += 1
                    status, body = self.answer(request)
                except (Drop, OSError, ValueError):
                    return
                try:
                    peer.sendall(self.encode(status, body))
                except OSError:
                    return
                if self.manners["close"]:
                    return

    def read(self, stream, nth):
        line = stream.readline()
        if not line:
            return None
        method, target, _ = line.decode().split(" ", 2)
        headers = {}
        while True:
            line = stream.readline().decode().rstrip("\r\n")
            if not line:
                break
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return Request(method, target, headers, stream.read(int(headers.get("content-length", 0))), nth)

    def answer(self, r):
        r.at = time.time()
        self.requests.append(r)
        time.sleep(self.manners["delay"])
        r.after = None
        try:
            for fault in list(self.faults):
                fault(self, r)
            try:
                if any(r.path.endswith(w) for w in self.manners["without"]):
                    self.unknown(r)
                status, body = self.face.handle(self, r)
            except Reply as reply:
                status, body = reply.status, reply.body
            if r.after:
                r.after()
            return status, body
        except Reply as reply:
            return reply.status, reply.body
        except KeyError as e:
            return 400, {"code": -1102, "msg": "Mandatory parameter %s was not sent, was empty/null, or malformed." % e}

    def unknown(self, r):
        self.unserved.append(r.method + " " + r.path)
        how = self.manners["missing"]
        if how == "html":
            raise Reply(404, b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not Found</body></html>\n")
        if how == "json":
            raise Reply(404, {"error": "not found", "path": r.path})
        if how == "code":
            raise Reply(404, {"code": -5000, "msg": "Path %s, Method %s is invalid" % (r.path, r.method)})
        if how == "empty":
            raise Reply(200, {})
        if how == "hang":
            time.sleep(60)
            raise Drop()
        if how == "drop":
            raise Drop()
        raise Reply(int(how), b"")

    def encode(self, status, body):
        if not isinstance(body, bytes):
            body = self.spell(body)
        head = ["HTTP/1.1 %d %s" % (status, {200: "OK", 404: "Not Found"}.get(status, "Whatever")),
                "content-type: %s" % ("text/html" if body[:1] == b"<" else "application/json;charset=UTF-8"),
                "connection: close" if self.manners["close"] else "x-nothing: here"]
        if not self.manners["chunked"]:
            return "\r\n".join(head + ["content-length: %d" % len(body)]).encode() + b"\r\n\r\n" + body
        out = "\r\n".join(head + ["transfer-encoding: chunked"]).encode() + b"\r\n\r\n"
        for at in range(0, len(body), 4001):
            piece = body[at:at + 4001]
            out += b"%x\r\n" % len(piece) + piece + b"\r\n"
        return out + b"0\r\n\r\n"

    def spell(self, value):
        def turn(v):
            if isinstance(v, dict):
                items = list(v.items())
                return {k: turn(x) for k, x in (reversed(items) if self.manners["reverse"] else items)}
            if isinstance(v, list):
                return [turn(x) for x in v]
            if isinstance(v, Bare):
                return "\x01" + self.text(v) + "\x01"
            return self.text(v) if isinstance(v, D) else v
        text = json.dumps(turn(value), indent="\t" if self.manners["space"] else None)
        text = text.replace('"\\u0001', "").replace('\\u0001"', "")
        return (" " + text + "\r\n").encode() if self.manners["space"] else text.encode()

    def text(self, number):
        plain = format(number.normalize(), "f")
        if self.manners["exact"]:
            return plain
        whole, _, part = plain.partition(".")
        return whole + "." + part.ljust(8, "0")

    def close(self):
        """Wakes the listener first: its descriptor may be another's as soon as it is closed."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.listener.join()
        self.socket.close()


def sign(secret, text):
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
