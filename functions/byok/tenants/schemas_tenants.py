"""The wire models of the routes of tenants, service keys and the audit log."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from atom_llm.domain.tenancy.own_names import MAX_OWN_NAME, MAX_OWN_NAMES
from atom_llm.domain.tenancy.rate_limit import MOST_REQUESTS, MOST_TOKENS
from atom_llm.domain.tenancy.service_keys import ID_LENGTH, Scope
from atom_llm.domain.tenancy.tenants import MAX_NAME, MAX_TENANT, TENANT_PATTERN, is_time_zone
from atom_llm.http.schemas import SHOWN, ControlModel, Instant

MAX_LABEL = 80  # characters
OWN_LIMIT = "The key's own limit, in place of the environment's; none by default."


def _time_zone(name: str) -> str:
    if not is_time_zone(name):
        raise ValueError("is not a time zone of the IANA database")
    return name


TenantName = Annotated[str, StringConstraints(max_length=MAX_TENANT, pattern=TENANT_PATTERN)]
ServiceKeyName = Annotated[str, StringConstraints(max_length=ID_LENGTH, pattern=rf"^[0-9A-Za-z]{{{ID_LENGTH}}}$")]
DisplayName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, strip_whitespace=True), SHOWN]
TimeZone = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(_time_zone), Field(examples=["Europe/Berlin"])
]
Label = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LABEL, strip_whitespace=True), SHOWN]


class TenantIn(ControlModel):
    """A tenant to be made. Without an id one is drawn; the time zone decides when its budgets reset."""

    id: TenantName | None = None
    name: DisplayName
    time_zone: TimeZone = "UTC"


class TenantChangeIn(ControlModel):
    """The changes of a tenant; a field that is left out stays."""

    name: DisplayName | None = None
    time_zone: TimeZone | None = None
    hash_end_users: Annotated[
        bool | None, Field(description="Keep hashes in the books, in place of the names of end users and sessions.")
    ] = None


class TenantOut(ControlModel):
    """A tenant."""

    id: str
    name: str
    time_zone: str
    created_at: datetime
    is_operator: bool
    hash_end_users: bool
    deleted_at: datetime | None


class TenantsOut(ControlModel):
    """Tenants in the order of their ids."""

    items: list[TenantOut]
    next_cursor: str | None


class ErasureOut(ControlModel):
    """The counts of a deletion.

    Repeat it until it is `complete`: calls under way leave rows when they end, and for 90 seconds a caller may still be
    remembered somewhere.
    """

    tenant: str
    deleted_at: datetime
    erased: dict[str, int]
    calls_under_way: int
    complete: bool


OwnNamesOfKey = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_OWN_NAME)],
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_OWN_NAME)],
    ],
    Field(
        max_length=MAX_OWN_NAMES,
        description="Which model, tier or chain stands for a name that callers use; `*` for every other one of a chat.",
        examples=[{"claude-sonnet-4-5": "auto", "*": "tier/heavy"}],
    ),
]


class ServiceKeyIn(ControlModel):
    """A service key to be issued; `tenant` may be another one for the operator alone."""

    scopes: Annotated[frozenset[Scope], Field(min_length=1, max_length=len(Scope))]
    label: Label | None = None
    expires_at: Annotated[Instant | None, Field(description="In the future; never by default.")] = None
    requests_per_minute: Annotated[int | None, Field(ge=1, le=MOST_REQUESTS, description=OWN_LIMIT)] = None
    tokens_per_minute: Annotated[int | None, Field(ge=1, le=MOST_TOKENS, description=OWN_LIMIT)] = None
    own_names: OwnNamesOfKey = Field(default_factory=dict)
    tenant: TenantName | None = None


class ServiceKeyChangeIn(ControlModel):
    """The change of a service key: its own names, in the place of all before."""

    own_names: OwnNamesOfKey


class ServiceKeyOut(ControlModel):
    """A service key, without anything that opens something. `last_used_at` is exact to the hour.

    `lapses_at` is set while nobody is known to have received the key: unused until then, it opens nothing any more.
    """

    id: str
    tenant: str
    label: str | None
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    lapses_at: datetime | None
    last_used_at: datetime | None
    requests_per_minute: int | None
    tokens_per_minute: int | None
    own_names: dict[str, str]
    person: str | None = Field(description="Whom a token of `issuer` was exchanged for; None for an issued key.")
    team: str | None
    issuer: str | None


class CallerOut(ControlModel):
    """The service key that asks, with its tenant and its scopes."""

    tenant: str
    tenant_name: str
    time_zone: str
    is_operator: bool
    service_key: str
    scopes: list[Scope]


class IssuedKeyOut(ServiceKeyOut):
    """A new service key with its plaintext, which is shown this once and kept nowhere."""

    service_key: str


class ServiceKeysOut(ControlModel):
    """Service keys in the order of their ids."""

    items: list[ServiceKeyOut]
    next_cursor: str | None


class AuditEntryOut(ControlModel):
    """A change with its actor, instant and origin; never the value.

    The actor is the person that an issuer vouches for, and where nobody is vouched for, the service key.
    """

    id: str
    at: datetime
    actor: str
    service_key: str
    action: str
    subject: str
    origin: str | None
    by_operator: bool = Field(description="The actor is a service key of the operator's tenant, which is not this one.")


class AuditOut(ControlModel):
    """Audit entries, newest first."""

    items: list[AuditEntryOut]
    next_cursor: str | None
