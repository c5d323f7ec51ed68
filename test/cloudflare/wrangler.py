#!/usr/bin/env python3
"""A second opinion: Cloudflare's own tool accepts the built configuration and the schema, and does with them what
`hoox deploy` does. Without network once it is installed, and without telling anybody.

Usage: test/cloudflare/wrangler.py      (after `make edge`; installs wrangler into test/cloudflare/node_modules)
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BINDINGS = ["LANE", "CONFIG_KV", "TRADE_QUEUE", "TRADE_DLQ", "DB", "VECTORIZE_INDEX", "REPORTS_BUCKET", "BROWSER", "AI"]
QUIET = {"WRANGLER_SEND_METRICS": "false", "WRANGLER_SEND_ERROR_REPORTS": "false", "WRANGLER_HIDE_BANNER": "true",
         "CLOUDFLARE_CF_FETCH_ENABLED": "false", "CI": "1"}
NODE_MIN = 20

passed = failed = 0


def install():
    tool, lock = f"{HERE}/node_modules/.bin/wrangler", f"{HERE}/node_modules/.package-lock.json"
    system_ca = "/etc/ssl/certs/ca-certificates.crt"
    if os.path.exists(system_ca):
        os.environ.setdefault("NODE_EXTRA_CA_CERTS", system_ca)
    if not os.path.exists(tool) or os.path.getmtime(lock) < os.path.getmtime(f"{HERE}/package-lock.json"):
        subprocess.run(["npm", "ci", "--prefix", HERE, "--ignore-scripts", "--no-progress"], check=True,
                       stdout=subprocess.DEVNULL)
    return tool


def check(name, good, said):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(f"ok   {name}" if good else f"FAIL {name}\n{said}", flush=True)


def main():
    version = subprocess.run(["node", "--version"], text=True, capture_output=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < NODE_MIN:
        print(f"wrangler needs node {NODE_MIN}, here is {version.strip()}; `make deps-edge` brings one to build/node",
              file=sys.stderr)
        sys.exit(1)
    tool = install()
    with tempfile.TemporaryDirectory(prefix="hoox-wrangler-") as folder:
        shutil.copytree("build/edge", f"{folder}/build/edge")
        shutil.copytree("schema", f"{folder}/schema")
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "WRANGLER_LOG_PATH": f"{folder}/log", **QUIET}

        def wrangler(*words):
            return subprocess.run([tool, *words, "-c", "wrangler.jsonc"], cwd=f"{folder}/build/edge", text=True,
                                  env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=900,
                                  check=False)

        done = wrangler("deploy", "--dry-run", "--outdir", f"{folder}/out")
        said = done.stdout + done.stderr
        missing = [name for name in BINDINGS if f"env.{name} " not in said]
        check("wrangler would deploy it", done.returncode == 0 and not missing, f"missing {missing}\n{said}")
        check("without a warning", "WARNING" not in said.upper(), said)
        same = all(open(f"{folder}/out/{name}", "rb").read() == open(f"build/edge/{name}", "rb").read()
                   for name in ("worker.mjs", "hoox.wasm") if os.path.exists(f"{folder}/out/{name}"))
        check("and uploads the very same modules", same, os.listdir(f"{folder}/out"))

        local = ("--local", "--persist-to", f"{folder}/state")
        done = wrangler("d1", "migrations", "apply", "DB", *local)
        check("wrangler applies the schema", done.returncode == 0, done.stdout + done.stderr)
        done = wrangler("d1", "migrations", "list", "DB", *local)
        check("and then finds nothing left", "No migrations to apply" in done.stdout, done.stdout + done.stderr)
        sql = "SELECT name, (SELECT count(*) FROM signals) AS n FROM d1_migrations ORDER BY id"
        done = wrangler("d1", "execute", "DB", *local, "--json", "--command", sql)
        rows = json.loads(done.stdout)[0]["results"] if done.returncode == 0 else []
        names = sorted(name for name in os.listdir("schema") if name.endswith(".sql"))
        check("its names are the ones hoox writes", rows == [{"name": name, "n": 0} for name in names], done.stdout)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
