"""The systems of docs/moving-in.md: a sample of each export, written by the page that describes it, and what must come of it.

No sample was exported from a real system. Their hashes are those of import/vectors.json, which the systems' own libraries made.
"""

import base64
import dataclasses
import pathlib

SAMPLES = pathlib.Path(__file__).resolve().parent / "samples"

STAPLE = "correct horse battery staple"
UNICODE = "пароль Zoë 🔑"
APP = base64.b32decode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


@dataclasses.dataclass
class Account:
    """What an account is to be. Without a password it has none; a disabled one can't be signed in to. `totp` is the secret of its
    authenticator app, as bytes."""

    name: str
    password: str | None = None
    verified: bool = False
    disabled: bool = False
    roles: tuple = ()
    totp: bytes | None = None


@dataclasses.dataclass
class System:
    """A system: what its command begins with, its sample and the name that the page has for it, where that is described, and the
    accounts that come of it. Rows of the sample without an address are left out."""

    command: str
    sample: str
    source: str
    accounts: dict
    stands_for: str | None = None
    page_says: dict = dataclasses.field(default_factory=dict)


IDENTITY = "https://learn.microsoft.com/en-us/aspnet/core/security/authentication/customize-identity-model"
IDENTITY_ACCOUNTS = {
    "identity@example.com": Account("identity@example.com", STAPLE, verified=True, roles=("Admin", "Editor"), totp=APP),
    "identity-v2@example.com": Account("identity-v2@example.com", UNICODE),
    "identity-locked@example.com": Account("identity-locked@example.com", STAPLE, verified=True, disabled=True),
    "identity-external@example.com": Account("identity-external@example.com", verified=True),
}
DJANGO = "https://docs.djangoproject.com/en/5.2/ref/contrib/auth/"


def django(prefix):
    return {
        f"{prefix}@example.com": Account("Ada Lovelace", UNICODE),
        f"{prefix}-argon2@example.com": Account(f"{prefix}-argon2", UNICODE),
        f"{prefix}-unusable@example.com": Account(f"{prefix}-unusable"),
        f"{prefix}-inactive@example.com": Account(f"{prefix}-inactive", UNICODE, disabled=True),
    }


SYSTEMS = {
    "ASP.NET Core Identity on PostgreSQL": System("psql", "identity-postgresql.sql", IDENTITY, IDENTITY_ACCOUNTS),
    "ASP.NET Core Identity on SQLite": System("sqlite3", "identity-sqlite.sql", IDENTITY, IDENTITY_ACCOUNTS),
    "Amazon Cognito": System(
        "aws cognito-idp",
        "cognito.json",
        "https://docs.aws.amazon.com/cli/latest/reference/cognito-idp/list-users.html",
        {
            "cognito@example.com": Account("Mary", verified=True),
            "cognito-disabled@example.com": Account("cognito-disabled", disabled=True),
        },
        stands_for="aws",
    ),
    "Auth0": System(
        "jq -c -f auth0.jq",
        "auth0.json",
        "https://support.auth0.com/center/s/article/How-to-Use-the-Password-Hashes-Export-from-Auth0",
        {
            "auth0@example.com": Account("auth0", STAPLE, verified=True),
            "auth0-without@example.com": Account("auth0-without"),
            "auth0-identifiers@example.com": Account("auth0-identifiers", STAPLE, verified=True),
        },
        stands_for="export.json",
    ),
    "Supabase": System(
        "psql",
        "supabase.sql",
        "https://supabase.com/docs/guides/auth/users",
        {
            "supabase@example.com": Account("Zoë", STAPLE, verified=True, totp=APP),
            "supabase-google@example.com": Account("Grace Hopper", verified=True),
            "supabase-banned@example.com": Account("supabase-banned", STAPLE, disabled=True),
        },
    ),
    "Django on PostgreSQL": System("psql", "django.sql", DJANGO, django("django-sql")),
    "Django's dumpdata": System("python manage.py", "django.json", DJANGO, django("django"), stands_for="python"),
    "Keycloak": System(
        "jq -c -f keycloak.jq",
        "keycloak.json",
        "https://www.keycloak.org/server/importExport",
        {
            "keycloak@example.com": Account("Ada Lovelace", UNICODE, verified=True, totp=b"12345678901234567890"),
            "keycloak-argon2@example.com": Account("keycloak-argon2", STAPLE, totp=b"bH4WkpXuH1ZtPDeyMEcF"),
            "keycloak-disabled@example.com": Account("keycloak-disabled", UNICODE, verified=True, disabled=True),
            "keycloak-federated@example.com": Account("keycloak-federated", verified=True),
        },
        stands_for="realm.json",
    ),
    "Firebase": System(
        "jq -c --arg",
        "firebase.json",
        "https://firebase.google.com/docs/cli/auth",
        {
            "firebase@example.com": Account("Zoë", "user1password", verified=True),
            "firebase-google@example.com": Account("firebase-google", verified=True),
            "firebase-disabled@example.com": Account("firebase-disabled", "user1password", disabled=True),
            "firebase-empty@example.com": Account("firebase-empty"),
        },
        stands_for="users.json",
        page_says={"KEY": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="},
    ),
}
