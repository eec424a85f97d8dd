"""The commands on the pages, which people paste into a shell."""

import re

from . import names

BLOCK = re.compile(r"^```(?:sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?:^|\s)#")
SETTING = "setopt interactive_comments"


def problems(page, text):
    """zsh, the shell of macOS, takes a comment that is typed for arguments, unless it is told otherwise."""
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines() if COMMENT.search(line)]
    if lines and SETTING not in text:
        yield f"{page} has a comment among commands, and no word of `{SETTING}`: {lines[0]}"


def in_all_pages():
    for path in names.pages():
        yield from problems(path.relative_to(names.ROOT), path.read_text())
