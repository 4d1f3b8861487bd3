"""Audit entries: the actor, the change, its instant and origin; never the value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from atom_llm.domain.core.ids import ServiceKeyId, TenantId

Action = Literal[
    "tenant.created",
    "tenant.changed",
    "tenant.deleted",
    "service_key.issued",
    "service_key.changed",
    "service_key.revoked",
    "service_key.exchanged",
    "issuer.trusted",
    "issuer.distrusted",
    "role.mapped",
    "role.unmapped",
    "provider_key.stored",
    "provider_key.changed",
    "provider_key.rotated",
    "provider_key.deleted",
    "provider_key.tested",
    "provider_keys.moved",
    "budget.set",
    "budget.cleared",
    "team.set",
    "team.deleted",
    "allow_list.set",
    "allow_list.cleared",
    "usage.corrected",
    "preferences.set",
    "preferences.reset",
    "own_price.set",
    "own_price.ended",
    "price_alerts.set",
    "price_alerts.reset",
    "pepper.rotated",
    "pepper.retired",
    "narrowing.acknowledged",
    "prices.refreshed",
    "prices.accepted",
    "quality.synced",
    "operator.read",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change: the service key that was shown, its tenant, and the client's address if there is one.

    `named` is the tenant that the operator acts for; for everybody else it is None. `person` is whom an issuer, or the
    account, vouches for; None where a key alone was shown.
    """

    tenant: TenantId
    key_id: ServiceKeyId
    origin: str | None = None
    named: TenantId | None = None
    person: str | None = None

    @property
    def acts_for(self) -> TenantId:
        """The tenant whose things the actor reads or changes: its own, unless the operator named another."""
        return self.named or self.tenant


OPERATOR: Final = ServiceKeyId("operator")  # who works with the account's own credentials, not through a service key
SCHEDULE: Final = ServiceKeyId("schedule")  # what the deployment does by itself


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `id` is a ULID of its instant, `actor` the service key that asked, `origin` the client's address.

    `by_operator` tells the tenant that the key is none of its own, but the operator's. `person` is who asked by that
    key, where somebody vouches for it.
    """

    id: str
    tenant: TenantId
    at: datetime
    actor: ServiceKeyId
    action: Action
    subject: str
    origin: str | None = None
    by_operator: bool = False
    person: str | None = None
