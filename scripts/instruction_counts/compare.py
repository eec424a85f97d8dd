"""Counts beside the committed ones."""

import json

TOLERANCE = 0.03


def findings(committed, counted):
    """A sentence for each count that differs by more than the tolerance, or that only one side has."""
    found = [f"{name}: not in the figures" for name in counted if name not in committed]
    found += [f"{name}: in the figures, but no such operation" for name in committed if name not in counted]
    for name in counted:
        for part, now in counted[name].items() if name in committed else ():
            before = committed[name][part]
            if abs(now - before) > TOLERANCE * before:
                found.append(f"{name}, {part}: {before:,} -> {now:,} instructions ({percent(before, now)})")
    return found


def percent(before, now):
    return f"{100 * (now / before - 1):+.1f} %" if before else "new"


def as_json(counted):
    """An operation a line."""
    lines = (f"  {json.dumps(name)}: {json.dumps(parts)}" for name, parts in counted.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
