"""The charts of docs/performance."""

import math

from costs import svg

from . import suites, words

GROUPS = (("cold_ms", "from the start of the process to its first answer"), ("paced_ms", "warm, one event in 5 ms"))


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
    for key, name in GROUPS:
        group = [program for program in measured.get("programs", []) if program.get(key)]
        if not group:
            continue
        rows.append(name)
        for index, program in enumerate(group):
            ratio = f", {words.number(program[key] / group[0][key])} x" if index else ""
            note = f"{words.number(program[key])} ms{ratio}"
            rows.append((program["name"], program[key], note, 0 if index == 0 else 1))
            values.append(program[key])
    if not rows:
        return None
    title = f"{suites.TITLES[measured['suite']]}: milliseconds, on a logarithmic scale"
    described = "; ".join(row if isinstance(row, str) else f"{row[0]} {row[2]}" for row in rows)
    return svg.logarithmic_bars(title, f"Bars. {described}.", powers(values), rows)


def curves_of(measured):
    """A chart for each unit."""
    by_unit = {}
    for series in measured.get("series", []):
        by_unit.setdefault(series["unit"], []).append(series)
    for unit, several in by_unit.items():
        points = [point for series in several for point in series["points"]]
        axes = (("how many", powers([x for x, _ in points])), (unit, powers([y for _, y in points])))
        drawn = [
            (series["name"], series["points"], index % len(svg.LIGHT), "none") for index, series in enumerate(several)
        ]
        described = "; ".join(
            f"{series['name']} {', '.join(f'{words.plain(x)}: {words.number(y)}' for x, y in series['points'])}"
            for series in several
        )
        title = suites.TITLES[measured["suite"]]
        yield svg.lines(title, f"Lines over logarithmic axes. {described}.", axes, drawn, [])


def powers(values):
    """Powers of ten around them, with what to write there."""
    # A value at the very start of an axis would have no bar.
    low = math.floor(math.log10(min(values) * 0.9))
    high = max(math.ceil(math.log10(max(values))), low + 1)
    return [(10.0**power, words.plain(10.0**power)) for power in range(low, high + 1)]
