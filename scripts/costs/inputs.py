"""What docs/cost.md is reckoned from: prices, limits, times and how users behave.

Replace a figure, run scripts/cost, and read what it changes. Figures without a source are marked as assumed.
"""

import json
import pathlib
from dataclasses import dataclass

SOURCES = {
    "gateway": ("Amazon API Gateway pricing", "https://aws.amazon.com/api-gateway/pricing/", "2026"),
    "lambda": ("AWS Lambda pricing", "https://aws.amazon.com/lambda/pricing/", "2026-09"),
    "logs": (
        "AWS: tiered pricing of Lambda's logs",
        "https://aws.amazon.com/blogs/compute/aws-lambda-introduces-tiered-pricing-for-amazon-cloudwatch-logs-and-additional-logging-destinations/",
        "2025-05",
    ),
    "dynamodb": ("DynamoDB on-demand pricing", "https://aws.amazon.com/dynamodb/pricing/on-demand/", "2026"),
    "transfer": ("AWS data transfer, price list", "https://aws.amazon.com/ec2/pricing/on-demand/", "2026"),
    "secrets": ("AWS Secrets Manager pricing", "https://aws.amazon.com/secrets-manager/pricing/", "2026"),
    "kms": ("AWS KMS pricing", "https://aws.amazon.com/kms/pricing/", "2026"),
    "cognito": ("Amazon Cognito pricing", "https://aws.amazon.com/cognito/pricing/", "2026-09-20"),
    "auth0": ("Auth0 pricing", "https://auth0.com/pricing", "2026-09-20"),
    "supabase": (
        "Supabase, monthly active users",
        "https://supabase.com/docs/guides/platform/manage-your-usage/monthly-active-users",
        "2026",
    ),
    "supertokens": ("SuperTokens pricing", "https://supertokens.com/pricing", "quoted, undated"),
}


@dataclass(frozen=True)
class Price:
    """US dollars for `per` units, in tiers: so many units at a price, the last without an end."""

    about: str
    per: float
    tiers: tuple
    source: str


GB, TB = 1e9, 1e12
MILLION = 1e6
UNLIMITED = float("inf")


def flat(about, per, price, source):
    return Price(about, per, ((UNLIMITED, price),), source)


# US East (N. Virginia), list prices, without free tiers.
PRICES = {
    "rest": Price(
        "REST API, a million requests",
        MILLION,
        ((333e6, 3.50), (667e6, 2.80), (19e9, 2.38), (UNLIMITED, 1.51)),
        "gateway",
    ),
    "http": Price("HTTP API, a million requests", MILLION, ((300e6, 1.00), (UNLIMITED, 0.90)), "gateway"),
    "invocations": flat("Lambda, a million invocations", MILLION, 0.20, "lambda"),
    "gb_seconds": Price(
        "Lambda on arm64, a million GB-seconds",
        MILLION,
        ((7.5e9, 13.3334), (11.25e9, 12.0001), (UNLIMITED, 10.6667)),
        "lambda",
    ),
    "write_units": flat("DynamoDB, a million write request units", MILLION, 0.625, "dynamodb"),
    "read_units": flat("DynamoDB, a million read request units", MILLION, 0.125, "dynamodb"),
    "storage": flat("DynamoDB storage, a GB-month", GB, 0.25, "dynamodb"),
    "recovery": flat("DynamoDB point-in-time recovery, a GB-month", GB, 0.20, "dynamodb"),
    "logs": Price(
        "CloudWatch Logs from Lambda, a GB taken in",
        GB,
        ((10 * TB, 0.50), (20 * TB, 0.25), (20 * TB, 0.10), (UNLIMITED, 0.05)),
        "logs",
    ),
    "transfer": Price(
        "data transfer to the internet, a GB",
        GB,
        ((10 * TB, 0.09), (40 * TB, 0.085), (100 * TB, 0.07), (UNLIMITED, 0.05)),
        "transfer",
    ),
    "secret_reads": flat("Secrets Manager, 10,000 calls", 1e4, 0.05, "secrets"),
    "secrets": flat("Secrets Manager, a secret a month", 1, 0.40, "secrets"),
    "key_uses": flat("KMS, 10,000 requests", 1e4, 0.03, "kms"),
}

# ---- Times ---------------------------------------------------------------------------------------------------------

# Memory at which a function has one processor. Below it has a share; Ratchet uses no more than one.
ONE_PROCESSOR_MB = 1769

PERFORMANCE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/performance"


def measured(suite, program, figure):
    """A median that scripts/bench has found, in milliseconds."""
    programs = json.loads((PERFORMANCE / f"{suite}.json").read_text())["programs"]
    return next(each[figure] for each in programs if each["name"] == program)


# Milliseconds of one processor, measured on the machine that docs/performance names: Argon2id with the template's cost, a
# function's own work beside the hash, and the authorizer, with tokens of ES256, the default, and of EdDSA.
HASH_MS = round(measured("login", "the hash in a sign-in, Ratchet", "warm_ms"), 1)
OWN_MS = round(measured("refresh", "Ratchet", "warm_processor_ms"), 2)
AUTHORIZER_MS = round(measured("authorizer", "Ratchet", "warm_processor_ms"), 2)
AUTHORIZER_EDDSA_MS = round(measured("authorizer", "Ratchet, EdDSA", "warm_processor_ms"), 2)
# The two requests of a sign-in with a passkey: one writes a challenge, the other verifies the signature over it.
CHALLENGE_MS = round(measured("login", "Ratchet, the challenge before it", "warm_processor_ms"), 2)
PASSKEY_MS = round(measured("login", "Ratchet, with a passkey", "warm_processor_ms"), 2)
# A request to DynamoDB, from sending it to having its answer. Assumed.
ROUND_TRIP_MS = 5.0
# Share of invocations that start an environment. Assumed; AWS reports under 1 % for production workloads.
COLD_SHARE = 0.005
# What a start takes, which Lambda bills: its work as measured, and ten round trips for two TLS handshakes, the secret and the
# first read.
COLD_MS = round(measured("refresh", "Ratchet, keys in Secrets Manager", "cold_processor_ms") + 10 * ROUND_TRIP_MS)


@dataclass(frozen=True)
class Work:
    """What an operation takes beside DynamoDB's units, which docs/cost/operations.json has.

    `log` and `response` are bytes, measured on `cargo run -- --log-format json`: the function's own lines, that of metrics
    among them, and the answer with its headers.
    """

    function: str
    memory_mb: int
    cpu_ms: float
    round_trips: int
    log: int
    response: int


# Memory as in template.yaml. Requests that are sent at the same time are one round trip.
WORK = {
    "register": Work("register", 1024, HASH_MS + 2 * OWN_MS, 3, 815, 1499),
    "registration, pending": Work("register", 1024, HASH_MS + OWN_MS, 3, 513, 427),
    "registration, confirmation": Work("register", 1024, 2 * OWN_MS, 2, 678, 1504),
    "login": Work("login", 1024, HASH_MS + 2 * OWN_MS, 3, 802, 1478),
    "login, wrong password": Work("login", 1024, HASH_MS + OWN_MS, 1, 558, 433),
    "login, blocked": Work("login", 1024, OWN_MS, 1, 436, 433),
    "refresh": Work("refresh", 256, OWN_MS, 1, 476, 1405),
    "refresh, prompt replay": Work("refresh", 256, OWN_MS, 1, 488, 1405),
    "refresh, late replay": Work("refresh", 256, OWN_MS, 2, 484, 1405),
    "refresh, proven replay": Work("refresh", 256, OWN_MS, 2, 507, 1405),
    "refresh, reuse": Work("refresh", 256, OWN_MS, 2, 682, 433),
    "refresh, forged": Work("refresh", 256, OWN_MS, 0, 410, 433),
    "logout": Work("logout", 256, OWN_MS, 1, 467, 322),
    "sessions, list": Work("sessions", 256, OWN_MS, 1, 166, 959),
    "sessions, end one": Work("sessions", 256, OWN_MS, 2, 502, 322),
    "password": Work("password", 1024, 2 * HASH_MS + 2 * OWN_MS, 4, 893, 1478),
    "reset, request": Work("account", 1024, OWN_MS, 3, 386, 331),
    "reset": Work("account", 1024, HASH_MS + 2 * OWN_MS, 4, 574, 312),
    "verification, request": Work("account", 1024, OWN_MS, 3, 387, 331),
    "verification": Work("account", 1024, 2 * OWN_MS, 5, 428, 312),
    "address, request": Work("account", 1024, HASH_MS + 2 * OWN_MS, 5, 532, 331),
    "address, confirmation": Work("account", 1024, 2 * OWN_MS, 4, 1017, 1497),
    "address, undo": Work("account", 1024, 2 * OWN_MS, 5, 819, 312),
    "address, undo of two changes": Work("account", 1024, 2 * OWN_MS, 7, 831, 322),
    "account, name": Work("account", 1024, 2 * OWN_MS, 5, 436, 457),
    "account, data": Work("account", 1024, OWN_MS, 1, 168, 789),
    "account, deletion": Work("account", 1024, HASH_MS + 2 * OWN_MS, 4, 871, 322),
    "login, with a code": Work("login", 1024, HASH_MS + 2 * OWN_MS, 3, 802, 1486),
    "authenticator app, enrolment": Work("factors", 1024, HASH_MS + 2 * OWN_MS, 4, 568, 457),
    "authenticator app, confirmation": Work("factors", 1024, 2 * OWN_MS, 4, 1017, 1727),
    "authenticator app, removal": Work("factors", 1024, HASH_MS + 2 * OWN_MS, 5, 1017, 1486),
    "recovery codes, replacement": Work("factors", 1024, HASH_MS + 2 * OWN_MS, 5, 594, 544),
    "factors, list": Work("factors", 1024, OWN_MS, 1, 170, 373),
    "passkey, options": Work("passkeys", 1024, CHALLENGE_MS, 1, 166, 660),
    "passkey, sign-in": Work("passkeys", 1024, PASSKEY_MS, 5, 806, 1478),
    "passkey, creation options": Work("passkeys", 1024, HASH_MS + 2 * OWN_MS, 3, 260, 1230),
    # It verifies no signature. Taken as a sign-in, which is a little more.
    "passkey, creation": Work("passkeys", 1024, PASSKEY_MS, 4, 893, 1640),
    "passkeys, list": Work("passkeys", 1024, OWN_MS, 1, 166, 520),
    "passkey, name": Work("passkeys", 1024, OWN_MS, 2, 436, 480),
    "passkey, removal": Work("passkeys", 1024, HASH_MS + 2 * OWN_MS, 5, 893, 1478),
    "protected call": Work("authorizer", 128, AUTHORIZER_MS, 0, 0, 0),
}
# Lambda's own two lines for each invocation, as it documents them where its log format is JSON.
PLATFORM_LOG = sum(
    len(line) + 1
    for line in (
        '{"time":"2026-11-22T08:00:00.000Z","type":"platform.start","record":{"requestId":"00000000-0000-0000-0000-000000000000","version":"$LATEST"}}',
        '{"time":"2026-11-22T08:00:00.009Z","type":"platform.report","record":{"requestId":"00000000-0000-0000-0000-000000000000","metrics":{"durationMs":8.94,"billedDurationMs":9,"memorySizeMB":256,"maxMemoryUsedMB":24},"status":"success"}}',
    )
)
# Headers that API Gateway adds to an answer. Assumed.
GATEWAY_HEADERS = 250
# DynamoDB stores so many bytes with each row.
ROW_OVERHEAD = 100
# Functions that hold the key set read it again when it is so old.
SECRET_READ_EVERY_SECONDS = 300

# ---- Users ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """A user's month. All of it is assumed; nothing happens while the user is away."""

    name: str
    days: int  # with one visit each
    minutes: float  # of a visit
    sign_ins: float


PROFILES = (
    # Comes back after more than the seven days for which an idle session lives.
    Profile("occasional", 4, 10, 4),
    Profile("regular", 20, 60, 2),
    # As in the simulation that the refresh rule's budget comes from.
    Profile("heavy", 30, 180, 2),
)
CALLS_PER_MINUTE = 2.0
# The client refreshes ahead of expiry, at 70 to 90 % of a token's life, when a call is made.
REFRESH_AT = 0.8
REPLAYS_PER_REFRESH = 0.01
WRONG_PASSWORDS_PER_SIGN_IN = 0.2
LOGOUTS_PER_SIGN_IN = 0.25
REGISTRATIONS_PER_MONTH = 0.05
SESSIONS_STORED = 2
LIFETIMES = (60, 300, 900)
USERS = (10**4, 10**6, 10**8)
MONTH_SECONDS = 30 * 86400
# Requests at the busiest time, as a multiple of the month's mean.
PEAK = 3.0

# ---- Limits --------------------------------------------------------------------------------------------------------

GATEWAY_REQUESTS_PER_SECOND = 10_000
LAMBDA_CONCURRENCY = 1_000
REQUESTS_PER_ENVIRONMENT = 10
ENVIRONMENTS_PER_10_SECONDS = 1_000
TABLE_UNITS_PER_SECOND = 40_000
NEW_TABLE_WRITES = 4_000
PARTITION_WRITES = 1_000
PARTITION_READS = 3_000
