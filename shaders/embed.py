#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a SPIR-V module as a C++ header: embed.py MODULE.spv NAME HEADER."""
import struct
import sys

module, name, header = sys.argv[1:]
with open(module, "rb") as file:
    data = file.read()
words = struct.unpack(f"<{len(data) // 4}I", data)
with open(header, "w") as file:
    file.write("#pragma once\n\n#include <cstdint>\n\n")
    file.write(f"inline constexpr uint32_t {name}[] = {{\n")
    for i in range(0, len(words), 8):
        file.write("    " + ", ".join(f"{word:#010x}" for word in words[i : i + 8]) + ",\n")
    file.write("};\n")
