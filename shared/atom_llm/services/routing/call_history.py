"""A process's memory of its tenants' calls: lengths of answers and of thoughts, caches of prompts, latencies of models.

It only orders candidates and sizes estimates, so that it may be forgotten with its process.
"""

from collections.abc import Hashable, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage, quantity
from atom_llm.domain.routing.cache_affinity import held_after
from atom_llm.domain.routing.candidates import USUAL_OUTPUT, Candidate, HeldCache
from atom_llm.process_cache import BoundedMap

REMEMBERED: Final = 10_000  # of each kind; the one that was used longest ago goes first
NEWEST_WEIGHS: Final = 0.2  # of a new observation in the moving average: the last ten calls make nine tenths of it
PREFIX: Final = 1_024  # characters of a prompt's beginning that tell prompts apart; a cache needs them equal
HOLDERS: Final = 3  # models of one conversation whose caches are remembered, those that answered last
UNKNOWN_LATENCY_MS: Final = float("inf")

_CACHED: Final = frozenset({Unit.CACHE_READ, Unit.CACHE_READ_EXPLICIT, Unit.CACHE_READ_AUDIO, Unit.CACHE_READ_IMAGE})
_PRODUCED: Final = frozenset({Unit.OUTPUT, Unit.REASONING})


class _Averages[Key: Hashable](BoundedMap[Key, float]):
    """Moving averages by key."""

    def __init__(self) -> None:
        super().__init__(REMEMBERED)

    def add(self, key: Key, value: float) -> None:
        with self._lock:
            before = self._entries.get(key)
            self._write(key, value if before is None else before + NEWEST_WEIGHS * (value - before))


class CallHistory:
    """Moving averages over the calls of one process."""

    def __init__(self) -> None:
        self._outputs: _Averages[tuple[TenantId, str]] = _Averages()
        self._thoughts: _Averages[tuple[TenantId, str]] = _Averages()
        self._hits: _Averages[tuple[TenantId, str, bytes]] = _Averages()
        self._latencies: _Averages[tuple[TenantId, str]] = _Averages()
        self._caches: BoundedMap[tuple[TenantId, bytes], Mapping[str, HeldCache]] = BoundedMap(REMEMBERED)

    def expected_output(self, tenant: TenantId, asked: str, usual: int = USUAL_OUTPUT) -> int:
        """Return the tokens of the answers that a tenant gets when it asks for this (a name, a chain, a tier)."""
        known = self._outputs.get((tenant, asked))
        return usual if known is None else max(1, round(known))

    def usual_thoughts(self, tenant: TenantId, model: str) -> int:
        """Return the tokens that a model thinks before it answers a tenant; 0 where none were seen."""
        return round(self._thoughts.get((tenant, model)) or 0)

    def hit_rate(self, tenant: TenantId, model: str, prefix: bytes) -> Decimal | None:
        """Return the share of such prompts' tokens that came from a cache, 0 to 1; None where none was seen."""
        known = self._hits.get((tenant, model, prefix))
        return None if known is None else Decimal(f"{known:.3f}")

    def latency_ms(self, tenant: TenantId, model: str) -> float:
        """Return the milliseconds to the first token, or to a whole answer, of a tenant's calls; infinite where none
        was seen. Others' are none of its business: how long an answer takes is also what is asked for.
        """
        known = self._latencies.get((tenant, model))
        return UNKNOWN_LATENCY_MS if known is None else known

    def caches(self, tenant: TenantId, conversation: bytes, now: datetime) -> Mapping[str, HeldCache]:
        """Return the caches that hold a conversation at an instant, by model."""
        known = self._caches.get((tenant, conversation)) or {}
        return {model: cache for model, cache in known.items() if now < cache.until}

    def leaves_cache(
        self,
        tenant: TenantId,
        conversation: bytes,
        candidate: Candidate,
        key: ProviderKeyId,
        usage: Usage,
        now: datetime,
    ) -> None:
        """Learn what a call that succeeded leaves in its provider's cache."""
        known = dict(self.caches(tenant, conversation, now))
        before = known.pop(candidate.id, None)
        held = held_after(candidate, key, usage, now, before if before is not None and before.key == key else None)
        if held is not None:
            newest = {candidate.id: held, **known}
            self._caches.put((tenant, conversation), dict(list(newest.items())[:HOLDERS]))
        elif before is not None:
            self._caches.put((tenant, conversation), known)

    def record(
        self, tenant: TenantId, asked: str, model: str, prefix: bytes, usage: Usage, latency_ms: float | None
    ) -> None:
        """Learn from a call that succeeded."""
        self._outputs.add((tenant, asked), float(quantity(usage.counts, _PRODUCED)))
        self._thoughts.add((tenant, model), float(usage.counts.get(Unit.REASONING, 0)))
        if usage.context_tokens:
            cached = float(quantity(usage.counts, _CACHED))
            self._hits.add((tenant, model, prefix), min(1.0, cached / usage.context_tokens))
        if latency_ms is not None:
            self._latencies.add((tenant, model), latency_ms)


def prefix_of(texts: tuple[str, ...]) -> bytes:
    """Return a hash that tells prompts apart as a provider's cache does; their text cannot be read from it."""
    beginning = ""
    for text in texts:
        beginning += text[: PREFIX - len(beginning)]
        if len(beginning) >= PREFIX:
            break
    return blake2b(beginning.encode(), digest_size=8).digest()
