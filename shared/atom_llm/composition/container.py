"""The capabilities of one process, built from one set of ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.calls import CallServices
from atom_llm.composition.catalogue import CatalogueServices
from atom_llm.composition.identity import IdentityServices
from atom_llm.composition.ledger import LedgerServices
from atom_llm.composition.ports import Ports
from atom_llm.composition.registry import RegistryServices
from atom_llm.composition.routing import RoutingServices
from atom_llm.composition.tenancy import TenancyServices
from atom_llm.composition.tiers import TierServices
from atom_llm.domain.core.providers import call_also

if TYPE_CHECKING:
    from atom_llm.ports.core import Runtime
    from atom_llm.services.tenancy.erase_tenant import TenantEraser


class Container:
    """An attribute a capability; each of their services is imported and built when first asked for, and then kept."""

    def __init__(self, ports: Ports) -> None:
        """Build the capabilities; nothing is asked of any port yet."""
        self.ports = ports
        self.settings = ports.settings
        self.clock = ports.clock
        call_also(ports.settings.more_providers)
        self.catalogue = CatalogueServices(ports)
        self.tenancy = TenancyServices(ports, self.catalogue, lambda: self.identity.token_authenticator)
        self.identity = IdentityServices(ports, self.tenancy)
        self.ledger = LedgerServices(ports, self.catalogue, self.tenancy)
        self.registry = RegistryServices(
            ports,
            self.catalogue,
            self.tenancy,
            lambda tenant, models: self.routing.circuit_breaker.phases(tenant, models),
        )
        self.tiers = TierServices(ports, self.ledger)
        self.routing = RoutingServices(ports, self.catalogue, self.tenancy, self.ledger, self.registry, self.tiers)
        self.calls = CallServices(ports, self.ledger, self.tenancy, self.registry, self.routing)

    @property
    def runtime(self) -> "Runtime":
        """The process's monotonic clock, randomness and threads."""
        return self.ports.runtime

    @cached_property
    def tenant_eraser(self) -> "TenantEraser":
        """The deletion of tenants, with the data that every capability keeps of them."""
        from atom_llm.services.tenancy.erase_tenant import TenantEraser

        ports = self.ports
        return TenantEraser(
            ports.tenants,
            ports.service_keys,
            ports.budget_settings,
            ports.budget_windows,
            ports.ledger,
            ports.usage_sums,
            (
                self.tenancy.provider_key_vault,
                ports.idempotency,
                ports.usage_exports,
                ports.young_budgets,
                self.tiers.preference_setter,
                self.catalogue.own_price_setter,
                self.ledger.price_alert_setter,
                self.ledger.team_setter,
                self.routing.allow_list_setter,
            ),
            ports.clock,
        )

    def prepare(self) -> None:
        """Build what every request needs, without asking anybody anything.

        A Lambda calls this at import: the clients of AWS's services, with their credentials, are paid for once, by the
        init phase and its snapshot. A wrong setting then fails the start, and not the first caller.
        """
        _ = self.tenancy.authenticator, self.catalogue.reader, self.ports.refresh_journal
