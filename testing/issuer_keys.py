"""Keys of an issuer of tokens, and tokens that it signs: made once a process, for RSA keys take a while."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from atom_llm.adapters.identity.joserfc_rules import TokenRules

ISSUER: Final = "https://login.example.com"
AUDIENCE: Final = "api://atom"
LIVES_S: Final = 300

SigningKey = RSAKey | ECKey | OKPKey


@cache
def signing_key(kind: str, kid: str) -> SigningKey:
    """Return a key of an algorithm by its name; the same each time."""
    match kind:
        case "RS256":
            return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": kind})
        case "ES256":
            return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": kind})
        case _:
            return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig", "alg": kind})


def public(key: SigningKey) -> dict[str, str]:
    """Return the half of a key that its issuer publishes."""
    return {name: str(value) for name, value in key.as_dict(private=False).items() if isinstance(value, str)}


def claims(now: datetime, **other: Any) -> dict[str, Any]:
    """Return the claims of a good token of Ann's at an instant; `other` ones stand in their place, None leaves out."""
    at = int(now.timestamp())
    usual = {"iss": ISSUER, "sub": "ann", "aud": AUDIENCE, "iat": at, "exp": at + LIVES_S, "groups": ["llm-users"]}
    return {name: value for name, value in (usual | other).items() if value is not None}


def token(key: SigningKey, said: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """Return a token by a key; `header` stands over what the key says of itself."""
    algorithm = str(key.alg or "RS256")
    shown = {"alg": algorithm, "kid": key.kid, **(header or {})}
    shown = {name: value for name, value in shown.items() if value is not None}
    return jwt.encode(shown, dict(said), key, registry=TokenRules(str(shown["alg"])))
