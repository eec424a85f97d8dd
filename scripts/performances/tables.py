"""The tables of docs/performance/README.md, and the one of README.md."""

from . import suites, words

# A program's figures: their names in the file, what a column says, and by how much to divide. A column of ratios to the
# first program, which is ours, stands behind some of them.
FIGURES = (
    ("start_ms", "start, ms", 1, False),
    ("start_p95_ms", "p95", 1, False),
    ("start_processor_ms", "CPU, ms", 1, False),
    ("cold_ms", "cold, ms", 1, True),
    ("cold_p95_ms", "p95", 1, False),
    ("warm_ms", "warm, ms", 1, True),
    ("warm_p95_ms", "p95", 1, False),
    ("paced_ms", "paced, ms", 1, True),
    ("paced_p95_ms", "p95", 1, False),
    ("cold_processor_ms", "CPU cold, ms", 1, False),
    ("warm_processor_ms", "CPU warm, ms", 1, False),
    ("peak_bytes", "memory, MiB", 1024**2, False),
    ("per_second", "answers a second", 1, True),
)


def budgets(measured, remarks):
    """What was promised; a remark stands below the table, under the number that the row ends with."""
    rows, notes = [], []
    for budget in measured["budgets"]:
        verdict = suites.kept(budget) if budget["holds"] else f"**{suites.kept(budget)}**"
        if remark := remarks.get((measured["suite"], budget["promise"])):
            notes.append(f"{len(notes) + 1}. *{budget['promise']}.* {remark}")
            verdict += f" ({len(notes)})"
        rows.append([budget["promise"], words.bound(budget), words.measured(budget), verdict])
    table = words.table(["", "budget", "measured", ""], rows)
    return "\n\n".join([table, "\n".join(notes)] if notes else [table])


def programs(measured):
    """Figures that all lack are left out."""
    found = measured.get("programs", [])
    columns = [column for column in FIGURES if any(program.get(column[0]) for program in found)]
    header = ["program"]
    for _, name, _, compared in columns:
        header += [name, "x ours"] if compared else [name]
    rows = []
    for program in found:
        row = [program["name"]]
        for key, _, divisor, compared in columns:
            row.append(words.number(program[key] / divisor) if program.get(key) else "-")
            if compared:
                row.append(words.number(program[key] / found[0][key]) if program.get(key) and found[0].get(key) else "-")
        rows.append(row)
    return words.table(header, rows)


def packages(measured):
    rows = [
        [package["name"], words.number(package["zipped_bytes"] / 1e6), words.number(package["bytes"] / 1e6)]
        for package in measured["packages"]
    ]
    return words.table(["", "zipped, MB", "unpacked, MB"], rows)


def series(measured):
    rows = [[curve["name"], curve["unit"], words.points(curve["points"])] for curve in measured["series"]]
    return words.table(["curve", "unit", "measured at"], rows)


def figures(measured):
    """All tables of a suite."""
    kinds = ("programs", programs), ("series", series), ("packages", packages)
    return "\n\n".join(table(measured) for key, table in kinds if measured.get(key))


# What README.md shows: a suite, what is compared, its figure with unit and divisor, and the usual choice by its program's name.
FRONT = (
    ("authorizer", "Authorizer, cold start", "cold_ms", "ms", 1, "Node.js, aws-jwt-verify, bundled"),
    ("authorizer", "Authorizer, memory", "peak_bytes", "MiB", 1024**2, "Node.js, aws-jwt-verify, bundled"),
    ("refresh", "Refresh, cold start", "cold_ms", "ms", 1, "Node.js, SST OpenAuth"),
    ("refresh", "Refresh, warm", "warm_ms", "ms", 1, "Node.js, SST OpenAuth"),
)


def front(found):
    """Four comparisons with the usual choice, for README.md."""
    rows = []
    for suite, what, key, unit, divisor, usual in FRONT:
        programs = found.get(suite, {}).get("programs", [])
        peer = next((program for program in programs if program["name"] == usual), None)
        if peer is None:
            continue
        ours, theirs = programs[0][key], peer[key]
        shown = [words.with_unit(words.number(value / divisor), unit) for value in (ours, theirs)]
        rows.append([what, shown[0], f"{shown[1]} ({usual})", f"{words.number(theirs / ours)} x"])
    return words.table(["", "Ratchet", "the usual choice", "ratio"], rows) if rows else "Nothing has been measured yet."


def summary(found):
    """All promises in short: those of a suite that differ in the peer alone are one row, with the range of what was measured."""
    if not found:
        return "Nothing has been measured yet."
    rows = []
    for suite, measured in found.items():
        for name, alike in grouped(measured["budgets"]).items():
            values = sorted((budget["measured"], words.number(budget["measured"])) for budget in alike)
            span = " to ".join(dict.fromkeys((values[0][1], values[-1][1])))
            holds = all(budget["holds"] for budget in alike)
            verdict = "holds" if holds else "**falls short**"
            unit = alike[0]["unit"]
            rows.append([f"{suites.TITLES[suite]}: {name}", words.bound(alike[0]), words.with_unit(span, unit), verdict])
    return words.table(["", "budget", "measured", ""], rows)


def grouped(budgets):
    """Those that promise the same of several peers, by what they have in common."""
    groups = {}
    for budget in budgets:
        key = (budget["promise"].split(":")[0], budget["bound"], budget["at_least"], budget["unit"])
        groups.setdefault(key, []).append(budget)
    return {named(key[0], alike): alike for key, alike in groups.items()}


def named(kind, alike):
    if len(alike) == 1:
        return alike[0]["promise"]
    promises = [budget["promise"] for budget in alike]
    if all(promise.endswith(" to ours") for promise in promises):
        return f"{kind}: every peer to ours"
    if len(alike) > 2:
        return f"{kind}: each of {len(alike)}"
    return f"{kind}: {' and '.join(promise.removeprefix(kind + ': ') for promise in promises)}"


def runs(found):
    """On which machine, with which versions, and when: suites of one run are one row each."""
    alike = {}
    for suite, measured in found.items():
        run = measured["run"]
        alike.setdefault((str(run["machine"]), str(run["versions"])), []).append((suite, measured))
    return "\n\n".join(environment(group) for group in alike.values())


def environment(group):
    run = group[0][1]["run"]
    machine = run["machine"]
    lines = [
        f"- {', '.join(suites.TITLES[suite] for suite, _ in group)}",
        f"- {machine['processor']}, {machine['cores']} cores ({machine['architecture']}), {machine['memory_gib']} GiB,"
        f" Linux {machine['kernel']}",
        "- " + ", ".join(f"{name} {version}" for name, version in run["versions"].items()),
    ]
    rows = [
        [suites.TITLES[suite], words.day(measured["run"]["date"]), f'{measured["run"]["busy_percent"]} %']
        + [measured.get(often, "-") for often in ("rounds", "events")]
        for suite, measured in group
    ]
    header = ["", "day", "busy before", "starts of each", "events"]
    return "\n".join(lines[1:]) + "\n\n" + words.table(header, rows)
