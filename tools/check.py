#!/usr/bin/env python3
"""Everything that must hold before a commit, one line per step; the last line reads `N passed, N failed`.

Usage: tools/check.py [STEP ...]      (steps: see STEPS below; all of them when none is named)
A unit test counts once per build, an end-to-end case once for each host, an adversary's case once, every other step
once. Logs are in build/check/.
The amounts of work are those the project promises; CHECK_SCALE=0.1 does a tenth of them while developing.
"""
import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "test/e2e")
import venues

CPUS = os.cpu_count() or 1
# The node that tools/install.sh brought, where the system's is too old.
os.environ["PATH"] = os.path.abspath("build/node/bin") + ":" + os.environ["PATH"]
# Started by make, whose jobs can't be shared with: each build here uses all processors, as one by hand does.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)
SCALE = float(os.environ.get("CHECK_SCALE", "1"))
LOGS = "build/check"
# The sweep of the first venue, and of each other; the swarm draws the venue of every seed.
SWEEP_RUNS, SWEEP_RUNS_OTHER, SWARM_SEEDS, EDGE_SWEEP_RUNS, EDGE_SWARM_SEEDS = 50_000, 10_000, 12_000, 20_000, 3_000
VENUES = tuple(venues.PROFILES)
EDGE_CASES = ("first_alert", "replay", "reply_lost_once", "restart_finds_order", "venue_rejects", "limit_order",
              "round_trip", "round_trip_hedged", "spot_limit_order", "spot_round_trip")
CRASHES, FUZZ_SECONDS, BUGS_MIN = 20_000, 20, 9
LIMIT_S = 3600  # Of one command: only what hangs takes so long, on the slowest machine.

passed = failed = 0


def scaled(amount):
    return str(max(1, int(amount * SCALE)))


def run(command, log):
    """Runs a command in a process group of its own, so that a timeout leaves nothing behind. Returns its exit code."""
    with open(log, "ab") as out:
        out.write(("$ " + " ".join(command) + "\n").encode())
        out.flush()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                 start_new_session=True)
        try:
            return child.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            out.write(b"took too long\n")
            return -1


def read(log):
    with open(log, encoding="utf-8", errors="replace") as file:
        return file.read()


def tally(name, started, good, bad, note=""):
    global passed, failed
    passed += good
    failed += bad
    verdict = "FAIL" if bad else "ok"
    print(f"{verdict:4} {name:30} {time.time() - started:7.1f} s  {note}", flush=True)


def show(log, lines=40):
    text = read(log).rstrip().split("\n")
    print("     | " + "\n     | ".join(text[-lines:]), flush=True)


def step(name, *command, must_fail=False, note=None):
    """One command that must succeed; or, for a control that has to find something, must not."""
    log = f"{LOGS}/{re.sub(r'[^A-Za-z0-9]+', '-', name)}.log"
    if os.path.exists(log):
        os.unlink(log)
    started = time.time()
    code = run(list(command), log)
    # A control is satisfied by the finding (exit code 1), not by a crash or a usage error.
    good = code == 1 if must_fail else code == 0
    last = read(log).rstrip().split("\n")[-1]
    tally(name, started, int(good), int(not good), note or last[:90])
    if not good:
        show(log)
    return good


def unit_tests(name, variant, folder):
    """Builds and runs every test program of a variant, one line for all of them."""
    if not step(f"build {name}", "make", "--no-print-directory", f"VARIANT={variant}", "tests", note="compiled"):
        return
    started = time.time()
    programs = sorted(path for path in glob.glob(f"{folder}/test/**/*_test", recursive=True)
                      if os.path.exists(path[len(folder) + 6:] + ".c"))
    good = bad = 0
    failures = []

    def one(program):
        log = f"{LOGS}/{variant}-{program[len(folder) + 6:].replace('/', '-')}.log"
        if os.path.exists(log):
            os.unlink(log)
        code = run([program], log)
        text = read(log)
        ok = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", text))
        not_ok = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", text))
        # A program that dies, or reports nothing, has failed even if no test of it says so.
        if (code != 0 and not_ok == 0) or (ok == 0 and not_ok == 0):
            not_ok += 1
        return program, log, ok, not_ok

    with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
        for program, log, ok, not_ok in pool.map(one, programs):
            good += ok
            bad += not_ok
            if not_ok:
                failures.append((program, log))
    tally(name, started, good, bad, f"{good + bad} tests in {len(programs)} programs")
    for program, log in failures:
        print(f"     {program}")
        show(log)


def build():
    step("build", "make", "--no-print-directory", "build", note="compiled")


def style():
    step("style", "tools/style.py")


def edge():
    step("edge", "make", "--no-print-directory", "edge")


def unit():
    unit_tests("unit tests", "plain", "build")


def asan():
    unit_tests("unit tests, sanitizers", "asan", "build/asan")


def fuzz():
    if not step("build fuzzers", "make", "--no-print-directory", "fuzzers", note="compiled"):
        return
    names = sorted(re.sub(r".*/(\w+)_fuzz\.c", r"\1", path) for path in glob.glob("test/fuzz/*_fuzz.c"))
    with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
        list(pool.map(lambda name: step(f"fuzz {name}", "tools/fuzz.sh", scaled(FUZZ_SECONDS), name),
                      names))


def sim():
    if not os.path.exists("sim/main.c"):
        return
    for venue in VENUES:
        runs = SWEEP_RUNS if venue == VENUES[0] else SWEEP_RUNS_OTHER
        step(f"crash sweep, {venue}", "build/hoox-sim", "--venue", venue, "--sweep", "--limit", scaled(runs))
    step("simulator, swarm", "build/hoox-sim", "--swarm", "--seeds", f"1..{scaled(SWARM_SEEDS)}")
    edge_world = ["build/hoox-sim", "--world", "edge"]
    step("simulated edge, sweep", *edge_world, "--sweep", "--limit", scaled(EDGE_SWEEP_RUNS))
    step("simulated edge, swarm", *edge_world, "--swarm", "--seeds", f"1..{scaled(EDGE_SWARM_SEEDS)}")


def bugs():
    if not os.path.exists("sim/main.c"):
        return
    if not step("build planted bugs", "make", "--no-print-directory", "bugs", note="compiled"):
        return
    planted = subprocess.run(["grep", "-rhoE", "HX_BUG_[0-9]+", "core"], capture_output=True, text=True, check=False)
    numbers = sorted({int(name[len("HX_BUG_"):]) for name in planted.stdout.split()})
    for number in numbers:
        step(f"planted bug {number} is found", f"build/bug/{number}/hoox-sim", "--find-bug")
        step(f"planted bug {number}, at the edge", f"build/bug/{number}/hoox-sim", "--world", "edge", "--find-bug")
    if len(numbers) < BUGS_MIN:
        tally("planted bugs", time.time(), 0, 1, f"{len(numbers)} of them, expected {BUGS_MIN}")


def crash():
    if not step("build crash test", "make", "--no-print-directory", "crash", note="compiled"):
        return
    step("ledger survives crashes", "build/crash/full", scaled(CRASHES))
    step("weaker ledger loses rows", "build/crash/normal", scaled(CRASHES // 10), must_fail=True)


def counted(name, what, *command):
    """A script that ends with the plain line itself."""
    log = f"{LOGS}/{re.sub(r'[^A-Za-z0-9]+', '-', name)}.log"
    if os.path.exists(log):
        os.unlink(log)
    started = time.time()
    code = run(list(command), log)
    found = re.search(r"^(\d+) passed, (\d+) failed$", read(log), re.M)
    good, bad = (int(found.group(1)), int(found.group(2))) if found else (0, 1)
    # One that found nothing to do has shown nothing.
    if (code != 0 or good == 0) and bad == 0:
        bad = 1
    tally(name, started, good, bad, f"{good + bad} {what}")
    if bad:
        show(log, 80)


def e2e_on(name, host, venue, *arguments):
    counted(name, "cases", "env", f"HOOX_E2E_HOST={host}", f"HOOX_E2E_VENUE={venue}", "test/e2e/run.py", *arguments)


def e2e():
    """Every case at every venue in the simulator; on the real program all of them once, and the short ones at each."""
    for venue in VENUES:
        e2e_on(f"end to end, {venue}", "native", venue, *([] if venue == VENUES[0] else ["--light"]))
        e2e_on(f"simulated, {venue}", "sim", venue)


def adversary():
    """What a careful trader would have lost money on, replayed."""
    counted("adversary", "cases", "test/adversary/run.py", "build/hoox-sim")


def recipe():
    """A venue that does not exist, added as docs/HACKING.md says, and traded on."""
    counted("recipe for a venue", "steps", "test/recipe/run.py")


def stranger():
    """A stand-in of the exchanges that was not made for hoox."""
    counted("stranger's exchange", "cases", "test/stranger/run.py")


def workerd():
    """On workerd: the port's contract, the pool, the operator, the storm; then the end-to-end cases, at the first venue
    all of them, at the others those in which the venue's ways matter most."""
    if not step("build for workerd", "make", "--no-print-directory", "edge-tests", note="built"):
        return
    log = f"{LOGS}/workerd.log"
    if os.path.exists(log):
        os.unlink(log)
    started = time.time()
    limit = f"--test-timeout={LIMIT_S * 1000}"
    code = run(["node", "--test", "--test-concurrency=1", limit, "test/edge/"], log)
    good, bad = (sum(int(n) for n in re.findall(rf"^# {word} (\d+)$", read(log), re.M)) for word in ("pass", "fail"))
    if (code != 0 or good == 0) and bad == 0:
        bad = 1
    tally("on workerd", started, good, bad, f"{good + bad} tests")
    if bad:
        show(log, 80)
    e2e_on("end to end on workerd", "edge", VENUES[0])
    for venue in VENUES[1:]:
        e2e_on(f"on workerd, {venue}", "edge", venue, *EDGE_CASES)


def deploy():
    """Against a stand-in for Cloudflare's interface; with a Worker behind it; and what wrangler thinks of it."""
    if not step("build for deploying", "make", "--no-print-directory", "build", "edge-tests", note="built"):
        return
    counted("deploy", "cases", "test/cloudflare/run.py")
    counted("deployed Worker, from afar", "cases", "test/cloudflare/workerd.py")
    counted("second opinion of wrangler", "cases", "test/cloudflare/wrangler.py")


def ccxt():
    """Every request of every venue beside what another client would send for the same intent."""
    if not step("build for comparing", "make", "--no-print-directory", "build", "deps-ccxt", note="built"):
        return
    counted("second opinion of ccxt", "requests", "node", "test/ccxt/compare.mjs")


STEPS = {"build": build, "style": style, "edge": edge, "unit": unit, "asan": asan, "fuzz": fuzz, "sim": sim,
         "bugs": bugs, "crash": crash, "adversary": adversary, "stranger": stranger, "e2e": e2e, "recipe": recipe,
         "workerd": workerd, "deploy": deploy, "ccxt": ccxt}


def main():
    wanted = sys.argv[1:] or list(STEPS)
    unknown = [name for name in wanted if name not in STEPS]
    if unknown:
        print(f"no such step: {' '.join(unknown)}; there are: {' '.join(STEPS)}", file=sys.stderr)
        sys.exit(2)
    os.makedirs(LOGS, exist_ok=True)
    started = time.time()
    for name in wanted:
        STEPS[name]()
    print(f"{time.time() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
