#!/usr/bin/env python3
"""The style checker: the rules of the house that a machine can check. Prints file:line: finding; exits 1 on any.

Usage: tools/style.py        (from the root of the tree, after `make build`: symbols and sections are read from build/)
Reads every file git knows or would add. What each rule is for is said where it is defined.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

COLUMNS_MAX = 120
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
FREESTANDING = ("core/", "lab/", "port/")
FREESTANDING_INCLUDES = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "limits.h"}
TESTED = ("core/", "lab/", "port/", "host/common/")
# The compiler calls these by itself, for struct copies and its builtins.
COMPILER_CALLS = {"memcpy", "memmove", "memset", "memcmp", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}
C_FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I.", "-fsyntax-only", "-x", "c"]
CODE = (".c", ".h", ".def", ".py", ".sh", ".mjs")
VENUE_TABLE = "core/base/venues.h"
VENUE_PROFILES = "test/venues.json"
SETTING_TABLE = "core/app/setting.def"
SETTING_DOC = "docs/CLI.md"
SETTING_READERS = ("core/", "host/native/", "cli/")
VENUELESS = ("core/", "lab/", "port/", "host/", "cli/", "sim/")
# Where a venue is named outside its own files all the same: (file, the text, the reason).
EXAMPLE = "an example in a text for people"
SPELLING = "how TradingView spells a symbol, wherever it is traded"
VENUE_NAMED = [
    ("core/admit/manifest.def", '"bybit"', "the default of exchanges:default_routing is a decision, not a list"),
    ("core/admit/manifest.def", '\\"SOLUSDT\\":\\"binance\\"', EXAMPLE),
    ("core/admit/manifest.c", '\\"SOLUSDT\\":\\"binance\\"', EXAMPLE),
    ("core/signal/hoox.c", "BINANCE:BTCUSDT.P", SPELLING),
    ("cli/perf.c", '\\"exchange\\":\\"binance\\"', "`hoox perf` measures against the first paper laboratory"),
    ("cli/serve.c", '\\"exchange\\":\\"binance\\"', EXAMPLE),
    ("cli/serve.c", '\\"exchange\\":\\"BINANCE\\"', EXAMPLE),
    ("cli/serve.c", "Bybit's is the whole account's", "what the owner has to know of margin modes, in hoox.env"),
    ("cli/venue.c", "such as BINANCE_API_KEY", EXAMPLE),
    ("port/contract/socket.c", "HOOX_BINANCE_FUTURES_URL", "any address that every host has will do"),
    ("port/contract/outward.c", "HOOX_BINANCE_FUTURES_URL", "likewise"),
    ("sim/main.c", "bybit:spot", EXAMPLE),
    ("sim/scenario.c", "BINANCE:BTCUSDT.P", SPELLING),
    ("sim/serve_open.c", "bybit:spot", EXAMPLE),
    ("sim/swarm.c", "BINANCE:ETHUSDT.P", SPELLING),
]

findings = []


def report(path, line, text):
    findings.append(f"{path}:{line}: {text}")


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def without_comments_and_strings(source):
    """The source with the same lines and columns, its comments, strings and characters blanked."""
    return TOKEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)


def without_comments(source):
    """Likewise, strings and characters left as they are."""
    return TOKEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()) if found.group()[0] == "/" else found.group(),
                     source)


def check_text(path, source):
    """Lines that fit a screen, no leftovers, nothing that is true on one machine only."""
    # The words are written in two halves so that this file passes its own check.
    leftover = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HAC" + r"K)\b")
    machine = re.compile(r"(?<![\w.~])/(?:home|root|work|Users)/\w|\b(?:registry|proxy)\.[a-z]+\.(?:org|com)\b")
    is_code = path.endswith(CODE) or path == "Makefile"
    lines = source.split("\n")
    if source and lines[-1] != "":
        report(path, len(lines), "no newline at the end")
    if is_code and len(lines) - 1 > FILE_LINES_MAX:
        report(path, 1, f"{len(lines) - 1} lines, over {FILE_LINES_MAX}: two ideas in one file")
    for number, line in enumerate(lines, 1):
        if is_code and len(line) > COLUMNS_MAX:
            report(path, number, f"{len(line)} columns, over {COLUMNS_MAX}")
        if line != line.rstrip():
            report(path, number, "white space at the end")
        if leftover.search(line):
            report(path, number, "leftover: finish it or drop it")
        if machine.search(line):
            report(path, number, "a path or host of one machine")


def check_c(path, source):
    """Shape and words of C: what the compiler lets pass and the house does not."""
    code = without_comments_and_strings(source)
    banned = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|setjmp|longjmp|system|"
                        r"popen|tmpnam)\s*\(")
    is_test = path.endswith("_test.c")
    for number, line in enumerate(code.split("\n"), 1):
        found = banned.search(line)
        if found:
            report(path, number, f"{found.group(1)} is banned")
        if re.match(r"\s*#\s*if\s+0\b", line):
            report(path, number, "code that is switched off")
        if path.endswith(".c") and re.match(r"static\b[^=;]*\bhx_\w+\(", line):
            report(path, number, "a static helper carries no prefix")
    for number, line in enumerate(source.split("\n"), 1):
        if re.search(r"(/\*|//|^ \*).*[-=*#~]{8,}", line):
            report(path, number, "banner")
        if re.match(r"\s*(/\*|//)\s*[\w.>-]+(\(.*\)| = .*);\s*(\*/)?\s*$", line):
            report(path, number, "code in a comment")
    if path.startswith(FREESTANDING) and not is_test:
        check_freestanding(path, code, source)
    check_functions(path, code)
    if path.endswith(".h"):
        guard = "HX_" + re.sub(r"\W", "_", path).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in source:
            report(path, 1, f"the include guard is {guard}")


def check_freestanding(path, code, source):
    """The core runs as WebAssembly too: five headers, integers, nothing of the C library."""
    for number, line in enumerate(source.split("\n"), 1):
        found = re.match(r"\s*#\s*include\s*<([^>]+)>", line)
        if found and found.group(1) not in FREESTANDING_INCLUDES:
            report(path, number, f"<{found.group(1)}> does not exist where this runs")
    for number, line in enumerate(code.split("\n"), 1):
        found = re.search(r"\b(float|double|__thread|_Thread_local)\b", line)
        if found:
            report(path, number, f"{found.group(1)} has no place here")


def check_functions(path, code):
    """A function starts in the first column and ends with a brace there: clang-format sees to that."""
    start = None
    for number, line in enumerate(code.split("\n"), 1):
        if start is None and re.match(r"[A-Za-z_][^;=#]*\(", line):
            start = number
        if start is not None and line.startswith("}"):
            length = number - start + 1
            if length > FUNCTION_LINES_MAX:
                report(path, start, f"a function of {length} lines, over {FUNCTION_LINES_MAX}")
            start = None
        elif start is not None and line.rstrip().endswith(";") and not line.startswith(" "):
            start = None
        elif start is not None and line.startswith(" ") and line.rstrip().endswith(");") and number - start < 6:
            # The last line of a declaration that was broken over several.
            if "{" not in "".join(code.split("\n")[start - 1:number]):
                start = None


def check_tests_exist(sources, paths):
    """x.c has x_test.c beside it, or a test in the same folder says that it covers x.c."""
    for path in paths:
        if not path.endswith(".c") or path.endswith("_test.c") or not path.startswith(TESTED):
            continue
        folder, name = os.path.split(path)
        if path[:-2] + "_test.c" in sources or folder == "port/contract":
            continue
        beside = [test for test in paths if os.path.dirname(test) == folder and test.endswith("_test.c")]
        if not any(re.search(rf"\b{re.escape(name)}\b", sources[test]) for test in beside):
            report(path, 1, f"no {name[:-2]}_test.c, and no test in {folder} says that it covers {name}")


def check_venues(sources):
    """The recipe of docs/HACKING.md: a venue is its own files and its rows, and no other code knows its name. Comments
    may, as examples; tests may."""
    table = without_comments(sources[VENUE_TABLE])
    venues = re.findall(r"^ +(?:FIRST|MORE)\(\w+, (\w+)\)", table, re.M)
    products = [(venue, f"{venue}:{market.lower()}", {"streams": private == "YES", "order_socket": socket == "YES"})
                for venue, market, private, socket in
                re.findall(r"^ +ROW\(\w+, (\w+), (\w+), \w+, (\w+), \w+, (\w+)\)", table, re.M)]
    if not venues or not products:
        report(VENUE_TABLE, 1, "no rows where this check looks for them")
        return
    name = re.compile("|".join(venues), re.I)
    own = re.compile(rf"(?:core/venue|lab)/(?:{'|'.join(venues)})")
    unused = list(VENUE_NAMED)
    for path, source in sources.items():
        if not path.startswith(VENUELESS) or not path.endswith((".c", ".h", ".def", ".mjs")) or own.match(path):
            continue
        if path.endswith("_test.c") or path == VENUE_TABLE:
            continue
        for number, line in enumerate(without_comments(source).split("\n"), 1):
            for exception in [one for one in VENUE_NAMED if one[0] == path and one[1] in line]:
                line = line.replace(exception[1], "")
                unused = [one for one in unused if one is not exception]
            if name.search(line):
                report(path, number, f"names {name.search(line).group()}: only its own files may, or ask its row")
    for path, text, _reason in unused:
        report(path, 1, f"no longer says {text}: drop the exception")
    check_profiles(sources, products)


def check_profiles(sources, products):
    """What the tests know of the venues: a row for each product, in the same order, with what it has, and addresses
    that its adapter has: another name would let a test out to the venue itself."""
    profiles = json.loads(sources[VENUE_PROFILES])
    if list(profiles) != [product for _venue, product, _has in products]:
        report(VENUE_PROFILES, 1, f"its rows are not the products of {VENUE_TABLE}, in that order")
    for venue, product, has in products:
        for name, has_it in has.items():
            if profiles.get(product, {}).get(name, False) != has_it:
                report(VENUE_PROFILES, 1, f"{product}: {name} is not what {VENUE_TABLE} says")
        code = "".join(text for path, text in sources.items() if path.startswith(f"core/venue/{venue}"))
        for kind in ("url", "testnet_url"):
            setting = profiles.get(product, {}).get(kind)
            if setting is None and kind == "testnet_url":
                continue
            if f'.origin_setting = HX_FORM_TEXT("{setting}")' not in code:
                report(VENUE_PROFILES, 1, f"{product}: no adapter of {venue} has its {kind} from {setting}")


def check_settings(sources):
    """Each setting that the program reads is one of the table, and stands in a table of the documentation."""
    rows = re.findall(r'^X\(\w+, "(\w+)"', sources[SETTING_TABLE], re.M)
    known = set(rows) | {name for path, source in sources.items() if path.startswith("core/venue/")
                         for name in re.findall(r'HX_FORM_TEXT\("(\w+_(?:URL|API_KEY|API_SECRET))"\)', source)}
    if not rows or known == set(rows):
        report(SETTING_TABLE, 1, "no rows where this check looks for them, or no adapter names its own")
    told = {name for line in sources[SETTING_DOC].split("\n") if line.startswith("|")
            for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    for name in sorted(known - told):
        report(SETTING_DOC, 1, f"{name} is in no table")
    for path, source in sources.items():
        if not path.startswith(SETTING_READERS) or not path.endswith((".c", ".h")) or path.endswith("_test.c"):
            continue
        for number, line in enumerate(without_comments(source).split("\n"), 1):
            for name in re.findall(r"\bHOOX_[A-Z0-9_]*[A-Z0-9]\b(?!_)", line):
                if name not in known:
                    report(path, number, f"{name} is not in {SETTING_TABLE}")


def check_header_alone(path):
    """Whoever includes a header needs to know of no other."""
    result = run("gcc", *C_FLAGS, "-", text=f'#include "{path}"\n')
    errors = [line for line in result.stderr.split("\n") if "error" in line]
    return [f"{path}:1: does not compile by itself: {errors[0]}"] if errors else []


def check_layout(path):
    result = run("clang-format", "--dry-run", "-Werror", path)
    return [f"{path}:{line.split(':')[1]}: layout: run make format"
            for line in result.stderr.split("\n") if "error:" in line][:1]


def check_archives():
    """What the compiled code shows: no mutable data and no foreign calls in the core, every public name is ours."""
    for name in ("core", "lab", "common", "contract", "native", "sim", "cli", "simlib"):
        archive = f"build/lib{name}.a"
        if not os.path.exists(archive):
            report(archive, 1, "not built: run make build first")
            continue
        pure = name in ("core", "lab")
        # A program's parts may share names under its own prefix: nobody else links them.
        own = {"cli": "cli_", "sim": "sim_", "simlib": "sim_"}.get(name, "hx_")
        for line in run("nm", "-A", "-g", archive).stdout.split("\n"):
            found = re.match(r"[^:]+:([^:]+):\S*\s+(\w)\s+(\S+)", line)
            if not found:
                continue
            member, kind, symbol = found.groups()
            if kind == "U":
                if pure and not symbol.startswith("hx_") and symbol not in COMPILER_CALLS:
                    report(f"{archive}({member})", 1, f"calls {symbol}")
            elif not symbol.startswith(("hx_", own)):
                report(f"{archive}({member})", 1, f"public name without hx_: {symbol}")
        if pure:
            check_sections(archive)


def check_sections(archive):
    member = ""
    for line in run("size", "-A", archive).stdout.split("\n"):
        found = re.match(r"(\S+)\s+\(ex ", line)
        if found:
            member = found.group(1)
        found = re.match(r"(\.data|\.bss|\.tdata|\.tbss|COMMON)\s+(\d+)", line)
        if found and int(found.group(2)) > 0:
            report(f"{archive}({member})", 1, f"{found.group(2)} bytes of mutable data in {found.group(1)}")


def main():
    listed = run("git", "ls-files", "-co", "--exclude-standard").stdout.split("\n")
    paths = [path for path in listed if path and os.path.isfile(path)]
    sources = {}
    for path in paths:
        if path.startswith("test/fuzz/seeds/") or path.endswith((".pdf", ".png")):
            continue
        try:
            with open(path, encoding="utf-8") as file:
                sources[path] = file.read()
        except UnicodeDecodeError:
            report(path, 1, "not UTF-8")
    c_paths = [path for path in sources if path.endswith((".c", ".h"))]
    for path, source in sources.items():
        check_text(path, source)
    for path in c_paths:
        check_c(path, sources[path])
    check_tests_exist(sources, c_paths)
    check_venues(sources)
    check_settings(sources)
    check_archives()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(check_header_alone, [path for path in c_paths if path.endswith(".h")]):
            findings.extend(result)
        for result in pool.map(check_layout, c_paths):
            findings.extend(result)
    for finding in sorted(findings):
        print(finding)
    print(f"style: {len(sources)} files, {len(findings)} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
