"""Trusted issuers: whose tokens open the service, for which audiences, by which algorithms, and for whom."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.public_hosts import address_fault
from atom_llm.domain.tenancy.service_keys import Scope

# Signatures by a key whose public half is published. None of them is a MAC, and `none` is no signature.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
USUAL_ALGORITHMS: Final = ("RS256", "ES256")

MAX_ISSUERS: Final = 50  # of a deployment
MAX_URL: Final = 255  # characters
MAX_AUDIENCES: Final = 10
MAX_AUDIENCE: Final = 255  # characters
MAX_RULES: Final = 40  # of an issuer: with those of before, as many tenants' logs as one transaction takes
MAX_CONDITIONS: Final = 10
MAX_VALUES: Final = 50  # that a condition takes
MAX_CLAIM: Final = 128  # characters of a claim's name
MAX_VALUE: Final = 255  # characters of a claim's value
MAX_TEAM: Final = 64  # characters
LONGEST_LIFE_S: Final = 86_400  # of a token, from its issue to its end: what lives longer is no token but a key
ID_DIGITS: Final = 16

# The account that the service is deployed in vouches for its roles as an issuer does for people; it has this name.
ACCOUNT: Final = "iam"
_ROLE: Final = re.compile(r"arn:aws[a-z-]{0,20}:iam::\d{12}:role/[\w+=,.@-]{1,64}", re.ASCII)
_PERSONS_OF_ROLES: Final = ("sub", "role_name", "session")

_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """What a token stands for whose claims meet every condition of `when`.

    The tenant is a fixed one or the value of a claim; so is the team. `scopes` are all that may be given; with
    `scopes_claim`, those of them that the claim names. `person_claim` says who it is.
    """

    scopes: frozenset[Scope]
    tenant: TenantId | None = None
    tenant_claim: str | None = None
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scopes_claim: str | None = None
    team: str | None = None
    team_claim: str | None = None
    person_claim: str = "sub"


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer of tokens as the operator trusts it. The first rule that a token meets holds.

    Its keys are read from `jwks_uri`, or from the address that its discovery document names. Service keys that tokens
    were exchanged for before `trusted_from` open nothing. `sign_in_client` is the public client by which the console
    signs people in. `revision` is another one after each change.
    """

    url: str
    audiences: tuple[str, ...]
    rules: tuple[ClaimRule, ...]
    trusted_from: datetime
    changed_at: datetime
    revision: str
    algorithms: tuple[str, ...] = USUAL_ALGORITHMS
    jwks_uri: str | None = None
    longest_life_s: int = LONGEST_LIFE_S
    sign_in_client: str | None = field(default=None)

    @property
    def id(self) -> str:
        """The issuer's name in paths."""
        return issuer_id(self.url)

    @property
    def tenants(self) -> frozenset[TenantId]:
        """The tenants that its rules name."""
        return frozenset(rule.tenant for rule in self.rules if rule.tenant is not None)


def issuer_id(url: str) -> str:
    """Return the name by which an issuer stands in paths and keys: the beginning of its address's SHA-256."""
    return sha256(url.encode()).hexdigest()[:ID_DIGITS]


def check_issuer(issuer: TrustedIssuer, *, on_this_machine: bool) -> None:
    """Raise `InvalidRequest`, naming the field, for an issuer that cannot be trusted as it is declared.

    `on_this_machine` lets a loopback address pass, where no tenant's real key can be.
    """
    if issuer.url == ACCOUNT:
        _check_account(issuer)
        return
    if not issuer.audiences:
        raise InvalidRequest("audiences", "must name what its tokens are for")
    _check_address("issuer", issuer.url, on_this_machine=on_this_machine)
    if issuer.jwks_uri is not None:
        _check_address("jwks_uri", issuer.jwks_uri, on_this_machine=on_this_machine)
    for place, audience in enumerate(issuer.audiences):
        if not _PRINTABLE.fullmatch(audience):
            raise InvalidRequest(f"audiences.{place}", "must be printable ASCII without spaces")
    for place, algorithm in enumerate(issuer.algorithms):
        if algorithm not in ALGORITHMS:
            raise InvalidRequest(f"algorithms.{place}", f"must be one of {', '.join(ALGORITHMS)}")
    _check_rules(issuer.rules)


def _check_account(issuer: TrustedIssuer) -> None:
    """Raise for rules by which the account's callers could choose who they are: a session is named by whoever begins
    it."""
    of_tokens = {
        "audiences": issuer.audiences,
        "algorithms": issuer.algorithms,
        "jwks_uri": issuer.jwks_uri,
        "sign_in_client": issuer.sign_in_client,
    }
    if given := next((name for name, said in of_tokens.items() if said), None):
        raise InvalidRequest(given, "is of tokens, and the account's callers have none")
    _check_rules(issuer.rules)
    for place, rule in enumerate(issuer.rules):
        roles = dict(rule.when).get("role", ())
        if not roles:
            raise InvalidRequest(f"rules.{place}.when", "must name roles: a caller of the account is a role")
        for number, role in enumerate(roles):
            if not _ROLE.fullmatch(role):
                raise InvalidRequest(
                    f"rules.{place}.when.role.{number}", "must be arn:aws:iam::ACCOUNT:role/NAME, no path"
                )
        claimed = {"tenant_claim": rule.tenant_claim, "scopes_claim": rule.scopes_claim, "team_claim": rule.team_claim}
        if named := next((name for name, said in claimed.items() if said), None):
            raise InvalidRequest(f"rules.{place}.{named}", "is of tokens: a role has what the rule says")
        if rule.person_claim not in _PERSONS_OF_ROLES:
            raise InvalidRequest(f"rules.{place}.person_claim", f"must be one of {', '.join(_PERSONS_OF_ROLES)}")


def _check_address(name: str, url: str, *, on_this_machine: bool) -> None:
    fault = address_fault(url, on_this_machine=on_this_machine)
    if fault is not None:
        raise InvalidRequest(name, fault)


def _check_rules(rules: Sequence[ClaimRule]) -> None:
    for place, rule in enumerate(rules):
        if (rule.tenant is None) == (rule.tenant_claim is None):
            raise InvalidRequest(f"rules.{place}.tenant", "or tenant_claim must be given, and not both")
        if rule.team is not None and rule.team_claim is not None:
            raise InvalidRequest(f"rules.{place}.team", "and team_claim cannot both be given")
        if not rule.when and place < len(rules) - 1:
            raise InvalidRequest(f"rules.{place + 1}", "is never reached: the rule before it has no condition")
