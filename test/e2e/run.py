#!/usr/bin/env python3
"""End-to-end cases: the real program, a laboratory, and data that says what must come of it.

Usage: test/e2e/run.py [--light] [CASE ...]    (names of files in test/e2e/cases without .json; all when none is named;
                                               --light: those that take some seconds at most)
Each case gets a gateway, a laboratory and a data folder of its own. The last line reads `N passed, N failed`.

A case is a JSON object:
  goal      one sentence
  hosts     the hosts it can be run on, when it says nothing about the others; with "why"
  settings  environment of the gateway, over the defaults of native.py
  config    runtime keys set before the first step: {"webhook:queue_mode": "queue_everywhere"}
  weight    seconds it takes, so that long ones start first (default 1)
  steps     a list of objects, each with one of the keys below

  send      {"json": {...}} or {"text": "..."}, with "path" (/webhook), "method" (POST), "headers", "times" (how many
            at once, 1). `${KEY}` in strings is the webhook key. Its "expect":
              status   a number, or a list of allowed ones
              body     a subset of the answer: objects by key, lists whole, "~..." as a regular expression
              headers  a subset, names in lower case; null: must be absent
              statuses {"200": [1, 50]}: how many of `times` answered so, from and to
              same_body_as   the name of an earlier send
              within_ms      upper bound of the time to the answer
            "as" keeps the answer under a name.
  faults    a list of laboratory faults to add (docs/LAB.md)
  lab       {"method", "path", "json"}: another request to the laboratory's control API; "expect": a subset of the
            answer ("within_s": asked again until it is so)
  orders    what the laboratory has: {"count": 1, "requests": 1, "each": {...}, "within_s": 5}
  books     "equal": fills, fees and positions of ledger and laboratory agree to the last digit ("within_s")
  ledger    {"sql", "rows": [...], "within_s"}: rows as subsets, in order
  cli       ["queue", "list"] with "exit" ([0]), "stdout" and "stderr" (regular expressions), "json" (a subset);
            `${SIGNAL:0}` in a word is the id of the signal accepted first
  config    as above
  wait_s    time passes, as the host counts it
  restart   "term" or "kill", then start again;  stop / start: true
  load      a driver of load.py by name, with its parameters

Times up to which something is waited for are those of the simulator; elsewhere a machine may be slow (Host.slack).

The host is native (native.py), edge (edge.py: the Worker on workerd) or sim (sim.py: the simulator, in virtual time);
HOOX_E2E_HOST names it. Every case runs unchanged on all three, but for those with "hosts":
  full_disk native alone: the edge's storage is not ours to fill, and the simulator has no disk.
  paper     native alone: it starts a program of its own, whatever the host, and looks at what that prints.
  burst, denied_while_it_rests  the simulator alone: they wait for minutes at each venue.
  wrong_setting, wrong_proxies  not native, which does not start so.
  streamed, orders_by_socket  not the edge, which has no connections that stay.
HOOX_E2E_VENUE names the venue and product all of it is told of (venues.py), binance:futures when it does not.
HOOX_STREAMS=on|off and HOOX_ORDER_ENTRY=ws reach every gateway, but on the edge: the same cases must come out the same.
Without them streams are on natively, and in the simulator only where a case says so.
"""
import concurrent.futures
import glob
import importlib
import json
import os
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import books
import load
import native
import venues

OUTDATED = "measures the clock again"  # What every adapter says of a request that came too late for the venue.
HOST = os.environ.get("HOOX_E2E_HOST", "native")
Host = importlib.import_module(HOST).Host
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
LIGHT = 8  # Seconds.
WORKERS = max(2, (os.cpu_count() or 1) * 2)  # Most of a case is waiting.


class Failed(Exception):
    pass


def fill_in(value):
    """`${KEY}` in every string below, `${VENUE}` in every name: of its settings."""
    if isinstance(value, str):
        return value.replace("${KEY}", native.KEY)
    if isinstance(value, list):
        return [fill_in(item) for item in value]
    if isinstance(value, dict):
        return {name.replace("${VENUE}", venues.VENUE.upper()): fill_in(item) for name, item in value.items()}
    return value


def differs(expected, actual, where="body"):
    """Where the actual value is not what was expected, as text; empty when it is."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"{where} is {actual!r}, not an object"
        for name, item in expected.items():
            if item is None and actual.get(name) is None:
                continue
            if name not in actual:
                return f"{where}.{name} is missing from {actual!r}"
            found = differs(item, actual[name], f"{where}.{name}")
            if found:
                return found
        return ""
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(expected) != len(actual):
            return f"{where} is {actual!r}, expected {expected!r}"
        for index, item in enumerate(expected):
            found = differs(item, actual[index], f"{where}[{index}]")
            if found:
                return found
        return ""
    if isinstance(expected, str) and expected.startswith("~"):
        return "" if re.search(expected[1:], str(actual)) else f"{where} is {actual!r}, expected /{expected[1:]}/"
    return "" if expected == actual else f"{where} is {actual!r}, expected {expected!r}"


def eventually(host, seconds, check):
    """Repeats check() until it returns an empty text, for so long at most, as the host counts."""
    seconds *= host.slack
    end = host.now() + seconds
    while True:
        problem = check()
        if not problem:
            return
        if host.now() >= end:
            raise Failed(problem if seconds == 0 else f"after {seconds} s: {problem}")
        host.sleep(0.05)


class Case:
    def __init__(self, name, data):
        self.name, self.data = name, venues.translate(fill_in(data))
        self.answers = {}
        self.host = None

    def run(self):
        self.host = Host(fill_in(self.data.get("settings", {})), seed=self.data.get("seed", 1))
        passed = False
        try:
            self.host.start()
            if "config" in self.data:
                self.do_config(self.data["config"], {})
            for number, step in enumerate(self.data["steps"], 1):
                self.do(number, step)
            code = self.host.close()
            if code != 0:
                raise Failed(f"the gateway ended with {code} when asked to stop")
            if native.KEY in self.host.log_text():
                raise Failed("the webhook key is in the log")
            passed = True
        finally:
            if not passed:
                self.host.close()
                print(f"=== {self.name}\n{self.host.story()}\n{self.host.logs()}", flush=True)
            self.host.release()

    def do(self, number, step):
        kinds = [name for name in step if hasattr(self, f"do_{name}")]
        if len(kinds) != 1:
            raise Failed(f"step {number}: not a step: {sorted(step)}")
        try:
            getattr(self, f"do_{kinds[0]}")(step[kinds[0]], step)
        except Failed as problem:
            raise Failed(f"step {number} ({kinds[0]}): {problem}") from None

    def do_send(self, request, step):
        self.host.sleep(venues.PROFILE.get("rest_s", 0))
        expect = step.get("expect", {})
        body = json.dumps(request["json"]) if "json" in request else request.get("text", "")
        got = self.host.request_times(request.get("times", 1), request.get("method", "POST"),
                                      request.get("path", "/webhook"), body.encode(),
                                      {"Content-Type": "application/json", **request.get("headers", {})})
        answers = [{"status": status, "headers": headers, "text": text.decode(errors="replace"), "ms": took}
                   for status, headers, text, took in got]
        if expect.get("status") == 200 and self.host.slack > 1:
            answers = [self.outlast(answer) for answer in answers]
        for answer in answers:
            self.check_answer(expect, answer)
        counts = {}
        for answer in answers:
            counts[str(answer["status"])] = counts.get(str(answer["status"]), 0) + 1
        for status, (least, most) in expect.get("statuses", {}).items():
            if not least <= counts.get(status, 0) <= most:
                raise Failed(f"{counts} answered, expected {least} to {most} times {status}")
        if "statuses" in expect and set(counts) - set(expect["statuses"]):
            raise Failed(f"{counts} answered, expected only {sorted(expect['statuses'])}")
        if "as" in step:
            self.answers[step["as"]] = answers[0]

    def outlast(self, answer):
        """The answer in the end, where the machine stalled for so long that the venue refused a request as an old one:
        then hoox tries again by its schedule, and says 202 for now."""
        if answer["status"] != 202:
            return answer
        signal = json.loads(answer["text"]).get("signalId", "")
        sql = ("SELECT tries, message, reply_status AS status, reply_body AS text, finished_ms FROM signals "
               f"WHERE id = '{signal}'")
        [row] = self.host.query(sql)
        if row["tries"] == 0 or (row["finished_ms"] is None and OUTDATED not in row["message"]):
            return answer
        eventually(self.host, 30, lambda: "" if self.host.query(sql)[0]["finished_ms"] else "not final")
        [row] = self.host.query(sql)
        print(f"     {self.name}: held up, answered 202 and then {row['status']}", flush=True)
        return {**answer, "status": row["status"], "text": row["text"]}

    def check_answer(self, expect, answer):
        wanted = expect.get("status")
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if wanted is not None and answer["status"] not in allowed:
            raise Failed(f"status {answer['status']}, expected {wanted}: {answer['text'][:400]}")
        if "body" in expect:
            try:
                body = json.loads(answer["text"])
            except ValueError:
                raise Failed(f"not JSON: {answer['text'][:400]}") from None
            problem = differs(expect["body"], body)
            if problem:
                raise Failed(problem)
        for name, value in expect.get("headers", {}).items():
            problem = differs(value, answer["headers"].get(name), f"header {name}") if value is not None else (
                f"header {name} is there" if name in answer["headers"] else "")
            if problem:
                raise Failed(problem)
        if "same_body_as" in expect and answer["text"] != self.answers[expect["same_body_as"]]["text"]:
            raise Failed(f"{answer['text'][:400]}\nis not\n{self.answers[expect['same_body_as']]['text'][:400]}")
        if answer["ms"] > expect.get("within_ms", 60_000) * self.host.slack:
            raise Failed(f"answered after {answer['ms']:.0f} ms")

    def do_faults(self, faults, _step):
        for fault in faults:
            self.host.lab_request("POST", "/lab/faults", fault)

    def do_lab(self, request, step):
        def check():
            answer = self.host.lab_request(request.get("method", "POST"), request["path"], request.get("json"))
            return differs(step.get("expect", {}), answer or {}, "answer")

        eventually(self.host, step.get("within_s", 0), check)

    def do_orders(self, expect, _step):
        def check():
            orders = books.lab_orders(self.host)
            if "count" in expect and len(orders) != expect["count"]:
                return f"{len(orders)} orders at the venue, expected {expect['count']}: {orders}"
            if "requests" in expect:
                problem = self.requests_differ(expect["requests"])
                if problem:
                    return problem
            problems = [differs(expect.get("each", {}), order, "order") for order in orders]
            return next((problem for problem in problems if problem), "")

        eventually(self.host, expect.get("within_s", 0), check)

    def requests_differ(self, expected):
        """Where time passes by itself, a request may reach the venue too late, be refused and be sent again at once."""
        requests = books.lab_order_requests(self.host)
        if requests == expected:
            return ""
        if self.host.slack > 1 and expected < requests <= expected + books.further_attempts(self.host):
            return ""
        return f"{requests} order requests at the venue, expected {expected}"

    def do_books(self, _expect, step):
        eventually(self.host, step.get("within_s", 0), lambda: books.difference(self.host))

    def do_ledger(self, expect, _step):
        eventually(self.host, expect.get("within_s", 0),
                   lambda: differs(expect["rows"], self.host.query(expect["sql"]), "rows"))

    def signal_id(self, match):
        return self.host.query(f"SELECT id FROM signals ORDER BY seq LIMIT 1 OFFSET {int(match.group(1))}")[0]["id"]

    def do_cli(self, arguments, step):
        arguments = [re.sub(r"\$\{SIGNAL:(\d+)\}", self.signal_id, word) for word in arguments]
        code, out, err = self.host.cli(*arguments, stdin=step.get("stdin"))
        if code not in step.get("exit", [0]):
            raise Failed(f"exit {code}: {out}{err}")
        for name, text in (("stdout", out), ("stderr", err)):
            if name in step and not re.search(step[name], text):
                raise Failed(f"{name} is {text!r}, expected /{step[name]}/")
        if "json" in step:
            problem = differs(step["json"], json.loads(out), "json")
            if problem:
                raise Failed(problem)

    def do_config(self, values, _step):
        for name, value in values.items():
            code, out, err = self.host.cli("config", "kv", "set", name, value)
            if code != 0:
                raise Failed(f"config kv set {name}: exit {code}: {out}{err}")
        self.host.sleep(1)  # What the command line changes, the gateway sees within a second.

    def do_wait_s(self, seconds, _step):
        self.host.sleep(seconds)

    def do_restart(self, how, _step):
        if how == "kill":
            self.host.kill()
        elif self.host.stop() != 0:
            raise Failed("did not end cleanly")
        self.host.start()

    def do_stop(self, how, _step):
        if how == "kill":
            self.host.kill()
        elif self.host.stop() != 0:
            raise Failed("did not end cleanly")

    def do_start(self, _value, _step):
        self.host.start()

    def do_load(self, name, step):
        problem = getattr(load, f"drive_{name}")(self.host, step)
        if problem:
            raise Failed(problem)


def run_case(path):
    name = os.path.basename(path)[:-len(".json")]
    started = time.time()
    try:
        Case(name, read(path)).run()
    except Failed as problem:
        return name, time.time() - started, str(problem)
    except Exception:  # pylint: disable=broad-except   A case that can't be run has failed.
        return name, time.time() - started, traceback.format_exc()
    return name, time.time() - started, ""


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    wanted = [name for name in sys.argv[1:] if name != "--light"]
    unknown = [name for name in wanted if not os.path.exists(f"{CASES}/{name}.json")]
    if unknown:
        print(f"no such case: {' '.join(unknown)}; they are the files of {CASES}", file=sys.stderr)
        sys.exit(2)
    paths = [f"{CASES}/{name}.json" for name in wanted] or glob.glob(f"{CASES}/*.json")
    paths = [path for path in paths if HOST in read(path).get("hosts", [HOST]) and venues.is_meant(read(path))]
    if "--light" in sys.argv:
        paths = [path for path in paths if read(path).get("weight", 1) <= LIGHT]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        paths.sort(key=lambda path: (-read(path).get("weight", 1), path))
        runs = [pool.submit(run_case, path) for path in paths]
        for run in concurrent.futures.as_completed(runs):
            name, seconds, problem = run.result()
            print(f"{'FAIL' if problem else 'ok':4} {name:40} {seconds:6.1f} s", flush=True)
            if problem:
                failed += 1
                print("     " + problem.rstrip().replace("\n", "\n     "), flush=True)
    print(f"{len(paths) - failed} passed, {failed} failed")
    if not paths:
        print(f"none of these cases is for the host {HOST} and the venue {venues.NAME}", file=sys.stderr)
    sys.exit(1 if failed or not paths else 0)


if __name__ == "__main__":
    main()
