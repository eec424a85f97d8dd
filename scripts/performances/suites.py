"""What is measured, and the files that say what was found out."""

import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = "docs/performance"

# In the order of the page. `packages` is reckoned here; the others are suites of the harness in bench/.
TITLES = {
    "authorizer": "The authorizer",
    "refresh": "A refresh",
    "login": "A sign-in",
    "local": "The local server",
    "growth": "As tables grow",
    "starts": "The start of each function",
    "packages": "Packages",
}


def path(suite):
    return ROOT / FOLDER / f"{suite}.json"


def load():
    """What each suite has found out, of those that were measured."""
    return {suite: json.loads(path(suite).read_text()) for suite in TITLES if path(suite).exists()}


def save(suite, measured):
    path(suite).write_text(json.dumps(measured, indent=2) + "\n")


def kept(budget):
    return "holds" if budget["holds"] else "falls short"
