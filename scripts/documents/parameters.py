"""The parameters of the stack that commands on the pages set."""

import re

from . import names, shells

# Its templates have parameters of their own; lint-attached checks the commands there.
ATTACHED = names.ROOT / "docs/attach"
SETS = re.compile(r"(?:scripts/set-parameters|sam (?:build|deploy|local).* --parameter-overrides)((?: \w+=\S+)+)")


def problems(page, text, parameters):
    for block in shells.BLOCK.findall(text):
        for assignments in SETS.findall(block.replace("\\\n", "")):
            for name in re.findall(r" (\w+)=", assignments):
                if name not in parameters:
                    yield f"{page} sets the parameter {name}, which template.yaml does not have"


def in_all_pages():
    template = (names.ROOT / "template.yaml").read_text()
    section = re.search(r"^Parameters:\n(.*?)^\w", template, re.MULTILINE | re.DOTALL).group(1)
    parameters = set(re.findall(r"^  (\w+):$", section, re.MULTILINE))
    for path in names.pages():
        if ATTACHED in path.parents:
            continue
        yield from problems(path.relative_to(names.ROOT), path.read_text(), parameters)
