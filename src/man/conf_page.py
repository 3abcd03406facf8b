#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes daedalus_drv_video.conf(5) of the installed configuration file, whose comments describe every key:
conf_page.py CONF SYSCONFDIR VERSION PAGE. A key is a line "#key = default" after the comment that describes it."""
import re
import sys

conf, sysconfdir, version, page = sys.argv[1:]


def escape(text):
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"))


def read(path):
    """The paragraphs before the first key, and (key, default, comment) of each key."""
    introduction, keys, comment = [], [], []
    for line in open(path):
        line = line.rstrip()
        if "SPDX-License-Identifier" in line:
            continue
        if line in ("", "#"):
            introduction.append(" ".join(comment))
            comment = []
        elif match := re.match(r"#(\w+) = ?(.*)", line):
            keys.append((*match.groups(), " ".join(comment)))
            comment = []
        else:
            comment.append(line[2:])
    return [paragraph for paragraph in introduction if paragraph], keys


introduction, keys = read(conf)
out = [
    f'.TH DAEDALUS_DRV_VIDEO.CONF 5 "" "daedalus {version}" "File formats"',
    ".SH NAME",
    "daedalus_drv_video.conf \\- settings of the daedalus VA\\-API driver",
    ".SH SYNOPSIS",
    f".I {escape(sysconfdir)}/daedalus_drv_video.conf",
    ".SH DESCRIPTION",
]
for paragraph in introduction:
    out += [escape(paragraph), ".PP"]
out[-1] = ".SH KEYS"
for key, default, comment in keys:
    out += [".TP", f".B {escape(key)}", escape(comment)]
    if default:
        out.append(f"Default: {escape(default)}.")
out += [".SH ENVIRONMENT", "Each of these takes precedence over the file."]
for key, _, _ in keys:
    out += [".TP", f".B DAEDALUS_{key.upper()}", f"The key {escape(key)}."]
out += [
    ".TP", ".B DAEDALUS_CONF", "The path of another file to read instead.",
    ".SH EXAMPLE", ".nf", "DAEDALUS_LOG_LEVEL=info vainfo", ".fi",
    ".SH SEE ALSO", ".BR vainfo (1),", ".BR daedalus\\-bench (1)",
]
open(page, "w").write("\n".join(out) + "\n")
