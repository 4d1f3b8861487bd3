"""The worth of the prompt cache that holds a conversation, against the saving of moving on to another model."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.core.money import EXACT
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage, quantity
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.routing.candidates import CACHE_MINIMUM, CallRequirements, Candidate, HeldCache, expected_cost

READ: Final = 65_536  # characters of a conversation's first turn that tell it from others
# From the last read on, as the providers' documents have it: Anthropic's shorter lifetime, OpenAI's shortest.
LIVES: Final = timedelta(minutes=5)
LIVES_LONG: Final = timedelta(hours=1)  # Anthropic's longer lifetime
MARKED_BY_CALLERS: Final = frozenset({"anthropic"})  # cache what the request marks, others whatever they have read

_READS: Final = frozenset({Unit.CACHE_READ, Unit.CACHE_READ_EXPLICIT})
_WRITES: Final = frozenset({Unit.CACHE_WRITE_5M, Unit.CACHE_WRITE_1H, Unit.CACHE_WRITE_12H})
_LONG_WRITES: Final = frozenset({Unit.CACHE_WRITE_1H, Unit.CACHE_WRITE_12H})


@dataclass(frozen=True, slots=True)
class CacheAffinity:
    """The decision whether a call keeps to the model and key that hold its conversation's cache.

    `worth` is the USD that reading `tokens` from the cache saves on this call; `saving` the USD that the model which
    ranks first, `instead`, would save if nothing were cached, None where there is no other.
    """

    held: HeldCache
    tokens: int
    worth: Decimal
    saving: Decimal | None
    instead: str | None
    is_kept: bool


def conversation_of(session: str | None, messages: Sequence[Json], prefix: bytes) -> bytes:
    """Return a hash that all calls of one conversation share, and no text can be read from.

    It is of the agent's session and the prompt's beginning, for an agent's helpers have other prompts within its
    session; without a session it is of all that stands before the first answer.
    """
    found = blake2b(prefix, digest_size=16)
    if session is not None:
        found.update(session.encode(errors="replace"))
        return found.digest()
    left = READ
    for message in messages:
        if message.get("role") == "assistant" or left <= 0:
            break
        content = message.get("content")
        text = content if isinstance(content, str) else json.dumps(content, default=str)
        found.update(text[:left].encode(errors="replace") + b"\0")
        left -= len(text)
    return found.digest()


def held_after(
    candidate: Candidate, key: ProviderKeyId, usage: Usage, now: datetime, before: HeldCache | None
) -> HeldCache | None:
    """Return the cache that a call leaves behind by its usage; None where nothing says that there is one.

    `before` is the one that held its conversation then. A provider that caches by itself has the whole prompt
    afterwards, unless it read nothing of what it should have had.
    """
    if "prompt_caching" not in candidate.entry.capabilities:
        return None
    read, written = quantity(usage.counts, _READS), quantity(usage.counts, _WRITES)
    marked = candidate.entry.provider in MARKED_BY_CALLERS
    counts_alone = marked or (before is not None and not read)
    tokens = read + written if counts_alone else usage.context_tokens
    if tokens < (candidate.entry.limits.prompt_cache_min_tokens or CACHE_MINIMUM):
        return None
    lives = LIVES_LONG if quantity(usage.counts, _LONG_WRITES) else LIVES
    until = now + lives if before is None else max(before.until, now + lives)
    return HeldCache(candidate.id, key, tokens, until)


def affinity(
    ranked: Sequence[Candidate], held: Mapping[str, HeldCache], requirements: CallRequirements
) -> CacheAffinity | None:
    """Return the decision about a conversation's caches at models of one standing; None where none of them holds one.

    The model that ranks first keeps the call if it holds one itself. Else the holder that is cheapest with its cache
    does, unless what moving saves is more than what its cache is worth.
    """
    holders = [each for each in ranked if each.id in held]
    if not holders:
        return None
    first = ranked[0]
    if first.id in held:
        holder = first
        other = next((each for each in ranked if each is not first), None)
    else:
        holder = min(holders, key=lambda each: _warm(each, held[each.id], requirements))
        other = first
    cache = held[holder.id]
    tokens = min(cache.tokens, requirements.about_tokens)
    cold = _cold(holder, requirements)
    worth = EXACT.subtract(cold, _warm(holder, cache, requirements))
    saving = None if other is None else EXACT.subtract(cold, _cold(other, requirements))
    is_kept = holder is first or saving is None or saving <= worth
    return CacheAffinity(cache, tokens, worth, saving, None if other is None else other.id, is_kept)


def kept_first[Ranked](
    ranked: Sequence[Ranked], decision: CacheAffinity | None, id_of: Callable[[Ranked], str]
) -> list[Ranked]:
    """Return what was ranked with the model first that a call is kept to."""
    if decision is None or not decision.is_kept:
        return list(ranked)
    return sorted(ranked, key=lambda each: id_of(each) != decision.held.model)


def _cold(candidate: Candidate, requirements: CallRequirements) -> Decimal:
    return _costs(candidate, requirements, Decimal(0))


def _warm(candidate: Candidate, cache: HeldCache, requirements: CallRequirements) -> Decimal:
    tokens = min(cache.tokens, requirements.about_tokens)
    return _costs(candidate, requirements, Decimal(tokens) / max(1, requirements.about_tokens))


def _costs(candidate: Candidate, requirements: CallRequirements, cached: Decimal) -> Decimal:
    return expected_cost(candidate.entry, candidate.rates, requirements, candidate.output_limit, cached)
