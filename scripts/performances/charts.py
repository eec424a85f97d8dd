"""The charts of docs/performance."""

import math

from costs import svg

from . import suites, words

# What is drawn of a program's figures: heading and unit.
GROUPS = (
    ("cold_ms", "from the start of the process to its first answer", "ms"),
    ("paced_ms", "warm, one event in 5 ms", "ms"),
    ("per_second", "answers a second, to eight clients at once", "a second"),
)


def files(found):
    """Every chart, by its path."""
    charts = {}
    for suite, measured in found.items():
        if bars := programs(measured):
            charts[suite] = bars
        for number, curves in enumerate(curves_of(measured)):
            charts[f"{suite}-curves" + (f"-{number + 1}" if number else "")] = curves
    return {f"{suites.FOLDER}/{name}.svg": chart for name, chart in charts.items()}


def programs(measured):
    rows, values = [], []
    for key, name, unit in GROUPS:
        group = [program for program in measured.get("programs", []) if program.get(key)]
        if not group:
            continue
        rows.append(name)
        for index, program in enumerate(group):
            ratio = f", {words.number(program[key] / group[0][key])} x" if index else ""
            note = f"{words.number(program[key])} {unit}{ratio}"
            rows.append((program["name"], program[key], note, 0 if index == 0 else 1))
            values.append(program[key])
    if not rows:
        return None
    title = f"{suites.TITLES[measured['suite']]}, on a logarithmic scale"
    described = "; ".join(row if isinstance(row, str) else f"{row[0]} {row[2]}" for row in rows)
    return svg.logarithmic_bars(title, f"Bars. {described}.", powers(values), rows)


def curves_of(measured):
    """A chart for each thing that is varied and each unit: a curve's name says what is drawn, by what."""
    charts = {}
    for series in measured.get("series", []):
        drawn, _, varied = series["name"].partition(", by ")
        charts.setdefault((varied or "how many", series["unit"]), []).append((drawn, series["points"]))
    for (varied, unit), curves in charts.items():
        points = [point for _, several in curves for point in several]
        axes = ((varied, powers([x for x, _ in points])), (unit, powers([y for _, y in points])))
        lines = [(drawn, several, index % len(svg.LIGHT), "none") for index, (drawn, several) in enumerate(curves)]
        described = "; ".join(f"{drawn}: {words.points(several)}" for drawn, several in curves)
        yield svg.lines(f"{suites.TITLES[measured['suite']]}: {varied}", f"Lines over logarithmic axes. {described}.", axes, lines, [])


def powers(values):
    """Powers of ten around them, with what to write there."""
    # A value at the very start of an axis would have no bar.
    low = math.floor(math.log10(min(values) * 0.9))
    high = math.ceil(math.log10(max(values)))
    return [(10.0**power, words.plain(10.0**power)) for power in range(low, high + 1)]
