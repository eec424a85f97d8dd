"""The figures of docs/cost.md, tables among them, by the names that docs/cost/page.md has for them."""

from . import inputs, model, tables
from .charts import GATEWAYS, REGULAR
from .inputs import PRICES, WORK
from .words import count, money


def dearer(operation, cpu_ms):
    """US dollars that a million of an operation cost more if its own work takes so long."""
    work = WORK[operation]
    now, then = (model.billed_ms(own, work.round_trips, work.memory_mb) for own in (work.cpu_ms, cpu_ms))
    return model.price("gb_seconds", model.gb_seconds(work.memory_mb, then - now) * inputs.MILLION)


def dearer_processor():
    """How much dearer a refresh is, as a share, if a function's own work takes twice as long."""
    return dearer("refresh", 2 * WORK["refresh"].cpu_ms) / sum(model.per_million("refresh", "rest").values())


SIGN_INS = {"login": ("login",), "passkey": ("passkey, options", "passkey, sign-in")}


def sign_ins():
    """A sign-in with a password and one with a passkey, which is two requests: processor time, and a million of them."""
    found = {}
    for name, requests in SIGN_INS.items():
        found[f"{name} ms"] = f"{sum(WORK[request].cpu_ms for request in requests):.1f}"
        for gateway, spelled in (("rest", "REST"), ("http", "HTTP")):
            dollars = sum(sum(model.per_million(request, gateway).values()) for request in requests)
            found[f"{name} with {spelled}"] = money(dollars)
    return found


def values():
    refresh = {gateway: model.per_million("refresh", gateway) for gateway, _ in GATEWAYS}
    at, minutes5 = model.peak(tables.MANY, REGULAR, 60), model.peak(tables.MANY, REGULAR, 300)
    sweep = PRICES["write_units"].tiers[0][1]
    sizes = model.MEASURED["bytes"]
    ramp = at["authorizer environments"] / inputs.ENVIRONMENTS_PER_10_SECONDS * 10
    return {
        "lite hours": tables.hours(0, 60),
        "essentials hours": tables.hours(1, 60),
        "lite hours 5 min": tables.hours(0, 300),
        "essentials hours 5 min": tables.hours(1, 300),
        "a secret": money(PRICES["secrets"].tiers[0][1]),
        "keys of a refresh": money(refresh["rest"]["keys"]),
        "REST request": money(refresh["rest"]["gateway"]),
        "HTTP request": money(refresh["http"]["gateway"]),
        "busiest user": count(1000 / model.refresh_interval(60)),
        "fitting users": f"{max(users for users in inputs.USERS if fits(users)):,}",
        "prices": tables.prices(),
        "operations": tables.operations(),
        "profiles": tables.profiles(),
        "user months": tables.user_months(),
        "other profiles": tables.other_profiles(),
        "parts at most users": tables.largest_parts(),
        "peers": tables.peers(),
        "break even": tables.break_even(),
        "hashes": tables.hashes(),
        "limits": tables.limits(),
        "refresh with REST": money(sum(refresh["rest"].values())),
        "refresh with HTTP": money(sum(refresh["http"].values())),
        "gateway share": f"{refresh['rest']['gateway'] / sum(refresh['rest'].values()):.0%}",
        **sign_ins(),
        "one write": f"${sweep:g}",
        "two writes": f"${2 * sweep:g}",
        "doubled work": f"{dearer_processor():.1%}",
        "authorizer": money(sum(model.per_million("protected call", "rest").values())),
        "saved by EdDSA": money(-dearer("protected call", inputs.AUTHORIZER_EDDSA_MS)),
        "session bytes": str(sizes["session"]),
        "keyed session bytes": str(sizes["session, with retry keys"]),
        "largest session bytes": f"{sizes['session, largest']:,}",
        "platform log bytes": str(inputs.PLATFORM_LOG),
        "gateway header bytes": str(inputs.GATEWAY_HEADERS),
        "hash ms": f"{inputs.HASH_MS:g}",
        "challenge ms": f"{inputs.CHALLENGE_MS:g}",
        "passkey sign-in ms": f"{inputs.PASSKEY_MS:g}",
        "round trip ms": f"{inputs.ROUND_TRIP_MS:g}",
        "own ms": f"{inputs.OWN_MS:g}",
        "authorizer ms": f"{inputs.AUTHORIZER_MS:g}",
        "authorizer EdDSA ms": f"{inputs.AUTHORIZER_EDDSA_MS:g}",
        "cold share": f"{inputs.COLD_SHARE:.1%}",
        "cold ms": f"{inputs.COLD_MS:g}",
        "calls a minute": f"{inputs.CALLS_PER_MINUTE:g}",
        "call gap": f"{model.call_gap_seconds():g}",
        "replays": f"{inputs.REPLAYS_PER_REFRESH:.0%}",
        "wrong passwords": f"{inputs.WRONG_PASSWORDS_PER_SIGN_IN:.0%}",
        "logouts": f"{inputs.LOGOUTS_PER_SIGN_IN:.0%}",
        "registrations": f"{inputs.REGISTRATIONS_PER_MONTH:.0%}",
        "sessions stored": str(inputs.SESSIONS_STORED),
        "peak": f"{inputs.PEAK:g}",
        "peak requests": count(at["requests"]),
        "peak refreshes": count(at["refreshes"]),
        "peak writes": count(at["writes"]),
        "peak refreshes 5 min": count(minutes5["refreshes"]),
        "partitions": str(at["partitions"]),
        "refresh environments": count(at["refresh environments"]),
        "authorizer environments": count(at["authorizer environments"]),
        "authorizer ramp": f"{ramp / 60:.0f}",
        "doublings": str(doublings(at["writes"])),
        "list of a thousand": count(-(-1000 * sizes["session"] // 4096)),
        "lagging sessions": f"{1 / model.refresh_interval(60):.1%}",
        "lagging sessions 5 min": f"{1 / model.refresh_interval(300):.1%}",
    }


def fits(users):
    """Whether so many regular users need no limit raised, whatever the life of their tokens."""
    return not any(model.beyond_defaults(model.peak(users, REGULAR, lifetime)) for lifetime in inputs.LIFETIMES)


def doublings(writes):
    """How often an on-demand table doubles from what a new one takes to so many writes a second."""
    doubled, times = inputs.NEW_TABLE_WRITES, 0
    while doubled < writes:
        doubled, times = doubled * 2, times + 1
    return times
