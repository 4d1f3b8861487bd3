"""Tenants, their keys and their wishes."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.money import MoneyParts
from atom_llm.ports.tenancy import KeyProber

if TYPE_CHECKING:
    from atom_llm.services.tenancy.authenticate import Authenticator
    from atom_llm.services.tenancy.erase_tenant import TenantEraser
    from atom_llm.services.tenancy.grant_service_key import ServiceKeyGranter
    from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
    from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing
    from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
    from atom_llm.services.tiers.read_preferences import PreferenceReader
    from atom_llm.services.tiers.set_preferences import PreferenceSetter


class TenancyParts(MoneyParts):
    """Who may call, with which keys, and how it is wanted."""

    @cached_property
    def authenticator(self) -> "Authenticator":
        """Checks service keys."""
        from atom_llm.services.tenancy.authenticate import Authenticator

        return Authenticator(self.service_keys, self.peppers, self.settings.environment, self.clock)

    @cached_property
    def service_key_issuer(self) -> "ServiceKeyIssuer":
        """Makes service keys."""
        from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer

        return ServiceKeyIssuer(self.service_keys, self.peppers, self.settings.environment, self.clock)

    @cached_property
    def service_key_granter(self) -> "ServiceKeyGranter":
        """Gives service keys to tenants that may have one more."""
        from atom_llm.services.tenancy.grant_service_key import ServiceKeyGranter

        return ServiceKeyGranter(self.tenants, self.service_keys, self.service_key_issuer, self.clock)

    @cached_property
    def tenant_eraser(self) -> "TenantEraser":
        """Deletes tenants."""
        from atom_llm.services.tenancy.erase_tenant import TenantEraser

        money = self._money
        return TenantEraser(
            self.tenants,
            self.service_keys,
            money.settings,
            money.ledger,
            money.sums,
            (self.provider_key_vault, self.idempotency, self.preference_setter),
            self.clock,
        )

    @cached_property
    def provider_key_vault(self) -> "ProviderKeyVault":
        """Stores, rotates and deletes provider keys."""
        from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault

        return ProviderKeyVault(self.provider_keys, self.secrets, self.clock)

    @cached_property
    def provider_key_ring(self) -> "ProviderKeyRing":
        """The provider keys that calls are made with."""
        from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing

        return ProviderKeyRing(self.provider_keys, self.secrets, self.clock)

    @cached_property
    def prober(self) -> KeyProber:
        """Asks providers whether keys work."""
        if self._given_prober is not None:
            return self._given_prober
        from atom_llm.adapters.providers.probe import HttpKeyProber

        return HttpKeyProber(self.settings.provider_base_urls)

    @cached_property
    def preference_reader(self) -> "PreferenceReader":
        """What tenants want of tiers, as calls read it."""
        from atom_llm.services.tiers.read_preferences import PreferenceReader

        return PreferenceReader(self.preferences, self.clock)

    @cached_property
    def preference_setter(self) -> "PreferenceSetter":
        """Sets what tenants want of tiers."""
        from atom_llm.services.tiers.set_preferences import PreferenceSetter

        return PreferenceSetter(self.preferences, self.budget_setter)
