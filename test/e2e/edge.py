"""The edge host for end-to-end cases: the built Worker on workerd, the same laboratory and the same command line.

test/edge/serve.mjs makes a data folder look as `hoox serve` would: a control socket and a ledger to read.
"""
import http.client
import os
import signal
import socket
import subprocess
import time

import native
from native import KEY  # pylint: disable=unused-import


class SocketConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Host(native.Host):
    def start(self, wait=True):
        self.starts += 1
        if os.path.exists(f"{self.data}/hoox.sock"):
            os.unlink(f"{self.data}/hoox.sock")  # Of one that was killed.
        with open(f"{self.data}/serve.log", "ab") as log:
            # workerd is a child of node: a group of their own, so that both can be killed.
            self.gateway = subprocess.Popen(["node", "test/edge/serve.mjs"], env=self.settings, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        if wait:
            self._wait_for(self.port, "/health", self.gateway)
            self._wait_for_socket()

    def _wait_for_socket(self):
        """Until it takes a connection: the file is there a moment before."""
        end = time.time() + native.START_WITHIN_S
        while True:
            connection = SocketConnection(f"{self.data}/hoox.sock")
            try:
                connection.connect()
                return
            except OSError:
                if self.gateway.poll() is not None:
                    raise RuntimeError(f"exited with {self.gateway.returncode}\n{self.logs()}") from None
                if time.time() > end:
                    raise RuntimeError(f"no control socket in {native.START_WITHIN_S} s\n{self.logs()}") from None
            finally:
                connection.close()
            time.sleep(0.02)

    def stop(self, seconds=native.END_WITHIN_S):
        if self.gateway is None:
            return 0
        self.gateway.send_signal(signal.SIGTERM)
        try:
            code = self.gateway.wait(seconds)
            self.gateway = None
        except subprocess.TimeoutExpired:
            code = -9
            self.kill()
        return code

    def kill(self):
        os.killpg(self.gateway.pid, signal.SIGKILL)
        self.gateway.wait()
        self.gateway = None

    def cli(self, *arguments, stdin=None):
        if arguments[0] == "db":
            self._flush()
        return super().cli(*arguments, stdin=stdin)

    def _flush(self):
        """D1 follows the lanes within moments: whoever is about to read it waits for that."""
        if self.gateway is None:
            return
        connection = SocketConnection(f"{self.data}/hoox.sock")
        connection.request("POST", "/edge/flush", b"")
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"flush: {answer.status} {answer.read().decode(errors='replace')}")
        connection.close()
