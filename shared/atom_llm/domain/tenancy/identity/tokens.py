"""Tokens as they are shown, before anything of them is believed; and why one is refused."""

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.core.errors import TokenRefused

MAX_TOKEN: Final = 16_384  # characters; with many groups in it, a token of a large directory has half of it
MAX_KID: Final = 255  # characters
LEEWAY_S: Final = 60  # by which the issuer's clock may differ from ours

# Of a header's `typ`, in lower case and without `application/`: other kinds (a logout token, a proof of possession)
# are signed by the same keys and say something else (RFC 8725, 3.11).
KINDS: Final = frozenset({"jwt", "at+jwt"})

_SHAPE: Final = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShownToken:
    """The parts of a token that tell by which key of which issuer it has to be verified; nothing of it is proven."""

    issuer: str
    algorithm: str
    kid: str | None


def is_token(shown: str) -> bool:
    """Return whether a credential has the shape of a signed JWT: no service key has."""
    return shown.startswith("eyJ") and shown.count(".") == 2


def shown_token(text: str) -> ShownToken:
    """Return what an unverified token says of itself; raises `TokenRefused`."""
    if len(text) > MAX_TOKEN:
        raise TokenRefused("malformed", f"has more than {MAX_TOKEN:,} characters")
    if _SHAPE.fullmatch(text) is None:
        raise TokenRefused("malformed", "is not a signed JWT")
    header, claims = (_object(part) for part in text.split(".")[:2])
    kid, algorithm, kind, issuer = header.get("kid"), header.get("alg"), header.get("typ"), claims.get("iss")
    if "crit" in header or "b64" in header:
        raise TokenRefused("malformed", "has a header that asks for an extension")
    if kind is not None and (not isinstance(kind, str) or kind.lower().removeprefix("application/") not in KINDS):
        raise TokenRefused("kind", "is of another kind than an access or identity token")
    if not isinstance(algorithm, str):
        raise TokenRefused("algorithm", "names no algorithm")
    if kid is not None and (not isinstance(kid, str) or len(kid) > MAX_KID):
        raise TokenRefused("unknown_key", "names its key by what is no key id")
    if not isinstance(issuer, str) or not issuer:
        raise TokenRefused("issuer", "names no issuer")
    return ShownToken(issuer, algorithm, kid)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TokenRefused("malformed", "is not a signed JWT")
    return found
