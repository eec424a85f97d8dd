"""What others take for a month, at list prices."""

from dataclasses import dataclass

from .inputs import UNLIMITED


@dataclass(frozen=True)
class Peer:
    """A month's fee for so many active users, at list prices; None where the list ends."""

    name: str
    base: float
    tiers: tuple
    listed_up_to: float
    about: str
    source: str


PEERS = (
    Peer(
        "Cognito Lite",
        0,
        ((1e5, 0.0055), (9e5, 0.0046), (9e6, 0.00325), (UNLIMITED, 0.0025)),
        UNLIMITED,
        "its 10,000 free users are not deducted",
        "cognito",
    ),
    Peer(
        "Cognito Essentials",
        0,
        ((UNLIMITED, 0.015),),
        UNLIMITED,
        "the default plan of a new pool; its 10,000 free users are not deducted",
        "cognito",
    ),
    Peer(
        "Cognito Plus",
        0,
        ((UNLIMITED, 0.020),),
        UNLIMITED,
        "with protection against guessed and leaked passwords",
        "cognito",
    ),
    Peer(
        "Auth0 B2C Essentials",
        0,
        ((UNLIMITED, 0.07),),
        1e4,
        "$35 for 500, $70 for 1,000, $700 for 10,000 users; more by contract",
        "auth0",
    ),
    Peer(
        "SuperTokens cloud",
        0,
        ((5e3, 0.0), (UNLIMITED, 0.02)),
        UNLIMITED,
        "5,000 users are included; self-hosted it has no fee",
        "supertokens",
    ),
    Peer(
        "Supabase Auth, Pro plan",
        25,
        ((1e5, 0.0), (UNLIMITED, 0.00325)),
        UNLIMITED,
        "100,000 users are included; the database's compute beyond the plan is not counted",
        "supabase",
    ),
)
