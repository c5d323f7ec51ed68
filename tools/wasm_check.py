#!/usr/bin/env python3
"""Checks the Worker's module: it imports exactly the port's operations but two, exports its entries, and is small.

Usage: tools/wasm_check.py build/edge/hoox.wasm
The import section is read as the WebAssembly core specification 1.0 lays it out (binary format, 5.5.5).
"""
import gzip
import re
import sys

SIZE_MAX = 400 * 1024
SIZE_GZIP_MAX = 150 * 1024
NEVER_CALLED = {"socket_prepare", "socket_ask"}  # host/edge/streamless.c
EXPORTS = ("memory", "hx_edge_handle", "hx_edge_sink", "hx_edge_event", "hx_edge_exchange")
IMPORT_SECTION, EXPORT_SECTION = 2, 7
FUNCTION, TABLE, MEMORY, GLOBAL = 0, 1, 2, 3


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        """Unsigned LEB128."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def name(self):
        length = self.number()
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def limits(self):
        if self.byte() & 1:
            self.number()
        self.number()


def read_import(reader):
    module, field, kind = reader.name(), reader.name(), reader.byte()
    if kind == FUNCTION:
        reader.number()
    elif kind == TABLE:
        reader.byte()
        reader.limits()
    elif kind == MEMORY:
        reader.limits()
    else:
        reader.byte()
        reader.byte()
    return module, field, kind


def read_export(reader):
    field, kind, _ = reader.name(), reader.byte(), reader.number()
    return field, kind


def sections(data):
    if data[:8] != b"\0asm\1\0\0\0":
        sys.exit("wasm: not a WebAssembly 1 module")
    reader = Reader(data, 8)
    while reader.at < len(data):
        kind, length = reader.byte(), reader.number()
        yield kind, Reader(data, reader.at)
        reader.at += length


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    with open("port/host.def", encoding="utf-8") as file:
        operations = re.findall(r"^X\((\w+),", file.read(), re.M)
    imports, exports = [], []
    for kind, reader in sections(data):
        if kind == IMPORT_SECTION:
            imports = [read_import(reader) for _ in range(reader.number())]
        elif kind == EXPORT_SECTION:
            exports = [read_export(reader) for _ in range(reader.number())]

    expected = {("host", name, FUNCTION) for name in operations if name not in NEVER_CALLED}
    problems = [f"imports {module}.{field}, which is not an operation of port/host.def that a Worker calls"
                for module, field, _ in sorted(set(imports) - expected)]
    problems += [f"does not import {field}, an operation of port/host.def"
                 for _, field, _ in sorted(expected - set(imports))]
    problems += [f"does not export {name}" for name in EXPORTS if name not in {field for field, _ in exports}]
    packed = len(gzip.compress(data, 9))
    if len(data) > SIZE_MAX:
        problems.append(f"{len(data)} bytes, over {SIZE_MAX}")
    if packed > SIZE_GZIP_MAX:
        problems.append(f"{packed} bytes gzipped, over {SIZE_GZIP_MAX}")
    for problem in problems:
        print(f"wasm: {problem}")
    print(f"wasm: {len(data) / 1024:.1f} KiB, {packed / 1024:.1f} KiB gzipped, imports are "
          f"{len(imports)} of port/host.def's {len(operations)} operations")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
