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

SOURCES = "host/edge"
OUT = "build/edge"
PARTS = ["EVENT", "Instance", "Pool", "decodeReply", "encodeEvent", "pool"]  # What tests look at besides.
# In this order each module finds what it uses above it.
MODULES = ["wire", "port", "pool", "call", "store", "publish", "lane", "worker"]
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


def bundle():
    outside, parts = [], []
    for name in MODULES:
        source = read(f"{SOURCES}/{name}.mjs")
        for line in re.findall(r"^import .*\n", source, re.M):
            if not re.search(r'"\./\w+\.mjs"', line) and line not in outside:
                outside.append(line)
        source = re.sub(r"^import .*\n", "", source, flags=re.M)
        if name != "worker":
            source = re.sub(r"^export \{[^}]*\};\n", "", source, flags=re.M)
            source = re.sub(r"^export ", "", source, flags=re.M)
        parts.append(f"// {SOURCES}/{name}.mjs\n\n{source.strip()}\n")
    constants = (f"const ERR = {json.dumps(error_numbers(), indent=2)};\n"
                 f"const MIGRATIONS = {json.dumps(migrations(), indent=2)};\n")
    return "// Built by tools/edge_build.py.\n\n" + "".join(outside) + "\n" + constants + "\n" + "\n".join(parts)


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
