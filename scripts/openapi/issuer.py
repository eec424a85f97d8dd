"""Reads metadata with the generated Python clients: an issuer must come through byte for byte, since verifiers compare it."""

import models
from ratchet_client.models.metadata import Metadata

for issuer in ["https://auth.example.com", "urn:ratchet:local"]:
    metadata = {
        "issuer": issuer,
        "jwks_uri": "https://auth.example.com/.well-known/jwks.json",
        "token_endpoint": "https://auth.example.com/oauth2/token",
        "revocation_endpoint": "https://auth.example.com/oauth2/revoke",
        "response_types_supported": [],
        "grant_types_supported": ["refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "ratchet_mail_enabled": True,
        "ratchet_passkeys_enabled": True,
        "ratchet_totp_enabled": True,
    }
    read = {
        "datamodel-code-generator": models.Metadata(**metadata).model_dump(mode="json")["issuer"],
        "openapi-python-client": Metadata.from_dict(metadata).to_dict()["issuer"],
    }
    for tool, found in read.items():
        assert found == issuer, f"{tool} makes {found} of the issuer {issuer}"
