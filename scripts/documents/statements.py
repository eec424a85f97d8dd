"""Statements by which readers decide: what README.md tells a newcomer, and what SECURITY.md says does not hold."""

import re

from . import names, shells

NOT_DEPLOYED = "**Nobody has deployed Ratchet to AWS yet"
MOST_LINES_OF_LIMITS = 5


def section(text, heading):
    """The text below a heading of the second level; empty if there is none."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else ""


def commands(text):
    return [line for block in shells.BLOCK.findall(text) for line in block.splitlines()]


def of_readme(text):
    introduction, deploy = text.split("\n## ")[0], section(text, "Deploy")
    limits = [part for part in introduction.split("\n\n") if part.startswith("**It is not**")]
    if len(limits) != 1 or len(limits[0].splitlines()) > MOST_LINES_OF_LIMITS:
        yield "does not say before its first heading, in up to five lines, what Ratchet is not for"
    if not deploy.startswith(NOT_DEPLOYED):
        yield "does not begin its section Deploy with the fact that nobody has deployed Ratchet to AWS yet"
    lines = commands(deploy)
    if not any("AWS_DEFAULT_REGION=" in line for line in lines) or not any(line.endswith("sam build") for line in lines):
        yield "does not deploy with a Region and `sam build`"
    overrides = [re.findall(r" (\w+)=", line) for line in lines if line.startswith("sam deploy ")]
    if overrides != [["AllowedOrigin", "Audience"]] or "--guided" in deploy:
        yield "does not deploy with one `sam deploy` and the two parameters that matter"
    for heading in ("Run it", "Deploy"):
        if not re.search(r"\bfirst (?:build|`sam build`) takes\b", section(text, heading)):
            yield f"does not say in its section {heading} how long a build takes"
    if "(docs/deploy.md)" not in deploy:
        yield "does not link its section Deploy to docs/deploy.md"


def of_deploy(text):
    if not text.split("\n\n")[1].startswith(NOT_DEPLOYED):
        yield "does not begin with the fact that nobody has deployed Ratchet to AWS yet"
    if "The first build takes" not in text:
        yield "does not say how long a build takes"
    stacks = re.findall(r"sam deploy --stack-name (\S+)", section(text, "Development and production"))
    if len(set(stacks)) != 2:
        yield "does not show a stack for development beside one for production"
    down = "\n".join(commands(section(text, "Take it down")))
    for command in ("cloudformation delete-stack", "dynamodb delete-table", "secretsmanager delete-secret"):
        if command not in down:
            yield f"does not take a stack down with `{command}`"


def of_security(text, template):
    seconds = int(re.search(r"^  RefreshAbsoluteSeconds:\n(?:    .*\n)*?    Default: (\d+)$", template, re.MULTILINE).group(1))
    text = " ".join(text.split())
    for statement in (
        "**Manual edits of the tables do not reach existing sessions.**",
        "A role that is removed from the account's row, or an account whose row is deleted, works on in its sessions for up to "
        f"`REFRESH_ABSOLUTE_SECONDS` ({seconds // 86_400} days).",
        "**Other common passwords in other scripts and languages pass**",
    ):
        if statement not in text:
            yield f"does not say: {statement}"


def on_all_pages():
    read = {name: (names.ROOT / name).read_text() for name in ("README.md", "docs/deploy.md", "SECURITY.md", "template.yaml")}
    yield from (f"README.md {problem}" for problem in of_readme(read["README.md"]))
    yield from (f"docs/deploy.md {problem}" for problem in of_deploy(read["docs/deploy.md"]))
    yield from (f"SECURITY.md {problem}" for problem in of_security(read["SECURITY.md"], read["template.yaml"]))
