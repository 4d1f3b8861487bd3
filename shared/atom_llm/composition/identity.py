"""The services of callers without keys, built from the ports when the first of them is there."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.ports import Ports
from atom_llm.composition.tenancy import TenancyServices
from atom_llm.settings import TEST_ENVIRONMENTS

if TYPE_CHECKING:
    from atom_llm.services.tenancy.identity.authenticate_token import TokenAuthenticator
    from atom_llm.services.tenancy.identity.exchange_token import TokenExchange
    from atom_llm.services.tenancy.identity.issuer_keys import IssuerKeys
    from atom_llm.services.tenancy.identity.trusted_issuers import KnownIssuers, TrustedIssuers


class IdentityServices:
    """The services of trusted issuers, their tokens, and the keys that these are exchanged for."""

    def __init__(self, ports: Ports, tenancy: TenancyServices) -> None:
        self._ports = ports
        self._tenancy = tenancy

    @cached_property
    def known_issuers(self) -> "KnownIssuers":
        """The look-up of trusted issuers."""
        from atom_llm.services.tenancy.identity.trusted_issuers import KnownIssuers

        return KnownIssuers(self._ports.issuers, self._ports.clock)

    @cached_property
    def issuer_keys(self) -> "IssuerKeys":
        """The look-up of issuers' keys."""
        from atom_llm.services.tenancy.identity.issuer_keys import IssuerKeys

        ports = self._ports
        return IssuerKeys(ports.issuers, ports.key_sets, ports.clock)

    @cached_property
    def trusted_issuers(self) -> "TrustedIssuers":
        """The use cases of trusted issuers."""
        from atom_llm.services.tenancy.identity.trusted_issuers import TrustedIssuers

        ports = self._ports
        return TrustedIssuers(
            ports.issuers,
            ports.tenants,
            self.known_issuers,
            self.issuer_keys,
            ports.clock,
            on_this_machine=ports.settings.environment in TEST_ENVIRONMENTS,
        )

    @cached_property
    def token_authenticator(self) -> "TokenAuthenticator":
        """The check of tokens."""
        from atom_llm.services.tenancy.identity.authenticate_token import TokenAuthenticator

        ports = self._ports
        return TokenAuthenticator(
            self.known_issuers, self.issuer_keys, ports.token_verifier, ports.tenants, ports.clock
        )

    @cached_property
    def token_exchange(self) -> "TokenExchange":
        """The exchange of tokens for service keys."""
        from atom_llm.services.tenancy.identity.exchange_token import TokenExchange

        issuer = self._tenancy.service_key_issuer
        return TokenExchange(self.token_authenticator, self.issuer_keys, issuer, self._ports.clock)
