"""Puts docs/performance/README.md together, and the table in README.md.

The text is docs/performance/page.md, where {{names}} stand for tables; what is said of a suite, or of one of its budgets,
is docs/performance/remarks.md. Both are written by hand, and a run of the bench changes neither.
"""

import re

from costs.page import render

from . import charts, suites, tables

NOTICE = (
    "<!-- Written by scripts/performance from docs/performance/page.md, remarks.md and the figures beside them, which"
    " scripts/bench measures. -->\n\n"
)
START, END = "<!-- performance:start -->\n", "<!-- performance:end -->\n"


def files():
    """What is written, by path."""
    found = suites.load()
    remarks = remarks_of((suites.ROOT / suites.FOLDER / "remarks.md").read_text(), found)
    text = (suites.ROOT / suites.FOLDER / "page.md").read_text()
    drawn = charts.files(found)
    values = {"budgets": tables.summary(found), "runs": tables.runs(found)}
    values["suites"] = "\n\n".join(section(measured, remarks, drawn) for measured in found.values())
    front = between((suites.ROOT / "README.md").read_text(), tables.front(found))
    return {f"{suites.FOLDER}/README.md": NOTICE + render(text, values, f"{suites.FOLDER}/page.md"), "README.md": front} | drawn


def write():
    """Writes what differs, and says what that was."""
    return [path for path, text in files().items() if stale(path, text) and (suites.ROOT / path).write_text(text)]


def stale(path, text):
    there = suites.ROOT / path
    return not there.exists() or there.read_text() != text


def section(measured, remarks, drawn):
    suite = measured["suite"]
    title = suites.TITLES[suite]
    parts = [f"## {title}", remarks.get((suite, None)), tables.budgets(measured, remarks) if measured["budgets"] else None]
    parts.append(tables.figures(measured))
    pictures = [path.rsplit("/", 1)[1] for path in drawn if re.fullmatch(rf".*/{suite}(-curves.*)?\.svg", path)]
    parts += [f"![{title}]({picture})" for picture in pictures]
    return "\n\n".join(part for part in parts if part)


def remarks_of(text, found):
    """The texts below `## SUITE` and `### PROMISE`, which must be there."""
    remarks, suite, promise = {}, None, None
    for block in re.split(r"^(?=##)", text, flags=re.MULTILINE)[1:]:
        heading, _, body = block.partition("\n")
        if heading.startswith("### "):
            promise = heading[4:].strip()
        else:
            suite, promise = heading[3:].strip(), None
        if suite not in suites.TITLES:
            raise SystemExit(f"docs/performance/remarks.md: {suite} is no suite")
        known = {budget["promise"] for budget in found.get(suite, {}).get("budgets", [])}
        if promise is not None and suite in found and promise not in known:
            raise SystemExit(f"docs/performance/remarks.md: {suite} has no budget {promise!r}, but {sorted(known)}")
        remarks[suite, promise] = body.strip()
    return remarks


def between(text, table):
    """README.md with this table."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise SystemExit(f"README.md has no place for the table: {START.strip()} and {END.strip()}")
    return f"{before}{START}{table}\n{END}{after}"
