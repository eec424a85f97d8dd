"""The tables of docs/cost.md."""

from . import inputs, model
from .charts import GATEWAYS, REGULAR
from .inputs import PRICES, WORK
from .peers import PEERS
from .words import count, money, seconds, table

MANY = inputs.USERS[-1]


def link(source):
    name, address, _ = inputs.SOURCES[source]
    return f"[{name}]({address})"


def tiers(price):
    *steps, (_, last) = price.tiers
    named = [f"{dollars(amount)} for {size_of(size, price)}" for size, amount in steps]
    return ", ".join([*named, f"then {dollars(last)}"]) if named else dollars(last)


def dollars(amount):
    return f"${amount:.2f}" if round(amount, 2) == amount else f"${amount:g}"


def size_of(size, price):
    return f"{size / inputs.TB:g} TB" if price.per == inputs.GB else f"{size / inputs.MILLION:,g} million"


def prices():
    rows = [
        [price.about, tiers(price), link(price.source), inputs.SOURCES[price.source][2]] for price in PRICES.values()
    ]
    return table(["price", "US dollars", "source", "as of"], rows)


def operations():
    rows = []
    for name, work in WORK.items():
        units = model.MEASURED["operations"][name]
        parts = model.per_million(name, "rest")
        total = {gateway: sum(model.per_million(name, gateway).values()) for gateway, _ in GATEWAYS}
        time = f"{model.billed_ms(work.cpu_ms, work.round_trips, work.memory_mb)} ms"
        rows.append(
            [name, len(units["requests"]), units["write"], units["read"], f"{work.function}, {work.memory_mb} MB", time]
            + [money(parts[part]) for part in ("Lambda", "DynamoDB", "logs", "transfer")]
            + [f"**{money(total[gateway])}**" for gateway, _ in GATEWAYS]
        )
    header = [
        "operation",
        "DynamoDB requests",
        "write units",
        "read units",
        "function",
        "billed",
        "Lambda",
        "DynamoDB",
        "logs",
        "transfer",
        "with REST",
        "with HTTP",
    ]
    return table(header, rows)


def profiles():
    rows = []
    for profile in inputs.PROFILES:
        turns = [count(model.refreshes(profile, lifetime)) for lifetime in inputs.LIFETIMES]
        calls = model.month_of_a_user(profile, 60)["protected call"]
        rows.append([profile.name, profile.days, seconds_of(profile.minutes), profile.sign_ins, count(calls), *turns])
    header = ["user", "days a month", "a visit", "sign-ins", "protected calls"]
    return table(header + [f"refreshes, {seconds(lifetime)}" for lifetime in inputs.LIFETIMES], rows)


def seconds_of(minutes):
    return f"{minutes:g} min" if minutes < 60 else f"{minutes / 60:g} h"


def user_months():
    rows = []
    for gateway, label in GATEWAYS:
        for lifetime in inputs.LIFETIMES:
            cells = []
            for users in inputs.USERS:
                total = sum(model.month(users, REGULAR, lifetime, gateway).values())
                cells += [money(total / users * 1000), money(total)]
            rows.append([f"{label}, {seconds(lifetime)}", *cells])
    header = ["gateway, token"]
    for users in inputs.USERS:
        header += [f"{users:,}: per 1,000", "the month"]
    return table(header, rows)


def other_profiles():
    rows = [
        [f"{label}, {seconds(lifetime)}"]
        + [money(sum(model.month(10**6, profile, lifetime, gateway).values()) / 1000) for profile in inputs.PROFILES]
        for gateway, label in GATEWAYS
        for lifetime in inputs.LIFETIMES
    ]
    return table(["gateway, token"] + [profile.name for profile in inputs.PROFILES], rows)


def largest_parts():
    total = model.month(MANY, REGULAR, 60, "rest")
    rows = [[part, money(total[part]), f"{total[part] / sum(total.values()):.0%}"] for part in model.PARTS]
    return table(["part", "a month", "share"], rows)


def peers():
    def fee(peer, users):
        total = model.peer_month(peer, users)
        return "by contract" if total is None else f"{money(total / users * 1000)}"

    rows = [
        [
            peer.name,
            *(fee(peer, users) for users in inputs.USERS),
            f"{peer.about} ({link(peer.source)}, {inputs.SOURCES[peer.source][2]})",
        ]
        for peer in PEERS
    ]
    rows.append(
        [
            "OpenAuth, self-hosted",
            "no fee",
            "no fee",
            "no fee",
            "the same gateway, Lambda and table are paid for; three DynamoDB requests a refresh where Ratchet makes one",
        ]
    )
    return table(["peer", *(f"{users:,} users" for users in inputs.USERS), "what is counted"], rows)


def fee_of(peer):
    users = min(10**6, peer.listed_up_to)
    return model.peer_month(peer, users) / users


def hours(peer, lifetime):
    return count(model.break_even_hours(fee_of(PEERS[peer]), lifetime, "rest"))


def break_even():
    rows = []
    for peer in PEERS:
        fee = fee_of(peer)
        cells = [
            count(model.break_even_hours(fee, lifetime, gateway))
            for gateway, _ in GATEWAYS
            for lifetime in inputs.LIFETIMES
        ]
        rows.append([peer.name, money(fee), *cells])
    header = ["peer", "a user"] + [
        f"{label}, {seconds(lifetime)}" for _, label in GATEWAYS for lifetime in inputs.LIFETIMES
    ]
    return table(header, rows)


def hashes():
    rows = []
    for memory in (512, 1024, 1769, 3008):
        alone, whole, dollars = model.hash_at(memory)
        share = min(1.0, memory / inputs.ONE_PROCESSOR_MB)
        rows.append(
            [
                f"{memory:,} MB",
                f"{share:.0%}",
                f"{alone:.0f} ms",
                f"{whole} ms",
                money(dollars),
                count(inputs.LAMBDA_CONCURRENCY * 1000 / whole),
            ]
        )
    return table(
        [
            "memory",
            "of a processor",
            "hash",
            "sign-in, billed",
            "Lambda time, a million",
            "sign-ins a second in 1,000 environments",
        ],
        rows,
    )


LIMITED = ("requests", "environments", "writes")


def limits():
    """The busiest second by users and life of tokens; what is above a default limit is bold."""
    rows = []
    for users in inputs.USERS:
        for lifetime in inputs.LIFETIMES:
            at = model.peak(users, REGULAR, lifetime)
            beyond = model.beyond_defaults(at)
            cells = [f"**{count(at[name])}**" if name in beyond else count(at[name]) for name in LIMITED]
            label = f"{users:,}, {seconds(lifetime)}"
            rows.append([label, count(at["refreshes"]), count(at["calls"]), *cells, at["partitions"]])
    rows.append(["default limit", "", "", *(count(model.DEFAULTS[name]) for name in LIMITED), ""])
    header = ["users, token", "refreshes", "protected calls", "gateway requests", "Lambda environments", "write units"]
    return table([*header, "partitions"], rows)
