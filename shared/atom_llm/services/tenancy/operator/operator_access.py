"""The access to providers for which no tenant brings a key: the operator's own key, or none that is needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.core.providers import Provider
from atom_llm.domain.tenancy.provider_keys import KeyStatus, ProviderKey
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import OperatorSecrets
from atom_llm.process_cache import TimedMap

KEPT_FOR: Final = timedelta(minutes=5)  # as long as a tenant's plaintext stays in memory
NO_KEY: Final = Plaintext("")  # shown to a provider that wants none: the header is left out
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


class OperatorAccess:
    """The keys of providers that every tenant calls alike; none of them stands in a tenant's book."""

    def __init__(
        self,
        providers: Iterable[Provider],
        secrets: Mapping[str, str],
        store: Callable[[], OperatorSecrets],
        clock: Clock,
    ) -> None:
        """Take the providers, the names of the operator's secrets by provider, and what makes their store."""
        self._providers = [each.id for each in providers if each.access != "tenant"]
        self._secrets = secrets
        self._store = store
        self._opened: TimedMap[str, Plaintext] = TimedMap(clock, KEPT_FOR, max(len(secrets), 1))

    def __contains__(self, provider: object) -> bool:
        """Return whether calls of a provider show no key of a tenant's."""
        return provider in self._providers

    def is_its_own(self, key: ProviderKey) -> bool:
        """Return whether a key stands for this access, and is in no tenant's book."""
        return key.key_id == _identity(key.provider)

    def keys(self, tenant: TenantId) -> Iterator[ProviderKey]:
        """Iterate over the keys that stand for this access in a tenant's plans and ledger."""
        return (self.key(tenant, provider) for provider in self._providers)

    def key(self, tenant: TenantId, provider: str) -> ProviderKey:
        """Return what stands for this access to a provider in a tenant's plans and ledger."""
        return ProviderKey(_identity(provider), tenant, provider, "", "", _ALWAYS, status=KeyStatus.VALID)

    def plaintext(self, provider: str) -> Plaintext:
        """Return the key that is shown, empty where none is; raises `SecretMissing` and `VaultUnavailable`."""
        secret = self._secrets.get(provider)
        if secret is None:
            return NO_KEY
        known = self._opened.fresh(secret)
        if known is None:
            known = Plaintext(self._store().get(secret))
            self._opened.put(secret, known)
        return known


def _identity(provider: str) -> ProviderKeyId:
    return ProviderKeyId(f"operator-{provider}")
