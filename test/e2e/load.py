"""Load drivers for end-to-end cases. Each returns what went wrong as text, empty when nothing did."""
import http.client
import itertools
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import time

import books
import native
import venues

CALLER_TIMEOUT_S = 10
PATIENCE_S = 120  # Only where something is broken it is waited so long.


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


def wait_until(host, is_so):
    """False when it never was."""
    end = host.now() + PATIENCE_S
    while not is_so():
        if host.now() > end:
            return False
        host.sleep(0.1)
    return True


def wait_until_final(host, seconds):
    seconds *= host.slack
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
    kills, accepted_min = step.get("kills", 100), step.get("accepted_min", 100)
    # Where little is accepted between two kills, some more of them.
    while host.starts <= kills or (sum(len(client.accepted) for client in clients) < accepted_min
                                   and host.starts < 5 * kills):
        host.sleep(chance.uniform(0.02, 2 * step.get("life_s", 0.35)))
        host.kill()
        host.start()
    host.sleep(1)
    running.stop()
    accepted = [key for client in clients for key in client.accepted]
    summary = f"{host.starts} starts, answers {totals(clients)}"
    if len(accepted) < accepted_min:
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


def entries_after(host, time_ms):
    """Orders that add exposure and left after that time. When one left is known to the millisecond only where transit
    takes a known time; elsewhere it is one whose intent is later, and what left in time may arrive at any."""
    entries = [order for order in books.lab_orders(host) if not venues.reduces(order)]
    if host.transit_ms is not None:
        return [order for order in entries if order["time"] > time_ms + host.transit_ms]
    written = {row["client_order_id"] for row in
               host.query(f"SELECT client_order_id FROM orders WHERE created_ms > {time_ms:.0f}")}
    return [order for order in entries if order["clientOrderId"] in written]


def drive_kill_switch(host, step):
    """Entries without pause; the kill switch is set while they run. After the command has returned no entry leaves."""
    def make_signal(client_random):
        return {"symbol": client_random.choice(["BTCUSDT", "ETHUSDT"]), "action": "LONG", "quantity": "0.01"}

    # Slowly enough for the venue's limits: entries that wait for the next ten seconds would be refused without a word.
    clients, running = start_clients(host, step.get("clients", 8), make_signal, step.get("pause_s", 0.15))
    host.sleep(step.get("before_s", 1.5))
    entered = wait_until(host, lambda: {"BTCUSDT", "ETHUSDT"} <= {order["symbol"] for order in books.lab_orders(host)})
    code, out, err = host.cli("monitor", "kill-switch", "on", "-y")
    returned_ms = host.now() * 1000
    if code == 0:
        host.sleep(step.get("after_s", 2))
        refused = wait_until(host, lambda: totals(clients).get(403, 0) > 0)
    running.stop()
    if code != 0:
        return f"kill-switch on: exit {code}: {out}{err}"
    late = entries_after(host, returned_ms)
    if late:
        return f"{len(late)} entries reached the venue after the command had returned, the first {late[0]}"
    if not entered or not refused:
        return f"{len(books.lab_orders(host))} orders, answers {totals(clients)}: that tests nothing"
    return ""


def drive_full_disk(host, step):
    """A gateway whose files may not grow beyond `bytes`: alerts are answered until that is in the way, and then refused
    with 503 as not done, while it is alive and not ready. With the limit gone the same process takes the refused ones,
    and ledger and venue agree."""
    def alert(number):
        signal = {"apiKey": native.KEY, "exchange": venues.VENUE, "market": venues.PRODUCT, "symbol": "BTCUSDT",
                  "action": "LONG", "quantity": step["quantity"], "idempotencyKey": f"full-{number}"}
        status, _headers, body = host.request("POST", "/webhook", json.dumps(signal).encode())
        return status, json.loads(body)

    def is_ready():
        return host.request("GET", "/ready")[0] == 200

    host.lab_request("POST", "/lab/settings", {"usdtBalance": "100000000", "product": venues.PRODUCT})
    host.restart_limited(step["bytes"])
    answers = []
    while not answers or answers[-1][0] != 503:
        answers.append(alert(len(answers)))
        if len(answers) > 1000:
            return "no limit was felt"
    if answers[0][0] != 200 or answers[-1][1]["error"]["code"] != "UNAVAILABLE":
        return f"{len(answers)} answers, the first {answers[0]}, the last {answers[-1]}"
    status, _headers, body = host.request("GET", "/ready")
    if status != 503 or "the disk of the ledger is full" not in json.loads(body)["error"]["message"]:
        return f"/ready says {status} {body}"
    if host.request("GET", "/health")[0] != 200:
        return "a full disk made it look dead"
    host.lift_limit()
    if not wait_until(host, is_ready):
        return "not ready again"
    number = len(answers) - 1
    if not wait_until(host, lambda: alert(number)[0] == 200):
        return f"what was refused is not taken now: {alert(number)}"
    accepted = [f"full-{i}" for i, (status, _body) in enumerate(answers) if status in (200, 202)]
    return wait_until_final(host, 30) or missing_from_ledger(host, accepted) or books.difference(host)


def drive_oversized(host, step):
    """Declares and sends bodies over the cap. An answer of 413 is right, and so is a connection that closes on us while
    we send; a 413 must be among them, say wherever hoox runs the same, and none may take long."""
    statuses = []
    for size in step["sizes"]:
        started = host.now()
        try:
            status, _headers, body = host.request("POST", "/webhook", b"{" + b" " * (size - 1), timeout=PATIENCE_S)
            statuses.append(status)
            answer = json.loads(body)
            # The simulator's door is its own.
            is_told = "requestId" in answer and answer["error"]["message"] == "the body is larger than 64 KiB"
            if host.slack > 1 and not is_told:
                return f"{size} bytes were answered {answer}"
        except (OSError, http.client.HTTPException):
            statuses.append(0)
        if host.now() - started > 5 * host.slack:
            return f"{size} bytes took {host.now() - started:.1f} s"
    return "" if statuses[0] == 413 and set(statuses) <= {413, 0} else f"answered {statuses}"


def read_until(stream, pattern):
    """Lines of a process until one matches; the match, or None when the process ended before."""
    for line in stream:
        found = re.search(pattern, line)
        if found:
            return found
    return None


def paste(command, environment):
    """What the command printed in the end, and how often it had to be pasted: on a slow day the first answer may be
    that the signal is worked on."""
    end = time.time() + PATIENCE_S
    for times in itertools.count(1):
        done = subprocess.run(["sh", "-c", command + " -i"], env=environment, capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        is_worked_on = re.match("HTTP/1.1 (202|409) ", done.stdout)
        if not is_worked_on or time.time() > end:
            return done.stdout, times
        time.sleep(0.1)
    return None


def drive_paper(_host, _step):
    """What a stranger does: start the paper gateway with nothing set, paste the command it prints, see a fill; paste it
    again, and it is the same one."""
    with tempfile.TemporaryDirectory(prefix="hoox-e2e-") as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "HOOX_LISTEN": f"127.0.0.1:{native.free_port()}"}
        gateway = subprocess.Popen([native.BINARY, "serve", "--paper"], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # One that prints nothing is ended, and so is its output.
        watch = threading.Timer(PATIENCE_S, gateway.kill)
        watch.start()
        try:
            printed = read_until(gateway.stdout, r"^curl .*")
            if printed is None:
                return "no command to paste was printed"
            pasted = [paste(printed.group(0), environment) for _ in range(2)]
        finally:
            watch.cancel()
            gateway.terminate()
            gateway.communicate()
    replayed = []
    for answer, _times in pasted:
        if not answer.startswith("HTTP/1.1 200") or '"status":"filled"' not in answer:
            return f"the pasted command got {answer}"
        replayed.append("Idempotent-Replayed: true" in answer)
    if replayed != [pasted[0][1] > 1, True] or pasted[0][0].split("{", 1)[1] != pasted[1][0].split("{", 1)[1]:
        return f"the second paste got {pasted[1][0]}, the first {pasted[0][0]}"
    return "" if gateway.returncode == 0 else f"ended with {gateway.returncode}"
