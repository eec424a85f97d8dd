"""Runs of code that stand twice, as jscpd finds them; imports and tests apart, and comments."""

import json
import pathlib
import subprocess
import tempfile

from . import source

LINES, TOKENS = 8, 60
JSCPD = pathlib.Path(__file__).resolve().parent / "node_modules/.bin/jscpd"


def product(text):
    """The lines of a source file but for imports and tests, each with its number."""
    lines = list(enumerate(text.splitlines(keepends=True), start=1))
    left_out = {row for node in omitted(source.read(text)) for row in range(node.start_point.row, node.end_point.row + 1)}
    return [(number, line) for number, line in lines if number - 1 not in left_out]


def omitted(root):
    yield from source.tests(root)
    for node, _ in source.items(root):
        if node.type == "use_declaration":
            yield node
        elif node.type == "mod_item" and (body := node.child_by_field_name("body")):
            yield from omitted(body)


def files(root):
    """The files of a package that are not tests alone, as paths from its folder."""
    for path in sorted((root / "src").rglob("*.rs")):
        if not {"tests", "tests.rs"} & set(path.parts) and not path.stem.endswith("_tests"):
            yield path


def problems(root, packages):
    """The runs that stand twice in these packages, a line each. `root` is what paths are named from."""
    kept = {path.relative_to(root): product(path.read_text()) for package in packages for path in files(root / package)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for path, lines in kept.items():
            copy = folder / "product" / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text("".join(line for _, line in lines))
        for found in duplicates(folder):
            yield " and ".join(place(found[side], folder / "product", kept) for side in ("firstFile", "secondFile"))


def duplicates(folder):
    command = [JSCPD, "product", "--format", "rust", "--mode", "weak", "--min-lines", str(LINES)]
    command += ["--min-tokens", str(TOKENS), "--max-lines", "100000", "--no-gitignore", "--absolute", "--fail-on-empty"]
    command += ["--reporters", "json", "--output", "report"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return json.loads((folder / "report/jscpd-report.json").read_text())["duplicates"]


def place(side, folder, kept):
    """Where a run stands in the file itself."""
    path = pathlib.Path(side["name"]).relative_to(folder)
    first, last = (kept[path][side[edge] - 1][0] for edge in ("start", "end"))
    return f"{path}:{first}-{last}"
