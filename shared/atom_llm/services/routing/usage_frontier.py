"""The models that a tenant's own past calls could have gone to, and what moving them would save and lose."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.kinds_of_calls import CHAT, media_made
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.choices import check_choice
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.registry.frontier import PricedQuality, frontier
from atom_llm.domain.routing.usage_frontier import Moved, PastCall, RatedModel, Traffic, best_move
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader
from atom_llm.services.registry.model_index import ModelIndex
from atom_llm.services.routing.eligible_models import EligibleModelIndex
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing


@dataclass(frozen=True, slots=True)
class AlternativeFilter:
    """The models that are considered: with all of these capabilities, and a window of at least so many tokens.

    `may_lose` are points of quality that a model may be worse than the one it stands for; `only_with_key` leaves out
    models that the tenant's keys do not reach. Without `free`, so are models at which these calls would cost nothing:
    their providers limit them.
    """

    capabilities: frozenset[str] = frozenset()
    may_lose: float = 0.0
    min_context: int | None = None
    only_with_key: bool = False
    free: bool = False

    def lets_pass(self, entry: ModelEntry) -> bool:
        """Return whether a row has what is asked for; what is not published is not there."""
        window = entry.limits.max_input_tokens
        fits = self.min_context is None or (window is not None and window >= self.min_context)
        return fits and self.capabilities <= entry.capabilities


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model that the tenant called, with those of its calls that were costed. `quality` None: nobody rates it."""

    model: str
    quality: float | None
    capabilities: frozenset[str]
    calls: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class ModelMove:
    """The best move of a model's calls; `to` None where none as good saves anything."""

    own: OwnModel
    to: Moved | None

    @property
    def lost_capabilities(self) -> frozenset[str]:
        """What the catalogue says of the model that was called, and not of the one to move to."""
        return frozenset() if self.to is None else self.own.capabilities - self.to.to.capabilities


@dataclass(frozen=True, slots=True)
class UsageFrontier:
    """A tenant's traffic at every model that was considered.

    `at` are those that all calls can go to, `best` those of them that no other one beats in both quality and cost,
    cheapest first. `left_out` are calls of no chat model, without usage, or of a model that is no longer known;
    `quality` is the mean over the calls of rated models.
    """

    calls: int
    left_out: int
    cost: Decimal
    quality: float | None
    at: Sequence[Moved]
    best: Sequence[Moved]
    moves: Sequence[ModelMove]
    considered: int

    @property
    def saves(self) -> Decimal:
        """USD less by all moves together."""
        return exact_sum(move.to.saves if move.to is not None else ZERO for move in self.moves)


class UsageFrontierReader:
    """The reader of a tenant's frontier."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        index: ModelIndex,
        eligible_models: EligibleModelIndex,
        ring: ProviderKeyRing,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._eligible_models = eligible_models
        self._ring = ring
        self._clock = clock

    def of(
        self, tenant: TenantId, rows: Iterable[LedgerRow], wanted: AlternativeFilter, own: OwnPrices | None
    ) -> UsageFrontier:
        """Cost rows at every model in force, by the list's prices or by the tenant's own.

        Raises `InvalidRequest` for a capability that no model has.
        """
        index, in_force = self._index.current(), self._catalogue.current()
        for capability in sorted(wanted.capabilities):
            check_choice("capabilities", capability, index.capabilities)
        calls, entries, left_out = _chat_calls(rows, in_force)
        candidates = list(self._candidates(tenant, in_force, wanted, own))
        traffic = Traffic(calls, candidates)
        at_each = [there for each in candidates if _is_wanted(there := traffic.at(each), wanted)]
        used = []
        for model, entry in entries.items():
            of_model = [call.cost for call in calls if call.model == model]
            quality = index.quality_of(entry.id)
            score = None if quality is None else quality.score
            used.append(OwnModel(model, score, entry.capabilities, len(of_model), exact_sum(of_model)))
        used.sort(key=lambda each: (-each.cost, each.model))
        whole = [moved for each in at_each if each and (moved := reduce(Moved.and_of, each.values())).takes_all]
        return UsageFrontier(
            calls=len(calls),
            left_out=left_out,
            cost=exact_sum(call.cost for call in calls),
            quality=_mean_quality(used),
            at=whole,
            best=_best(whole),
            moves=[_move(each, at_each, wanted.may_lose) for each in used],
            considered=len(candidates),
        )

    def _candidates(
        self, tenant: TenantId, in_force: CatalogueInForce, wanted: AlternativeFilter, own: OwnPrices | None
    ) -> Iterator[RatedModel]:
        """Yield every model that tiers may choose and that has what is asked for, at the tenant's price."""
        keys = self._ring.usable_keys(tenant)
        rates_of = in_force.catalogue.rates if own is None else own.rates_of(in_force.catalogue, self._clock())
        for each in self._eligible_models.current().whole.rows:
            entry = each.entry
            has_key = any(key.allows(entry.id) for key in keys.get(entry.provider, ()))
            rates = rates_of(entry)
            if rates.is_priced and wanted.lets_pass(entry) and (has_key or not wanted.only_with_key):
                yield RatedModel(
                    entry.id,
                    each.quality,
                    each.is_measured,
                    rates,
                    entry.capabilities,
                    entry.limits.max_input_tokens,
                    has_key,
                    media_made(entry, rates),
                )


def _chat_calls(
    rows: Iterable[LedgerRow], in_force: CatalogueInForce
) -> tuple[list[PastCall], dict[str, ModelEntry], int]:
    """Return the calls of chat models, these models' rows by the name that was called, and how many are left out."""
    calls, left_out = [], 0
    known: dict[str, ModelEntry | None] = {}
    for row in rows:
        model, ended = row.attempt.model, row.settlement
        if not ended.usage:
            continue
        if model not in known:
            found = in_force.costed_by(model)
            known[model] = found if found is not None and found.mode == CHAT else None
        if known[model] is None:
            left_out += 1
        else:
            usage, others = ended.own
            calls.append(PastCall(model, usage, ended.terms, EXACT.subtract(ended.cost, others)))
    return calls, {model: entry for model, entry in known.items() if entry is not None}, left_out


def _is_wanted(moved: Mapping[str, Moved], wanted: AlternativeFilter) -> bool:
    return wanted.free or any(each.would_cost for each in moved.values())


def _mean_quality(used: Sequence[OwnModel]) -> float | None:
    """Return the mean quality of the calls of rated models; None without any."""
    rated = [(each.quality, each.calls) for each in used if each.quality is not None]
    calls = sum(count for _, count in rated)
    return sum(quality * count for quality, count in rated) / calls if calls else None


def _best(whole: Sequence[Moved]) -> list[Moved]:
    """Return the frontier of those that take every call."""
    by_model = {each.to.model: each for each in whole}
    priced = (PricedQuality(each.to.model, each.to.quality, each.would_cost) for each in whole)
    return [by_model[each.model] for each in frontier(priced)]


def _move(own: OwnModel, at_each: Sequence[Mapping[str, Moved]], may_lose: float) -> ModelMove:
    """Return the best move of a model's calls; those of a model that nobody rates stay."""
    if own.quality is None:
        return ModelMove(own, None)
    moves = (each[own.model] for each in at_each if own.model in each)
    return ModelMove(own, best_move((each for each in moves if each.to.model != own.model), own.quality, may_lose))
