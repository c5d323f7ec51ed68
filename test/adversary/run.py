#!/usr/bin/env python3
"""Replays the adversary's cases in the simulator and judges the orders that left.

A case is a file for `hoox-sim --replay` with expectations in comments. What leaves is an order, read as
"POST /path?query body", or the cancelling of one:
    # must MS REGEX     one matching REGEX leaves by MS from the start
    # never REGEX       none matching REGEX leaves
    # times N REGEX     N matching REGEX leave
Usage: test/adversary/run.py build/hoox-sim [NAME ...]. The last line reads `N passed, N failed`.
"""

import json
import pathlib
import re
import subprocess
import sys

# Beginnings of orders' paths: what test/venues.json says places them, up to the word.
PROFILES = json.loads((pathlib.Path(__file__).parent.parent / "venues.json").read_text())
PATHS = "|".join(sorted({re.escape(row["order"].split()[1].partition("/order")[0]) for row in PROFILES.values()}))
ORDER = re.compile(
    rf"^(\d+):(\d+):(\d+)\.(\d+)\s+#\d+\s+sends ((?:POST|DELETE) (?:{PATHS})/order[?/].*)"
)


def orders_of(story):
    for line in story.splitlines():
        found = ORDER.match(line)
        if found:
            hours, minutes, seconds, ms = (int(part) for part in found.groups()[:4])
            yield ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms, found.group(5)


def judge(simulator, path):
    run = subprocess.run([simulator, "--replay", path, "--trace"], capture_output=True, text=True, timeout=900)
    orders = list(orders_of(run.stdout))
    problems = [] if run.returncode == 0 else [(run.stdout + run.stderr).strip().splitlines()[-1]]
    expected = 0
    for line in path.read_text().splitlines():
        words = line.split(maxsplit=3)
        if words[:2] == ["#", "must"]:
            expected += 1
            if not any(at <= int(words[2]) and re.search(words[3], order) for at, order in orders):
                problems.append(f"no order {words[3]} left by {words[2]} ms")
        elif words[:2] == ["#", "never"]:
            expected += 1
            if any(re.search(words[2], order) for _, order in orders):
                problems.append(f"an order {words[2]} left")
        elif words[:2] == ["#", "times"]:
            expected += 1
            count = sum(1 for _, order in orders if re.search(words[3], order))
            if count != int(words[2]):
                problems.append(f"{count} orders {words[3]} left instead of {words[2]}")
    # Each of these cases trades: without an order in the story it was read wrongly, and "never" would hold of itself.
    if expected == 0 or not orders:
        problems.append(f"{expected} expectations, {len(orders)} orders left: that tests nothing")
    return problems


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names = sys.argv[2:]
    cases = {path.stem: path for path in sorted((pathlib.Path(__file__).parent / "cases").glob("*.case"))}
    unknown = [name for name in names if name not in cases]
    if unknown:
        sys.exit(f"no such case: {' '.join(unknown)}; there are: {' '.join(cases)}")
    failed = 0
    for path in [cases[name] for name in names or cases]:
        problems = judge(sys.argv[1], path)
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok  '} {path.stem}")
        for problem in problems:
            print(f"     {problem}")
    print(f"{len(names or cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
