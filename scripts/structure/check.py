"""What scripts/check-structure checks."""

import pathlib
import sys
import tomllib
import unittest

from . import cycles, repeats, structure_tests

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MOST_LINES_OF_MAIN = 10


def members():
    """The packages of the main workspace, but for the test harness."""
    globs = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]
    found = sorted(path for glob in globs for path in ROOT.glob(glob) if (path / "Cargo.toml").exists())
    return [path for path in found if path.name != "tests"]


def product():
    """Where nothing may stand twice, as paths from the root."""
    folders = [ROOT / name for name in ("shared", "aws", "runtime")] + sorted((ROOT / "functions").iterdir())
    return [path.relative_to(ROOT) for path in folders if (path / "src").exists()]


def long_mains(root):
    for path in sorted(root.glob("functions/*/src/main.rs")):
        lines = len(path.read_text().splitlines())
        if lines > MOST_LINES_OF_MAIN:
            yield f"{path.relative_to(root)} has {lines} lines, more than {MOST_LINES_OF_MAIN}"


def problems():
    for package in members():
        yield from cycles.problems(package, ROOT)
    for pair in repeats.problems(ROOT, product()):
        yield f"the same {repeats.LINES} lines or more: {pair}"
    yield from long_mains(ROOT)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(structure_tests)
    if not unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful():
        sys.exit(1)
    found = list(problems())
    for problem in found:
        print(problem)
    if found:
        sys.exit(1)
    print("no cycle between siblings, no run of code stands twice, and every main.rs of a function is short")
