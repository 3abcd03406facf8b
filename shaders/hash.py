#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes hashes of shaders' sources, including the files that they include, as C++: hash.py OUTPUT FILE... Ignores comments
and white space, and does not depend on a compiler."""
import hashlib
import pathlib
import re
import sys


def text_of(path):
    text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", path.read_text(), flags=re.DOTALL)
    return re.sub(r'#include "([^"]+)"', lambda include: text_of(path.parent / include[1]), text)


def main():
    lines = []
    for path in map(pathlib.Path, sys.argv[2:]):
        digest = hashlib.sha256(" ".join(text_of(path).split()).encode()).hexdigest()
        lines.append(f'{{"{path.parent.name}_{path.stem}", 0x{digest[:16]}}},\n')
    pathlib.Path(sys.argv[1]).write_text("".join(lines))


main()
