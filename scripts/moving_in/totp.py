"""The code that an authenticator app shows now (RFC 6238)."""

import hashlib
import hmac
import time


def code(secret):
    digest = hmac.digest(secret, (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
