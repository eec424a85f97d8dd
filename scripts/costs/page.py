"""Puts docs/cost.md together: the text is docs/cost/page.md, where {{names}} stand for figures and tables."""

import re

from . import charts, figures, model

NOTICE = "<!-- Written by scripts/cost from docs/cost/page.md, docs/cost/operations.json and the figures in scripts/costs. -->\n\n"


def render(text, values, page="docs/cost/page.md"):
    """The text with its figures. Every name must be known, and every figure used."""
    used = set(re.findall(r"\{\{(.*?)\}\}", text))
    if used - values.keys() or values.keys() - used:
        unknown, unused = sorted(used - values.keys()), sorted(values.keys() - used)
        raise SystemExit(
            f"{page}: no figures have these names: {unknown}; and these are not in it: {unused}"
        )
    return re.sub(r"\{\{(.*?)\}\}", lambda name: values[name.group(1)], text)


def files():
    """What is written, by path."""
    text = (model.ROOT / "docs/cost/page.md").read_text()
    written = {"docs/cost.md": NOTICE + render(text, figures.values())}
    written |= {f"docs/cost/{name}.svg": draw() for name, draw in charts.CHARTS.items()}
    return written
