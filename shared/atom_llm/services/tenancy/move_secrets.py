"""The move of all tenants' provider keys from one vault to another, by the account's own rights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from atom_llm.domain.core.audit import OPERATOR, Actor
from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.tenancy import TenantStore
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault

Fate = Literal["moved", "was there", "failed"]


@dataclass(frozen=True, slots=True)
class Move:
    """The fate of one tenant's secret, with the reason where it is where it was."""

    tenant: TenantId
    fate: Fate
    reason: str = ""


class SecretsMover:
    """The move, tenant by tenant: each is whole before the next begins, so that it may be ended and begun again."""

    def __init__(self, tenants: TenantStore, vault: ProviderKeyVault) -> None:
        """Take the tenants and the vault that writes to where secrets are to be."""
        self._tenants = tenants
        self._vault = vault

    def move_all(self) -> Iterator[Move]:
        """Move what is not there yet and tell each tenant's fate; one that fails keeps its keys and stops no other."""
        for tenant in self._tenants.all():
            try:
                moved = self._vault.move(tenant.id, Actor(tenant.id, OPERATOR))
            except Unavailable as error:
                yield Move(tenant.id, "failed", str(error))
            else:
                yield Move(tenant.id, "moved" if moved else "was there")
