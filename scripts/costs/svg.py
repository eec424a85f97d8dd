"""Charts as SVG: readable on light and dark, with a title and a description for who can't see them."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW = 760, 240, 130, 26
LINE = 15
# Colours that are told apart with any eyesight (Okabe and Ito), and lighter ones for the dark.
LIGHT = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#b3578f", "#56b4e9")
DARK = ("#4aa3df", "#f0b429", "#2fc79a", "#ff8a4c", "#e39cc4", "#8cd3ff")


def style():
    rules = (
        lambda colours, text, faint, ground: "".join(
            f".c{i}{{fill:{c}}}.s{i}{{stroke:{c}}}" for i, c in enumerate(colours)
        )
        + f"text{{fill:{text}}}.faint{{fill:{faint}}}.rule{{stroke:{faint}}}.ground{{fill:{ground}}}"
    )
    return (
        "<style>text{font:13px system-ui,sans-serif}.rule{stroke-width:1;stroke-opacity:.4}.line{fill:none;stroke-width:2}"
        f"{rules(LIGHT, '#1f2328', '#59636e', '#ffffff')}"
        f"@media (prefers-color-scheme:dark){{{rules(DARK, '#f0f6fc', '#9198a1', '#0d1117')}}}</style>"
    )


def document(title, description, height, body):
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
            ' role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>',
            style(),
            f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
            text(12, 24, title),
            *body,
            "</svg>",
            "",
        )
    )


def text(x, y, words, anchor="start", kind=""):
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{of_kind}>{escape(words)}</text>'


def legend(names, y):
    x = 12
    for index, name in enumerate(names):
        yield f'<rect class="c{index}" x="{x}" y="{y - 10}" width="11" height="11"/>'
        yield text(x + 16, y, name, kind="faint")
        x += 36 + 8 * len(name)


def bars(title, description, parts, rows):
    """Horizontal bars, stacked where a row has several numbers: (label, numbers, what to write at the end), or a gap."""
    top = 68 if len(parts) > 1 else 44
    scale = (WIDTH - LEFT - RIGHT) / max(sum(row[1]) for row in rows if row)
    body, y = (list(legend(parts, 48)) if len(parts) > 1 else []), top
    for row in rows:
        if row is None:
            y += ROW / 2
            continue
        label, numbers, note = row[:3]
        colours = row[3] if len(row) > 3 else range(len(numbers))
        body.append(text(LEFT - 8, y + 13, label, "end"))
        x = LEFT
        for colour, number in zip(colours, numbers):
            body.append(f'<rect class="c{colour}" x="{x:.1f}" y="{y}" width="{number * scale:.1f}" height="18"/>')
            x += number * scale
        body.append(text(x + 6, y + 13, note, kind="faint"))
        y += ROW
    return document(title, description, int(y + 10), body)


def logarithmic_bars(title, description, ticks, rows):
    """Horizontal bars over a logarithmic axis: (label, number, what to write at the end, colour), or a group's heading."""
    low, high = ticks[0][0], ticks[-1][0]
    x_of = lambda value: LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / low) / math.log(high / low)
    bottom = 44 + ROW * len(rows)
    body = [
        f'<line class="rule" x1="{x_of(value):.1f}" y1="40" x2="{x_of(value):.1f}" y2="{bottom}"/>' for value, _ in ticks
    ]
    body += [text(x_of(value), bottom + 16, label, "middle", "faint") for value, label in ticks]
    for index, row in enumerate(rows):
        y = 44 + ROW * index
        if isinstance(row, str):
            body.append(text(12, y + 13, row, kind="faint"))
            continue
        label, number, note, colour = row
        width = x_of(number) - LEFT
        body.append(text(LEFT - 8, y + 13, label, "end"))
        body.append(f'<rect class="c{colour}" x="{LEFT}" y="{y}" width="{width:.1f}" height="18"/>')
        body.append(text(LEFT + width + 6, y + 13, note, kind="faint"))
    return document(title, description, bottom + 28, body)


def lines(title, description, axes, series, levels):
    """Lines over two logarithmic axes: (label, points, colour, dashes) each, and level lines (label, y)."""
    (x_name, x_ticks), (y_name, y_ticks) = axes
    left, right, top, bottom, height = 62, 170, 50, 44, 430
    along = lambda value, ticks, start, end: start + (end - start) * (
        math.log(value / ticks[0][0]) / math.log(ticks[-1][0] / ticks[0][0])
    )
    x_of = lambda value: along(value, x_ticks, left, WIDTH - right)
    y_of = lambda value: along(value, y_ticks, height - bottom, top)
    body = [text(12, 42, y_name, kind="faint"), text(WIDTH - right, height - 8, x_name, "end", "faint")]
    for value, label in x_ticks:
        body.append(
            f'<line class="rule" x1="{x_of(value):.1f}" y1="{top}" x2="{x_of(value):.1f}" y2="{height - bottom}"/>'
        )
        body.append(text(x_of(value), height - bottom + 16, label, "middle", "faint"))
    for value, label in y_ticks:
        body.append(
            f'<line class="rule" x1="{left}" y1="{y_of(value):.1f}" x2="{WIDTH - right}" y2="{y_of(value):.1f}"/>'
        )
        body.append(text(left - 6, y_of(value) + 4, label, "end", "faint"))
    for label, value in levels:
        y = y_of(value)
        body.append(
            f'<line class="line s3" stroke-dasharray="1 3" x1="{left}" y1="{y:.1f}" x2="{WIDTH - right}" y2="{y:.1f}"/>'
        )
        body.append(text(left + 6, y - 4, label, kind="faint"))
    ends = []
    for label, points, colour, dashes in series:
        path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points)
        body.append(f'<polyline class="line s{colour}" stroke-dasharray="{dashes}" points="{path}"/>')
        ends.append((y_of(points[-1][1]) + 4, label))
    y = 0.0
    for end, label in sorted(ends):
        y = max(end, y + LINE)  # labels below each other where lines end together
        body.append(text(WIDTH - right + 6, y, label))
    return document(title, description, height, body)
