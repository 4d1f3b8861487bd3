"""Responses that their provider keeps: the ids that lead to them, and what is asked about them later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_bytes

from atom_llm.domain.calls.kept_response import (
    TOKEN_BYTES,
    KeptResponse,
    SealedId,
    as_id,
    packed,
    parts_of,
    sealing_key,
    unpacked,
)
from atom_llm.domain.core.errors import NotFound, NoUsableKey
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.exchange import KeptResponseVerb
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.ports.calls import Seal
from atom_llm.ports.providers import KeptResponseReader
from atom_llm.ports.tenancy import PepperVault
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing


@dataclass(frozen=True, slots=True)
class IdSealer:
    """The maker of one tenant's ids, without any further question to a store."""

    tenant: TenantId
    version: str
    pepper: bytes = field(repr=False)
    seal: Seal = field(repr=False)
    new_token: Callable[[], bytes] = field(repr=False)

    def sealed(self, kept: KeptResponse) -> str:
        """Return the id that stands for a response."""
        token = self.new_token()
        key = sealing_key(self.pepper, self.tenant, token)
        return as_id(SealedId(self.version, token, self.seal.close(key, packed(kept), self.tenant.encode())))


class KeptResponses:
    """The keeper of nothing: an id says all, and the provider has the rest. All of it may wait for tables."""

    def __init__(
        self,
        peppers: PepperVault,
        seal: Seal,
        ring: ProviderKeyRing,
        reader: KeptResponseReader,
        new_token: Callable[[], bytes] = lambda: token_bytes(TOKEN_BYTES),
    ) -> None:
        """Take the parts; `new_token` must never return the same twice."""
        self._peppers = peppers
        self._seal = seal
        self._ring = ring
        self._reader = reader
        self._new_token = new_token

    def sealer(self, tenant: TenantId) -> IdSealer:
        """Return the maker of a tenant's ids."""
        version, pepper = self._peppers.current()
        return IdSealer(tenant, version, pepper, self._seal, self._new_token)

    def opened(self, tenant: TenantId, identity: str) -> KeptResponse:
        """Return the response that an id of the tenant's stands for; raises `NotFound`, also for another tenant's."""
        parts = parts_of(identity)
        pepper = None if parts is None else self._peppers.pepper(parts.version)
        if parts is None or pepper is None:
            raise NotFound("there is no such response")
        key = sealing_key(pepper, tenant, parts.token)
        content = self._seal.open(key, parts.sealed, tenant.encode())
        if content is None:
            raise NotFound("there is no such response")
        return unpacked(content)

    def ask(self, caller: Caller, verb: KeptResponseVerb, kept: KeptResponse, below: str = "") -> bytes:
        """Return the provider's own answer about a response, asked with the key that made it; it costs nothing.

        Raises `NotFound`, `NoUsableKey` where that key is gone, `ProviderRefused`, `UpstreamFailed`, `UpstreamTimeout`.
        """
        usable = self._ring.usable_keys(caller.tenant).get(kept.provider, ())
        key = next((each for each in usable if each.key_id == kept.key_id), None)
        if key is None:
            raise NoUsableKey("the key that the response was made with cannot be used", provider=kept.provider)
        plaintext = self._ring.plaintext_of(key).reveal()
        return self._reader.ask(kept.provider, plaintext, verb, f"responses/{kept.response_id}{below}")
