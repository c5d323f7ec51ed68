#!/usr/bin/env python3
"""The figures of the design's budgets from one run on this machine, beside the original system's.

Usage: bench/run.py [PART ...]        (after `make build benches`; `make bench` does both)
PART: path, venues, load, rest, claims, edge; without one all of them.
OLD_SIGNALS=10000000 makes the ledger of the claim figure as large as its budget says; the default is a million.
What the machine decides is printed as a multiple of a floor measured in the same run.
"""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "e2e"))
import native
import venues

OLD_SIGNALS = int(os.environ.get("OLD_SIGNALS", "1000000"))
ROUNDS, SIGNALS_PER_ROUND = 3, 200  # The gateway keeps below the venue's 300 orders in 10 s; a round stays within.
LOAD_SECONDS = 10
# Signals and the pause before each: within the limits that the gateway keeps at each venue.
PACES = {"binance:futures": (100, 100), "binance:spot": (80, 400), "bybit:futures": (100, 250),
         "bybit:spot": (100, 250), "mexc:futures": (40, 1300), "mexc:spot": (60, 1000)}

table = []
missed = []


def tool(name, *arguments):
    done = subprocess.run([f"build/bench/{name}", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name} failed: {done.stderr or done.stdout}")
    return json.loads(done.stdout or "null")


def row(what, measured, budget="", met=None, original=""):
    verdict = "" if met is None else "met" if met else "MISSED"
    if met is False:
        missed.append(what)
    table.append((what, measured, budget, verdict, original))


def original():
    with open("bench/original.txt", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t") for line in file if "\t" in line and not line.startswith("#"))


def percentile(values, permille):
    return sorted(values)[(len(values) - 1) * permille // 1000]


@contextlib.contextmanager
def running(host):
    try:
        yield host
    finally:
        host.close()
        host.release()


def warm_up(host):
    """A gateway that has been running has a log of its full size, so that commits overwrite it as they do the file of
    the floor. Entries that the kill switch refuses fill it without costing the venue anything."""
    host.cli("config", "kv", "set", "webhook:rate_limit", "1000000/1")
    host.cli("monitor", "kill-switch", "on", "-y")
    time.sleep(1)
    tool("load", host.port, 4, 4, native.KEY)
    host.cli("monitor", "kill-switch", "off", "-y")
    time.sleep(3)


def measure_path(venue, market, entry, signals, pause_ms, seed=1):
    """One round with a fresh gateway and laboratory. Returns samples in microseconds."""
    relay_port = native.free_port()
    name = "BYBIT" if venue == "bybit" else f"{venue}_{market}".upper()
    host = native.Host({f"HOOX_{name}_URL": f"http://127.0.0.1:{relay_port}",
                        f"HOOX_{name}_WS_URL": f"ws://127.0.0.1:{relay_port}",
                        f"HOOX_{name}_WS_API_URL": f"ws://127.0.0.1:{relay_port}",
                        "HOOX_ORDER_ENTRY": entry, "HOOX_STREAMS": "off", "HOOX_LOG_LEVEL": "error"}, seed=seed)
    with running(host):
        lab_port = host.lab_ports[venues.VENUES.index(venue)]
        code, _, answer = native.http_request(lab_port, "POST", "/lab/settings", json.dumps(
            {"usdtBalance": "100000000", "product": market}).encode())
        if code != 200:
            sys.exit(f"/lab/settings: {code} {answer.decode()}")
        relay = subprocess.Popen(["build/bench/path", str(relay_port), str(lab_port), str(host.port), str(signals),
                                  native.KEY, host.data, venue, market, str(pause_ms)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        relay.stdout.readline()
        host.start()
        warm_up(host)
        out, _ = relay.communicate("\n", timeout=300)
        if relay.returncode != 0:
            sys.exit(f"path failed at {venue} {market} ({entry}): an alert was not filled\n" + host.logs())
    measured = json.loads(out)
    by_socket = measured.pop("by_socket")
    if by_socket != (signals if entry == "ws" else 0):
        sys.exit(f"path failed at {venue} {market}: {by_socket} of {signals} orders by WebSocket, asked for {entry}")
    return {name: [ns / 1000 for ns in values] for name, values in measured.items()}


def measure_fast_path():
    """Several short rounds of Binance futures, without pauses, joined."""
    samples = {}
    for number in range(ROUNDS):
        for name, values in measure_path("binance", "futures", "rest", SIGNALS_PER_ROUND, 0, number + 1).items():
            samples.setdefault(name, []).extend(values)
    return samples


def memory_mib(process, name):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name))


def measure_load():
    host = native.Host({"HOOX_LOG_LEVEL": "error"})
    with running(host):
        host.lab_request("POST", "/lab/settings", {"usdtBalance": "100000000"})
        host.start()
        idle = memory_mib(host.gateway, "VmRSS")
        health = tool("load", host.port, 1, 2, native.KEY, "HEALTH")
        health_many = tool("load", host.port, 64, 2, native.KEY, "HEALTH")
        for name, value in (("webhook:rate_limit", "1000000/1"), ("webhook:queue_mode", "queue_everywhere")):
            code, _, err = host.cli("config", "kv", "set", name, value)
            if code != 0:
                sys.exit(f"config kv set {name}: {err}")
        time.sleep(1)
        lone = tool("load", host.port, 1, 3, native.KEY)
        before = tool("floor", host.data, 1)["sync_p50_us"]
        load = tool("load", host.port, 64, LOAD_SECONDS, native.KEY)
        after = tool("floor", host.data, 1)["sync_p50_us"]
        memory = memory_mib(host.gateway, "VmHWM")
        return {"idle": idle, "health": health, "health_many": health_many, "lone": lone, "load": load,
                "memory": memory, "sync": (before, after)}


def measure_cold_start():
    """From exec to the first 200, on a data folder that has been used before."""
    times = []
    host = native.Host({"HOOX_LOG_LEVEL": "error"})
    with running(host):
        for _ in range(11):
            started = time.perf_counter()
            host.start(wait=False)
            while True:
                try:
                    if host.request("GET", "/health", timeout=2)[0] == 200:
                        break
                except OSError:
                    time.sleep(0.0002)
            times.append((time.perf_counter() - started) * 1000)
            host.gateway.send_signal(signal.SIGTERM)
            host.gateway.wait()
            host.gateway = None
    return percentile(times[1:], 500)


def fill_ledger(path, count):
    """Old, finished signals with their claims, as days of work leave them behind."""
    database = sqlite3.connect(path)
    database.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;")
    with database:
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) "
            "INSERT INTO signals (id, lane, source, key_name, idempotency_key, payload_digest, body, venue, market, "
            "test, symbol, action, status, received_ms, due_ms, finished_ms, request_id) "
            "SELECT printf('0180%08x-old', i), 'live:BTCUSDT', 'webhook', 'key', printf('old-%d', i), '', '{}', "
            "'binance', 'futures', 0, 'BTCUSDT', 'LONG', 'filled', i, i, i, '' FROM n", (count,))
        # A day number, then a digest: 900 days, the youngest of them long over.
        day = int(time.time() // 86400) - 1000
        database.executemany("INSERT INTO claims VALUES (?, ?, ?)", (
            ((day + number * 900 // count).to_bytes(4, "big") + os.urandom(16), f"0180{number:08x}-old", number)
            for number in range(1, count + 1)))
    database.close()


def measure_claims():
    with tempfile.TemporaryDirectory(prefix="hoox-bench-", dir="build") as folder:
        results = []
        for count in (0, OLD_SIGNALS):
            path = f"{folder}/ledger-{count}.db"
            tool("core", 0, "binance:futures", path)
            if count:
                fill_ledger(path, count)
            results.append(tool("core", 20000, "binance:futures", path)["claim_p50_us"])
        return results


class Path:
    """Percentiles of one measurement of the path, and its floor."""

    def __init__(self, samples):
        self.samples = samples
        self.floor = self.at("sync_ns", 500) + self.at("trip_ns", 500)

    def at(self, name, permille):
        return percentile(self.samples[name], permille)

    def order_out(self):
        p50, p99 = self.at("order_ns", 500), self.at("order_ns", 990)
        return f"{p50:.0f} / {p99:.0f} us = {p50 / self.floor:.2f} / {p99 / self.floor:.2f} x"

    def answer(self):
        return f"{self.at('filled_ns', 500) / 1000:.2f} / {self.at('filled_ns', 990) / 1000:.2f} ms"


def report_path(known):
    path = Path(measure_fast_path())
    p50, p99 = path.at("order_ns", 500), path.at("order_ns", 990)
    row("floor: fdatasync, p50 / p99", f"{path.at('sync_ns', 500):.0f} / {path.at('sync_ns', 990):.0f} us")
    row("floor: loopback round trip, p50 / p99", f"{path.at('trip_ns', 500):.0f} / {path.at('trip_ns', 990):.0f} us")
    row("alert in -> order bytes out, p50", f"{p50:.0f} us = {p50 / path.floor:.2f} x floor", "<= 1.5 x",
        p50 / path.floor <= 1.5, known["path"])
    own = (path.at("sync_ns", 990) + path.at("trip_ns", 500)) / path.floor
    row("alert in -> order bytes out, p99",
        f"{p99:.0f} us = {p99 / path.floor:.2f} x floor (the disk's own p99: {own:.2f} x)", "<= 4 x",
        p99 / path.floor <= 4)
    row("alert in -> filled answer, p50 / p99", path.answer())


def report_venues(known):
    """Every venue and product, each at a pace below its limits: so the caches are cold, unlike above. Where orders can
    go by WebSocket, both ways, one after the other."""
    by_socket = {}
    for name, (signals, pause_ms) in PACES.items():
        venue, market = name.split(":")
        core = tool("core", 20000, name)
        path = Path(measure_path(venue, market, "rest", signals, pause_ms))
        p50, p99 = core["core_p50_us"], core["core_p99_us"]
        row(f"{name}: core time per signal, p50 / p99", f"{p50:.1f} / {p99:.1f} us = {p50 / path.floor:.2f} x floor",
            "<= 30 us", p50 <= 30, known["core"] if name == "binance:futures" else "")
        row(f"{name}: alert in -> order bytes out, p50 / p99", path.order_out())
        row(f"{name}: alert in -> filled answer, p50 / p99", path.answer())
        if venue != "mexc":
            by_socket[name] = path, Path(measure_path(venue, market, "ws", signals, pause_ms))
    row("orders by REST | by WebSocket", "p50 / p99 | p50 / p99")
    for name, (rest, socket) in by_socket.items():
        row(f"  {name}: alert in -> order bytes out", f"{rest.order_out()} | {socket.order_out()}")
        row(f"  {name}: alert in -> filled answer", f"{rest.answer()} | {socket.answer()}")


def report_load(known):
    load = measure_load()
    accepts = load["load"]
    row("durable accepts/s, 64 connections", f"{accepts['per_second']:.0f}/s", ">= 20,000/s",
        accepts["per_second"] >= 20000, known["accepts"])
    row("  their p50 / p99", f"{accepts['answer_p50_us'] / 1000:.2f} / {accepts['answer_p99_us'] / 1000:.2f} ms",
        "p99 <= 10 ms", accepts["answer_p99_us"] <= 10000)
    row("  fdatasync p50 just before and after", f"{load['sync'][0]:.0f} and {load['sync'][1]:.0f} us")
    row("  answers by status", " ".join(f"{status}: {count}" for status, count in accepts["statuses"].items()))
    row("durable accept, one connection, p50 / p99",
        f"{load['lone']['answer_p50_us'] / 1000:.2f} / {load['lone']['answer_p99_us'] / 1000:.2f} ms")
    row("resident memory under that load", f"{load['memory']:.1f} MiB (idle {load['idle']:.1f})", "<= 32 MiB",
        load["memory"] <= 32, known["memory"])
    row("health, 1 and 64 connections",
        f"p50 {load['health']['answer_p50_us'] / 1000:.3f} ms; {load['health']['per_second']:.0f}/s; "
        f"{load['health_many']['per_second']:.0f}/s", "", None, known["health"])


def report_rest(known):
    cold = measure_cold_start()
    row("cold start, exec -> first 200", f"{cold:.1f} ms", "<= 50 ms", cold <= 50, known["cold"])
    read = tool("kv", 1000000)
    row("kv read, p50 / p99", f"{read['read_p50_ns']} / {read['read_p99_ns']} ns", "<= 1000 ns",
        read["read_p50_ns"] <= 1000)
    lifetimes = subprocess.run(["build/hoox-sim", "--bench"], capture_output=True, text=True, check=False)
    row("simulator", lifetimes.stdout.strip().split("\n")[-1], ">= 500 lifetimes/s")
    wasm = subprocess.run(["make", "--no-print-directory", "edge"], capture_output=True, text=True, check=False)
    row("wasm module", wasm.stdout.strip().split("\n")[-1].split(";")[0].removeprefix("wasm: "),
        "<= 400 / 150 KiB", wasm.returncode == 0)


def report_claims():
    empty, full = measure_claims()
    row(f"claim with {OLD_SIGNALS:,} old signals", f"{full:.1f} us = {full / empty:.2f} x the empty ledger's",
        "<= 1.2 x", full / empty <= 1.2)


def report_edge():
    """What the Worker itself costs, told apart from workerd's simulation of D1, KV and queues around it."""
    subprocess.run(["make", "--no-print-directory", "edge-tests"], stdout=subprocess.DEVNULL, check=True)
    done = subprocess.run(["node", "bench/edge.mjs"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench/edge.mjs failed: {done.stderr}")
    measured = json.loads(done.stdout)
    for name in ("pool", "fresh"):
        at, cpu = measured[name], measured[name]["cpu"]
        pooled = name == "pool"
        row("workerd, pooled instances: health" if pooled else "workerd, an instance per request: health",
            f"{at['healthRps']}/s, first answer {at['coldMs']:.0f} ms, {at['rssKib'] / 1024:.0f} MiB")
        row("  signal, p50 / p99", f"{at['signalMsP50']:.0f} / {at['signalMsP99']:.0f} ms")
        row("  CPU per signal: our code, core and host/edge", f"{cpu['codeMs']:.2f} ms", "<= 1 ms" if pooled else "",
            cpu["codeMs"] <= 1 if pooled else None)
        row("  with what the runtime does for it (SQL, fetch, ...)", f"{cpu['codeMs'] + cpu['runtimeMs']:.2f} ms")
        row("  the whole process, all simulations included", f"{at['processCpuMs']:.1f} ms")
    each = measured["pool"]["each"]
    row("  rows written by a signal: object, D1", f"{each['objectRowsWritten']:.0f}, {each['ledgerRowsWritten']:.0f}",
        "<= 100, 100", each["objectRowsWritten"] <= 100 and each["ledgerRowsWritten"] <= 100)


def print_table():
    width = [max(len(line[column]) for line in table) for column in range(4)]
    for what, measured, budget, verdict, known in table:
        print(f"{what:{width[0]}}  {measured:{width[1]}}  {budget:{width[2]}}  {verdict:{width[3]}}".rstrip())
        if known:
            print(f"{'':{width[0]}}  the original: {known}")
    print("\nevery budget is met" if not missed else f"\nmissed: {'; '.join(missed)}")


def report_floor():
    with tempfile.TemporaryDirectory(prefix="hoox-bench-", dir="build") as folder:
        floor = tool("floor", folder, 3)
    row("floor without pauses: fdatasync; round trip",
        f"p50 {floor['sync_p50_us']:.0f}, p99 {floor['sync_p99_us']:.0f} us; p50 {floor['trip_p50_us']:.0f}, "
        f"p99 {floor['trip_p99_us']:.0f} us")


def main():
    known = original()
    parts = {"path": lambda: report_path(known), "venues": lambda: report_venues(known),
             "load": lambda: report_load(known),
             "rest": lambda: report_rest(known), "claims": report_claims, "edge": report_edge}
    wanted = sys.argv[1:] or list(parts)
    if unknown := [name for name in wanted if name not in parts]:
        sys.exit(f"no such part: {' '.join(unknown)}; there are {', '.join(parts)}")
    report_floor()
    # The ledgers go where the floor was measured, not into a /tmp that may be memory.
    tempfile.tempdir = os.path.abspath("build")
    for name in wanted:
        started = time.time()
        parts[name]()
        print(f"{name}: measured for {time.time() - started:.0f} s", file=sys.stderr)
    print_table()


if __name__ == "__main__":
    main()
