"""The names of the tests and of the pages that there are."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEST = re.compile(r"#\[(?:tokio::)?test\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:async\s+)?fn (\w+)\s*\(")
TITLE = re.compile(r'^\s*test\("([^"]+)"', re.MULTILINE)


def in_rust():
    """The files of each test in Rust, as paths from the root, by its name."""
    found = {}
    for path in sorted(ROOT.rglob("*.rs")):
        within = path.relative_to(ROOT)
        if "target" not in within.parts:
            for name in TEST.findall(path.read_text()):
                found.setdefault(name, []).append(within.as_posix())
    return found


def of_the_browser_client():
    """The titles of its tests."""
    return {title for path in ROOT.glob("web/tests/*.test.js") for title in TITLE.findall(path.read_text())}


def pages():
    """The pages in Markdown that are of this project."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [path for path in map(ROOT.joinpath, names) if path.is_file()]
