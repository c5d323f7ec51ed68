"""Load drivers for end-to-end cases. Each returns what went wrong as text, empty when nothing did."""
import http.client
import json
import os
import random
import re
import subprocess
import tempfile
import time

import books
import native
import venues

CALLER_TIMEOUT_S = 10


class Client:
    """One caller on a connection of its own. Sends each signal again until it is answered other than by 5xx or a
    broken connection, as TradingView does, and remembers what was answered 2xx."""

    def __init__(self, number, make_signal, pause_s):
        self.number, self.make_signal, self.pause_s = number, make_signal, pause_s
        self.random = random.Random(number)
        self.accepted, self.answers = [], {}

    def live(self):
        """What native.Callers runs: pauses and sends, and is told how they went."""
        count = 0
        while not (yield "pause", self.random.uniform(0, 2 * self.pause_s)):
            count += 1
            key = f"client-{self.number}-{count}"
            body = json.dumps({"apiKey": native.KEY, "exchange": venues.VENUE, "market": venues.PRODUCT,
                               "idempotencyKey": key,
                               **self.make_signal(self.random)})
            while True:
                status = yield "send", body
                self.answers[status] = self.answers.get(status, 0) + 1
                if 200 <= status < 300:
                    self.accepted.append(key)
                if 0 < status < 500 and status != 409:
                    break
                if (yield "pause", 0.1):
                    return


def totals(clients):
    answers = {}
    for client in clients:
        for status, count in client.answers.items():
            answers[status] = answers.get(status, 0) + count
    return answers


def start_clients(host, count, make_signal, pause_s=0):
    """The clients, and what has a stop() for them all."""
    clients = [Client(number, make_signal, pause_s) for number in range(count)]
    return clients, host.start_callers([client.live() for client in clients], CALLER_TIMEOUT_S)


def wait_until_final(host, seconds):
    end = host.now() + seconds
    while True:
        rows = host.query("SELECT status, count(*) AS count FROM signals WHERE finished_ms IS NULL GROUP BY status")
        if not rows:
            return ""
        if host.now() > end:
            return f"not final after {seconds} s: {rows}"
        host.sleep(0.5)


def missing_from_ledger(host, accepted):
    """Answered 2xx and not there: the worst that can happen to a caller."""
    there = {row["idempotency_key"] for row in host.query("SELECT idempotency_key FROM signals")}
    missing = [key for key in accepted if key not in there]
    return f"{len(missing)} accepted signals are not in the ledger: {missing[:5]}" if missing else ""


def drive_kills(host, step):
    """`clients` send without pause while the gateway is killed `kills` times at random moments. Then everything that
    was answered 2xx is in the ledger, and ledger and venue agree, with no order twice."""
    chance = random.Random(step.get("seed", 7))
    symbols = step.get("symbols", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])

    def make_signal(client_random):
        action = client_random.choice(["LONG", "LONG", "SHORT" if venues.PRODUCT == "futures" else "LONG", "CLOSE"])
        return {"symbol": client_random.choice(symbols), "action": action,
                "quantity": str(client_random.randint(1, 9)) if action != "CLOSE" else "100"}

    # The gateway keeps to the venue's limits (some 300 orders a minute), so more signals would only be refused.
    host.lab_request("POST", "/lab/settings", {"usdtBalance": "100000000", "product": venues.PRODUCT})
    clients, running = start_clients(host, step.get("clients", 32), make_signal, step.get("pause_s", 2))
    for _ in range(step.get("kills", 100)):
        host.sleep(chance.uniform(0.02, 2 * step.get("life_s", 0.35)))
        host.kill()
        host.start()
    host.sleep(1)
    running.stop()
    accepted = [key for client in clients for key in client.accepted]
    summary = f"{host.starts} starts, answers {totals(clients)}"
    if len(accepted) < step.get("accepted_min", 100):
        return f"only {len(accepted)} signals were accepted: that tests nothing ({summary})"
    problem = wait_until_final(host, step.get("final_within_s", 90))
    problem = problem or missing_from_ledger(host, accepted) or books.difference(host)
    return problem and f"{problem} ({summary})"


def drive_burst(host, step):
    """`alerts` within a second, each a signal of its own: all are filled in the end, and the venue never had to say
    that it was asked too often."""
    quantities = {"BTCUSDT": "0.01", "ETHUSDT": "0.1", "SOLUSDT": "1", "DOGEUSDT": "1000"}
    alerts = step["alerts"]

    def caller(number):
        yield "pause", number / alerts
        symbol = list(quantities)[number % len(quantities)]
        signal = {"apiKey": native.KEY, "exchange": venues.VENUE, "market": venues.PRODUCT, "action": "LONG",
                  "symbol": symbol, "quantity": quantities[symbol], "idempotencyKey": f"burst-{number}"}
        status = yield "send", json.dumps(signal)
        answers[status] = answers.get(status, 0) + 1

    answers = {}
    host.lab_request("POST", "/lab/settings", {"usdtBalance": "100000000", "product": venues.PRODUCT})
    callers = host.start_callers([caller(number) for number in range(alerts)], CALLER_TIMEOUT_S)
    host.sleep(5)
    callers.stop()
    problem = wait_until_final(host, step["final_within_s"])
    if problem:
        return problem
    filled = host.query("SELECT count(*) AS n FROM signals WHERE status = 'filled'")[0]["n"]
    if filled != alerts or set(answers) - {200, 202}:
        return f"{filled} of {alerts} filled, answers {answers}"
    if "the venue asked us to wait" in host.log_text():
        return "the venue said that it was asked too often"
    return books.difference(host)


def drive_kill_switch(host, step):
    """Entries without pause; the kill switch is set while they run. After the command has returned no entry leaves."""
    def make_signal(client_random):
        return {"symbol": client_random.choice(["BTCUSDT", "ETHUSDT"]), "action": "LONG", "quantity": "0.01"}

    # Slowly enough for the venue's limits: entries that wait for the next ten seconds would be refused without a word.
    clients, running = start_clients(host, step.get("clients", 8), make_signal, step.get("pause_s", 0.15))
    host.sleep(step.get("before_s", 1.5))
    code, out, err = host.cli("monitor", "kill-switch", "on", "-y")
    returned_ms = host.now() * 1000 + host.transit_ms
    if code != 0:
        running.stop()
        return f"kill-switch on: exit {code}: {out}{err}"
    host.sleep(step.get("after_s", 2))
    running.stop()
    orders = books.lab_orders(host)
    late = [order for order in orders if order["time"] > returned_ms and not venues.reduces(order)]
    answers = totals(clients)
    if late:
        return f"{len(late)} entries reached the venue after the command had returned, the first {late[0]}"
    if not orders or answers.get(403, 0) == 0:
        return f"{len(orders)} orders, answers {answers}: that tests nothing"
    return ""


def drive_oversized(host, step):
    """Declares and sends bodies over the cap. An answer of 413 is right, and so is a connection that closes on us while
    we send; a 413 must be among them, and none may take long."""
    statuses = []
    for size in step["sizes"]:
        started = host.now()
        try:
            statuses.append(host.request("POST", "/webhook", b"{" + b" " * (size - 1), timeout=10)[0])
        except (OSError, http.client.HTTPException):
            statuses.append(0)
        if host.now() - started > 5:
            return f"{size} bytes took {host.now() - started:.1f} s"
    return "" if statuses[0] == 413 and set(statuses) <= {413, 0} else f"answered {statuses}"


def read_until(stream, pattern, seconds):
    """Lines of a process until one matches; the match, or None when the process or the time ended before."""
    end = time.time() + seconds
    for line in stream:
        found = re.search(pattern, line)
        if found or time.time() > end:
            return found
    return None


def drive_paper(_host, _step):
    """What a stranger does: start the paper gateway with nothing set, paste the command it prints, see a fill; paste it
    again, and it is the same one."""
    with tempfile.TemporaryDirectory(prefix="hoox-e2e-") as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "HOOX_LISTEN": f"127.0.0.1:{native.free_port()}"}
        gateway = subprocess.Popen([native.BINARY, "serve", "--paper"], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            printed = read_until(gateway.stdout, r"^curl .*", 20)
            if printed is None:
                return "no command to paste was printed"
            answers = []
            for _ in range(2):
                done = subprocess.run(["sh", "-c", printed.group(0) + " -i"], env=environment, capture_output=True,
                                      text=True, timeout=20, check=False)
                answers.append(done.stdout)
        finally:
            gateway.terminate()
            gateway.communicate()
    for answer in answers:
        if not answer.startswith("HTTP/1.1 200") or '"status":"filled"' not in answer:
            return f"the pasted command got {answer}"
    if "Idempotent-Replayed: true" in answers[0] or "Idempotent-Replayed: true" not in answers[1]:
        return f"the second paste got {answers[1]}"
    return "" if gateway.returncode == 0 else f"ended with {gateway.returncode}"
