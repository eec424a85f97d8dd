"""Puts docs/rotation.md together: the text is docs/rotation/page.md, where {{names}} stand for figures and tables."""

import json
import pathlib

from costs import page as costs_page
from costs.words import table

from . import chart, words

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIGURES = ROOT / "docs/rotation/figures.json"
NOTICE = "<!-- Written by scripts/simulate --write from docs/rotation/page.md and docs/rotation/figures.json. -->\n\n"
# The rules whose figures the text names, and what the names begin with.
NAMED = {
    "keys": "Ratchet with retry keys",
    "budget": "Ratchet without keys",
    "strict": "strict single use",
    "short": "a window of 30 s",
    "long": "a window of 10 minutes",
    "parent": "Supabase",
}


def figures():
    return json.loads(FIGURES.read_text())


def results(found):
    kinds = [thief["thief"] for thief in found["rules"][0]["thieves"]]
    rows = [
        [
            rule["rule"],
            f"{rule['sign_outs']:,}",
            f"{rule['sign_outs_laptop']:,}",
            *(words.thief(thief, found["thefts"]) for thief in rule["thieves"]),
        ]
        for rule in found["rules"]
    ]
    return table(["rule", "sign-outs", "laptop", *kinds], rows)


def sources(found):
    rows = [[rule["rule"], rule["source"], rule["unverified"] or "-"] for rule in found["rules"]]
    return table(["rule", "source", "not verified"], rows)


def values(found):
    """Every figure by its name in the text."""
    named = {"results": results(found), "sources": sources(found), "user_days": f"{found['user_days']:,}", "thefts": str(found["thefts"])}
    for name, beginning in NAMED.items():
        rule = next(rule for rule in found["rules"] if rule["rule"].startswith(beginning))
        thief = next(thief for thief in rule["thieves"] if thief["thief"] == chart.THIEF)
        named[f"{name}_sign_outs"] = f"{rule['sign_outs']:,}"
        named[f"{name}_laptop"] = f"{rule['sign_outs_laptop']:,}"
        named[f"{name}_beside"] = f"{words.time(thief['median'])}"
        named[f"{name}_beside_95"] = f"{words.time(thief['percentile_95'])}"
    return named


def used(text, named):
    """The figures that the text has: not every one must be in it, as each must be in docs/cost.md."""
    return {name: value for name, value in named.items() if f"{{{{{name}}}}}" in text}


def files():
    """What is written, by path."""
    found, text = figures(), (ROOT / "docs/rotation/page.md").read_text()
    rendered = costs_page.render(text, used(text, values(found)), "docs/rotation/page.md")
    return {"docs/rotation.md": NOTICE + rendered, "docs/rotation/chart.svg": chart.draw(found)}


def readme_says(found):
    named = values(found)
    return f"{named['keys_laptop']} sign-outs in {named['user_days']} days of use, where it would be {named['budget_laptop']} without keys"


def problem_of_readme():
    said = readme_says(figures())
    if said not in " ".join((ROOT / "README.md").read_text().split()):
        return f"README.md should say: {said}"
    return None
