"""Allow-lists: the models that a tenant's service keys, teams and people may call, by names and patterns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.ledger.scopes import BudgetScope, ScopeKind, Team
from atom_llm.domain.tiers.tier import AUTO, TIER_PREFIX, Tier

MAX_PATTERNS: Final = 100  # of one list
MAX_PATTERN: Final = 256  # characters
MAX_LISTS: Final = 500  # of one tenant: its calls read all of them twice a minute
TOLD: Final = 5  # patterns of a list that a refusal names
FIELD: Final = "models"

OF_LISTS: Final = (ScopeKind.PERSON, ScopeKind.KEY, ScopeKind.TEAM, ScopeKind.TENANT)
TIER_NAMES: Final = frozenset({AUTO, *(f"{TIER_PREFIX}{tier}" for tier in Tier)})


class Asker(NamedTuple):
    """Who asks for a model: a service key, the person that the call is for, the team that a token names, the session
    and the tags."""

    service_key: ServiceKeyId
    person: str | None = None
    team: str | None = None
    session: str | None = None
    tags: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class AllowList:
    """What may be called in a scope. A pattern with a `/` is of ids (`openai/*`), one without of models at whatever
    provider (`gpt-4o-mini`, `claude-*`); a tier's name, or `auto`, lets that name pass with all that it chooses."""

    scope: str
    models: tuple[str, ...]

    @cached_property
    def _patterns(self) -> re.Pattern[str]:
        of_models = [each for each in self.models if each not in TIER_NAMES]
        ids = [_expression(each) for each in of_models if "/" in each]
        names = [rf"[^/]+/(?:.*/)?{_expression(each)}" for each in of_models if "/" not in each]
        return re.compile("|".join([*ids, *names]) or r"(?!)", re.IGNORECASE | re.DOTALL)

    def allows(self, model: str) -> bool:
        """Return whether a model may be called, by its id."""
        return self._patterns.fullmatch(model) is not None

    def allows_tier(self, name: str, tier: str) -> bool:
        """Return whether a tier's models may all be called, where it was chosen for a name, `auto` or its own."""
        return name in self.models or f"{TIER_PREFIX}{tier}" in self.models

    def refusal(self, model: str) -> str | None:
        """Return why a model may not be called, as the end of a sentence about it; None where it may."""
        if self.allows(model):
            return None
        more = f" and {len(self.models) - TOLD} more" if len(self.models) > TOLD else ""
        return f"the allow-list of {self.scope} leaves it out: {', '.join(self.models[:TOLD])}{more}"


@dataclass(frozen=True, slots=True)
class AllowLists:
    """The lists that concern a call: a model has to be on every one of them."""

    lists: tuple[AllowList, ...] = ()

    def refusal(self, model: str) -> str | None:
        """Return why a model may not be called, by the first list that leaves it out."""
        return next((said for each in self.lists if (said := each.refusal(model)) is not None), None)

    def beside(self, name: str, tier: str) -> "AllowLists":
        """Return the lists that do not let a tier pass as a whole, where it was chosen for a name."""
        return AllowLists(tuple(each for each in self.lists if not each.allows_tier(name, tier)))


UNLISTED: Final = AllowLists()


@dataclass(frozen=True, slots=True)
class TenantAllowLists:
    """A tenant's lists by scope, and its teams, where a list is of one."""

    lists: Mapping[str, AllowList] = field(default_factory=dict)
    teams: Sequence[Team] = ()

    def concerning(self, asker: Asker) -> AllowLists:
        """Return the lists that concern a caller; a member without one of its own has the default of its kind."""
        if not self.lists:
            return UNLISTED
        found = (self.lists.get(str(scope)) or self.lists.get(str(scope.default)) for scope in self._scopes(asker))
        return AllowLists(tuple(each for each in found if each is not None))

    def _scopes(self, asker: Asker) -> Iterable[BudgetScope]:
        if asker.person is not None:
            yield BudgetScope(ScopeKind.PERSON, asker.person)
        yield BudgetScope(ScopeKind.KEY, asker.service_key)
        teams = {team.id for team in self.teams if team.has(asker.service_key, asker.person)}
        yield from (
            BudgetScope(ScopeKind.TEAM, team) for team in sorted(teams | ({asker.team} if asker.team else set()))
        )
        yield BudgetScope(ScopeKind.TENANT)


def patterns(given: Sequence[str]) -> tuple[str, ...]:
    """Return a list's patterns as they are kept, each once; raises `InvalidRequest` naming the one that is none.

    Whether a name without a `*` is that of a model is another question.
    """
    if not given:
        raise InvalidRequest(FIELD, "must name at least one model; a budget of 0 stops every call")
    if len(given) > MAX_PATTERNS:
        raise InvalidRequest(FIELD, f"has more than {MAX_PATTERNS} patterns")
    kept: list[str] = []
    for position, text in enumerate(given):
        spelt, place = text.strip().lower(), f"{FIELD}.{position}"
        if not spelt or not spelt.isprintable() or " " in spelt or "," in spelt or len(spelt) > MAX_PATTERN:
            raise InvalidRequest(place, f"must be one name or pattern of 1 to {MAX_PATTERN} printable characters")
        provider, slash, _ = spelt.partition("/")
        is_of_tiers = spelt == AUTO or spelt.startswith(TIER_PREFIX)
        if is_of_tiers and spelt not in TIER_NAMES:
            raise InvalidRequest(place, f"is no tier: {', '.join(sorted(TIER_NAMES))}")
        if slash and not is_of_tiers and "*" not in provider and provider not in PROVIDER_BY_ID:
            raise InvalidRequest(place, f"begins with {provider!r}, which none of the providers that are called is")
        kept.append(spelt)
    return tuple(dict.fromkeys(kept))


def _expression(pattern: str) -> str:
    """Return a pattern as a regular expression: `*` stands for anything, all else for itself."""
    return ".*".join(map(re.escape, pattern.split("*")))
