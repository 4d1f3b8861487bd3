"""Tokens verified by joserfc; it is loaded with the first of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from atom_llm.domain.core.errors import TokenRefused
from atom_llm.domain.tenancy.identity.claims import Claims
from atom_llm.domain.tenancy.identity.key_sets import Jwk
from atom_llm.domain.tenancy.identity.tokens import LEEWAY_S
from atom_llm.domain.tenancy.identity.trusted_issuers import TrustedIssuer

# What joserfc names the claim that is wrong, and what of it a caller is told.
_FAULTS: Final = {
    "iss": ("issuer", "is by another issuer than it says"),
    "aud": ("audience", "is for another audience"),
    "sub": ("subject", "has no subject"),
    "nbf": ("time", "is not valid yet"),
    "iat": ("time", "was issued in the future, or at no time"),
    "exp": ("time", "ends at no time"),
}


class JoserfcVerifier:
    """Implements `TokenVerifier`."""

    def verify(self, token: str, algorithm: str, keys: Sequence[Jwk], issuer: TrustedIssuer, now: datetime) -> Claims:
        """Check the signature by each key until one is right, then who issued it for whom, and when."""
        claims = _signed(token, algorithm, keys)
        _check(claims, issuer, int(now.timestamp()))
        return claims


def _signed(token: str, algorithm: str, keys: Sequence[Jwk]) -> Claims:
    """Return the claims that one of the keys has signed by the algorithm."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    from atom_llm.adapters.identity.joserfc_rules import TokenRules

    rules = TokenRules(algorithm)
    for key in keys:
        try:
            # Of EdDSA's two names the key may have the one and the token the other.
            by = import_key({name: value for name, value in key.items() if name != "alg"})
            return jwt.decode(token, by, algorithms=[algorithm], registry=rules).claims
        except (JoseError, ValueError, TypeError):  # of a key that is none too: its numbers are the issuer's
            continue
    raise TokenRefused("signature", "has a signature that is none of its issuer's")


def _check(claims: Claims, issuer: TrustedIssuer, now: int) -> None:
    """Raise `TokenRefused` for the first claim that is missing or wrong."""
    from joserfc.errors import ExpiredTokenError, InvalidClaimError, MissingClaimError
    from joserfc.jwt import JWTClaimsRegistry

    registry = JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer.url},
        aud={"essential": True, "values": list(issuer.audiences)},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except ExpiredTokenError:
        raise TokenRefused("time", "has expired") from None
    except MissingClaimError as error:
        raise TokenRefused("claims", f"has no {error.claim.partition(',')[0]}") from None
    except InvalidClaimError as error:
        raise TokenRefused(*_FAULTS.get(error.claim, ("claims", "has a claim that is wrong"))) from None
    lives_s = claims["exp"] - claims["iat"]
    if not 0 < lives_s <= issuer.longest_life_s:
        raise TokenRefused(
            "time", f"lives longer than the {issuer.longest_life_s:,} seconds that it may, or not at all"
        )
