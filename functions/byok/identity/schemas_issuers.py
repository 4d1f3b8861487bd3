"""The wire models of the routes of trusted issuers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.identity import trusted_issuers as domain
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import MAX_TENANT, TENANT_PATTERN
from atom_llm.http.schemas import SHOWN, ControlModel

Issuer = Annotated[str, StringConstraints(min_length=len(domain.ACCOUNT), max_length=domain.MAX_URL), SHOWN]
Address = Annotated[str, StringConstraints(min_length=8, max_length=domain.MAX_URL), SHOWN]
Claim = Annotated[str, StringConstraints(min_length=1, max_length=domain.MAX_CLAIM), SHOWN]
Value = Annotated[str, StringConstraints(min_length=1, max_length=domain.MAX_VALUE), SHOWN]
Team = Annotated[str, StringConstraints(min_length=1, max_length=domain.MAX_TEAM, strip_whitespace=True), SHOWN]
IssuerName = Annotated[
    str, StringConstraints(max_length=domain.ID_DIGITS, pattern=rf"^[0-9a-f]{{{domain.ID_DIGITS}}}$")
]


class ClaimRuleIn(ControlModel):
    """What a token stands for that meets every condition of `when`; the first rule that it meets holds."""

    when: Annotated[
        dict[Claim, Annotated[list[Value], Field(min_length=1, max_length=domain.MAX_VALUES)]],
        Field(
            max_length=domain.MAX_CONDITIONS,
            description="By claim, the values of which one is enough; `a.b` leads into objects.",
            examples=[{"groups": ["llm-users"]}],
        ),
    ] = Field(default_factory=dict)
    tenant: Annotated[str | None, Field(max_length=MAX_TENANT, pattern=TENANT_PATTERN)] = None
    tenant_claim: Annotated[Claim | None, Field(description="The claim whose value is the tenant's id.")] = None
    scopes: Annotated[frozenset[Scope], Field(min_length=1, max_length=len(Scope), description="The most it may have.")]
    scopes_claim: Annotated[Claim | None, Field(description="The claim that names which of the scopes it has.")] = None
    team: Team | None = None
    team_claim: Claim | None = None
    person_claim: Claim = "sub"

    def read(self) -> domain.ClaimRule:
        """Return the rule."""
        return domain.ClaimRule(
            scopes=self.scopes,
            tenant=TenantId(self.tenant) if self.tenant is not None else None,
            tenant_claim=self.tenant_claim,
            when=tuple((claim, tuple(values)) for claim, values in self.when.items()),
            scopes_claim=self.scopes_claim,
            team=self.team,
            team_claim=self.team_claim,
            person_claim=self.person_claim,
        )


class IssuerIn(ControlModel):
    """An issuer to be trusted, in the place of what was declared of it before."""

    issuer: Annotated[
        Issuer,
        Field(
            description="As its tokens spell it; `iam` is the account that the service is deployed in, with its roles.",
            examples=["https://login.example.com"],
        ),
    ]
    audiences: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=domain.MAX_AUDIENCE), SHOWN]],
        Field(max_length=domain.MAX_AUDIENCES, description="Of which a token has to be for one; `iam` has none."),
    ] = Field(default_factory=list)
    algorithms: Annotated[
        list[Annotated[str, StringConstraints(max_length=8)]],
        Field(min_length=1, max_length=len(domain.ALGORITHMS), examples=[list(domain.ALGORITHMS)]),
    ] = Field(default_factory=lambda: list(domain.USUAL_ALGORITHMS))
    jwks_uri: Annotated[Address | None, Field(description="By default what its discovery document names.")] = None
    longest_life_s: Annotated[
        int, Field(ge=60, le=domain.LONGEST_LIFE_S, description="Of a token, from its issue to its end.")
    ] = domain.LONGEST_LIFE_S
    sign_in_client: Annotated[
        Value | None,
        Field(description="The public client by which people sign in."),
    ] = None
    rules: Annotated[list[ClaimRuleIn], Field(min_length=1, max_length=domain.MAX_RULES)]
    end_keys: Annotated[bool, Field(description="End the service keys that its tokens were exchanged for.")] = False

    def read(self, now: datetime) -> domain.TrustedIssuer:
        """Return the issuer."""
        is_account = self.issuer == domain.ACCOUNT and "algorithms" not in self.model_fields_set
        return domain.TrustedIssuer(
            url=self.issuer,
            audiences=tuple(self.audiences),
            rules=tuple(rule.read() for rule in self.rules),
            trusted_from=now,
            changed_at=now,
            revision="",
            algorithms=() if is_account else tuple(self.algorithms),
            jwks_uri=self.jwks_uri,
            longest_life_s=self.longest_life_s,
            sign_in_client=self.sign_in_client,
        )


class ClaimRuleOut(ControlModel):
    """A rule of a trusted issuer."""

    when: dict[str, list[str]]
    tenant: str | None
    tenant_claim: str | None
    scopes: list[Scope]
    scopes_claim: str | None
    team: str | None
    team_claim: str | None
    person_claim: str


class IssuerOut(ControlModel):
    """A trusted issuer. Keys that its tokens were exchanged for before `trusted_from` open nothing."""

    id: str
    issuer: str
    audiences: list[str]
    algorithms: list[str]
    jwks_uri: str | None
    longest_life_s: int
    sign_in_client: str | None
    rules: list[ClaimRuleOut]
    trusted_from: datetime
    changed_at: datetime


class IssuersOut(ControlModel):
    """Trusted issuers in the order of their ids."""

    items: list[IssuerOut]
    next_cursor: str | None = None


class SignInOut(ControlModel):
    """An issuer by which people sign in: authorization code with PKCE, at the addresses of its discovery document."""

    issuer: str
    client_id: str
    scope: str


class SignInsOut(ControlModel):
    """The issuers by which people sign in."""

    items: list[SignInOut]


def issuer_out(issuer: domain.TrustedIssuer) -> IssuerOut:
    """Return an issuer as it is shown."""
    return IssuerOut(
        id=issuer.id,
        issuer=issuer.url,
        audiences=list(issuer.audiences),
        algorithms=list(issuer.algorithms),
        jwks_uri=issuer.jwks_uri,
        longest_life_s=issuer.longest_life_s,
        sign_in_client=issuer.sign_in_client,
        rules=[
            ClaimRuleOut(
                when={claim: list(values) for claim, values in rule.when},
                tenant=rule.tenant,
                tenant_claim=rule.tenant_claim,
                scopes=sorted(rule.scopes),
                scopes_claim=rule.scopes_claim,
                team=rule.team,
                team_claim=rule.team_claim,
                person_claim=rule.person_claim,
            )
            for rule in issuer.rules
        ],
        trusted_from=issuer.trusted_from,
        changed_at=issuer.changed_at,
    )
