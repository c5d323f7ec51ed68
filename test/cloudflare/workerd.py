#!/usr/bin/env python3
"""The command line's --remote against the Worker itself on workerd, and against its D1 through the stand-in of the API.

Usage: test/cloudflare/workerd.py      (after `make build edge-tests`; HOOX=path of the program)
The last line reads `N passed, N failed`.
"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
import run  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


@contextlib.contextmanager
def started(folder):
    world = run.World(folder)
    worker = subprocess.Popen(["node", f"{HERE}/worker.mjs"], env=world.environment, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    try:
        line = worker.stdout.readline()
        assert line.startswith("{"), "the Worker did not start"
        ready = json.loads(line)
        world.environment["HOOX_WORKER_URL"] = world.url = ready["url"]
        world.worker = worker
        world.account.open_d1("hoox-ledger", ready["ledger"])
        yield world
    finally:
        worker.stdin.close()
        worker.wait(run.PATIENCE_S)
        world.server.shutdown()
        world.server.server_close()


def alert(world, symbol, key):
    signal = {"apiKey": run.SECRETS["HOOX_WEBHOOK_KEY"], "exchange": "binance", "action": "LONG", "symbol": symbol,
              "quantity": "0.1", "idempotencyKey": key}
    request = urllib.request.Request(f"{world.url}webhook", json.dumps(signal).encode())
    try:
        with urllib.request.urlopen(request, timeout=run.PATIENCE_S) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def wait_for(world, sql, rows):
    end = time.time() + run.PATIENCE_S
    while True:
        seen = world.json("db", "query", sql, "--remote")
        if seen == rows:
            return
        assert time.time() < end, f"{sql}: {seen}, expected {rows}"
        time.sleep(0.2)


def test_a_fill_is_seen_in_the_deployed_ledger(world):
    status, answer = alert(world, "BTCUSDT", "one")
    assert status == 200 and answer["status"] == "filled", answer
    wait_for(world, "SELECT symbol, status FROM signals", [{"symbol": "BTCUSDT", "status": "filled"}])
    wait_for(world, "SELECT count(*) AS n FROM fills WHERE symbol = 'BTCUSDT'", [{"n": 1}])
    assert world.json("monitor", "queue-depth", "--remote")[0]["signals_open"] == 0
    assert [row["symbol"] for row in world.json("positions", "--remote")] == ["BTCUSDT"]
    shown = world.json("queue", "show", answer["signalId"], "--remote")
    assert len(shown["fills"]) == 1 and shown["body"]["symbol"] == "BTCUSDT"


def test_settings(world):
    key = "trade:default_leverage"
    assert world.json("config", "kv", "get", key, "--remote")["isDefault"] is True
    world.run("config", "kv", "set", key, "3", "--remote")
    assert world.json("config", "kv", "get", key, "--remote") == {"key": key, "value": "3", "isDefault": False}
    world.run("config", "kv", "set", key, "1000", "--remote", code=2)
    world.run("config", "kv", "delete", key, "--remote")
    assert world.json("config", "kv", "get", key, "--remote")["isDefault"] is True
    world.run("config", "kv", "get", key, "--remote", code=1, HOOX_OPERATOR_TOKEN="guess")


def test_kill_switch_and_manifest(world):
    world.run("monitor", "kill-switch", "on", "--remote")
    status, answer = alert(world, "BTCUSDT", "refused")
    assert (status, answer["error"]["code"]) == (403, "KILL_SWITCH"), answer
    for words in ([], ["--force"], ["--dry-run"]):
        world.run("config", "kv", "apply-manifest", "--remote", *words)
        assert world.json("monitor", "kill-switch", "show", "--remote")["value"] == "reduce"
    world.run("monitor", "kill-switch", "off", "--remote")
    assert alert(world, "BTCUSDT", "sent")[0] == 200


def test_queue(world):
    absent = "01a2079d-44ec-7a21-80af-5d7494571040"
    world.run("queue", "retry", absent, "--remote", code=1)
    world.run("queue", "drop", absent, "--remote", code=1)
    status, answer = alert(world, "ETHUSDT", "done")
    assert status == 200
    wait_for(world, "SELECT status FROM signals WHERE symbol = 'ETHUSDT'", [{"status": "filled"}])
    world.run("queue", "retry", answer["signalId"], "--remote", code=1)


def exported_and_asked_again(world):
    """What the Worker wrote into D1 comes back; and D1's own engine answers each statement as the stand-in did."""
    world.account.statements.clear()
    run.same_ledger(world, False)
    assert len(world.account.statements) > 10
    for sql, answer in world.account.statements:
        world.worker.stdin.write(json.dumps(sql) + "\n")
        world.worker.stdin.flush()
        said = json.loads(world.worker.stdout.readline())
        while "level" in said:  # The Worker tells its owner of what was not filled, whenever it gets to it.
            said = json.loads(world.worker.stdout.readline())
        assert said == {"results": answer["results"]}, (sql, said)


def test_export(world):
    status, _ = alert(world, "SOLUSDT", "exported; it's 'quoted'")
    assert status == 200
    wait_for(world, "SELECT count(*) AS n FROM fills WHERE symbol = 'SOLUSDT'", [{"n": 1}])
    # The Worker goes on, with its notices for one: what it wrote meanwhile is in one copy and not in the other.
    for _ in range(20):
        before = run.contents(world.ledger())
        try:
            exported_and_asked_again(world)
            return
        except AssertionError:
            if run.contents(world.ledger()) == before:
                raise
    raise AssertionError("the ledger does not come to rest")


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="hoox-workerd-") as folder, started(folder) as world:
        for name, fn in [(name[5:], fn) for name, fn in globals().items() if name.startswith("test_")]:
            try:
                fn(world)
                passed += 1
                print(f"ok   {name}", flush=True)
            except Exception:  # Whatever went wrong belongs to the case.
                failed += 1
                print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
        assert not world.account.writes, world.account.writes
        assert not world.account.findings, world.account.findings
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
