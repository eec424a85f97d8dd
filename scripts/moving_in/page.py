"""The commands of docs/moving-in.md, each with the program below it."""

import re

# What runs no program of the page's that could be tried here.
NOT_HERE = "sqlcmd"


def commands(text):
    """Yields each command of the section that writes users.jsonl, and the block of SQL or jq that it runs."""
    section = text.split("\n## From an export\n")[1].split("\n## ")[0]
    for before, program in re.findall(r"((?:(?!```).)*?)```(?:sql|jq)\n(.*?)```", section, re.DOTALL):
        paragraph = before.rstrip().rsplit("\n\n", 1)[-1].replace("\n", " ")
        writes = [command for command in re.findall(r"`([^`]+)`", paragraph) if command.endswith("users.jsonl")]
        assert len(writes) == 1, f"not one command that writes users.jsonl: {paragraph}"
        if not writes[0].startswith(NOT_HERE):
            yield writes[0], program


def program_file(command):
    """The name of the file that the command reads the program from."""
    return re.search(r"(?:-f|<) (\S+)", command).group(1)
