"""Builds the services of tenants and their keys."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.ports import Ports

if TYPE_CHECKING:
    from atom_llm.services.tenancy.authenticate import Authenticator
    from atom_llm.services.tenancy.grant_service_key import ServiceKeyGranter
    from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
    from atom_llm.services.tenancy.issued_service_keys import IssuedServiceKeys
    from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing
    from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
    from atom_llm.services.tenancy.rate_limiter import RateLimiter
    from atom_llm.services.tenancy.read_audit import AuditReader
    from atom_llm.services.tenancy.tenant_directory import TenantDirectory
    from atom_llm.services.tenancy.tenant_provider_keys import TenantProviderKeys
    from atom_llm.services.tenancy.tenant_zones import TenantZones


class TenancyServices:
    """Who may call, how often, and with which keys of providers."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @cached_property
    def zones(self) -> "TenantZones":
        """Gives the time zone that a tenant's days begin in."""
        from atom_llm.services.tenancy.tenant_zones import TenantZones

        return TenantZones(self._ports.tenants, self._ports.clock)

    @cached_property
    def directory(self) -> "TenantDirectory":
        """Finds tenants for those who may know them, and changes their records."""
        from atom_llm.services.tenancy.tenant_directory import TenantDirectory

        return TenantDirectory(self._ports.tenants, self.zones, self._ports.clock)

    @cached_property
    def authenticator(self) -> "Authenticator":
        """Checks service keys."""
        from atom_llm.services.tenancy.authenticate import Authenticator

        ports = self._ports
        return Authenticator(ports.service_keys, ports.peppers, ports.settings.environment, ports.clock)

    @cached_property
    def service_key_issuer(self) -> "ServiceKeyIssuer":
        """Makes service keys."""
        from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer

        ports = self._ports
        return ServiceKeyIssuer(ports.service_keys, ports.peppers, ports.settings.environment, ports.clock)

    @cached_property
    def service_key_granter(self) -> "ServiceKeyGranter":
        """Gives service keys to tenants that may have one more."""
        from atom_llm.services.tenancy.grant_service_key import ServiceKeyGranter

        ports = self._ports
        return ServiceKeyGranter(
            self.directory, ports.tenants, ports.service_keys, self.service_key_issuer, ports.clock
        )

    @cached_property
    def issued_service_keys(self) -> "IssuedServiceKeys":
        """Lists and revokes service keys."""
        from atom_llm.services.tenancy.issued_service_keys import IssuedServiceKeys

        return IssuedServiceKeys(self._ports.tenants, self._ports.service_keys, self._ports.clock)

    @cached_property
    def audit_reader(self) -> "AuditReader":
        """Lists who changed what."""
        from atom_llm.services.tenancy.read_audit import AuditReader

        return AuditReader(self._ports.audit_log)

    @cached_property
    def provider_keys(self) -> "TenantProviderKeys":
        """Lists, stores, changes, tests and deletes provider keys."""
        from atom_llm.services.tenancy.tenant_provider_keys import TenantProviderKeys

        ports = self._ports
        return TenantProviderKeys(
            ports.provider_keys,
            self.provider_key_vault,
            self.provider_key_ring,
            ports.key_prober,
            ports.peppers,
            ports.clock,
        )

    @cached_property
    def provider_key_vault(self) -> "ProviderKeyVault":
        """Stores, rotates and deletes provider keys."""
        from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault

        return ProviderKeyVault(self._ports.provider_keys, self._ports.secrets, self._ports.clock)

    @cached_property
    def provider_key_ring(self) -> "ProviderKeyRing":
        """Gives the provider keys that calls are made with."""
        from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing

        return ProviderKeyRing(self._ports.provider_keys, self._ports.secrets, self._ports.clock)

    @cached_property
    def rate_limiter(self) -> "RateLimiter":
        """Holds service keys, and tenants at providers, to their limits."""
        from atom_llm.services.tenancy.rate_limiter import RateLimiter

        ports = self._ports
        return RateLimiter(ports.rate_limits, ports.settings.key_limit, ports.settings.provider_limit, ports.clock)
