"""The arithmetic: what an operation, a user's month and a service cost."""

import json
import math
import pathlib

from . import inputs
from .inputs import PRICES, WORK

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEASURED = json.loads((ROOT / "docs/cost/operations.json").read_text())
PARTS = ("gateway", "Lambda", "DynamoDB", "logs", "transfer", "keys")


def tiered(quantity, tiers):
    """The price of a quantity, of which each tier takes its share."""
    price = 0.0
    for size, unit_price in tiers:
        share = min(quantity, size)
        price += share * unit_price
        quantity -= share
    return price


def price(name, quantity):
    """US dollars for so many units of a price."""
    of = PRICES[name]
    return tiered(quantity, of.tiers) / of.per


def duration_ms(cpu_ms, round_trips, memory_mb):
    """How long an invocation takes: its work on a share of a processor, and the waits, which no processor shortens."""
    return cpu_ms / min(1.0, memory_mb / inputs.ONE_PROCESSOR_MB) + round_trips * inputs.ROUND_TRIP_MS


def billed_ms(cpu_ms, round_trips, memory_mb):
    """The same in whole milliseconds, as it is billed."""
    return math.ceil(round(duration_ms(cpu_ms, round_trips, memory_mb), 6))


def gb_seconds(memory_mb, milliseconds):
    return memory_mb / 1024 * milliseconds / 1000


def usage(operation):
    """What one operation uses of what has a price."""
    work, units = WORK[operation], MEASURED["operations"][operation]
    cold = inputs.COLD_SHARE
    start = gb_seconds(work.memory_mb, billed_ms(inputs.COLD_MS, 0, work.memory_mb))
    answers = work.response > 0  # the authorizer's go to the gateway
    return {
        "requests": 1.0 if answers else 0.0,
        "invocations": 1.0,
        "gb_seconds": gb_seconds(work.memory_mb, billed_ms(work.cpu_ms, work.round_trips, work.memory_mb))
        + cold * start,
        "write_units": float(units["write"]),
        # A start reads a row that is not there, to open the connection.
        "read_units": units["read"] + (0.5 * cold if units["requests"] else 0.0),
        "logs": float(work.log + inputs.PLATFORM_LOG),
        "transfer": float(work.response + inputs.GATEWAY_HEADERS) if answers else 0.0,
        "secret_reads": cold if reads_secret(work.function) else 0.0,
    }


def reads_secret(function):
    return function in ("register", "login", "password", "refresh", "logout")


def bill(used, gateway):
    """US dollars by part, for quantities of a month."""
    of = lambda *names: sum(price(name, used.get(name, 0.0)) for name in names)
    return {
        "gateway": price(gateway, used.get("requests", 0.0)),
        "Lambda": of("invocations", "gb_seconds"),
        "DynamoDB": of("write_units", "read_units", "storage", "recovery"),
        "logs": of("logs"),
        "transfer": of("transfer"),
        "keys": of("secret_reads", "secrets", "key_uses"),
    }


def per_million(operation, gateway):
    """US dollars by part for a million of an operation, at the prices of the first tier."""
    one = {name: quantity * inputs.MILLION for name, quantity in usage(operation).items()}
    return bill(one, gateway)


def call_gap_seconds():
    return 60 / inputs.CALLS_PER_MINUTE


def refresh_interval(lifetime):
    """Seconds between two refreshes of an active user: what is due waits for the next call, half a gap in the mean."""
    return inputs.REFRESH_AT * lifetime + call_gap_seconds() / 2


def refreshes(profile, lifetime):
    """A user's refreshes in a month: one when a visit begins, and then one an interval."""
    return profile.days * (1 + profile.minutes * 60 / refresh_interval(lifetime))


def month_of_a_user(profile, lifetime):
    """How many of each operation."""
    turns = refreshes(profile, lifetime)
    return {
        "register": inputs.REGISTRATIONS_PER_MONTH,
        "login": profile.sign_ins,
        "login, wrong password": profile.sign_ins * inputs.WRONG_PASSWORDS_PER_SIGN_IN,
        "refresh": turns,
        "refresh, prompt replay": turns * inputs.REPLAYS_PER_REFRESH,
        "logout": profile.sign_ins * inputs.LOGOUTS_PER_SIGN_IN,
        "protected call": profile.days * profile.minutes * inputs.CALLS_PER_MINUTE,
    }


def stored_bytes():
    row = MEASURED["bytes"]
    account = row["account"] + inputs.ROW_OVERHEAD
    return account + inputs.SESSIONS_STORED * (row["session"] + inputs.ROW_OVERHEAD)


def environments(rate, milliseconds):
    """Lambda environments for so many invocations a second: each has one at a time, and ten a second at most."""
    return max(rate * milliseconds / 1000, rate / inputs.REQUESTS_PER_ENVIRONMENT)


def rates(users, profile, lifetime):
    """Operations a second, in the mean of the month."""
    return {name: users * count / inputs.MONTH_SECONDS for name, count in month_of_a_user(profile, lifetime).items()}


def key_reads(users, profile, lifetime):
    """Calls of Secrets Manager that age alone makes, at most: each environment of a function with keys reads them again.
    KMS is asked as often, for the tables' encryption."""
    busy = sum(
        environments(rate, billed_ms(WORK[name].cpu_ms, WORK[name].round_trips, WORK[name].memory_mb))
        for name, rate in rates(users, profile, lifetime).items()
        if reads_secret(WORK[name].function)
    )
    return max(1.0, busy) * inputs.MONTH_SECONDS / inputs.SECRET_READ_EVERY_SECONDS


def month(users, profile, lifetime, gateway):
    """US dollars by part for a month of the whole service."""
    total = {}
    for operation, count in month_of_a_user(profile, lifetime).items():
        for name, quantity in usage(operation).items():
            total[name] = total.get(name, 0.0) + users * count * quantity
    total["storage"] = total["recovery"] = users * stored_bytes()
    by_age = key_reads(users, profile, lifetime)
    total["secret_reads"] += by_age
    total["key_uses"] = by_age
    total["secrets"] = 1
    return bill(total, gateway)


def peer_month(peer, users):
    """A peer's fee for a month, or None where its list of prices ends."""
    return peer.base + tiered(users, peer.tiers) if users <= peer.listed_up_to else None


def hour_and_rest(lifetime, gateway):
    """US dollars of an active hour, and of the rest of a regular user's month, at the prices of the first tier."""
    each = lambda operation: sum(per_million(operation, gateway).values()) / inputs.MILLION
    turns = 3600 / refresh_interval(lifetime)
    hour = turns * (each("refresh") + inputs.REPLAYS_PER_REFRESH * each("refresh, prompt replay"))
    hour += 60 * inputs.CALLS_PER_MINUTE * each("protected call")
    regular = inputs.PROFILES[1]
    counts = month_of_a_user(regular, lifetime)
    rest = regular.days * each("refresh")
    rest += sum(
        count * each(name)
        for name, count in counts.items()
        if name in ("register", "login", "login, wrong password", "logout")
    )
    return hour, rest + price("storage", stored_bytes()) + price("recovery", stored_bytes())


def break_even_hours(fee, lifetime, gateway):
    """Active hours a month at which a user costs as much as a fee; 0 where the rest alone costs more."""
    hour, rest = hour_and_rest(lifetime, gateway)
    return max(0.0, (fee - rest) / hour)


def hash_at(memory_mb):
    """A sign-in at this memory: milliseconds of the hash, of the whole as billed, and US dollars of a million in Lambda."""
    login = WORK["login"]
    whole = billed_ms(login.cpu_ms, login.round_trips, memory_mb)
    of_a_million = price("gb_seconds", gb_seconds(memory_mb, whole) * inputs.MILLION)
    return duration_ms(inputs.HASH_MS, 0, memory_mb), whole, of_a_million


def peak(users, profile, lifetime):
    """The busiest second: what it asks of each limit."""
    rate = {name: inputs.PEAK * mean for name, mean in rates(users, profile, lifetime).items()}
    milliseconds = lambda name: billed_ms(WORK[name].cpu_ms, WORK[name].round_trips, WORK[name].memory_mb)
    writes = sum(rate[name] * MEASURED["operations"][name]["write"] for name in rate)
    refresh = rate["refresh"] + rate["refresh, prompt replay"]
    at = {
        "refreshes": refresh,
        "calls": rate["protected call"],
        "requests": sum(rate.values()),
        "writes": writes,
        "refresh environments": environments(refresh, milliseconds("refresh")),
        "authorizer environments": environments(rate["protected call"], milliseconds("protected call")),
        "sign-in environments": environments(rate["login"] + rate["login, wrong password"], milliseconds("login")),
        "partitions": math.ceil(writes / inputs.PARTITION_WRITES),
    }
    at["environments"] = at["refresh environments"] + at["authorizer environments"] + at["sign-in environments"]
    return at


# What an account has in a Region before it is raised.
DEFAULTS = {
    "requests": inputs.GATEWAY_REQUESTS_PER_SECOND,
    "environments": inputs.LAMBDA_CONCURRENCY,
    "writes": inputs.TABLE_UNITS_PER_SECOND,
}


def beyond_defaults(at):
    """What of a busiest second is above those limits."""
    return {name for name, limit in DEFAULTS.items() if at[name] > limit}
