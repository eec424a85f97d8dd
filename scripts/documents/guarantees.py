"""docs/guarantees.md: the guarantees, as its headings state them, each with its tests."""

import re

from . import names

PAGE = names.ROOT / "docs/guarantees.md"
HEADING = re.compile(r"^## G(\d): ", re.MULTILINE)


def proves(test):
    """The guarantees that a test proves, by its name: g3_and_g6_... proves two."""
    prefix = re.match(r"g\d_(?:and_g\d_)*", test)
    return set(re.findall(r"g(\d)_", prefix.group())) if prefix else set()


def problems(text, tests):
    """Guarantees without a test, and tests of guarantees that the page does not state."""
    stated = set(HEADING.findall(text))
    proved = {number for test in tests for number in proves(test)}
    yield from (f"docs/guarantees.md: no test for G{number}" for number in sorted(stated - proved))
    yield from (f"docs/guarantees.md does not state G{number}, which tests name" for number in sorted(proved - stated))


def written(text, tests):
    """The page: its text, and below each heading the tests that there are."""
    first, *rest = HEADING.split(text)
    for number, section in zip(rest[::2], rest[1::2]):
        prose = re.split(r"^- ", section, maxsplit=1, flags=re.MULTILINE)[0].rstrip("\n")
        listed = [entry(test, tests[test]) for test in sorted(tests) if number in proves(test)]
        first += f"## G{number}: {prose}\n\n" + "".join(listed) + "\n"
    return first.rstrip("\n") + "\n"


def entry(test, paths):
    return f"- `{test}` in {', '.join(f'[{path}](../{path})' for path in paths)}\n"
