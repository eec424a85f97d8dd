"""Numbers as the page writes them."""


def money(dollars):
    """US dollars to two significant digits, above ten cents to the cent, and above a hundred dollars to three digits."""
    if dollars == 0:
        return "$0"
    if dollars >= 100:
        return f"${float(f'{dollars:.3g}'):,.0f}"
    if dollars >= 0.1:
        return f"${dollars:.2f}"
    digits = 1
    while digits < 7 and round(dollars, digits) < dollars * 0.95 or round(dollars, digits) > dollars * 1.05:
        digits += 1
    return f"${dollars:.{digits}f}"


def seconds(lifetime):
    return f"{lifetime} s" if lifetime < 120 else f"{lifetime // 60} min"


def count(number):
    """A quantity to three significant digits, which is more than the assumptions carry."""
    return f"{float(f'{number:.3g}'):,.0f}" if number >= 10 else f"{number:.1f}" if number >= 0.1 else f"{number:.2f}"


def table(header, rows):
    """A table of Markdown, whose columns of figures are set to the right."""
    is_figure = lambda column: all(str(row[column]).lstrip("*")[:1] in "$0123456789" for row in rows)
    rule = ["--:" if column and is_figure(column) else "---" for column in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
