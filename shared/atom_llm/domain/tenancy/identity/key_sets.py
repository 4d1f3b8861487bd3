"""The published keys of an issuer (JWKS, RFC 7517): what of them is kept, which fit a token, and how long they hold."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from atom_llm.domain.core.errors import TokenRefused

FRESH_FOR: Final = timedelta(minutes=5)  # a withdrawn key is believed so long at most while its issuer answers
ASKED_AGAIN_AFTER: Final = timedelta(seconds=10)  # for a key id that is not known, and where the issuer did not answer
# While the issuer does not answer. What it issued before has ended by then, at most issuers.
LAST_GOOD_FOR: Final = timedelta(hours=1)

MAX_KEYS: Final = 50  # of an issuer that are looked at; large directories publish ten
MAX_TRIED: Final = 4  # keys of one id, or of none: each costs a verification
RSA_BITS: Final = (2048, 8192)  # fewer are broken (RFC 7518, 3.3), more cost whole milliseconds

_CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "Ed25519": "Ed25519", "EdDSA": "Ed25519"}
_SAME: Final = frozenset({"EdDSA", "Ed25519"})  # RFC 9864 gave the one a second name
# What is kept of a key: that which verifies. A private half that was published by mistake is not.
_KEPT: Final = ("kty", "kid", "alg", "crv", "x", "y", "n", "e")

Jwk = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of an issuer as they were read at an instant."""

    keys: tuple[Jwk, ...]
    read_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Return whether they hold without asking."""
        return now - self.read_at < FRESH_FOR

    def holds(self, now: datetime) -> bool:
        """Return whether they hold while their issuer cannot be asked."""
        return now - self.read_at < LAST_GOOD_FOR


def published_keys(document: object) -> tuple[Jwk, ...]:
    """Return the keys of a JWKS document that can verify a signature; raises `ValueError` where there is none."""
    found = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise ValueError("the document has no list of keys")
    keys = tuple(kept for each in found[:MAX_KEYS] if (kept := _kept(each)) is not None)
    if not keys:
        raise ValueError("the document has no key that verifies signatures")
    return keys


def fitting(keys: Sequence[Jwk], algorithm: str, kid: str | None) -> Sequence[Jwk]:
    """Return the keys that may have signed a token by its header; raises `TokenRefused` where none or several may.

    A token without a key id may be by the one key that fits its algorithm. Of keys with the same id each is tried.
    """
    possible = [key for key in keys if _fits(key, algorithm) and (kid is None or key.get("kid") == kid)]
    if not possible:
        raise TokenRefused("unknown_key", "is by a key that its issuer does not publish")
    if kid is None and len(possible) > 1:
        raise TokenRefused("unknown_key", "does not say by which of its issuer's keys it is")
    return possible[:MAX_TRIED]


def _kept(key: object) -> Jwk | None:
    if not isinstance(key, dict) or key.get("use", "sig") != "sig":
        return None
    if "key_ops" in key and "verify" not in (key["key_ops"] if isinstance(key["key_ops"], list) else ()):
        return None
    kept = {name: key[name] for name in _KEPT if isinstance(key.get(name), str)}
    match kept.get("kty"):
        case "RSA":
            is_good = "e" in kept and RSA_BITS[0] <= _bits(kept.get("n", "")) <= RSA_BITS[1]
        case "EC":
            is_good = kept.get("crv") in ("P-256", "P-384", "P-521") and {"x", "y"} <= kept.keys()
        case "OKP":
            is_good = kept.get("crv") == "Ed25519" and "x" in kept
        case _:
            is_good = False
    return kept if is_good else None


def _bits(number: str) -> int:
    try:
        return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4)), "big").bit_length()
    except ValueError:
        return 0


def _fits(key: Jwk, algorithm: str) -> bool:
    of_key = key.get("alg", algorithm)
    if of_key != algorithm and not {of_key, algorithm} <= _SAME:
        return False
    if algorithm.startswith(("RS", "PS")):
        return key["kty"] == "RSA"
    return key.get("crv") == _CURVES.get(algorithm)


def as_json(keys: Sequence[Jwk]) -> list[dict[str, Any]]:
    """Return keys as a document has them."""
    return [dict(key) for key in keys]
