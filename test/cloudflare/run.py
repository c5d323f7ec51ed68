#!/usr/bin/env python3
"""The command line against a stand-in for Cloudflare's REST API: deploying, infrastructure, and --remote.

Usage: test/cloudflare/run.py [CASE ...]      (HOOX=path of the program, HOOX_EDGE=folder of the built Worker)
Every case has an account and a data directory of its own. The last line reads `N passed, N failed`.
"""
import glob
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
import api  # noqa: E402

PATIENCE_S = 300  # Only what is broken takes so long.
HOOX = os.path.abspath(os.environ.get("HOOX", "build/hoox"))
EDGE = os.path.abspath(os.environ.get("HOOX_EDGE", "build/edge"))
MIGRATIONS = sorted(os.path.basename(path) for path in glob.glob("schema/*.sql"))
SECRETS = {"BINANCE_API_KEY": "binance-key-of-the-tests", "BINANCE_API_SECRET": "binance-secret-of-the-tests",
           "HOOX_WEBHOOK_KEY": "hxk_webhook-key-of-the-tests", "HOOX_OPERATOR_TOKEN": api.OPERATOR}


class World:
    def __init__(self, folder):
        self.account = api.Account()
        self.server = api.serve(self.account)
        self.data = folder
        port = self.server.server_address[1]
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        self.environment = {
            **keep, **SECRETS, "HOOX_DATA": folder, "CLOUDFLARE_API_TOKEN": api.TOKEN,
            "CLOUDFLARE_ACCOUNT_ID": api.ACCOUNT, "CLOUDFLARE_API_BASE_URL": f"http://127.0.0.1:{port}/client/v4",
            "HOOX_WORKER_URL": f"http://127.0.0.1:{port}/worker"}

    def run(self, *words, code=0, **environment):
        done = subprocess.run([HOOX, *words], env={**self.environment, **environment}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == code, f"{words}: exit code {done.returncode}, expected {code}\n{said}"
        for value in [*SECRETS.values(), api.TOKEN]:
            assert value not in said, f"{words}: a secret was printed"
        self.said = said
        return done.stdout

    def json(self, *words, code=0, **environment):
        return json.loads(self.run(*words, "--json", code=code, **environment))

    def deploy(self, *words, **more):
        return self.json("deploy", "--from", EDGE, *words, **more)

    def ledger(self, name="hoox-ledger"):
        return next(database for entry, database in self.account.d1.values() if entry["name"] == name)


def actions(answer):
    return {(step["what"], step["name"]): step["action"] for step in answer["steps"]}


def test_first_deploy(world):
    answer = world.deploy()
    account = world.account
    assert answer["url"] == "https://hoox.owner.workers.dev"
    assert [entry["name"] for entry, _ in account.d1.values()] == ["hoox-ledger"]
    assert [value["title"] for value in account.kv.values()] == ["hoox-config"]
    assert sorted(q["queue_name"] for q in account.queues.values()) == ["trade-execution", "trade-execution-dlq"]
    assert list(account.buckets) == ["hoox-reports"]
    assert account.indexes["hoox-index"]["config"] == {"dimensions": 768, "metric": "cosine"}
    script = account.scripts["hoox"]
    bound = {binding["name"]: binding for binding in script["metadata"]["bindings"]}
    for name, kind in [("DB", "d1"), ("CONFIG_KV", "kv_namespace"), ("LANE", "durable_object_namespace"),
                       ("TRADE_QUEUE", "queue"), ("TRADE_DLQ", "queue"), ("REPORTS_BUCKET", "r2_bucket"),
                       ("VECTORIZE_INDEX", "vectorize"), ("AI", "ai"), ("BROWSER", "browser")]:
        assert bound[name]["type"] == kind, name
    with open(f"{EDGE}/wrangler.jsonc", encoding="utf-8") as file:
        config = json.load(file)
    for member in ("compatibility_date", "compatibility_flags"):
        assert script["metadata"][member] == config[member]
    for name in ("worker.mjs", "hoox.wasm"):
        with open(f"{EDGE}/{name}", "rb") as file:
            assert script["modules"][name] == file.read()
    assert script["secrets"] == SECRETS
    assert not {"CLOUDFLARE_API_TOKEN", "HOOX_DATA", "HOOX_WORKER_URL"} & set(bound)
    assert script["crons"] == ["* * * * *"] and script["subdomain"] is True
    assert (script["tag"], script["classes"]) == ("v1", {"Lane"})
    consumed = {q["queue_name"]: q["consumers"][0] for q in account.queues.values()}
    assert consumed["trade-execution"]["dead_letter_queue"] == "trade-execution-dlq"
    assert consumed["trade-execution-dlq"]["script"] == "hoox"
    applied = [row[0] for row in world.ledger().execute("SELECT name FROM d1_migrations")]
    assert applied == MIGRATIONS
    assert world.ledger().execute("SELECT count(*) FROM signals").fetchone() == (0,)
    assert not account.findings, account.findings


def test_second_deploy_only_uploads(world):
    world.deploy()
    world.account.writes.clear()
    kept = {step for step, action in actions(world.deploy()).items() if action == "keep"}
    assert world.account.writes == [("PUT", "workers/scripts/hoox")], world.account.writes
    assert ("migration", "001_ledger.sql") in kept and ("queue consumer", "trade-execution") in kept
    assert "migrations" not in world.account.scripts["hoox"]["metadata"]
    assert not world.account.findings, world.account.findings


def test_secrets_that_are_not_here_are_kept(world):
    world.deploy()
    world.deploy(BINANCE_API_SECRET="", HOOX_LOG_LEVEL="debug")
    script = world.account.scripts["hoox"]
    assert script["secrets"] == SECRETS
    assert {"name": "HOOX_LOG_LEVEL", "type": "plain_text", "text": "debug"} in script["metadata"]["bindings"]


def test_what_is_not_set_is_told(world):
    kept = "not set here: the Worker keeps what it was given before"
    unset = {"BINANCE_API_KEY": "", "BINANCE_API_SECRET": ""}
    world.run("deploy", "--from", EDGE)
    assert kept not in world.said
    world.run("deploy", "--from", EDGE, BYBIT_API_KEY="bybit-key-of-the-tests")
    assert f"BYBIT_API_SECRET is {kept}" in world.said and "BYBIT_API_KEY is" not in world.said
    world.run("deploy", "--from", EDGE, BINANCE_TESTNET_API_SECRET="testnet-secret-of-the-tests", **unset)
    assert f"BINANCE_TESTNET_API_KEY is {kept}" in world.said
    assert "MEXC_API_KEY and MEXC_API_SECRET): the Worker keeps" in world.said
    mexc = {"MEXC_API_KEY": "mexc-key-of-the-tests", "MEXC_API_SECRET": "mexc-secret-of-the-tests"}
    world.run("deploy", "--from", EDGE, HOOX_WEBHOOK_KEY="", **mexc, **unset)
    assert f"HOOX_WEBHOOK_KEY is {kept}" in world.said and "No key of an exchange" not in world.said
    assert world.account.scripts["hoox"]["secrets"]["MEXC_API_KEY"] == "mexc-key-of-the-tests"


def test_wrong_settings_are_not_uploaded(world):
    for name, value in [("HOOX_OPERATOR_TOKEN", "x"), ("HOOX_WEBHOOK_KEY", "a b"), ("HOOX_RETRY_SCHEDULE", "30s,60s"),
                        ("HOOX_TARGET_MISMATCH", "refused"), ("HOOX_BINANCE_FUTURES_URL", "foo"),
                        ("HOOX_STARTUP_CHECKS", "never"), ("BINANCE_API_SECRET", "with a space in it")]:
        for words in ((), ("--dry-run",)):
            answer = world.json("deploy", "--from", EDGE, *words, code=2, **{name: value})
            assert answer["error"]["code"] == "BAD_SETTINGS", answer
            assert answer["error"]["message"].startswith(f"{name} must "), answer
            assert value == "x" or value not in world.said
    assert not world.account.writes and not world.account.scripts, world.account.writes
    # What stays here is not looked at, and a name that is none is told of.
    world.run("deploy", "--from", EDGE, HOOX_LISTEN="", HOOX_PAPER_SEED="foo", HOOX_TARGET_MISMACH="refuse")
    assert "HOOX_TARGET_MISMACH is no setting of hoox; did you mean HOOX_TARGET_MISMATCH?" in world.said
    assert "hoox" in world.account.scripts


def test_every_venues_address_travels(world):
    with open("test/venues.json", encoding="utf-8") as file:
        settings = {row[kind] for row in json.load(file).values() for kind in ("url", "testnet_url") if kind in row}
    urls = {name: f"https://{name.lower().replace('_', '-')}.example" for name in settings}
    world.deploy(**urls)
    bindings = world.account.scripts["hoox"]["metadata"]["bindings"]
    plain = {b["name"]: b["text"] for b in bindings if b["type"] == "plain_text"}
    assert plain == urls, plain
    assert not world.account.findings, world.account.findings


def test_settings_come_from_the_file_too(world):
    path = f"{world.data}/hoox.env"
    with open(path, "w", encoding="utf-8") as file:
        file.write("# mine\nMEXC_PASSPHRASE = 'from the file'\nBINANCE_API_SECRET=overridden\n")
    os.chmod(path, 0o600)
    world.deploy()
    assert world.account.scripts["hoox"]["secrets"] == {**SECRETS, "MEXC_PASSPHRASE": "from the file"}
    os.chmod(path, 0o644)
    world.run("deploy", "--from", EDGE, code=1)
    assert "chmod 600" in world.said


def test_what_changed_by_hand_is_put_right(world):
    world.deploy()
    queue = next(q for q in world.account.queues.values() if q["queue_name"] == "trade-execution")
    queue["consumers"][0]["settings"]["max_retries"] = 1
    consumer = queue["consumers"][0]["consumer_id"]
    world.account.scripts["hoox"]["crons"] = ["0 0 * * *"]
    world.account.scripts["hoox"]["subdomain"] = False
    world.account.writes.clear()
    world.deploy()
    assert world.account.writes == [
        ("PUT", "workers/scripts/hoox"), ("PUT", f"queues/{queue['queue_id']}/consumers/{consumer}"),
        ("PUT", "workers/scripts/hoox/schedules"), ("POST", "workers/scripts/hoox/subdomain")], world.account.writes
    assert queue["consumers"][0]["settings"]["max_retries"] == 10


def test_dry_run_writes_nothing(world):
    first = actions(world.deploy("--dry-run"))
    assert not world.account.writes and not world.account.d1 and not world.account.scripts
    assert first[("D1 database", "hoox-ledger")] == "create" and first[("secret", "BINANCE_API_SECRET")] == "upload"
    world.deploy()
    world.account.writes.clear()
    later = actions(world.deploy("--dry-run"))
    assert not world.account.writes
    assert later[("D1 database", "hoox-ledger")] == "keep" and later[("Worker", "hoox")] == "upload"


def test_interrupted_deploy_goes_on(world):
    world.account.r2_is_on = False
    world.run("deploy", "--from", EDGE, code=1)
    assert "10042" in world.said and "dashboard" in world.said
    assert "hoox" not in world.account.scripts
    world.account.r2_is_on = True
    world.deploy()
    assert len(world.account.d1) == 1 and len(world.account.kv) == 1 and "hoox" in world.account.scripts


def test_without_r2(world):
    world.account.r2_is_on = False
    world.deploy("--no-r2")
    assert "REPORTS_BUCKET" not in [b["name"] for b in world.account.scripts["hoox"]["metadata"]["bindings"]]
    assert not world.account.findings, world.account.findings
    world.run("infra", "provision", "--no-r2", code=2)


def test_half_a_migration_leaves_nothing(world):
    world.run("infra", "d1", "create", "hoox-ledger", "--remote")
    world.ledger().execute("CREATE TABLE fills (x)")
    world.run("deploy", "--from", EDGE, code=1)
    tables = {row[0] for row in world.ledger().execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert "signals" not in tables and "hoox" not in world.account.scripts
    world.ledger().execute("DROP TABLE fills")
    world.deploy()
    assert world.ledger().execute("SELECT count(*) FROM d1_migrations").fetchone() == (len(MIGRATIONS),)


def test_another_name_shares_nothing(world):
    world.deploy()
    world.deploy("--name", "paper")
    assert sorted(entry["name"] for entry, _ in world.account.d1.values()) == ["hoox-ledger", "paper-ledger"]
    queues = {q["queue_name"]: q["consumers"][0]["script"] for q in world.account.queues.values()}
    assert queues == {"trade-execution": "hoox", "trade-execution-dlq": "hoox", "paper-trade-execution": "paper",
                      "paper-trade-execution-dlq": "paper"}


def test_a_queue_of_somebody_else_is_left_alone(world):
    world.deploy()
    for queue in world.account.queues.values():
        queue["consumers"][0]["script"] = "other"
    world.account.writes.clear()
    world.run("deploy", "--from", EDGE, code=1)
    assert "other" in world.said and not world.account.writes


def test_deployed_by_a_newer_program(world):
    world.deploy()
    world.account.scripts["hoox"]["tag"] = "v9"
    world.run("deploy", "--from", EDGE, code=1)
    assert "v9" in world.said


def test_wrong_token_and_account(world):
    answer = world.deploy(code=1, CLOUDFLARE_API_TOKEN="guess")
    assert "10000" in answer["error"]["message"] and "DEPLOY.md" in answer["error"]["message"]
    answer = world.deploy(code=1, CLOUDFLARE_ACCOUNT_ID="f" * 32)
    assert "7003" in answer["error"]["message"] and "CLOUDFLARE_ACCOUNT_ID" in answer["error"]["message"]
    assert world.deploy(code=2, CLOUDFLARE_API_TOKEN="")["error"]["code"] == "NOT_CONFIGURED"
    answer = world.deploy(code=2, CLOUDFLARE_API_BASE_URL="http://api.example.org/client/v4")
    assert answer["error"]["code"] == "NOT_CONFIGURED"
    answer = world.deploy(code=3, CLOUDFLARE_API_BASE_URL="http://127.0.0.1:1/client/v4")
    assert answer["error"]["code"] == "UNREACHABLE"


def test_too_many_requests_are_waited_out(world):
    world.account.too_many = 2
    world.run("infra", "kv", "list", "--remote")
    assert world.said.count("asks to wait 1 s") == 2
    world.account.too_many = 100
    world.run("infra", "kv", "list", "--remote", code=3)
    assert "971" in world.said


def test_history_and_rollback(world):
    world.run("deploy", "history", code=1)
    assert "10007" in world.said
    world.deploy()
    world.run("deploy", "rollback", code=1)
    world.deploy()
    first, second = world.account.scripts["hoox"]["versions"]
    history = world.json("deploy", "history")
    assert [(row["version"], row["serves"]) for row in history] == [(second, True), (first, False)]
    assert world.json("deploy", "rollback")["version"] == first
    assert world.account.scripts["hoox"]["deployments"][0]["versions"] == [{"version_id": first, "percentage": 100}]
    world.run("deploy", "rollback", second)
    assert world.json("deploy", "history")[0]["version"] == second
    world.run("deploy", "rollback", second, code=1)
    world.run("deploy", "rollback", "0000", code=1)
    world.run("deploy", "rollback", "../x", code=2)


def infra(world, *remote):
    for kind in ("d1", "kv", "r2", "queues", "vectorize"):
        assert world.json("infra", kind, "list", *remote) == []
        world.run("infra", kind, "create", "mine", *remote)
        world.run("infra", kind, "create", "mine", *remote, code=1)
        rows = world.json("infra", kind, "list", *remote)
        assert [row["name"] for row in rows] == ["mine"], rows
        world.run("infra", kind, "delete", "other", *remote, code=1)
        world.run("infra", kind, "delete", "mine", *remote)
        assert world.json("infra", kind, "list", *remote) == []
    world.run("infra", "r2", "create", "no", *remote, code=2)
    world.run("infra", "r2", "create", "../../x", *remote, code=2)
    world.run("infra", "vectorize", "create", "small", "--dimensions", "2000", *remote, code=2)
    world.run("infra", "vectorize", "create", "small", "--dimensions", "384", *remote)


def test_infra_remote(world):
    infra(world, "--remote")
    assert world.account.indexes["small"]["config"] == {"dimensions": 384, "metric": "cosine"}
    for number in range(150):
        world.account.kv[f"{number:032x}"] = {"title": f"many-{number}", "values": {}}
    assert len(world.json("infra", "kv", "list", "--remote")) == 150
    world.run("infra", "kv", "delete", "many-149", "--remote")
    assert len(world.account.kv) == 149


def test_infra_here(world):
    infra(world)
    world.run("infra", "r2", "create", "mine")
    assert os.path.isdir(f"{world.data}/blobs/mine")
    with open(f"{world.data}/blobs/mine/report", "w", encoding="utf-8") as file:
        file.write("x")
    world.run("infra", "r2", "delete", "mine", code=1)
    assert os.path.exists(f"{world.data}/blobs/mine/report")
    assert {row["action"] for row in world.json("infra", "provision")} == {"create"}
    assert {row["action"] for row in world.json("infra", "provision")} == {"keep"}
    assert not world.account.requests


def test_provision_remote(world):
    world.json("infra", "provision", "--remote", "--from", EDGE)
    assert len(world.account.queues) == 2 and not world.account.scripts
    assert world.ledger().execute("SELECT count(*) FROM d1_migrations").fetchone() == (len(MIGRATIONS),)
    world.account.writes.clear()
    world.json("infra", "provision", "--remote", "--from", EDGE)
    assert not world.account.writes
    # The names `infra provision` uses here are those of the Worker's own configuration.
    here = {(row["what"], row["name"]) for row in world.json("infra", "provision")}
    there = {step for step in actions(world.deploy("--dry-run")) if step[0].split()[0] in
             ("D1", "KV", "R2", "Vectorize") or step[0] == "queue"}
    assert here == there, (here, there)


SIGNAL = ("INSERT INTO signals (seq, id, lane, source, key_name, idempotency_key, payload_digest, body, venue, market, "
          "test, symbol, action, status, received_ms, due_ms, request_id, finished_ms) VALUES (?1, ?2, 'live:BTCUSDT', "
          "'webhook', 'k', ?2, 'd', '{\"a\":1}', 'binance', 'futures', 0, 'BTCUSDT', 'LONG', ?3, 1, 1, 'r', ?4)")
ID = "01a2079d-44ec-7a21-80af-5d7494571040"


def test_db_remote(world):
    world.deploy()
    world.ledger().execute(SIGNAL, (1, ID, "filled", 2))
    assert world.json("db", "query", "SELECT seq, id, reply_body FROM signals", "--remote") == [
        {"seq": 1, "id": ID, "reply_body": None}]
    assert world.json("db", "query", "SELECT x'00ff' AS b, 1.5 AS r", "--remote") == [{"b": "00ff", "r": 1.5}]
    assert world.json("db", "query", "SELECT name FROM d1_migrations", "--remote") == [
        {"name": name} for name in MIGRATIONS]
    tables = {row["table"]: row["rows"] for row in world.json("db", "list", "--remote")}
    assert tables["signals"] == 1 and tables["fills"] == 0
    world.account.requests.clear()
    for sql in ("DELETE FROM signals", "SELECT 1; DELETE FROM signals", "PRAGMA user_version = 3", "",
                "EXPLAIN nothing", "WITH x AS (SELECT 1) UPDATE signals SET status = 'x'", "ATTACH 'x' AS y",
                "SELECT load_extension('x')"):
        world.run("db", "query", sql, "--remote", code=2)
    assert not world.account.requests
    assert world.ledger().execute("SELECT count(*) FROM signals").fetchone() == (1,)
    world.run("db", "query", "SELECT 1", "--remote", code=3, HOOX_WORKER_NAME="absent")


def contents(database):
    """Everything but what is D1's or the deployment's: the schema, and the rows with the types of their values."""
    schema = database.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT "
                              "LIKE '~_cf~_%' ESCAPE '~' AND tbl_name <> 'd1_migrations' AND sql IS NOT NULL "
                              "ORDER BY name").fetchall()
    rows = {}
    for kind, name, _ in schema:
        if kind == "table":
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{name}")')]
            typed = ", ".join(f'typeof("{column}"), hex("{column}"), "{column}"' for column in columns)
            rows[name] = sorted(map(repr, database.execute(f'SELECT {typed} FROM "{name}"')))
    return schema, rows


def odd_rows(ledger):
    """Values of every type, and texts that would not survive a careless quotation."""
    ledger.execute("INSERT INTO kv VALUES ('it''s; a', ?, 1)", ("line\nbreak; \"quoted\" 'twice' \u00e4\U0001f600",))
    ledger.execute("INSERT INTO kv VALUES ('nul' || char(0) || 'x', 'a' || char(0) || 'b', 9223372036854775807)")
    ledger.execute("INSERT INTO meta VALUES ('real', 0.1), ('infinite', -9e999), ('text', '007')")
    ledger.execute("INSERT INTO claims VALUES (x'00ff3b27', 'id', -1)")
    ledger.execute("INSERT INTO claims VALUES (x'', 'empty', 0)")


def exported(world, in_pieces):
    """The deployed ledger, by way of the export and of the backup."""
    for name in ("again.db", "again.sql", "backup.db"):
        if os.path.exists(f"{world.data}/{name}"):
            os.unlink(f"{world.data}/{name}")
    world.run("db", "export", "--remote", "--output", f"{world.data}/again.sql")
    assert ("pieces" in world.said) == in_pieces, world.said
    world.run("db", "backup", f"{world.data}/backup.db", "--remote")
    with open(f"{world.data}/again.sql", encoding="utf-8") as file:
        done = subprocess.run(["sqlite3", f"{world.data}/again.db"], stdin=file, capture_output=True, text=True,
                              check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [sqlite3.connect(f"{world.data}/{name}") for name in ("again.db", "backup.db")]


def same_ledger(world, in_pieces):
    for copy in exported(world, in_pieces):
        schema, rows = contents(copy)
        schema_there, rows_there = contents(world.ledger())
        assert schema == schema_there
        for name, there in rows_there.items():
            assert rows[name] == there, (name, len(rows[name]), len(there))
        assert copy.execute("PRAGMA user_version").fetchone() == (len(os.listdir("schema")),)
        copy.close()


def test_db_export_remote(world):
    world.deploy()
    same_ledger(world, False)
    odd_rows(world.ledger())
    world.ledger().execute(SIGNAL, (1, ID, "filled", 2))
    world.account.writes.clear()
    same_ledger(world, False)
    assert not world.account.writes, world.account.writes
    for words in (["export", "--output"], ["backup"]):
        path = f"{world.data}/{'again.sql' if words[0] == 'export' else 'backup.db'}"
        assert os.stat(path).st_mode & 0o777 == 0o600
        world.run("db", *words, path, "--remote", code=1)
        assert "exists already" in world.said
        world.run("db", *words, f"{world.data}/new", "--remote", code=3, HOOX_WORKER_NAME="absent")
        assert not os.path.exists(f"{world.data}/new")
    world.ledger().execute("ALTER TABLE d1_migrations RENAME TO elsewhere")
    world.run("db", "export", "--remote", code=1)
    assert "hoox deploy" in world.said
    # What the copy is for: the same commands read it.
    os.rename(f"{world.data}/backup.db", f"{world.data}/hoox.db")
    assert [row["status"] for row in world.json("signals", "list")] == ["filled"]


def test_db_export_of_much_is_read_in_pieces(world):
    world.deploy()
    ledger = world.ledger()
    odd_rows(ledger)
    columns = [row[1] for row in ledger.execute("PRAGMA table_info(orders)")]
    places = ", ".join("?" * len(columns))
    ledger.execute("BEGIN")
    for number in range(2000):
        text = f"{ID[:-6]}{number:06}"
        ledger.execute(SIGNAL, (number, text, "filled", 2))
        # A key of two columns; and some rows alone are more than the share of a table.
        rest = ["x" if number % 500 else "y" * 20000] * (len(columns) - 3)
        ledger.execute(f"INSERT INTO orders VALUES ({places})", [f"it's; {number // 2}", number % 2, text, *rest])
    ledger.execute("COMMIT")
    same_ledger(world, True)


def test_monitor_and_queue_remote(world):
    world.deploy()
    world.ledger().execute(SIGNAL, (1, ID, "failed", 2))
    world.ledger().execute(SIGNAL, (2, ID.replace("0", "1"), "queued", None))
    depth = world.json("monitor", "queue-depth", "--remote")
    assert (depth[0]["queued"], depth[0]["failed"]) == (1, 1), depth
    assert world.json("monitor", "trades", "--remote") == []
    assert {row["id"] for row in world.json("queue", "list", "--remote")} == {ID, ID.replace("0", "1")}
    assert world.json("queue", "show", ID, "--remote")["signal"]["status"] == "failed"
    world.run("queue", "show", ID.replace("a", "b"), "--remote", code=1)
    assert [row["id"] for row in world.json("signals", "list", "1", "--symbol", "btcusdt", "--remote")] == [
        ID.replace("0", "1")]


def test_config_remote(world):
    world.deploy()
    namespace = next(iter(world.account.kv.values()))
    assert world.json("config", "kv", "list", "--remote") == []
    namespace["values"]["manifest"] = json.dumps([["trade:default_leverage", "5"], ["keys:webhook:x", "{}"]])
    assert world.json("config", "kv", "list", "--remote") == [{"key": "trade:default_leverage", "value": "5"}]
    world.run("config", "kv", "set", "trade:default_leverage", "7", "--remote")
    assert world.account.worker_kv == {"trade:default_leverage": "7"}
    assert world.json("config", "kv", "get", "trade:default_leverage", "--remote")["value"] == "7"
    world.run("config", "kv", "delete", "trade:default_leverage", "--remote")
    assert world.json("config", "kv", "get", "trade:default_leverage", "--remote")["isDefault"] is True
    world.run("config", "kv", "get", "trade:default_leverage", "--remote", code=1, HOOX_OPERATOR_TOKEN="guess")
    assert "HOOX_OPERATOR_TOKEN" in world.said
    world.run("config", "kv", "get", "trade:default_leverage", "--remote", code=2, HOOX_OPERATOR_TOKEN="")


def test_manifest_never_touches_the_kill_switch(world):
    world.run("monitor", "kill-switch", "halt", "--remote")
    assert world.account.worker_kv["trade:kill_switch"] == "halt"
    for words in ([], ["--force"]):
        world.run("config", "kv", "apply-manifest", "--remote", *words)
        assert world.account.worker_kv["trade:kill_switch"] == "halt"
    assert world.json("monitor", "kill-switch", "show", "--remote")["value"] == "halt"


def main():
    wanted = sys.argv[1:]
    cases = [(name[5:], fn) for name, fn in globals().items() if name.startswith("test_")]
    unknown = set(wanted) - {name for name, _ in cases}
    if unknown:
        print(f"no such case: {' '.join(sorted(unknown))}; there are: {' '.join(name for name, _ in cases)}",
              file=sys.stderr)
        sys.exit(2)
    cases = [(name, fn) for name, fn in cases if not wanted or name in wanted]
    passed = failed = 0
    for name, fn in cases:
        with tempfile.TemporaryDirectory(prefix="hoox-cloudflare-") as folder:
            world = World(folder)
            try:
                fn(world)
                passed += 1
                print(f"ok   {name}", flush=True)
            except Exception:  # Whatever went wrong belongs to the case.
                failed += 1
                print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
            finally:
                world.server.shutdown()
                world.server.server_close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
