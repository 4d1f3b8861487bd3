"""From the verified claims of a token to a tenant, a person, a team and scopes, by the rules of its issuer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.core.errors import TokenRefused
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.identity.trusted_issuers import MAX_TEAM, ClaimRule, TrustedIssuer
from atom_llm.domain.tenancy.service_keys import Scope

MAX_PERSON: Final = 255  # characters; OpenID Connect's bound on `sub`

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token stands for. `is_tenant_claimed` says that the issuer named the tenant, not the operator."""

    tenant: TenantId
    person: str
    scopes: frozenset[Scope]
    team: str | None = None
    is_tenant_claimed: bool = False


def identity_of(claims: Claims, issuer: TrustedIssuer) -> Identity:
    """Return who a verified token stands for by the first rule that it meets; raises `TokenRefused`."""
    rule = next((rule for rule in issuer.rules if _meets(claims, rule)), None)
    if rule is None:
        raise TokenRefused("no_rule", "meets no rule that its issuer is trusted by")
    tenant = rule.tenant or TenantId(_named(claims, rule.tenant_claim or "", "tenant"))
    team = rule.team or (_named(claims, rule.team_claim, "team") if rule.team_claim else None)
    if team is not None and len(team) > MAX_TEAM:
        raise TokenRefused("team", f"names a team by more than {MAX_TEAM} characters")
    return Identity(tenant, _person(claims, rule), _scopes(claims, rule), team, rule.tenant is None)


def values_of(claims: Claims, name: str) -> tuple[str, ...]:
    """Return the values of a claim as texts: one, or those of a list. A name with dots also leads into objects."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    each = found if isinstance(found, list) else [found]
    return tuple(text for value in each if (text := _text(value)) is not None)


def _text(value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case _:
            return None


def _meets(claims: Claims, rule: ClaimRule) -> bool:
    return all(not set(wanted).isdisjoint(values_of(claims, name)) for name, wanted in rule.when)


def _named(claims: Claims, name: str, what: str) -> str:
    """Return the one value of a claim that names something."""
    found = values_of(claims, name)
    if len(found) != 1 or not found[0] or not found[0].isprintable():
        raise TokenRefused(what, f"does not name one {what} in its claim {name}")
    return found[0]


def _person(claims: Claims, rule: ClaimRule) -> str:
    person = _named(claims, rule.person_claim, "person")
    if len(person) > MAX_PERSON:
        raise TokenRefused("person", f"names a person by more than {MAX_PERSON} characters")
    if rule.person_claim == "email" and claims.get("email_verified") is False:
        raise TokenRefused("person", "names a person by an address that its issuer has not verified")
    return person


def _scopes(claims: Claims, rule: ClaimRule) -> frozenset[Scope]:
    if rule.scopes_claim is None:
        return rule.scopes
    named = {word for value in values_of(claims, rule.scopes_claim) for word in value.split()}
    found = frozenset(scope for scope in rule.scopes if str(scope) in named)
    if not found:
        raise TokenRefused("scopes", f"names no scope in its claim {rule.scopes_claim} that it may have")
    return found
