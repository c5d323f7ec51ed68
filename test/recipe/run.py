#!/usr/bin/env python3
"""Goal: adding a venue is what docs/HACKING.md says, and no more. Method: a machine follows the recipe.

In a copy of the tree the files of a venue are written once more under the name of one that does not exist, and its rows
are added to core/base/venues.h and test/venues.json; nothing else is touched. Then the program has to build, the tests
that go over all venues have to pass, and the new one has to be traded on, in the simulator and for real.
Usage: test/recipe/run.py      (from the root of the tree). The last line reads `N passed, N failed`.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PATTERN, NAME = "bybit", "zebra"
FOLDERS = ("core/venue/", "lab/")
TABLE, PROFILES = "core/base/venues.h", "test/venues.json"
UNIT_TESTS = ("core/signal/signal", "core/admit/manifest", "core/venue/adapter", "core/venue/access",
              "core/venue/stream", "core/venue/stream_order", "host/native/paper", "host/sim/world", "cli/venue",
              "cli/commands", "cli/deploy_plan")


def renamed(text):
    for spell in (str.lower, str.upper, str.capitalize):
        text = text.replace(spell(PATTERN), spell(NAME))
    return text


def copy_tree(folder):
    """What git knows or would add. Returns the paths."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    paths = [path for path in listed.stdout.split("\n") if path and os.path.isfile(path)]
    for path in paths:
        os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
        shutil.copy2(path, os.path.join(folder, path))
    return paths


def write_files(folder, paths):
    """Steps 1 and 2 of the recipe."""
    for path in paths:
        if not path.startswith(tuple(place + PATTERN for place in FOLDERS)) or path.endswith("_test.c"):
            continue
        with open(os.path.join(folder, path), encoding="utf-8") as file:
            text = renamed(file.read())
        with open(os.path.join(folder, renamed(path)), "w", encoding="utf-8") as file:
            file.write(text)


def add_rows(folder):
    """Step 3, and the row for the tests. Returns the names of the products."""
    with open(os.path.join(folder, TABLE), encoding="utf-8") as file:
        text = file.read()
    for head in ("HX_VENUE_ROWS", "HX_PRODUCT_ROWS"):
        rows = re.search(rf"#define {head}\(.*\n(?: .*\\\n)* .*\n", text).group()
        own = [row.rstrip(" \\\n") for row in rows.split("\n") if re.search(rf"\({PATTERN.upper()}, ", row)]
        more = "".join(f" \\\n{renamed(row)}" for row in own)
        text = text.replace(rows, rows.rstrip("\n") + more + "\n")
    with open(os.path.join(folder, TABLE), "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.path.join(folder, PROFILES), encoding="utf-8") as file:
        profiles = json.load(file)
    new = {renamed(name): json.loads(renamed(json.dumps(row))) for name, row in profiles.items()
           if name.startswith(PATTERN)}
    with open(os.path.join(folder, PROFILES), "w", encoding="utf-8") as file:
        json.dump({**profiles, **new}, file, indent=2)
    return list(new)


def commands(products):
    """What has to succeed, in this order: a name and a command each."""
    tests = [f"build/test/{name}_test" for name in UNIT_TESTS]
    yield "it builds", ["make", "-s", f"-j{os.cpu_count()}", "build", *tests]
    for test in tests:
        yield test, [test]
    for product in products:
        yield f"{product}: crash sweep", ["build/hoox-sim", "--venue", product, "--sweep", "--limit", "1000"]
        venue = ["env", f"HOOX_E2E_VENUE={product}"]
        yield f"{product}: simulated", [*venue, "HOOX_E2E_HOST=sim", "test/e2e/run.py"]
        yield f"{product}: for real", [*venue, "HOOX_E2E_HOST=native", "test/e2e/run.py", "first_alert", "replay"]
    yield "the swarm", ["build/hoox-sim", "--swarm", "--seeds", "1..200"]


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="hoox-recipe-") as folder:
        write_files(folder, copy_tree(folder))
        for name, command in commands(add_rows(folder)):
            result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
            good = result.returncode == 0
            passed += good
            failed += not good
            print(f"{'ok' if good else 'FAIL':4} {name}", flush=True)
            if good:
                continue
            print("     | " + "\n     | ".join((result.stdout + result.stderr).rstrip().split("\n")[-40:]))
            if command[0] == "make":
                break
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
