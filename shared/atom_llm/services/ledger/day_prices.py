"""The prices that usage was costed at, day by day, for comparing bills with."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.ledger.reconciliation.explain import Comparison
from atom_llm.domain.ledger.reconciliation.prices import GroupPrices, RatesOfModel, cost_at, group_prices
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader

MAX_VERSIONS: Final = 6  # of prices that one request reads: each is a megabyte to decode
KEPT_INSTANTS: Final = 4  # at a time, for a version takes nine megabytes


class DayPrices:
    """The prices that a tenant's usage was costed at, day by day, and others that a bill may be made by."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        own: OwnPrices,
        now: datetime,
        provider: str | None = None,
        most: int = MAX_VERSIONS,
    ) -> None:
        """Take the prices. `provider` is the one whose own names of models are known too; `most` versions are read."""
        self._catalogue = catalogue
        self._own = own
        self._provider = provider
        self._now = now
        self._most = most
        self._known: dict[datetime, CatalogueInForce | None] = {}
        self._seen: set[str] = set()

    def of(self, found: Comparison, also: Iterable[str]) -> GroupPrices | None:
        """Return a group's prices on its day, with those of the days around it and of now.

        A class that it used none of is priced by its models, by `also`, or by the bill's own names of them.
        """
        begins = datetime.combine(found.key.day, time(), UTC)
        in_force = self._in_force(begins) or self._catalogue.current()
        others: list[tuple[str, RatesOfModel]] = []
        if self._own.prices:
            others.append(("list", _list_rates(in_force)))
        known = {in_force.catalogue.version}
        for instant in (begins + timedelta(days=1), begins - timedelta(days=1), self._now):
            other = self._in_force(min(instant, self._now))
            if other is not None and other.catalogue.version not in known:
                known.add(other.catalogue.version)
                others.append((f"list in force since {other.as_of:%Y-%m-%d %H:%M} UTC", _list_rates(other)))
        models = [*found.booked.units, *also, *sorted(found.billed.models if found.billed else ())]
        return group_prices(found.booked.units, self._rates(in_force, begins), models, others)

    def searches(self, day: date, model: str, number: Decimal) -> Decimal | None:
        """Return the USD of a day's web searches of a model; None without a price."""
        begins = datetime.combine(day, time(), UTC)
        in_force = self._in_force(begins) or self._catalogue.current()
        return cost_at({model: {Unit.WEB_SEARCHES: number}}, self._rates(in_force, begins))

    def paid(self, day: date) -> RatesOfModel:
        """Return the look-up of the rates that a tenant's calls are charged at, at the beginning of a day."""
        begins = datetime.combine(day, time(), UTC)
        return self._rates(self._in_force(begins) or self._catalogue.current(), begins)

    def listed(self, day: date) -> RatesOfModel:
        """Return the look-up of list rates at the beginning of a day, and of rates of models that no list has."""
        begins = datetime.combine(day, time(), UTC)
        in_force = self._in_force(begins) or self._catalogue.current()
        of_list, paid = _list_rates(in_force), self._rates(in_force, begins)
        return lambda model: of_list(model) or paid(model)

    def _rates(self, in_force: CatalogueInForce, at: datetime) -> RatesOfModel:
        own = self._own.rates_of(in_force.catalogue, at)

        def rates(model: str) -> Rates | None:
            entry = self._own.added(model, in_force.catalogue, at) or in_force.costed_by(model)
            if entry is None and self._provider is not None:
                entry = in_force.costed_by(f"{self._provider}/{model}")
            return None if entry is None else own(entry)

        return rates

    def _in_force(self, at: datetime) -> CatalogueInForce | None:
        """Return the catalogue in force at an instant; of so many days that further ones are taken for the present."""
        if at >= self._now:
            return self._catalogue.current()
        if at not in self._known:
            if len(self._known) == KEPT_INSTANTS:
                self._known.clear()
            found = self._catalogue.at(at) if len(self._seen) < self._most else self._catalogue.current()
            self._known[at] = found
            self._seen.add("" if found is None else found.catalogue.version)
        return self._known[at]


def _list_rates(in_force: CatalogueInForce) -> RatesOfModel:
    def rates(model: str) -> Rates | None:
        entry = in_force.costed_by(model)
        return None if entry is None else in_force.catalogue.rates(entry)

    return rates
