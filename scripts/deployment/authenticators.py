"""What a user holds beside the password: an authenticator app (RFC 6238), and an authenticator of passkeys in software with the
browser before it (WebAuthn level 3, sections 6.1, 6.3.3 and 6.5).
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import tempfile
import time

STEP = 30
RP_ID, ORIGIN = "example.com", "https://app.example.com"
# Flags of authenticator data: the user is present and verified, and a key is attested.
SIGNS, ATTESTS = 0x05, 0x45


class App:
    """An authenticator app. Each code works once, so each that it shows is of a later step than the one before."""

    def __init__(self, secret):
        self.key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self.shown = 0

    def code(self):
        step = max(int(time.time()) // STEP, self.shown + 1)
        # A clock may be a step ahead.
        while step > time.time() // STEP + 1:
            time.sleep(0.5)
        self.shown = step
        digest = hmac.digest(self.key, step.to_bytes(8, "big"), "sha1")
        offset = digest[-1] & 15
        return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Authenticator:
    """An authenticator with one passkey, of which it makes as many signatures as it is asked for."""

    def create(self, options):
        self.id, self.user, self.key = os.urandom(16), options["user"]["id"], _openssl("genpkey", *CURVE)
        x, y = _point(self.key)
        public = _cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = _cbor({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTS) + attested})
        client = _client_data("webauthn.create", options)
        response = {"clientDataJSON": _text(client), "attestationObject": _text(attestation)}
        return self._credential(response, {"credProps": {"rk": True}})

    def sign(self, options):
        client, data = _client_data("webauthn.get", options), self._data(SIGNS)
        with tempfile.TemporaryDirectory() as folder:
            key = pathlib.Path(folder, "key.pem")
            key.write_bytes(self.key)
            signature = _openssl("dgst", "-sha256", "-sign", key, given=data + hashlib.sha256(client).digest())
        response = {"clientDataJSON": _text(client), "authenticatorData": _text(data), "signature": _text(signature)}
        return self._credential({**response, "userHandle": self.user}, {})

    def _credential(self, response, extensions):
        name = _text(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": extensions}

    @staticmethod
    def _data(flags):
        return hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + bytes(4)


CURVE = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]


def _openssl(*command, given=b""):
    return subprocess.run(["openssl", *command], input=given, check=True, capture_output=True).stdout


def _point(key):
    """The coordinates of the public key, which end its DER form."""
    der = _openssl("pkey", "-pubout", "-outform", "DER", given=key)
    return der[-64:-32], der[-32:]


def _client_data(kind, options):
    data = {"type": kind, "challenge": options["challenge"], "origin": ORIGIN, "crossOrigin": False}
    return json.dumps(data).encode()


def _text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _cbor(value):
    """RFC 8949, as far as it is needed here."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value)) + value.encode()
    return _head(5, len(value)) + b"".join(_cbor(key) + _cbor(each) for key, each in value.items())


def _head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    return bytes([major << 5 | 24, number])
