"""Numbers as the page writes them: three significant digits, which is more than a run can be repeated to."""


def number(value):
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    digits = 2 if abs(value) >= 1 else 3 if abs(value) >= 0.1 else 4
    text = f"{value:.{digits}f}" if abs(value) < 10 else f"{value:.1f}"
    return text


def plain(value):
    """A bound as it was promised."""
    return f"{value:,.10g}"


def with_unit(text, unit):
    return f"{text} {unit}" if unit else text


def bound(budget):
    least = "at least" if budget["at_least"] else "at most"
    return f"{least} {with_unit(plain(budget['bound']), budget['unit'])}"


def measured(budget):
    return with_unit(number(budget["measured"]), budget["unit"])


def points(of_a_curve):
    return ", ".join(f"{plain(x)}: {number(y)}" for x, y in of_a_curve)


def day(date):
    months = "January February March April May June July August September October November December".split()
    year, month, of_month = date.split("-")
    return f"{int(of_month)} {months[int(month) - 1]} {year}"


def table(header, rows):
    """A table of Markdown, whose columns of figures are set to the right."""
    is_figure = lambda column: all(str(row[column]).lstrip("*")[:1] in "0123456789" for row in rows)
    rule = ["--:" if column and is_figure(column) else "---" for column in range(len(header))]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in [header, rule, *rows])
