"""The native host for end-to-end cases: build/hoox as a user starts it, with the laboratory in a process of its own.

Another host offers the same methods; the cases do not know which one they run on. Time is a host's own: whoever waits
or measures asks it.
"""
import concurrent.futures
import glob
import http.client
import json
import os
import random
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time

import venues

BINARY = os.environ.get("HOOX_BINARY", "build/hoox")
KEY = "hxk_end-to-end-cases-use-this-key-and-no-other00"


PORTS = range(20_000, 32_000)  # Below those that the kernel gives to whoever asks for any.
START_WITHIN_S = 120  # Only what is broken takes so long.
END_WITHIN_S = 120
reserved = {}  # Port: what keeps it.


def reserve(port):
    """Keeps a port for this process, until it ends, from all others that ask here: also while nobody listens on it.
    Returns what does so, or None when another has it."""
    keeper = socket.socket(socket.AF_UNIX)
    try:
        keeper.bind(f"\0hoox-test-port-{port}")  # A name without a file, gone with the process.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
    except OSError:
        keeper.close()
        return None
    return keeper


def free_port():
    """A port that nobody listens on and that no test on this machine was given and may still use."""
    while True:
        port = random.choice(PORTS)
        keeper = reserve(port)
        if keeper is not None:
            reserved[port] = keeper
            return port


def http_request(port, method, path, body=b"", headers=None, timeout=60):
    """One request on a connection of its own. Returns status, headers (names in lower case) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class Callers:
    """Callers, each a thread with a connection of its own. A caller is a generator: it yields ("pause", seconds) and is
    told whether it is to stop, or ("send", body) and is told the status, 0 when the connection broke."""

    def __init__(self, port, callers, timeout_s):
        self.port, self.timeout_s = port, timeout_s
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(caller,), daemon=True) for caller in callers]
        for thread in self.threads:
            thread.start()

    def _run(self, caller):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout_s)
        told = None
        try:
            while True:
                what, value = caller.send(told)
                told = self.stopping.wait(value) if what == "pause" else self._send(connection, value)
        except StopIteration:
            connection.close()

    @staticmethod
    def _send(connection, body):
        try:
            connection.request("POST", "/webhook", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(self.timeout_s + END_WITHIN_S)
            if thread.is_alive():
                raise RuntimeError("a caller does not end")


class Host:
    """A gateway and a laboratory with a data folder of their own; nothing is shared between two of them."""
    transit_ms = None  # What left before arrives so much later at most; None: when the machine gets round to it.
    slack = 5  # Time passes here by itself: what is to come within a second, comes within so many on a slow day.
    # A busy machine is no slow venue: answers are waited for, unless a case is about not waiting.
    patience = {"HOOX_REPLY_BUDGET_MS": "45000", "HOOX_VENUE_TIMEOUT_MS": "20000"}

    def __init__(self, settings, seed=1):
        self.folder = tempfile.TemporaryDirectory(prefix="hoox-e2e-")
        self.data = self.folder.name
        self.lab_ports = [free_port() for _venue in venues.VENUES]
        self.lab_port, self.port = self.lab_ports[venues.NUMBER], free_port()
        self.lab = self.gateway = None
        self.starts = 0
        self.settings = {
            "PATH": os.environ["PATH"],
            "HOME": self.data,
            "HOOX_DATA": self.data,
            "HOOX_LISTEN": f"127.0.0.1:{self.port}",
            **venues.url_settings([f"http://127.0.0.1:{port}" for port in self.lab_ports]),
            **venues.stream_settings([f"http://127.0.0.1:{port}" for port in self.lab_ports]),
            **venues.chosen_settings(),
            "HOOX_WEBHOOK_KEY": KEY,
            **self.patience,
            **settings,
        }
        self.start_lab(seed)

    def _spawn(self, name, *arguments):
        # Sanitizer reports and JSON logs are kept beside the data until the case has passed.
        log = open(f"{self.data}/{name}.log", "ab")
        with log:
            return subprocess.Popen([BINARY, *arguments], env=self.settings, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log)

    def _wait_for(self, port, path, process):
        end = time.time() + START_WITHIN_S
        while time.time() < end:
            if process.poll() is not None:
                raise RuntimeError(f"exited with {process.returncode} before it answered\n{self.logs()}")
            try:
                if http_request(port, "GET", path, timeout=5)[0] < 500:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)
        raise RuntimeError(f"no answer on {path} in {START_WITHIN_S} s\n{self.logs()}")

    def start_lab(self, seed):
        addresses = ",".join(f"127.0.0.1:{port}" for port in self.lab_ports)
        self.lab = self._spawn("lab", "lab", "--listen", addresses, "--seed", str(seed))
        for port in self.lab_ports:
            self._wait_for(port, "/lab/state", self.lab)

    def start(self, wait=True):
        self.starts += 1
        self.gateway = self._spawn("serve", "serve", "--listen", f"127.0.0.1:{self.port}", "--data", self.data)
        if wait:
            self._wait_for(self.port, "/health", self.gateway)

    def restart_limited(self, size):
        """On an empty ledger, with files of so many bytes at most: to whoever writes, that is a disk without room."""
        self.stop()
        for path in glob.glob(f"{self.data}/hoox.db*"):
            os.unlink(path)
        with open(f"{self.data}/serve.log", "ab") as log:
            self.gateway = subprocess.Popen(["prlimit", f"--fsize={size}:unlimited", BINARY, "serve", "--listen",
                                             f"127.0.0.1:{self.port}", "--data", self.data], env=self.settings,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self._wait_for(self.port, "/health", self.gateway)

    def lift_limit(self):
        resource.prlimit(self.gateway.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def kill(self):
        self.gateway.send_signal(signal.SIGKILL)
        self.gateway.wait()
        self.gateway = None

    def stop(self, seconds=END_WITHIN_S):
        """Asks politely. Returns the exit code; a process that does not end in time is killed and counts as -9."""
        if self.gateway is None:
            return 0
        self.gateway.send_signal(signal.SIGTERM)
        try:
            code = self.gateway.wait(seconds)
        except subprocess.TimeoutExpired:
            self.gateway.kill()
            code = self.gateway.wait()
        self.gateway = None
        return code

    def close(self):
        code = self.stop()
        if self.lab is not None:
            self.lab.terminate()
            self.lab.wait()
        return code

    def release(self):
        self.folder.cleanup()

    def logs(self, lines=30):
        text = ""
        for name in ("serve", "lab"):
            path = f"{self.data}/{name}.log"
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += f"--- {name}\n" + "".join(file.readlines()[-lines:])
        return text

    def log_text(self):
        return self.logs(1_000_000)

    def story(self):
        """What the ledger says of every signal, for the reader of a case that failed."""
        code, out, err = self.cli("db", "query", "SELECT s.idempotency_key, s.action, s.status, s.reason, s.message, "
                                  "s.tries, o.status AS order_status, o.attempt, o.message AS order_message "
                                  "FROM signals s LEFT JOIN orders o ON o.signal_id = s.id ORDER BY s.seq DESC LIMIT 9",
                                  "--json")
        return f"--- ledger\n{out if code == 0 else err}"

    def cli(self, *arguments, stdin=None):
        done = subprocess.run([BINARY, *arguments], env=self.settings, input=stdin, capture_output=True, text=True,
                              timeout=300, check=False)
        return done.returncode, done.stdout, done.stderr

    def query(self, sql):
        code, out, err = self.cli("db", "query", sql, "--json")
        if code != 0:
            raise RuntimeError(f"db query: exit {code}: {err}")
        return json.loads(out)

    def now(self):
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds):
        time.sleep(seconds)

    def request(self, method, path, body=b"", headers=None, timeout=60):
        return http_request(self.port, method, path, body, headers, timeout)

    def request_times(self, times, *request):
        """The same request so many times at once: a list of (status, headers, body, milliseconds)."""
        def once(_number):
            started = time.time()
            answer = self.request(*request)
            return *answer, (time.time() - started) * 1000

        with concurrent.futures.ThreadPoolExecutor(times) as pool:
            return list(pool.map(once, range(times)))

    def start_callers(self, callers, timeout_s):
        """Generators (see Callers) that go on until stop() is called on what this returns."""
        return Callers(self.port, callers, timeout_s)

    def lab_request(self, method, path, value=None, with_headers=False):
        body = b"" if value is None else json.dumps(value).encode()
        status, headers, answer = http_request(self.lab_port, method, path, body, {"Content-Type": "application/json"})
        if status != 200:
            raise RuntimeError(f"{method} {path}: {status} {answer.decode(errors='replace')}")
        return (json.loads(answer), headers) if with_headers else json.loads(answer)
