#!/usr/bin/env python3
"""Goal: hoox trades against a stand-in of an exchange that knows nothing of hoox: it serves only what an order needs,
has manners of its own (README) and was written from the exchanges' documents, not from the adapters or the laboratory.
Method: the real program and its command line; the stand-in in this process; after each case the ledger beside what the
stand-in holds, and the log, which must not complain where nothing is wrong.

    test/stranger/run.py [CASE...]            all, or those whose names begin so; the last line counts
    STRANGER_HOST=edge test/stranger/run.py   the same with the Worker on workerd (`make edge` before)
"""

import concurrent.futures
import random
import sys
import threading
import time
import traceback
from decimal import Decimal as D

import binance
import faces
from exchange import Book, Drop, Exchange, Reply
from gateway import EDGE, Gateway

AT_ONCE = 1 if EDGE else 3
OPEN = "status IN ('accepted','working','queued','unknown')"
CASES = {}


def case(f):
    CASES[f.__name__] = f
    return f


class Failed(Exception):
    pass


def check(true, *what):
    if not true:
        raise Failed(" ".join(str(w) for w in what))


class Pulse(threading.Thread):
    """Notices when the machine stood still: what a gateway complains of then is not the exchange's doing."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest = 0
        self.start()

    def run(self):
        while True:
            at = time.monotonic()
            time.sleep(0.05)
            self.longest = max(self.longest, time.monotonic() - at)


PULSE = Pulse()
# The answer is what is tested, not how soon a busy machine has it.
PATIENT = {"HOOX_REPLY_BUDGET_MS": "45000", "HOOX_VENUE_TIMEOUT_MS": "20000"}


class Pair:
    """A gateway and the exchange it trades on, one product; leaving it checks that they agree and the log is calm."""

    def __init__(self, product="binance:futures", face=None, settings=None, book=None, calm=True, **manners):
        venue = faces.PRODUCTS[product]
        self.exchange = Exchange(face or venue.face(), book or Book(**venue.book), **manners)
        self.gateway = Gateway(**{venue.url: self.exchange.url, venue.name + "_API_KEY": venue.key,
                                  venue.name + "_API_SECRET": venue.secret, **PATIENT, **(settings or {})})
        self.calm = calm

    def __enter__(self):
        self.gateway.start()
        # Tests send more alerts a minute than traders do.
        self.gateway.run("config", "kv", "set", "webhook:rate_limit", "100000/60")
        return self.exchange, self.gateway

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                agree(self.exchange, self.gateway)
                lines = self.gateway.log().splitlines()
                # What did not end filled is told at a level of its own; that is no complaint.
                loud = [line for line in lines
                        if '"level":"' in line and ':"info"' not in line and '"level":"notice"' not in line]
                check(not self.calm or not loud or PULSE.longest > 1, "the log complains:", *loud)
            else:
                print(self.gateway.log()[-3000:])
                print("asked:", [r.method + " " + r.path for r in self.exchange.requests][-12:])
        finally:
            self.gateway.stop()
            self.exchange.close()


def agree(exchange, gateway):
    """When nothing is open any more: every filled order and fill of one is in the other, once."""
    until = time.time() + 120
    while gateway.query("SELECT count(*) AS n FROM signals WHERE " + OPEN)[0]["n"]:
        check(time.time() < until, "stays open:", gateway.query("SELECT status, message FROM signals WHERE " + OPEN))
        time.sleep(0.2)
    orders = gateway.query("SELECT client_order_id AS c, executed_quantity AS q FROM orders")
    ledger = sorted((r["c"], D(r["q"])) for r in orders if D(r["q"]))
    check(ledger == exchange.book.tally(), "orders of the ledger", ledger, "of the exchange", exchange.book.tally())
    fills = gateway.query("SELECT quantity AS q, price AS p, fee AS f FROM fills")
    ours = sorted((D(r["q"]), D(r["p"]), D(r["f"])) for r in fills)
    theirs = sorted((f["qty"] * exchange.book.unit, f["price"], f["fee"]) for f in exchange.book.fills)
    check(ours == theirs, "fills of the ledger", ours, "of the exchange", theirs)


def held(exchange, leg="BOTH", symbol="BTCUSDT"):
    return exchange.book.positions.get((symbol, leg), [D(0)])[0]


def lose(exchange, times, executes=True):
    """Orders are executed (or not) and never answered. The list of them."""
    lost = []

    def fault(_, r):
        if not faces.places(r) or len(lost) >= times:
            return
        lost.append(r)
        if not executes:
            raise Drop()

        def hang_up():
            raise Drop()
        r.after = hang_up
    exchange.faults.append(fault)
    return lost


def filled(answer):
    check(answer.status == 200 and answer.result.get("status") == "FILLED", answer)
    return answer


@case
def manners():
    for ways in ({}, {"missing": "json", "close": False, "chunked": False}, {"missing": "code", "exact": True},
                 {"missing": "403"}, {"missing": "500"}, {"missing": "empty"}, {"extra": 600, "close": False}):
        with Pair(**ways) as (x, g):
            first = filled(g.alert("LONG", "0.01"))
            check(D(first.result["price"]) == D("60000.1") and D(first.result["fee"]) == D("0.2400004"), ways, first)
            again = g.alert("LONG", "0.01")
            check(again.replayed and again.text == first.text, ways, again)
            filled(g.alert("CLOSE"))
            check(g.get("/ready")[0] == 200, ways)


@case
def only_orders_are_served():
    """Neither leverage nor margin mode, positions nor balances: the account is traded in as it is."""
    with Pair(without=("/leverage", "/marginType", "/dual", "/positionRisk", "/balance", "/account")) as (x, g):
        filled(g.alert("LONG", "0.01"))
        filled(g.alert("SHORT", "0.02", leverage=5))
        filled(g.alert("CLOSE"))
        check(held(x) == 0, x.book.positions)


@case
def only_older_calls_are_served():
    with Pair(without=("v3/positionRisk", "v3/balance", "v3/account")) as (x, g):
        x.book.positions[("ETHUSDT", "BOTH")] = [D(3), D(2900)]
        a = filled(g.alert("LONG", "10", quantityType="percent_equity", orderType="limit", price="62500"))
        check(D(a.result["executedQty"]) == D("0.16"), a)
        x.book.positions[("BTCUSDT", "BOTH")][0] = D("0.02")    # By hand.
        time.sleep(3.5)
        filled(g.alert("CLOSE"))
        check(held(x) == 0, x.book.positions)


@case
def answers_that_say_little():
    for face in (faces.Receipts(), faces.Lean(), faces.Careless()):
        with Pair(face=face) as (x, g):
            filled(g.alert("LONG", "0.02"))
            filled(g.alert("CLOSE", "0.01"))
            filled(g.alert("CLOSE", timenow="2"))
            check(held(x) == 0, type(face).__name__, x.book.positions)


@case
def the_same_alert():
    with Pair() as (x, g):
        first = filled(g.alert("LONG", "0.01", idempotencyKey="one"))
        again = g.alert("LONG", "0.01", idempotencyKey="one")
        check(again.replayed and again.text == first.text, again)
        other = g.alert("LONG", "0.02", idempotencyKey="one")
        check(other.status == 422 and other.code == "KEY_REUSED", other)
        filled(g.alert("LONG", "0.1", symbol="ETHUSDT", headers={"Idempotency-Key": "two"}))
        many = sorted(a.status for a in g.many(50, "LONG", "0.004", timenow="2026-01-01T00:00:00Z"))
        check(set(many) <= {200, 409} and 200 in many, many)
        check(len(x.book.orders) == 3, [o["client"] for o in x.book.orders])


@case
def lost_replies():
    for times in (1, 1000):
        with Pair() as (x, g):
            lost = lose(x, times)
            check(g.alert("LONG", "0.01").status in (200, 202))
            agree(x, g)
            check(len(lost) == len(x.book.orders) == 1, len(lost), len(x.book.orders))


@case
def lost_requests():
    """Also on a connection that was in use: nothing repeats an order by itself."""
    for close in (True, False):
        with Pair(close=close) as (x, g):
            filled(g.alert("LONG", "0.02"))
            lost = lose(x, 1, executes=False)
            check(g.alert("LONG", "0.01").status in (200, 202))
            check(len(lost) == 1 and (close or lost[0].nth > 0), [r.nth for r in lost])
            agree(x, g)
            check(len(x.book.orders) == 2 and sum(faces.places(r) for r in x.requests) == 3)


@case
def a_busy_exchange():
    with Pair(settings={"HOOX_RETRY_SCHEDULE": "1,1,1"}) as (x, g):
        tries = []

        def refuse(_, r):
            if faces.places(r):
                tries.append(r)
                if len(tries) < 3:
                    raise Reply(503, {"code": -1, "msg": "Service Unavailable."})
        x.faults.append(refuse)
        check(g.alert("LONG", "0.01").status == 202)
        agree(x, g)
        check(len(tries) == 3 and len(x.book.orders) == 1, len(tries))
        check(tries[1].at - tries[0].at > 0.9 and tries[2].at - tries[1].at > 0.9, [t.at for t in tries])
        filled(g.alert("LONG", "0.01"))


@case
def an_unknown_failure():
    with Pair(settings={"HOOX_RETRY_SCHEDULE": "1,1,1"}) as (x, g):
        def fail(_, r):
            def after():
                raise Reply(503, {"code": -1000, "msg": "Unknown error, please check your request or try again later."})
            if faces.places(r):
                r.after = after
        x.faults.append(fail)
        check(g.alert("LONG", "0.01").status in (200, 202))
        agree(x, g)
        check(sum(faces.places(r) for r in x.requests) == 1)


@case
def a_refusal():
    with Pair() as (x, g):
        x.book.cash = D(10)
        a = g.alert("LONG", "0.01")
        check(a.status == 422 and a.code == "VENUE_REJECTED" and "-2019" in a.body["error"]["message"], a)
        check(g.alert("LONG", "0.01").replayed and sum(faces.places(r) for r in x.requests) == 1)


@case
def positions():
    with Pair() as (x, g):
        filled(g.alert("LONG", "0.03"))
        check(D(filled(g.alert("CLOSE_LONG", "0.01")).result["executedQty"]) == D("0.01"))
        filled(g.alert("SHORT", "0.02"))
        check(held(x) == D("-0.02"), x.book.positions)
        check(g.alert("CLOSE_LONG").body["status"] == "nothing_to_do")
        filled(g.alert("CLOSE", timenow="1"))
        x.book.share = D("0.5")
        a = g.alert("LONG", "0.04", symbol="SOLUSDT")
        check(a.status == 200 and D(a.result["executedQty"]) == D("0.02"), a)


@case
def limit_orders():
    with Pair() as (x, g):
        a = g.alert("LONG", "0.02", orderType="limit", price="59000")
        check(a.status == 200 and a.body["status"] == "resting", a)
        order = x.book.orders[-1]
        with x.book.lock:
            x.book.fill(order, D("0.01"), D("59000"))
        filled(g.alert("CLOSE"))
        check(order["status"] == "CANCELED" and held(x) == 0, order["status"], x.book.positions)


@case
def others_positions():
    """A list of all symbols where one was asked for, and a position that was changed by hand."""
    def all_symbols(_, r):
        if "positionRisk" in r.path:
            r.params.pop("symbol", None)
    with Pair() as (x, g):
        x.book.positions[("ETHUSDT", "BOTH")] = [D(3), D(2900)]
        x.faults.append(all_symbols)
        filled(g.alert("LONG", "0.03"))
        x.book.positions[("BTCUSDT", "BOTH")][0] = D("0.02")
        time.sleep(3.5)
        filled(g.alert("CLOSE"))
        check(held(x) == 0 and held(x, symbol="ETHUSDT") == 3, x.book.positions)


@case
def hedge_mode():
    with Pair(book=Book(hedge=True)) as (x, g):
        filled(g.alert("LONG", "0.03"))
        check(held(x, "LONG") == D("0.03"), x.book.positions)
        filled(g.alert("SHORT", "0.02"))
        check(held(x, "LONG") == 0 and held(x, "SHORT") == D("-0.02"), x.book.positions)
        filled(g.alert("CLOSE_SHORT"))
        check(held(x, "SHORT") == 0, x.book.positions)


@case
def the_kill_switch():
    with Pair() as (x, g):
        stop = threading.Event()

        def load(i):
            for n in range(10000):
                if stop.is_set():
                    return
                g.alert("LONG", "0.002", idempotencyKey="k%d-%d" % (i, n))
                time.sleep(0.1)     # 120 in ten seconds is what Binance's limits leave room for.
        threads = [threading.Thread(target=load, args=(i,)) for i in range(4)]
        for t in threads:
            t.start()
        time.sleep(1)
        check(g.run("monitor", "kill-switch", "on", "--yes").returncode == 0)
        after = time.time() * 1000
        time.sleep(1)
        stop.set()
        for t in threads:
            t.join()
        # What left in time may arrive at any: it is the intent that must be older.
        late = g.query("SELECT count(*) AS n FROM orders WHERE created_ms > %d" % after)[0]["n"]
        check(late == 0 and x.book.orders, late, "entries were begun after the switch")
        a = g.alert("LONG", "0.01")
        check(a.status == 403 and a.code == "KILL_SWITCH", a)
        filled(g.alert("CLOSE"))
        check(held(x) == 0, x.book.positions)


@case
def kills():
    if EDGE:
        return
    with Pair(settings={"HOOX_REPLY_BUDGET_MS": "2000"}) as (x, g):
        promised, stop = [], threading.Event()

        def load(i):
            for n in range(10000):
                if stop.is_set():
                    return
                try:
                    a = g.alert("LONG", "0.002", idempotencyKey="c%d-%d" % (i, n), timeout=30)
                    if a.status < 300:
                        promised.append(a.body["signalId"])
                    time.sleep(0.1)
                except (OSError, ValueError):
                    time.sleep(0.05)
        threads = [threading.Thread(target=load, args=(i,)) for i in range(8)]
        for t in threads:
            t.start()
        killed = 0
        while killed < 20 or (not promised and killed < 100):
            time.sleep(random.uniform(0.05, 0.4))
            g.kill()
            g.start()
            killed += 1
        stop.set()
        for t in threads:
            t.join()
        agree(x, g)
        known = {r["id"] for r in g.query("SELECT id FROM signals")}
        check(set(promised) <= known and promised, set(promised) - known)


def a_product(product):
    venue, market = product.split(":")
    with Pair(product) as (x, g):
        def alert(*args, **more):
            return g.alert(*args, exchange=venue, market=market, **more)
        filled(alert("LONG", "0.01"))
        filled(alert("CLOSE"))
        time.sleep(2.2)     # Some take few orders a second; what is more waits for its turn.
        lost = lose(x, 1)
        check(alert("LONG", "0.02", timenow="1").status in (200, 202))
        agree(x, g)
        check(len(lost) == 1 and len(x.book.orders) == 3, len(x.book.orders))
        time.sleep(2.2)
        a = alert("LONG", "0.01", orderType="limit", price="50000")
        check(a.status == 200 and a.body["status"] == "resting", a)
        filled(alert("CLOSE", timenow="2"))
        check([o["status"] for o in x.book.orders[-2:]] == ["CANCELED", "FILLED"], x.book.orders[-2:])
        time.sleep(2.2)
        x.book.cash = D(1)
        a = alert("LONG", "0.03")
        check(a.status == 422 and a.code == "VENUE_REJECTED", a)


for _product in faces.PRODUCTS:
    CASES[_product] = lambda product=_product: a_product(product)


def attempt(name):
    at = time.time()
    try:
        CASES[name]()
        return "ok    %-30s %5.1f s" % (name, time.time() - at), True
    except Failed as e:
        return "FAIL  %s: %s" % (name, e), False
    except Exception:  # pylint: disable=broad-except
        return "FAIL  %s: %s" % (name, traceback.format_exc()), False


def main():
    wanted = [n for n in CASES if not sys.argv[1:] or any(n.startswith(w) for w in sys.argv[1:])]
    passed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for line, good in pool.map(attempt, wanted):
            print(line, flush=True)
            passed += good
    print("%d passed, %d failed" % (passed, len(wanted) - passed))
    return 0 if wanted and passed == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
