"""The services of tenants and their keys, built from the ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.catalogue import CatalogueServices
from atom_llm.composition.ports import Ports
from atom_llm.domain.core.providers import BEDROCK
from atom_llm.domain.tenancy.external_ids import external_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from atom_llm.domain.core.ids import TenantId
    from atom_llm.domain.core.plaintext import Plaintext
    from atom_llm.domain.tenancy.provider_keys import ProviderKey
    from atom_llm.services.tenancy.authenticate import Authenticator
    from atom_llm.services.tenancy.change_service_key import ServiceKeyChanger
    from atom_llm.services.tenancy.end_user_names import EndUserNames
    from atom_llm.services.tenancy.grant_service_key import ServiceKeyGranter
    from atom_llm.services.tenancy.identity.authenticate_token import TokenAuthenticator
    from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
    from atom_llm.services.tenancy.issued_service_keys import IssuedServiceKeys
    from atom_llm.services.tenancy.move_secrets import SecretsMover
    from atom_llm.services.tenancy.operator.operator_access import OperatorAccess
    from atom_llm.services.tenancy.operator.operator_reads import OperatorReads
    from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing
    from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
    from atom_llm.services.tenancy.rate_limiter import RateLimiter
    from atom_llm.services.tenancy.read_audit import AuditReader
    from atom_llm.services.tenancy.rotate_pepper import PepperRotation
    from atom_llm.services.tenancy.tenant_calendars import TenantCalendars
    from atom_llm.services.tenancy.tenant_directory import TenantDirectory
    from atom_llm.services.tenancy.tenant_provider_keys import TenantProviderKeys


class TenancyServices:
    """The services of callers: their tenants, their service keys and limits, their keys of providers."""

    def __init__(self, ports: Ports, catalogue: CatalogueServices, tokens: "Callable[[], TokenAuthenticator]") -> None:
        """Take the ports, the catalogue, and what makes the check of tokens when the first of them is shown."""
        self._ports = ports
        self._catalogue = catalogue
        self._tokens = tokens

    @cached_property
    def calendars(self) -> "TenantCalendars":
        """The calendars of tenants' budgets."""
        from atom_llm.services.tenancy.tenant_calendars import TenantCalendars

        return TenantCalendars(self._ports.tenants, self._ports.clock)

    @cached_property
    def directory(self) -> "TenantDirectory":
        """The use cases of tenants, for those who may know them."""
        from atom_llm.services.tenancy.tenant_directory import TenantDirectory

        ports = self._ports
        return TenantDirectory(ports.tenants, self.calendars, self.end_user_names, self._named_end_users, ports.clock)

    def _named_end_users(self, tenant: "TenantId") -> list[str]:
        from atom_llm.services.routing.named_end_users import NamedEndUsers

        return NamedEndUsers(self._ports.budget_settings, self._ports.teams, self._ports.allow_lists).of(tenant)

    @cached_property
    def end_user_names(self) -> "EndUserNames":
        """The spelling of end users in tenants' books."""
        from atom_llm.services.tenancy.end_user_names import EndUserNames

        return EndUserNames(self._ports.tenants, self._ports.peppers, self._ports.clock)

    @cached_property
    def authenticator(self) -> "Authenticator":
        """The check of service keys."""
        from atom_llm.services.tenancy.authenticate import Authenticator

        ports = self._ports
        return Authenticator(
            ports.service_keys,
            ports.peppers,
            ports.settings.environment,
            ports.clock,
            ports.executor,
            self._tokens,
        )

    @cached_property
    def service_key_issuer(self) -> "ServiceKeyIssuer":
        """The issue of service keys."""
        from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer

        ports = self._ports
        return ServiceKeyIssuer(ports.service_keys, ports.peppers, ports.settings.environment, ports.clock)

    @cached_property
    def service_key_granter(self) -> "ServiceKeyGranter":
        """The grant of service keys to tenants that may have one more."""
        from atom_llm.services.tenancy.grant_service_key import ServiceKeyGranter

        ports = self._ports
        return ServiceKeyGranter(
            self.directory, ports.tenants, ports.service_keys, self.service_key_issuer, ports.clock
        )

    @cached_property
    def issued_service_keys(self) -> "IssuedServiceKeys":
        """The list and the revocation of service keys."""
        from atom_llm.services.tenancy.issued_service_keys import IssuedServiceKeys

        return IssuedServiceKeys(self._ports.tenants, self._ports.service_keys, self._ports.clock)

    @cached_property
    def pepper_rotation(self) -> "PepperRotation":
        """The rotation of the pepper, by the account's own rights."""
        from atom_llm.services.tenancy.rotate_pepper import PepperRotation

        ports = self._ports
        return PepperRotation(ports.pepper_store, ports.tenants, ports.service_keys, ports.audit_log, ports.clock)

    @cached_property
    def service_key_changer(self) -> "ServiceKeyChanger":
        """The changes of service keys that were issued."""
        from atom_llm.services.tenancy.change_service_key import ServiceKeyChanger

        return ServiceKeyChanger(self._ports.service_keys, self._ports.clock)

    @cached_property
    def audit_reader(self) -> "AuditReader":
        """The list of changes and their actors."""
        from atom_llm.services.tenancy.read_audit import AuditReader

        return AuditReader(self._ports.audit_log)

    @cached_property
    def operator_reads(self) -> "OperatorReads":
        """The record of what the operator reads of tenants."""
        from atom_llm.services.tenancy.operator.operator_reads import OperatorReads

        return OperatorReads(self._ports.audit_log, self._ports.clock)

    @cached_property
    def provider_keys(self) -> "TenantProviderKeys":
        """The use cases of provider keys."""
        from atom_llm.services.tenancy.check_key_models import KeyModelCheck
        from atom_llm.services.tenancy.tenant_provider_keys import TenantProviderKeys

        ports = self._ports
        return TenantProviderKeys(
            ports.provider_keys,
            self.provider_key_vault,
            self.provider_key_ring,
            ports.key_prober,
            ports.peppers,
            KeyModelCheck(self._catalogue.reader, self._catalogue.own_prices.of, ports.clock),
            ports.clock,
        )

    @cached_property
    def provider_key_vault(self) -> "ProviderKeyVault":
        """The writes of provider keys."""
        from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault

        return ProviderKeyVault(self._ports.provider_keys, self._ports.secrets, self._ports.clock)

    @cached_property
    def secrets_mover(self) -> "SecretsMover":
        """The move of all tenants' provider keys to another vault."""
        from atom_llm.services.tenancy.move_secrets import SecretsMover

        return SecretsMover(self._ports.tenants, self.provider_key_vault)

    @cached_property
    def provider_key_ring(self) -> "ProviderKeyRing":
        """The provider keys that calls are made with."""
        from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing

        ports, operator = self._ports, self._operator_access
        shown = self._with_external_id
        return ProviderKeyRing(ports.provider_keys, ports.secrets, ports.clock, operator=operator, shown=shown)

    def _with_external_id(self, key: "ProviderKey", plaintext: "Plaintext") -> "Plaintext":
        if key.provider != BEDROCK.id:
            return plaintext
        from atom_llm.domain.core.plaintext import Plaintext

        return Plaintext(f"{plaintext.reveal()} {external_id(self._ports.settings.environment, key.tenant)}")

    @property
    def _operator_access(self) -> "OperatorAccess | None":
        declared, called = self._ports.settings.declared_providers, self._ports.settings.more_providers
        if not called:
            return None
        from atom_llm.services.tenancy.operator.operator_access import OperatorAccess

        secrets = {each.provider.id: each.secret for each in declared if each.secret is not None}
        return OperatorAccess(called, secrets, lambda: self._ports.operator_secrets, self._ports.clock)

    @cached_property
    def rate_limiter(self) -> "RateLimiter":
        """The limits of service keys, and of tenants at providers."""
        from atom_llm.services.tenancy.rate_limiter import RateLimiter

        ports = self._ports
        return RateLimiter(ports.rate_limits, ports.settings.key_limit, ports.settings.provider_limit, ports.clock)
