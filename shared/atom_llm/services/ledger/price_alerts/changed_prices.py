"""The changes that an activation of the price book brought, as rates before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, compiled, decode
from atom_llm.domain.catalogue.price_events import PriceEvent, decode_events
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.ledger.price_alerts import MAX_REASON, ModelChange
from atom_llm.ports.catalogue import PriceBook
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce


@dataclass(frozen=True, slots=True)
class ChangedPrices:
    """An activation, and its changes by the id of the row that they are of."""

    activation: Activation
    in_force: CatalogueInForce
    by_row: Mapping[str, list[ModelChange]]

    def row_of(self, model: str) -> str | None:
        """Return the changed row that a called model is costed by, a fine-tune by its base's; None for any other."""
        if model in self.by_row:
            return model
        entry = self.in_force.costed_by(model) if ":" in model else None
        return entry.id if entry is not None and entry.id in self.by_row else None


def changed_prices(book: PriceBook, activation: Activation) -> ChangedPrices:
    """Read an activation's changes; the first one of a deployment has none, for nothing was in force before it.

    Raises `SnapshotMissing` or `SnapshotCorrupt` when they cannot be read.
    """
    in_force = CatalogueInForce(decode(book.snapshot(activation)), activation, activation.activated_at)
    previous = next(book.activations(since=None, before=activation.sequence), None)
    by_row: dict[str, list[ModelChange]] = {}
    if previous is not None and activation.events:
        before = decode(book.snapshot(previous))
        for change in _changes(decode_events(book.events(activation)), before, in_force.catalogue):
            by_row.setdefault(change.model, []).append(change)
    return ChangedPrices(activation, in_force, by_row)


def _changes(events: tuple[PriceEvent, ...], before: Catalogue, now: Catalogue) -> Iterator[ModelChange]:
    for event in events:
        was, entry = _row(before, event.model), _row(now, event.model)
        if was is None or entry is None:
            continue
        try:
            change = _change(event, was, entry, before, now)
        except InvalidRate:  # a proposal that no confirmation makes usable
            continue
        if change is not None:
            yield change


def _change(
    event: PriceEvent, was: ModelEntry, entry: ModelEntry, before: Catalogue, now: Catalogue
) -> ModelChange | None:
    match event.kind:
        case "price":
            return ModelChange(entry.id, "price", before.rates(was), now.rates(entry))
        case "deprecation":
            day = event.after.get("deprecation_date")
            if not isinstance(day, str):
                return None
            return ModelChange(entry.id, "deprecation", now.rates(entry), deprecation_date=date.fromisoformat(day))
        case "quarantined" if event.after:
            proposed = compiled(replace(entry, published=event.after, lent=None))
            reason = (event.reason or "")[:MAX_REASON]
            return ModelChange(entry.id, "quarantined", now.rates(entry), proposed, reason=reason)
        case _:
            return None


def _row(catalogue: Catalogue, model: str) -> ModelEntry | None:
    """Return the row of exactly this id: another's key may read like it."""
    entry = catalogue.get(model)
    return entry if entry is not None and entry.id == model else None
