"""Writes import/vectors.json, or says if it differs."""

import base64
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

import argon2
import bcrypt
import django.conf
import passlib.hash

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "import" / "vectors.json"

SALT = bytes(range(16))
PLAIN = "correct horse battery staple"
CYRILLIC = "пароль Zoë \U0001f511"
# Letters with marks of their own, as some keyboards type them. In NFC it is another text.
DECOMPOSED = "cafe\u0301 Tie\u0302\u0301ng Vie\u0323\u0302t"
# bcrypt sees 72 bytes of it.
LONG = "seventy-two bytes, and then what bcrypt does not see any more, whatever it is or was"


def b64(data):
    return base64.b64encode(data).decode()


def unpadded(data):
    return b64(data).rstrip("=")


def vector(name, made_by, password, format, hash, **more):
    return {"name": name, "made_by": made_by, "password": password, "hashed": {"format": format, "hash": hash, **more}}


def argon2id(name, password, **cost):
    kind = argon2.low_level.Type.ID
    hashed = argon2.low_level.hash_secret(password.encode(), SALT, hash_len=32, type=kind, **cost)
    return vector(name, "argon2-cffi", password, "phc", hashed.decode())


def phc():
    yield argon2id("argon2id at OWASP's cost", PLAIN, time_cost=2, memory_cost=19456, parallelism=1)
    yield argon2id("argon2id of decomposed letters", DECOMPOSED, time_cost=3, memory_cost=12288, parallelism=2)
    yield argon2id("weak argon2id", CYRILLIC, time_cost=1, memory_cost=4096, parallelism=1)
    passlibs = [
        ("scrypt", passlib.hash.scrypt.using(rounds=12, salt=SALT)),
        ("scrypt with r and p", passlib.hash.scrypt.using(rounds=10, block_size=16, parallelism=3, salt=SALT)),
        ("pbkdf2 with SHA-1", passlib.hash.pbkdf2_sha1.using(rounds=20000, salt=SALT)),
        ("pbkdf2 with SHA-256", passlib.hash.pbkdf2_sha256.using(rounds=29000, salt=bytes([251] * 16))),
        ("pbkdf2 with SHA-512", passlib.hash.pbkdf2_sha512.using(rounds=25000, salt=SALT)),
    ]
    for name, hasher in passlibs:
        yield vector(f"{name} by passlib", "passlib", CYRILLIC, "phc", hasher.hash(CYRILLIC))
    output = hashlib.pbkdf2_hmac("sha256", DECOMPOSED.encode(), SALT, 10000, 32)
    text = f"$pbkdf2-sha256$i=10000,l=32${unpadded(SALT)}${unpadded(output)}"
    yield vector("pbkdf2 as a PHC string", "hashlib", DECOMPOSED, "phc", text)


def aspnet():
    """The layouts of PasswordHasher, version 2 and version 3."""
    output = hashlib.pbkdf2_hmac("sha1", CYRILLIC.encode(), SALT, 1000, 32)
    yield vector("version 2", "hashlib", CYRILLIC, "aspnet-identity", b64(b"\0" + SALT + output))
    for number, (digest, iterations) in enumerate([("sha1", 5000), ("sha256", 10000), ("sha512", 100000)]):
        output = hashlib.pbkdf2_hmac(digest, PLAIN.encode(), SALT, iterations, 32)
        header = struct.pack(">BIII", 1, number, iterations, len(SALT))
        yield vector(f"version 3 with {digest}", "hashlib", PLAIN, "aspnet-identity", b64(header + SALT + output))


def django_pbkdf2():
    django.conf.settings.configure()
    from django.contrib.auth.hashers import PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher

    for name, hasher, password, iterations in [
        ("Django's default", PBKDF2PasswordHasher(), PLAIN, None),
        ("an old Django's", PBKDF2PasswordHasher(), DECOMPOSED, 36000),
        ("Django's with SHA-1", PBKDF2SHA1PasswordHasher(), CYRILLIC, 20000),
    ]:
        hashed = hasher.encode(password, "K5wYFIqGZ1pHtXBMzEPVkA", iterations)
        yield vector(name, "Django", password, "django-pbkdf2", hashed)


def keycloak():
    for algorithm, digest, iterations, length in [
        ("pbkdf2", "sha1", 20000, 64),
        ("pbkdf2-sha256", "sha256", 27500, 64),
        ("pbkdf2-sha512", "sha512", 30000, 64),
        ("pbkdf2-sha256", "sha256", 60000, 32),
    ]:
        output = hashlib.pbkdf2_hmac(digest, CYRILLIC.encode(), SALT, iterations, length)
        more = {"salt": b64(SALT), "iterations": iterations, "algorithm": algorithm}
        name = f"{algorithm} of {length} bytes"
        yield vector(name, "hashlib", CYRILLIC, "keycloak-pbkdf2", b64(output), **more)


def by_node(asked):
    done = subprocess.run(
        ["node", ROOT / "scripts/vectors/hash.mjs"], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def bcrypts():
    salts = ["$2b$04$abcdefghijklmnopqrstuu", "$2a$06$DCq7YPn5Rq63x1Lad4cll.", "$2b$10$N9qo8uLOickgx2ZMRZoMye"]
    passwords = [LONG, CYRILLIC, PLAIN]
    asked = [{"library": "bcryptjs", "password": p, "salt": s} for p, s in zip(passwords, salts)]
    names = ["$2b$ of a long password", "$2a$", "$2b$"]
    for name, password, hashed in zip(names, passwords, by_node(asked)):
        yield vector(name, "bcryptjs", password, "bcrypt", hashed)
    hashed = bcrypt.hashpw(DECOMPOSED.encode(), b"$2y$05$abcdefghijklmnopqrstuu").decode()
    yield vector("$2y$ of decomposed letters", "bcrypt", DECOMPOSED, "bcrypt", hashed)


# The parameters of a project, with a password and its hash, that Firebase publishes beside its own implementation.
FIREBASE = {
    "signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
    "salt_separator": "Bw==",
    "rounds": 8,
    "memory_cost": 14,
}
FIREBASE_SALT = "42xEC+ixf3L2lw=="
FIREBASE_HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="


def firebase():
    names = {"memCost": "memory_cost", "rounds": "rounds", "saltSeparator": "salt_separator", "signerKey": "signer_key"}
    parameters = {theirs: FIREBASE[ours] for theirs, ours in names.items()}
    passwords = ["user1password", CYRILLIC]
    asked = [
        {"library": "firebase-scrypt", "password": p, "salt": FIREBASE_SALT, "parameters": parameters}
        for p in passwords
    ]
    published, cyrillic = by_node(asked)
    if published != FIREBASE_HASH:
        sys.exit("firebase-scrypt does not compute what Firebase publishes")
    for name, password, hashed in [("Firebase's own", passwords[0], published), ("Firebase", CYRILLIC, cyrillic)]:
        yield vector(name, "firebase-scrypt", password, "firebase-scrypt", hashed, salt=FIREBASE_SALT, **FIREBASE)
    safe = FIREBASE_HASH.replace("+", "-").replace("/", "_")
    yield vector(
        "Firebase's own in the alphabet of URLs",
        "firebase-scrypt",
        passwords[0],
        "firebase-scrypt",
        safe,
        salt=FIREBASE_SALT.replace("+", "-"),
        **FIREBASE,
    )


def written():
    vectors = [one for make in (phc, aspnet, bcrypts, django_pbkdf2, firebase, keycloak) for one in make()]
    return json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"


options = sys.argv[1:]
if options not in ([], ["--check"]):
    sys.exit(f"usage: scripts/password-vectors [--check], not {' '.join(options)}")
text = written()
if not options:
    FILE.write_text(text)
elif FILE.read_text() != text:
    sys.exit("import/vectors.json is not what scripts/password-vectors writes")
else:
    print(f"{len(json.loads(text))} hashes are as the libraries make them")
