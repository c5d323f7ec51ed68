#!/usr/bin/env python3
"""Writes the Worker into build/edge: one worker.mjs from the modules of host/edge, and wrangler.jsonc.

Usage: tools/edge_build.py      (hoox.wasm is put beside it by the Makefile)
The modules become one file because a Worker is uploaded as it is: their imports of each other go, and what the tree
already says elsewhere (error numbers, migrations) comes in as constants.
"""
import glob
import json
import os
import re
import sqlite3

SOURCES = "host/edge"
OUT = "build/edge"
PARTS = ["EVENT", "Instance", "Pool", "decodeReply", "encodeEvent", "pool"]  # What tests look at besides.
# In this order each module finds what it uses above it.
MODULES = ["wire", "port", "pool", "call", "store", "publish", "lane", "worker"]
PUBLISHED = ["signals", "orders", "fills", "positions", "trades", "outbox", "system_logs"]
CLASSES = ["OK", "REJECT", "CONFLICT", "ABSENT", "BUSY", "UNKNOWN", "LIMIT", "BROKEN"]
COMPATIBILITY_DATE = "2026-03-10"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def error_numbers():
    """As core/base/err.h counts them: class << 24 | position in err.def, from one."""
    rows = re.findall(r'^X\((\w+), (\w+), "', read("core/base/err.def"), re.M)
    return {name: CLASSES.index(class_) << 24 | number for number, (name, class_) in enumerate(rows, 1)}


def migrations():
    return [{"number": int(os.path.basename(path).split("_")[0]), "sql": read(path)}
            for path in sorted(glob.glob("schema/*.sql"))]


def api_keys():
    """The settings that hold the exchanges' API keys, which are sent and no secrets, as the adapters name them."""
    names = {name for path in glob.glob("core/venue/*.c")
             for name in re.findall(r'\.key_setting = HX_FORM_TEXT\("(\w+)"\)', read(path))}
    if not names:
        raise SystemExit("no adapter in core/venue names the setting of its API key")
    return sorted(names)


def published():
    """For each table that lanes copy to D1 the columns that tell its rows apart there, from the schema itself: the
    primary key, unless that is a number each lane counts for itself. Then it is a unique column, if there is one."""
    db = sqlite3.connect(":memory:")
    for migration in migrations():
        db.executescript(migration["sql"])
    tables = {}
    for table in PUBLISHED:
        columns = db.execute(f"PRAGMA table_info({table})").fetchall()
        key = [name for _, name, _, _, _, place in sorted(columns, key=lambda column: column[5]) if place]
        kinds = {name: kind for _, name, kind, _, _, _ in columns}
        counted = len(key) == 1 and kinds[key[0]] == "INTEGER"
        unique = [column for _, index, is_unique, origin, _ in db.execute(f"PRAGMA index_list({table})")
                  if is_unique and origin == "u" for _, _, column in db.execute(f"PRAGMA index_info({index})")]
        if counted and unique:
            tables[table] = {"key": unique[:1], "left": key, "numbered": False}
        else:
            tables[table] = {"key": key, "left": [], "numbered": counted}
    return tables


def bundle():
    outside, parts = {}, []
    for name in MODULES:
        source = read(f"{SOURCES}/{name}.mjs")
        for what, where in re.findall(r'^import (.*) from "([^"]*)";$', source, re.M):
            if not re.match(r"\./\w+\.mjs$", where):
                outside.setdefault(where, set()).update(re.findall(r"\w+", what))
        source = re.sub(r"^import .*\n", "", source, flags=re.M)
        if name != "worker":
            source = re.sub(r"^export \{[^}]*\};\n", "", source, flags=re.M)
            source = re.sub(r"^export ", "", source, flags=re.M)
        parts.append(f"// {SOURCES}/{name}.mjs\n\n{source.strip()}\n")
    constants = (f"const API_KEYS = {json.dumps(api_keys())};\n"
                 f"const ERR = {json.dumps(error_numbers(), indent=2)};\n"
                 f"const MIGRATIONS = {json.dumps(migrations(), indent=2)};\n"
                 f"const PUBLISHED = {json.dumps(published())};\n")
    # hoox.wasm alone is imported whole.
    imports = [f'import {sorted(names)[0]} from "{where}";\n' if where.endswith(".wasm")
               else f'import {{ {", ".join(sorted(names))} }} from "{where}";\n' for where, names in outside.items()]
    return "// Built by tools/edge_build.py.\n\n" + "".join(imports) + "\n" + constants + "\n" + "\n".join(parts)


def configuration():
    """What `wrangler deploy` needs to know; the ids are the owner's to fill in, or `hoox deploy`'s to find."""
    return {
        "name": "hoox",
        "main": "worker.mjs",
        "no_bundle": True,
        "compatibility_date": COMPATIBILITY_DATE,
        "compatibility_flags": ["nodejs_compat"],
        "triggers": {"crons": ["* * * * *"]},
        "observability": {"enabled": True},
        # Addresses and other settings are not listed here: those that the Worker has are kept. Secrets always are.
        "keep_vars": True,
        "durable_objects": {"bindings": [{"name": "LANE", "class_name": "Lane"}]},
        "migrations": [{"tag": "v1", "new_sqlite_classes": ["Lane"]}],
        "d1_databases": [{"binding": "DB", "database_name": "hoox-ledger", "database_id": "DB_ID",
                          "migrations_dir": "../../schema"}],
        "kv_namespaces": [{"binding": "CONFIG_KV", "id": "CONFIG_KV_ID"}],
        "queues": {
            "producers": [{"binding": "TRADE_QUEUE", "queue": "trade-execution"},
                          {"binding": "TRADE_DLQ", "queue": "trade-execution-dlq"}],
            "consumers": [{"queue": "trade-execution", "max_batch_size": 10, "max_batch_timeout": 1,
                           "max_retries": 10, "dead_letter_queue": "trade-execution-dlq"},
                          {"queue": "trade-execution-dlq", "max_batch_size": 10, "max_batch_timeout": 5,
                           "max_retries": 100}],
        },
        "r2_buckets": [{"binding": "REPORTS_BUCKET", "bucket_name": "hoox-reports"}],
        "vectorize": [{"binding": "VECTORIZE_INDEX", "index_name": "hoox-index"}],
        "ai": {"binding": "AI"},
        "browser": {"binding": "BROWSER"},
    }


def main():
    files = {f"{OUT}/wrangler.jsonc": json.dumps(configuration(), indent=2) + "\n",
             f"{OUT}/worker.mjs": bundle(),
             f"{OUT}-test/parts.mjs": f"{bundle()}\nexport {{ {', '.join(PARTS)} }};\n"}
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
