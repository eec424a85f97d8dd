"""The chart of docs/rotation.md: sign-outs of honest users against the time until a thief is noticed."""

import math

from costs import svg

from . import words

LEFT, RIGHT, TOP, BOTTOM, HEIGHT, NEVER = 62, 150, 62, 44, 470, 70
TIMES = ((10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (36000, "10 h"))
SIGN_OUTS = (0, 10, 100, 1000, 10000)
THIEF = "beside the user"
CHARACTER = 7  # the width of one, about


def x_of(seconds):
    if seconds is None:
        return svg.WIDTH - RIGHT
    first, last = TIMES[0][0], TIMES[-1][0]
    along = math.log(max(seconds, first) / first) / math.log(last / first)
    return LEFT + (svg.WIDTH - RIGHT - NEVER - LEFT) * min(along, 1)


def y_of(sign_outs):
    """A logarithmic axis that has room for zero."""
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * math.log1p(sign_outs) / math.log1p(SIGN_OUTS[-1])


def points(figures):
    """(names, sign-outs, median, 95 %) of rules, together where they differ in nothing that the chart shows."""
    found = {}
    for rule in figures["rules"]:
        thief = next(thief for thief in rule["thieves"] if thief["thief"] == THIEF)
        key = (rule["sign_outs"], thief["median"])
        names, percentile = found.get(key, ([], thief["percentile_95"]))
        found[key] = ([*names, words.short(rule["rule"])], percentile)
    return [(names, *key, percentile) for key, (names, percentile) in found.items()]


def axes():
    right = svg.WIDTH - RIGHT
    yield svg.text(12, 44, "sign-outs of honest users per 1,000 user-days", kind="faint")
    yield svg.text(right, HEIGHT - 8, "time until a thief beside the user is noticed: median, and a line to 95 %", "end", "faint")
    for seconds, label in (*TIMES, (None, "never")):
        x = x_of(seconds)
        yield f'<line class="rule" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}"/>'
        yield svg.text(x, HEIGHT - BOTTOM + 16, label, "middle", "faint")
    for value in SIGN_OUTS:
        y = y_of(value)
        yield f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        yield svg.text(LEFT - 6, y + 4, f"{value:,}", "end", "faint")


def label_lines(names, most=26):
    """Names in lines that are not too long."""
    lines = [""]
    for name in names:
        if lines[-1] and len(lines[-1]) + len(name) > most:
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + name
    return [line + ("," if line is not lines[-1] else "") for line in lines]


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def place(x, y, lines, obstacles):
    """Where a label stands, as (left, first line's y, box): below its point or above it, to the right or left."""
    width, height = CHARACTER * max(map(len, lines)), svg.LINE * len(lines)
    for left in (x + 8, x - 8 - width):
        for top in (y + 17, y - height + 7):
            box = (left, top - 12, left + width, top - 12 + height)
            if box[3] < HEIGHT - BOTTOM and not any(overlap(box, obstacle) for obstacle in obstacles):
                return left, top, box
    return x, y - height, (x, y - height - 12, x + width, y - 12)


def draw(figures):
    body, described = list(axes()), []
    found = sorted(points(figures), key=lambda point: (-point[1], point[2] or math.inf))
    obstacles = [(x_of(median) - 5, y_of(value) - 4, x_of(end), y_of(value) + 4) for _, value, median, end in found]
    for names, sign_outs, median, percentile in found:
        x, y, end = x_of(median), y_of(sign_outs), x_of(percentile)
        colour = 2 if "Ratchet" in names[0] else 1 if "window" in names[0] or "strict" in names[0] else 0
        body.append(f'<line class="line s{colour}" x1="{x:.1f}" y1="{y:.1f}" x2="{end:.1f}" y2="{y:.1f}"/>')
        body.append(f'<circle class="c{colour}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        lines = label_lines(names)
        left, top, box = place(x, y, lines, obstacles)
        obstacles.append(box)
        body += [svg.text(left, top + svg.LINE * index, line) for index, line in enumerate(lines)]
        times = f"{words.time(median)}, 95 % {words.time(percentile)}"
        described.append(f"{', '.join(names)}: {sign_outs:,} sign-outs, noticed after {times}")
    return svg.document(
        "Who is signed out, and how soon a thief is noticed: down and to the left is better",
        f"Points on logarithmic axes. {'; '.join(described)}.",
        HEIGHT,
        body,
    )
