"""The gateway as a stranger starts it: the settings of its documents, its program, its command line."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "test/e2e"))
import native  # Of its host only the ports, so that nobody else has them.

HOOX = os.environ.get("HOOX", os.path.join(ROOT, "build/hoox"))
EDGE = os.environ.get("STRANGER_HOST") == "edge"
HOOK = "stranger-webhook-key-0001"


class Gateway:
    def __init__(self, **settings):
        self.port = native.free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        self.data = tempfile.mkdtemp(prefix="stranger-")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.data, "HOOX_LISTEN": "127.0.0.1:%d" % self.port,
                    "HOOX_DATA": self.data, "HOOX_WEBHOOK_KEY": HOOK, **settings}
        self.log_path = self.data + "/log"
        self.process = None

    def start(self):
        words = ["node", os.path.join(ROOT, "test/edge/serve.mjs")] if EDGE else [HOOX, "serve"]
        if EDGE and os.path.exists(self.data + "/hoox.sock"):
            os.unlink(self.data + "/hoox.sock")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(words, env=self.env, stdout=log, stderr=log, start_new_session=True)
        until = time.time() + 120
        while time.time() < until:
            try:
                urllib.request.urlopen(self.url + "/health", timeout=2).read()
                if EDGE:
                    self.flush()  # Its socket comes last.
                return self
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit("the gateway ended: " + self.log()) from None
                time.sleep(0.005)
        raise SystemExit("the gateway does not answer: " + self.log())

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        shutil.rmtree(self.data, ignore_errors=True)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=120) as r:
                return r.status, json.loads(r.read())
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read())

    def alert(self, action, quantity=None, symbol="BTCUSDT", exchange="binance", timeout=90, headers=None, **more):
        body = {"apiKey": HOOK, "exchange": exchange, "action": action, "symbol": symbol, **more}
        if quantity is not None:
            body["quantity"] = quantity
        request = urllib.request.Request(self.url + "/webhook", json.dumps(body).encode(), headers or {})
        at = time.time()
        try:
            with urllib.request.urlopen(request, timeout=timeout) as r:
                status, text, head = r.status, r.read(), r.headers
        except urllib.error.HTTPError as e:
            status, text, head = e.code, e.read(), e.headers
        return Answer(status, text, head, time.time() - at)

    def many(self, count, *args, **more):
        out = [None] * count

        def one(i):
            try:
                out[i] = self.alert(*args, **{k: v(i) if callable(v) else v for k, v in more.items()})
            except OSError as e:
                out[i] = e
        threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return out

    def run(self, *words, stdin=None):
        return subprocess.run([HOOX, *words], env=self.env, capture_output=True, text=True, input=stdin, timeout=300)

    def query(self, sql):
        if EDGE:
            self.flush()
        done = self.run("db", "query", sql, "--json")
        if done.returncode:
            raise SystemExit("db query failed: " + done.stdout + done.stderr)
        return json.loads(done.stdout)

    def flush(self):
        """On the edge the ledger follows within moments; whoever compares it waits for that."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.data + "/hoox.sock")
            s.sendall(b"POST /edge/flush HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            while s.recv(4096):
                pass

    def log(self):
        with open(self.log_path, encoding="utf-8") as f:
            return f.read()


class Answer:
    def __init__(self, status, text, headers, seconds):
        self.status, self.text, self.headers, self.seconds = status, text, headers, seconds
        self.body = json.loads(text)

    @property
    def replayed(self):
        return self.headers.get("Idempotent-Replayed") == "true"

    @property
    def result(self):
        return self.body.get("result") or {}

    @property
    def code(self):
        return self.body.get("error", {}).get("code")

    def __repr__(self):
        return "%d in %.3f s: %s" % (self.status, self.seconds, self.text.decode())
