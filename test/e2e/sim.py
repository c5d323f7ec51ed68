"""The simulated host for end-to-end cases: `build/hoox-sim --serve` (sim/serve.h), the real command line beside it.

Time is virtual: it passes while somebody waits for an answer, sleeps, or lets the command line ask, and costs nothing.
The same case gives the same run; the oracles of the simulator (docs/SIM.md) watch it.
"""
import json
import math
import os
import subprocess
import tempfile

import native
import venues

BINARY = os.environ.get("HOOX_SIM_BINARY", "build/hoox-sim")
NOWHERE = "http://nowhere.sim"
VENUE = "http://venue.sim"  # Where the world has its laboratory.
START_S = 0.03  # From the start of a process until somebody is there.
LOOK_S = 0.0    # From what a query saw until whoever asked knows it: the worst is at once.
SECRET_ENDINGS = ("_SECRET", "_TOKEN", "_PASSWORD", "_PASSPHRASE", "_KEY")  # host/native/secrets.h


def is_secret(name):
    return name.endswith(SECRET_ENDINGS) and not name.endswith("_API_KEY")


def wire(method, path, body, headers):
    """A request as it is on the wire, one code point per byte."""
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway.sim"] + [f"{name}: {value}" for name, value in headers.items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode("latin-1")


class Caller:
    """One generator of native.Callers in virtual time."""

    def __init__(self, host, generator, timeout_s):
        self.host, self.generator, self.timeout_ms = host, generator, timeout_s * 1000
        self.number = None  # Of the request it waits for; None: it pauses.
        self.due_ms = math.inf
        self.done = False
        self.go_on(None)

    def go_on(self, told):
        self.host.expected.pop(self.number, None)
        self.number = None
        try:
            what, value = self.generator.send(told)
        except StopIteration:
            self.done, self.due_ms = True, math.inf
            return
        if what == "pause":
            self.due_ms = self.host.now_ms + math.ceil(value * 1000)
            return
        self.due_ms = self.host.now_ms + self.timeout_ms
        [self.number] = self.host.send(wire("POST", "/webhook", value.encode(), {"Content-Type": "application/json"}))
        self.host.expected[self.number] = self


class Callers:
    def __init__(self, host, generators, timeout_s):
        self.host, self.timeout_s, self.stopping = host, timeout_s, False
        self.callers = []
        host.callers = self
        for generator in generators:
            self.callers.append(Caller(host, generator, timeout_s))

    def due_ms(self):
        return min((caller.due_ms for caller in self.callers), default=math.inf)

    def wake(self):
        for caller in self.callers:
            if caller.due_ms <= self.host.now_ms:
                caller.go_on(self.stopping if caller.number is None else 0)

    def stop(self):
        self.stopping = True
        for caller in self.callers:
            if caller.number is None and not caller.done:
                caller.go_on(True)
        self.host.wait(self.timeout_s + 5, lambda: all(caller.done for caller in self.callers))
        self.host.callers = None


class Host(native.Host):
    transit_ms = 6  # The oracles look at the moment an order leaves (I6); this one sees it arrive.
    slack = 1

    def __init__(self, settings, seed=1):  # pylint: disable=super-init-not-called   Nothing listens on a port here.
        self.folder = tempfile.TemporaryDirectory(prefix="hoox-e2e-")
        self.data = self.folder.name
        self.starts = 0
        self.given, self.seed = settings, seed
        # The command line's: it finds the ledger and the control socket in the folder.
        self.settings = {"PATH": os.environ["PATH"], "HOME": self.data, "HOOX_DATA": self.data}
        self.now_ms = 0
        self.expected = {}  # Number of a request: the caller that waits for it.
        self.answers = {}   # The same: what came of it, when nobody of those does.
        self.callers = None
        with open(f"{self.data}/world.log", "ab") as log:
            self.world = subprocess.Popen([BINARY, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=log)

    def _do(self, command, **members):
        self.world.stdin.write(json.dumps({"do": command, **members}).encode() + b"\n")
        self.world.stdin.flush()
        line = self.world.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator ended with {self.world.wait()}\n{self.logs()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']}")
        self.now_ms = answer["now"]
        return answer

    def start(self, wait=True):
        self.starts += 1
        if self.starts > 1:
            self.sleep(START_S)
            self._do("start")
            return
        settings = {**venues.url_settings([VENUE if name == venues.VENUE else NOWHERE for name in venues.VENUES]),
                    **venues.chosen_settings(), **self.given}
        self._do("open", data=self.data, seed=self.seed, webhook_key=native.KEY, venue=venues.NAME,
                 settings={name: value for name, value in settings.items() if not is_secret(name)},
                 secrets={name: value for name, value in settings.items() if is_secret(name)})

    def kill(self):
        self._do("kill")

    def stop(self, seconds=30):
        self._do("stop")
        return 0

    def close(self):
        """The exit code: 1 when a promise was violated."""
        if self.world.poll() is None:
            try:
                self._do("quit")
            except (RuntimeError, OSError):
                pass
            self.world.stdin.close()
        return self.world.wait()

    def logs(self, lines=30):
        text = ""
        for name in ("world", "serve", "story"):
            path = f"{self.data}/{name}.log"
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += f"--- {name}\n" + "".join(file.readlines()[-lines:])
        return text

    def log_text(self):
        """What the core logged. The story tells of alerts as they came, keys included."""
        with open(f"{self.data}/serve.log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def cli(self, *arguments, stdin=None):
        done = super().cli(*arguments, stdin=stdin)
        if self.world.poll() is None and self.starts > 0:
            self._take(self._do("run", ms=0))  # Time passed while it was answered.
        return done

    def query(self, sql):
        rows = self._do("query", sql=sql)["rows"]
        self.sleep(LOOK_S)
        return rows

    def now(self):
        return self.now_ms / 1000

    def sleep(self, seconds):
        self.wait(seconds, lambda: False)

    def wait(self, seconds, is_over):
        """Time passes until is_over(), for so long at most; callers live on meanwhile."""
        end_ms = self.now_ms + math.ceil(seconds * 1000)
        while not is_over():
            callers_ms = self.callers.due_ms() if self.callers is not None else math.inf
            if self.now_ms >= end_ms and callers_ms > self.now_ms:
                return
            self._take(self._do("run", ms=max(0, min(end_ms, callers_ms) - self.now_ms), for_answer=True))
            if self.callers is not None:
                self.callers.wake()

    def _take(self, answer):
        for one in answer["answers"]:
            caller = self.expected.pop(one["id"], None)
            if caller is None:
                self.answers[one["id"]] = one
            else:
                caller.go_on(one["status"])

    def send(self, *requests):
        """Requests as they are on the wire; their numbers."""
        return self._do("send", requests=requests)["ids"]

    def _ask(self, times, method, path, body, headers, timeout=60):
        numbers = self.send(*[wire(method, path, body, headers or {})] * times)
        self.wait(timeout, lambda: all(number in self.answers for number in numbers))
        answers = [self.answers.pop(number, None) for number in numbers]
        if None in answers:
            raise TimeoutError(f"no answer in {timeout} s")
        if any(answer["status"] == 0 for answer in answers):
            raise ConnectionError("nobody there, or the connection broke")
        return [(answer["status"], answer["headers"], answer["body"].encode(), answer["ms"]) for answer in answers]

    def request(self, method, path, body=b"", headers=None, timeout=60):
        [answer] = self._ask(1, method, path, body, headers, timeout)
        return answer[:3]

    def request_times(self, times, *request):
        return self._ask(times, *request)

    def start_callers(self, callers, timeout_s):
        return Callers(self, callers, timeout_s)

    def lab_request(self, method, path, value=None, with_headers=False):
        body = b"" if value is None else json.dumps(value).encode()
        answer = self._do("lab", request=wire(method, path, body, {"Content-Type": "application/json"}))
        if answer["status"] != 200:
            raise RuntimeError(f"{method} {path}: {answer['status']} {answer['body']}")
        rows = json.loads(answer["body"])
        return (rows, answer["headers"]) if with_headers else rows
