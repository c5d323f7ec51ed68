#!/usr/bin/env python3
"""A stand-in for Cloudflare's REST API, strict about what it is sent: what the real one would refuse, or what differs
from the recorded formats, is answered as an error and noted in `findings`.

Usage: test/cloudflare/api.py [--port N] [--d1 NAME=FILE]     (--d1: serve this SQLite file, read-only, as a database)
As a module: Account holds the state; serve(account) returns the server. It also plays the deployed Worker's operator
paths under /worker, as far as the command line uses them.
"""
import argparse
import email.parser
import email.policy
import http.server
import json
import re
import sqlite3
import threading
import urllib.parse
import uuid

ACCOUNT = "0123456789abcdef0123456789abcdef"
TOKEN = "the-token-of-the-tests"
OPERATOR = "the-operator-of-the-tests"
MODULE_TYPES = {".mjs": "application/javascript+module", ".wasm": "application/wasm"}
# Members of each binding, besides name and type.
BINDINGS = {"plain_text": ["text"], "secret_text": ["text"], "kv_namespace": ["namespace_id"], "d1": ["id"],
            "r2_bucket": ["bucket_name"], "queue": ["queue_name"], "durable_object_namespace": ["class_name"],
            "vectorize": ["index_name"], "ai": [], "browser": []}
METADATA = {"main_module", "compatibility_date", "compatibility_flags", "bindings", "migrations", "keep_bindings",
            "observability", "limits", "placement"}
STRANGER = 404, {"success": False, "error": {"code": "NOT_FOUND",
                                            "message": "no such path; alerts go to POST /webhook"}}
DEFAULTS = {"trade:kill_switch": "off", "trade:default_leverage": "1"}


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def need(good, message, status=400, code=10001):
    if not good:
        raise Refusal(status, code, message)


class Account:
    def __init__(self):
        self.lock = threading.RLock()
        self.d1, self.kv, self.queues, self.buckets, self.indexes = {}, {}, {}, {}, {}
        self.scripts = {}
        self.worker_kv = {}
        self.r2_is_on = True
        self.too_many = 0  # So many requests are told to come again.
        self.requests, self.writes, self.findings = [], [], []
        self.statements = []  # What D1 was asked, and what it answered.

    def open_d1(self, name, path=":memory:"):
        database = sqlite3.connect(path if path == ":memory:" else f"file:{path}?mode=ro", uri=path != ":memory:",
                                   check_same_thread=False, isolation_level=None)
        entry = {"uuid": str(uuid.uuid4()), "name": name, "created_at": "2026-11-23T00:00:00Z", "version": "production"}
        self.d1[entry["uuid"]] = (entry, database)
        return entry


def by_name(entries, member, name):
    return next((entry for entry in entries if entry[member] == name), None)


def page(entries, query):
    """Lists are cut into pages, and tell so."""
    size, number = int(query.get("per_page", ["20"])[0]), int(query.get("page", ["1"])[0])
    need(1 <= size <= 1000 and number >= 1, "bad page")
    part = entries[(number - 1) * size:number * size]
    return part, {"page": number, "per_page": size, "count": len(part), "total_count": len(entries)}


def exactly(body, required, optional=()):
    need(isinstance(body, dict), "the body must be an object")
    need(set(required) <= set(body) <= set(required) | set(optional), f"members must be {required}: {sorted(body)}")


def name_is(pattern, name):
    need(isinstance(name, str) and re.fullmatch(pattern, name) is not None, f"bad name {name!r}")


# One function for each method and path: (account, match, query, body) -> result, or (result, result_info).

def d1_list(account, _match, query, _body):
    wanted = query.get("name", [""])[0]
    return page([entry for entry, _ in account.d1.values() if wanted in entry["name"]], query)


def d1_create(account, _match, _query, body):
    exactly(body, ["name"], ["primary_location_hint"])
    name_is(r"[A-Za-z0-9_-]{1,64}", body["name"])
    taken = any(entry["name"] == body["name"] for entry, _ in account.d1.values())
    need(not taken, "A database with that name already exists", 400, 7502)
    return account.open_d1(body["name"])


def d1_of(account, match):
    need(match[1] in account.d1, "The database could not be found", 404, 7404)
    return account.d1[match[1]]


def d1_delete(account, match, _query, _body):
    d1_of(account, match)
    del account.d1[match[1]]
    return None


def split_statements(sql):
    parts, part = [], ""
    for piece in re.split(r"(;)", sql):
        part += piece
        if piece == ";" and sqlite3.complete_statement(part):
            parts.append(part)
            part = ""
    if re.sub(r"--.*", "", part).strip():
        parts.append(part)
    return parts


def run_statement(database, sql, params):
    changes = database.total_changes
    cursor = database.execute(sql, params)
    names = [column[0] for column in cursor.description or []]
    rows = [{name: list(value) if isinstance(value, bytes) else value for name, value in zip(names, row)}
            for row in cursor.fetchall()]
    changed = database.total_changes - changes
    return {"results": rows, "success": True, "meta": {"changes": changed, "rows_written": changed, "duration": 0.1}}


def d1_query(account, match, _query, body):
    exactly(body, ["sql"], ["params"])
    _, database = d1_of(account, match)
    need(len(body["sql"].encode()) <= 100_000, "statement too long", 400, 7500)
    need(not re.match(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b", body["sql"], re.I), "not authorized", 400, 7500)
    params = body.get("params", [])
    need(isinstance(params, list) and all(isinstance(p, (str, int, float, type(None))) for p in params), "bad params")
    try:
        statements = split_statements(body["sql"])
        need(not params or len(statements) == 1, "parameters need a single statement", 400, 7400)
        database.execute("BEGIN")
        results = [run_statement(database, sql, params) for sql in statements]
        account.statements += zip(statements, results)
        database.execute("COMMIT")
    except sqlite3.Error as error:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise Refusal(400, 7500, f"{error}: SQLITE_ERROR") from error
    return results


def kv_list(account, _match, query, _body):
    return page([{"id": key, "title": value["title"], "supports_url_encoding": True}
                 for key, value in account.kv.items()], query)


def kv_create(account, _match, _query, body):
    exactly(body, ["title"])
    name_is(r".{1,512}", body["title"])
    taken = any(value["title"] == body["title"] for value in account.kv.values())
    need(not taken, "a namespace with this account ID and title already exists", 400, 10014)
    key = uuid.uuid4().hex
    account.kv[key] = {"title": body["title"], "values": {}}
    return {"id": key, "title": body["title"], "supports_url_encoding": True}


def kv_of(account, match):
    need(match[1] in account.kv, "namespace not found", 404, 10013)
    return account.kv[match[1]]


def kv_delete(account, match, _query, _body):
    kv_of(account, match)
    del account.kv[match[1]]
    return None


def kv_value(account, match, _query, _body):
    values = kv_of(account, match)["values"]
    key = urllib.parse.unquote(match[2])
    need(key in values, "get: 'key not found'", 404, 10009)
    return values[key].encode()  # As it is, without an envelope.


def r2_list(account, _match, _query, _body):
    need(account.r2_is_on, "Please enable R2 through the Cloudflare Dashboard.", 403, 10042)
    return {"buckets": list(account.buckets.values())}


def r2_create(account, _match, _query, body):
    need(account.r2_is_on, "Please enable R2 through the Cloudflare Dashboard.", 403, 10042)
    exactly(body, ["name"], ["locationHint"])
    name_is(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", body["name"])
    need(body["name"] not in account.buckets, "The bucket you tried to create already exists", 409, 10004)
    account.buckets[body["name"]] = {"name": body["name"], "creation_date": "2026-11-23T00:00:00.000Z"}
    return account.buckets[body["name"]]


def r2_delete(account, match, _query, _body):
    need(match[1] in account.buckets, "The specified bucket does not exist.", 404, 10006)
    del account.buckets[match[1]]
    return {}


def queue_list(account, _match, query, _body):
    wanted = query.get("name", [None])[0]
    return page([{key: value for key, value in queue.items() if key != "consumers"}
                 for queue in account.queues.values() if wanted in (None, queue["queue_name"])], query)


def queue_create(account, _match, _query, body):
    exactly(body, ["queue_name"], ["settings"])
    name_is(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", body["queue_name"])
    retention = body.get("settings", {}).get("message_retention_period", 0)
    need(retention <= 86400, "the free plan keeps messages for a day", 400, 100127)
    taken = by_name(account.queues.values(), "queue_name", body["queue_name"])
    need(taken is None, "Queue name is already taken", 409, 11009)
    key = uuid.uuid4().hex
    account.queues[key] = {"queue_id": key, "queue_name": body["queue_name"], "created_on": "2026-11-23T00:00:00Z",
                           "consumers": []}
    return account.queues[key]


def queue_of(account, match):
    need(match[1] in account.queues, "Queue not found", 404, 11000)
    return account.queues[match[1]]


def queue_delete(account, match, _query, _body):
    queue_of(account, match)
    del account.queues[match[1]]
    return None


def consumer_list(account, match, _query, _body):
    return queue_of(account, match)["consumers"]


def consumer_from(account, body):
    exactly(body, ["type", "script_name", "settings"], ["dead_letter_queue"])
    exactly(body["settings"], ["batch_size", "max_retries", "max_wait_time_ms"], ["max_concurrency", "retry_delay"])
    settings = body["settings"]
    need(body["type"] == "worker", "bad type")
    need(body["script_name"] in account.scripts, "the script does not exist", 400, 11003)
    need(1 <= settings["batch_size"] <= 100 and 0 <= settings["max_retries"] <= 100, "bad settings", 400, 11004)
    need(0 <= settings["max_wait_time_ms"] <= 60_000, "bad settings", 400, 11004)
    dead = body.get("dead_letter_queue")
    need(dead is None or by_name(account.queues.values(), "queue_name", dead), "no such dead letter queue", 400, 11005)
    # What is listed names the script differently from what is sent.
    listed = {"script": body["script_name"], **{k: v for k, v in body.items() if k != "script_name"}}
    return {"consumer_id": uuid.uuid4().hex, "created_on": "2026-11-23T00:00:00Z", **listed}


def consumer_create(account, match, _query, body):
    queue = queue_of(account, match)
    need(not queue["consumers"], "a consumer already exists", 409, 11004)
    queue["consumers"].append(consumer_from(account, body))
    return queue["consumers"][0]


def consumer_update(account, match, _query, body):
    queue = queue_of(account, match)
    need(any(c["consumer_id"] == match[2] for c in queue["consumers"]), "Consumer not found", 404, 11001)
    queue["consumers"] = [{**consumer_from(account, body), "consumer_id": match[2]}]
    return queue["consumers"][0]


def index_list(account, _match, query, _body):
    need(not query, "this list has no pages")
    return list(account.indexes.values())


def index_create(account, _match, _query, body):
    exactly(body, ["name", "config"], ["description"])
    exactly(body["config"], ["dimensions", "metric"])
    name_is(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", body["name"])
    need(1 <= body["config"]["dimensions"] <= 1536, "bad dimensions", 400, 3003)
    need(body["config"]["metric"] in ("cosine", "euclidean", "dot-product"), "bad metric", 400, 3003)
    need(body["name"] not in account.indexes, "vectorize.index.duplicate_name", 409, 3002)
    account.indexes[body["name"]] = {"name": body["name"], "config": body["config"],
                                     "created_on": "2026-11-23T00:00:00Z"}
    return account.indexes[body["name"]]


def index_delete(account, match, _query, _body):
    need(match[1] in account.indexes, "vectorize.index.not_found", 404, 3000)
    del account.indexes[match[1]]
    return None


def script_list(account, _match, _query, _body):
    return [{"id": name, "migration_tag": script["tag"], "created_on": "2026-11-23T00:00:00Z", "etag": "0"}
            for name, script in account.scripts.items()]


def script_of(account, match):
    need(match[1] in account.scripts, "This Worker does not exist on your account.", 404, 10007)
    return account.scripts[match[1]]


def parts_of(content_type, raw):
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + raw)
    need(message.get_content_type() == "multipart/form-data", "not multipart/form-data")
    return [(part.get_param("name", header="content-disposition"), part.get_filename(), part.get_content_type(),
             part.get_payload(decode=True)) for part in message.iter_parts()]


def check_binding(account, binding):
    need(binding.get("type") in BINDINGS, f"unknown binding type {binding.get('type')!r}", 400, 10021)
    exactly(binding, ["type", "name"] + BINDINGS[binding["type"]])
    name_is(r"[A-Za-z_][A-Za-z0-9_]*", binding["name"])
    exists = {"d1": lambda b: b["id"] in account.d1, "kv_namespace": lambda b: b["namespace_id"] in account.kv,
              "r2_bucket": lambda b: b["bucket_name"] in account.buckets,
              "queue": lambda b: by_name(account.queues.values(), "queue_name", b["queue_name"]) is not None,
              "vectorize": lambda b: b["index_name"] in account.indexes}
    check = exists.get(binding["type"], lambda _: True)
    need(check(binding), f"binding {binding['name']} refers to nothing that exists", 400, 10181)


def check_modules(parts, metadata):
    modules = {}
    for name, filename, kind, data in parts[1:]:
        need(name == filename, f"part {name!r} has the file name {filename!r}", 400, 10021)
        need(kind == MODULE_TYPES.get(name[name.rfind("."):]), f"{name} comes as {kind}", 400, 10021)
        modules[name] = data
    need(metadata["main_module"] in modules, "the main module is missing", 400, 10021)
    wasm = [data for name, data in modules.items() if name.endswith(".wasm")]
    need(all(data.startswith(b"\0asm\1\0\0\0") for data in wasm), "not WebAssembly", 400, 10021)
    for found in re.findall(rb'^import .* from "\./([\w.]+)";', modules[metadata["main_module"]], re.M):
        need(found.decode() in modules, f"{found.decode()} is imported and missing", 400, 10021)
    need(sum(map(len, modules.values())) <= 64 << 20, "too large", 400, 10027)
    return modules


def apply_objects(script, metadata):
    migrations = metadata.get("migrations")
    if migrations is not None:
        exactly(migrations, ["new_tag", "steps"], ["old_tag"])
        need(migrations.get("old_tag") == script["tag"], "the old tag is not the deployed one", 412, 10079)
        for step in migrations["steps"]:
            exactly(step, ["new_sqlite_classes"])
            need(not set(step["new_sqlite_classes"]) & script["classes"], "the class exists already", 400, 10074)
            script["classes"] |= set(step["new_sqlite_classes"])
        script["tag"] = migrations["new_tag"]
    for binding in metadata["bindings"]:
        if binding["type"] == "durable_object_namespace":
            need(binding["class_name"] in script["classes"], "the class was never migrated", 400, 10061)


def script_put(account, match, query, body):
    name_is(r"[A-Za-z0-9_-]{1,63}", match[1])
    need(query == {"excludeScript": ["true"], "bindings_inherit": ["strict"]}, f"unexpected query {query}")
    parts = parts_of(*body)
    need(parts and parts[0][0] == "metadata" and parts[0][2] == "application/json", "metadata must come first")
    metadata = json.loads(parts[0][3])
    exactly(metadata, ["main_module", "compatibility_date", "bindings"], METADATA)
    need(re.fullmatch(r"\d{4}-\d\d-\d\d", metadata["compatibility_date"]) is not None, "bad date", 400, 10021)
    names = [binding["name"] for binding in metadata["bindings"]]
    need(len(names) == len(set(names)), "a binding comes twice", 400, 10021)
    for binding in metadata["bindings"]:
        check_binding(account, binding)
    modules = check_modules(parts, metadata)
    old = account.scripts.get(match[1])
    script = old or {"tag": None, "classes": set(), "secrets": {}, "versions": [], "deployments": [], "crons": [],
                     "subdomain": False}
    apply_objects(script, metadata)
    kept = script["secrets"] if "secret_text" in metadata.get("keep_bindings", []) else {}
    sent = {b["name"]: b["text"] for b in metadata["bindings"] if b["type"] == "secret_text"}
    script["secrets"] = {**kept, **sent}
    script["metadata"], script["modules"] = metadata, modules
    account.scripts[match[1]] = script
    version = str(uuid.uuid4())
    script["versions"].append(version)
    deploy_version(script, version, {})
    return {"id": match[1], "etag": "0", "startup_time_ms": 5, "deployment_id": version}


def deploy_version(script, version, annotations):
    script["deployments"].insert(0, {
        "id": str(uuid.uuid4()), "created_on": f"2026-11-23T00:00:{len(script['deployments']):02}Z", "source": "api",
        "author_email": "owner@example.org", "strategy": "percentage", "annotations": annotations,
        "versions": [{"version_id": version, "percentage": 100}]})
    return script["deployments"][0]


def schedules_get(account, match, _query, _body):
    return {"schedules": [{"cron": cron} for cron in script_of(account, match)["crons"]]}


def schedules_put(account, match, _query, body):
    script = script_of(account, match)
    need(isinstance(body, list), "the body must be a list")
    for entry in body:
        exactly(entry, ["cron"])
        need(len(entry["cron"].split()) == 5, "bad cron", 400, 10100)
    script["crons"] = [entry["cron"] for entry in body]
    return {"schedules": body}


def subdomain_get(account, match, _query, _body):
    return {"enabled": script_of(account, match)["subdomain"], "previews_enabled": False}


def subdomain_post(account, match, _query, body):
    exactly(body, ["enabled"], ["previews_enabled"])
    script_of(account, match)["subdomain"] = body["enabled"]
    return {"enabled": body["enabled"], "previews_enabled": False}


def deployments_get(account, match, _query, _body):
    return {"deployments": script_of(account, match)["deployments"][:10]}


def deployments_post(account, match, _query, body):
    script = script_of(account, match)
    exactly(body, ["strategy", "versions"], ["annotations"])
    need(body["strategy"] == "percentage" and len(body["versions"]) == 1, "bad strategy")
    exactly(body["versions"][0], ["version_id", "percentage"])
    need(body["versions"][0]["percentage"] == 100, "percentages must sum to 100")
    version = body["versions"][0]["version_id"]
    need(version in script["versions"], "version not found", 404, 10216)
    return deploy_version(script, version, body.get("annotations", {}))


def account_subdomain(_account, _match, _query, _body):
    return {"subdomain": "owner"}


ROUTES = [(method, re.compile(path + "$"), fn) for method, path, fn in [
    ("GET", r"d1/database", d1_list), ("POST", r"d1/database", d1_create),
    ("DELETE", r"d1/database/([^/]+)", d1_delete), ("POST", r"d1/database/([^/]+)/query", d1_query),
    ("GET", r"storage/kv/namespaces", kv_list), ("POST", r"storage/kv/namespaces", kv_create),
    ("DELETE", r"storage/kv/namespaces/([^/]+)", kv_delete),
    ("GET", r"storage/kv/namespaces/([^/]+)/values/([^/]+)", kv_value),
    ("GET", r"r2/buckets", r2_list), ("POST", r"r2/buckets", r2_create), ("DELETE", r"r2/buckets/([^/]+)", r2_delete),
    ("GET", r"queues", queue_list), ("POST", r"queues", queue_create), ("DELETE", r"queues/([^/]+)", queue_delete),
    ("GET", r"queues/([^/]+)/consumers", consumer_list), ("POST", r"queues/([^/]+)/consumers", consumer_create),
    ("PUT", r"queues/([^/]+)/consumers/([^/]+)", consumer_update),
    ("GET", r"vectorize/v2/indexes", index_list), ("POST", r"vectorize/v2/indexes", index_create),
    ("DELETE", r"vectorize/v2/indexes/([^/]+)", index_delete),
    ("GET", r"workers/scripts", script_list), ("PUT", r"workers/scripts/([^/]+)", script_put),
    ("GET", r"workers/scripts/([^/]+)/schedules", schedules_get),
    ("PUT", r"workers/scripts/([^/]+)/schedules", schedules_put),
    ("GET", r"workers/scripts/([^/]+)/subdomain", subdomain_get),
    ("POST", r"workers/scripts/([^/]+)/subdomain", subdomain_post),
    ("GET", r"workers/scripts/([^/]+)/deployments", deployments_get),
    ("POST", r"workers/scripts/([^/]+)/deployments", deployments_post),
    ("GET", r"workers/subdomain", account_subdomain),
]]


def is_write(method, path, body):
    if method == "GET":
        return False
    return not (path.endswith("/query") and re.match(r"\s*SELECT\b", body.get("sql", ""), re.I))


def worker(account, method, path, body):
    """The operator's side of the Worker: (status, document)."""
    found = re.fullmatch(r"/v1/kv/([\w:]+)", path)
    if found and found[1] in DEFAULTS:
        if method == "PUT":
            account.worker_kv[found[1]] = body.decode()
            return 200, {"success": True, "key": found[1], "value": body.decode()}
        if method == "DELETE":
            account.worker_kv.pop(found[1], None)
            return 200, {"success": True}
        if found[1] in account.worker_kv:
            return 200, {"success": True, "key": found[1], "value": account.worker_kv[found[1]]}
        return 404, {"success": False, "error": {"code": "NOT_SET", "message": "the key is not set"}}
    if path == "/v1/manifest/apply" and method == "POST":
        rows = []
        for key, value in DEFAULTS.items():
            written = key not in account.worker_kv and key != "trade:kill_switch"
            if written:
                account.worker_kv[key] = value
            rows.append({"key": key, "state": "missing" if written else "same", "current": account.worker_kv.get(key),
                         "default": value, "written": written})
        return 200, {"success": True, "keys": rows}
    return 404, {"success": False, "error": {"code": "NOT_FOUND", "message": "no such command"}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account = None

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def refuse(self, refusal, headers=()):
        self.answer(refusal.status, {"success": False, "errors": [{"code": refusal.code, "message": refusal.message}],
                                     "messages": [], "result": None}, headers)

    def handle_any(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.account.lock:
            url = urllib.parse.urlsplit(self.path)
            if url.path.startswith("/worker/"):
                good = self.headers.get("Authorization") == f"Bearer {OPERATOR}"
                self.answer(*(worker(self.account, self.command, url.path[7:], raw) if good else STRANGER))
                return
            if self.account.too_many > 0:
                self.account.too_many -= 1
                self.refuse(Refusal(429, 971, "Please wait and consider throttling your request speed"),
                            [("Retry-After", "1")])
                return
            try:
                self.api(url, raw)
            except Refusal as refusal:
                self.account.findings.append(f"{self.command} {self.path}: {refusal.message}")
                self.refuse(refusal)

    def api(self, url, raw):
        account = self.account
        prefix = "/client/v4/accounts/"
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(403, 10000, "Authentication error")
        need(url.path.startswith(prefix), "No route for that URI", 404, 7000)
        number, _, path = url.path[len(prefix):].partition("/")
        need(number == ACCOUNT, f"Could not route to /accounts/{number}, perhaps your object identifier is invalid?",
             404, 7003)
        query = urllib.parse.parse_qs(url.query)
        kind = self.headers.get("Content-Type", "")
        body = None
        if kind == "application/json":
            body = json.loads(raw)
        elif kind.startswith("multipart/"):
            body = (kind, raw)
        else:
            need(raw == b"", f"a body of type {kind!r}")
        for method, pattern, fn in ROUTES:
            match = pattern.match(path)
            if method != self.command or match is None:
                continue
            account.requests.append((method, path))
            if is_write(method, path, body if isinstance(body, dict) else {}):
                account.writes.append((method, path))
            result = fn(account, match, query, body)
            if isinstance(result, bytes):
                self.answer(200, result)
                return
            result, info = result if isinstance(result, tuple) else (result, None)
            envelope = {"success": True, "errors": [], "messages": [], "result": result}
            self.answer(200, {**envelope, "result_info": info} if info else envelope)
            return
        raise Refusal(405, 7001, f"Method {self.command} not available for that URI: {path}")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any


def serve(account, port=0):
    handler = type("BoundHandler", (Handler,), {"account": account})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--d1", action="append", default=[], metavar="NAME=FILE")
    options = parser.parse_args()
    account = Account()
    for pair in options.d1:
        account.open_d1(*pair.split("=", 1))
    server = serve(account, options.port)
    print(f"export CLOUDFLARE_API_BASE_URL=http://127.0.0.1:{server.server_address[1]}/client/v4 "
          f"CLOUDFLARE_API_TOKEN={TOKEN} CLOUDFLARE_ACCOUNT_ID={ACCOUNT}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
