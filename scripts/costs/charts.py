"""The charts of docs/cost.md."""

from . import inputs, model, svg
from .peers import PEERS
from .words import money, seconds

REGULAR = inputs.PROFILES[1]
GATEWAYS = (("rest", "REST"), ("http", "HTTP"))


def operations():
    rows = []
    for name in ("refresh", "login", "register", "protected call"):
        for gateway, label in GATEWAYS:
            if name == "protected call" and gateway == "http":
                continue
            parts = [model.per_million(name, gateway)[part] for part in model.PARTS]
            where = "authorizer alone" if name == "protected call" else f"{label} API"
            rows.append((f"{name}, {where}", parts, money(sum(parts))))
        rows.append(None)
    described = "; ".join(f"{row[0]} {row[2]}" for row in rows if row)
    return svg.bars(
        "A million of an operation, in US dollars",
        f"Stacked bars by part of the price. {described}.",
        model.PARTS,
        rows[:-1],
    )


def users():
    count = 10**6
    rows = [
        (f"Ratchet {label}, tokens of {seconds(lifetime)}", model.month(count, REGULAR, lifetime, gateway), 0)
        for gateway, label in GATEWAYS
        for lifetime in inputs.LIFETIMES
    ]
    rows = [(label, sum(parts.values()), colour) for label, parts, colour in rows]
    peers = [(peer.name, model.peer_month(peer, count), 1) for peer in PEERS]
    rows += [None] + [row for row in peers if row[1] is not None]
    rows = [row and (row[0], [row[1] / 1000], money(row[1] / 1000), [row[2]]) for row in rows]
    described = "; ".join(f"{row[0]} {row[2]}" for row in rows if row)
    return svg.bars(
        "A thousand regular users for a month, of a million, in US dollars", f"Bars. {described}.", [""], rows
    )


def hours():
    spans = [3, 10, 30, 100, 300]
    series = []
    for gateway, label, dashes in (("rest", "REST", "none"), ("http", "HTTP", "6 4")):
        for colour, lifetime in enumerate(inputs.LIFETIMES):
            hour, rest = model.hour_and_rest(lifetime, gateway)
            series.append((f"{label}, {seconds(lifetime)}", [(h, rest + h * hour) for h in spans], colour, dashes))
    levels = [
        (f"{peer.name}, a user", model.peer_month(peer, 1e4) / 1e4)
        for peer in PEERS
        if peer.name in ("Cognito Essentials", "Auth0 B2C Essentials")
    ]
    levels.append(("Cognito Lite, a user", PEERS[0].tiers[0][1]))
    at_thirty = "; ".join(f"{label} {money(dict(points)[30])}" for label, points, _, _ in series)
    axes = (
        ("active hours a month", [(h, str(h)) for h in spans]),
        ("US dollars a user and month", [(0.0001, "0.0001"), (0.001, "0.001"), (0.01, "0.01"), (0.1, "0.1")]),
    )
    return svg.lines(
        "What a user costs, by hours of use",
        f"Lines over logarithmic axes, against fees of peers. At 30 hours: {at_thirty}.",
        axes,
        series,
        levels,
    )


def hashing():
    rows = []
    for memory in (512, 1024, 1769):
        alone, whole, dollars = model.hash_at(memory)
        rows.append((f"{memory:,} MB", [alone, whole - alone], f"{whole} ms, {money(dollars)}"))
    described = "; ".join(f"{row[0]}: {row[2]}" for row in rows)
    return svg.bars(
        "A sign-in by memory: milliseconds, and US dollars of Lambda time for a million",
        f"Stacked bars. {described}.",
        ["password hash", "the rest"],
        rows,
    )


CHARTS = {"operations": operations, "users": users, "hours": hours, "hash": hashing}
