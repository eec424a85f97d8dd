"""The parameters of the stack that commands on the pages set."""

import re

from . import names, shells

PAGES = ["README.md", "SECURITY.md", "CONTRIBUTING.md"]
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
    for page in PAGES:
        yield from problems(page, (names.ROOT / page).read_text(), parameters)
