"""A tenant's own prices: read as calls need them, set, ended, and found again for a proof."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from secrets import token_bytes
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry
from atom_llm.domain.catalogue.own_prices import (
    Absurd,
    AddedModel,
    Display,
    OwnPrice,
    OwnPrices,
    absurd_rates,
    added_entry,
    is_absurd,
    list_rates,
    own_rates,
)
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, ImplausiblePrice, InvalidRate, InvalidRequest, NotFound
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.core.money import ONE, plain
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.ports.catalogue import OwnPriceStore
from atom_llm.ports.core import Clock
from atom_llm.process_cache import ReadThrough
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.core.audit_entries import audit_entry

KNOWN_FOR: Final = timedelta(seconds=30)  # a price that is new holds in every process within this time
CACHED_TENANTS: Final = 1_000
MOST_PRICES: Final = 100  # in force or to come, of one tenant: every process reads them all
SHOWN_ABSURD: Final = 10  # rates that a refusal names


class OwnPriceReader(ReadThrough[TenantId, OwnPrices | None]):
    """The own prices of tenants, by tenant; None for one that has none. The last known ones hold while unreadable."""

    def __init__(self, store: OwnPriceStore, clock: Clock) -> None:
        super().__init__(self._made, clock, KNOWN_FOR, CACHED_TENANTS, despite="own prices")
        self._store = store

    def _made(self, tenant: TenantId) -> OwnPrices | None:
        """Read a tenant's prices; the same ones as before keep what was compiled of them."""
        found = self._store.of(tenant)
        if not found:
            return None
        made, known = OwnPrices(found), self.last(tenant)
        return known if known is not None and known.prices == made.prices else made


@dataclass(frozen=True, slots=True)
class WantedPrice:
    """An own price as it is asked for; exactly one of `factor` and `rates` is given."""

    models: str
    factor: Decimal | None = None
    rates: Mapping[str, str] | None = None
    adds: AddedModel | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    display: Display | None = None
    note: str | None = None


class OwnPriceSetter:
    """The use cases of own prices."""

    def __init__(self, store: OwnPriceStore, catalogue: CatalogueReader, reader: OwnPriceReader, clock: Clock) -> None:
        """Take the store, the lists that prices are held against, and the reader, which forgets what was changed."""
        self._store = store
        self._catalogue = catalogue
        self._reader = reader
        self._clock = clock

    def all(self, tenant: TenantId) -> list[OwnPrice]:
        """Return the prices that are in force or to come, the one that precedes first."""
        return sorted(self._store.of(tenant), key=lambda price: price.rank, reverse=True)

    def version(self, tenant: TenantId, price_id: str) -> OwnPrice | None:
        """Return a price by its id, ended ones included; None where there is none."""
        return self._store.get(tenant, price_id)

    def history(self, tenant: TenantId) -> OwnPrices:
        """Return all prices of a tenant, ended ones included, as they were in force at any instant."""
        return OwnPrices([*self._store.of(tenant), *self._store.ended(tenant)])

    def set(self, wanted: WantedPrice, by: Actor, *, confirmed: bool) -> OwnPrice:
        """Set a price for the tenant that the actor acts for; it holds in every process within 30 seconds.

        Raises `InvalidRequest` naming the field, `ImplausiblePrice` for rates more than ten times the list's, or less
        than a tenth, that nobody has confirmed, and `Conflict` where the tenant has too many prices, or this very
        one: a request whose answer was lost may be repeated, and makes no second.
        """
        tenant, now = by.acts_for, self._clock()
        price = self.checked(wanted, by, confirmed=confirmed)
        there = self._store.of(tenant)
        same = next((each for each in there if self.says_the_same(each, price, wanted)), None)
        if same is not None:
            raise Conflict("there is this very price already", price_id=same.id)
        if len(there) >= MOST_PRICES:
            raise Conflict(f"the tenant has {MOST_PRICES} prices; end one first")
        self._store.add(price, audit_entry(by, "own_price.set", price.id, tenant, now))
        self._reader.forget(tenant)
        return price

    def checked(self, wanted: WantedPrice, by: Actor, *, confirmed: bool) -> OwnPrice:
        """Return a price as it would be kept; raises as `set` does, but for what is there."""
        tenant, now = by.acts_for, self._clock()
        price = OwnPrice(
            id=ulid(now, token_bytes(RANDOM_BYTES)),
            tenant=tenant,
            models=wanted.models,
            starts=wanted.starts or now,
            set_by=by.key_id,
            by_operator=tenant != by.tenant,
            factor=wanted.factor,
            rates=wanted.rates,
            adds=wanted.adds,
            ends=wanted.ends,
            display=wanted.display,
            note=wanted.note,
        )
        if price.ends is not None and price.ends <= max(price.starts, now):
            raise InvalidRequest("until", "must be after `from`, and to come")
        absurd = self._absurd(price, self._catalogue.current().catalogue)
        if absurd and not confirmed:
            raise ImplausiblePrice(
                "these rates are far from the list's; `confirm` says that they are meant", rates=_told(absurd)
            )
        return price

    def says_the_same(self, there: OwnPrice, asked: OwnPrice, wanted: WantedPrice) -> bool:
        """Return whether a price that is there says what is asked for."""
        return _says_the_same(there, asked, given_start=wanted.starts)

    def end(self, price_id: str, by: Actor) -> OwnPrice:
        """End a price now; it stays readable for proofs. May be repeated.

        Raises `NotFound`, and `Conflict` where the operator has set it and a tenant would end it.
        """
        tenant, now = by.acts_for, self._clock()
        price = self._store.get(tenant, price_id)
        if price is None:
            raise NotFound("there is no own price of that id", price_id=price_id)
        if price.by_operator and tenant == by.tenant:
            raise Conflict("the operator has set this price, and alone ends it")
        ended = price if price.ends is not None and price.ends <= now else replace(price, ends=now)
        if self._store.end(ended, audit_entry(by, "own_price.ended", price.id, tenant, now)):
            self._reader.forget(tenant)
            return ended
        return self._store.get(tenant, price_id) or ended

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a deleted tenant's prices, ended ones too."""
        return {"own_prices_deleted": self._store.erase(tenant)}

    def _absurd(self, price: OwnPrice, catalogue: Catalogue) -> list[Absurd]:
        """Return the rates that take a second word; raises `InvalidRequest` for a price that holds for nothing."""
        rows = self._rows(price, catalogue)
        found: list[Absurd] = []
        for row in rows:
            try:
                own = own_rates(price, list_rates(catalogue, row))
            except InvalidRate as error:
                raise InvalidRequest(f"rates.{error.key}", "is not a rate") from None
            if price.rates is not None:
                unread = next(
                    (
                        key
                        for key in price.rates
                        if not any(p.key == key for n in own.ladders for p in own.published(n))
                    ),
                    None,
                )
                if unread is not None:
                    raise InvalidRequest(f"rates.{unread}", "is no key of a rate")
                found += absurd_rates(row.id, own, list_rates(catalogue, row))
        if price.factor is not None and is_absurd(price.factor, ONE):
            found.append(Absurd(price.models, "factor", price.factor, ONE))
        return found

    def _rows(self, price: OwnPrice, catalogue: Catalogue) -> list[ModelEntry]:
        if price.adds is not None:
            if price.is_pattern or price.models.partition("/")[0] not in PROVIDER_BY_ID:
                raise InvalidRequest("models", "must be `provider/model` of a provider that is called, to add a model")
            if price.rates is None:
                raise InvalidRequest("rates", "are needed for a model that no list has")
            listed = catalogue.get(price.models)
            if listed is not None and listed.id == price.models:
                raise InvalidRequest("model", "describes one that a list has already")
            return [added_entry(price.models, price.adds)]
        if price.is_pattern:
            rows = [row for row in catalogue if price.covers(row.id)]
        else:
            rows = [row for row in (catalogue.get(price.models),) if row is not None and row.id == price.models]
        if not rows:
            raise InvalidRequest("models", "is the id of no model, and no pattern of any; `model` adds one")
        return rows


def _told(absurd: list[Absurd]) -> list[dict[str, str | None]]:
    return [
        {
            "model": each.model,
            "key": each.key,
            "own": plain(each.own),
            "list": None if each.list_rate is None else plain(each.list_rate),
        }
        for each in absurd[:SHOWN_ABSURD]
    ]


def _says_the_same(there: OwnPrice, asked: OwnPrice, given_start: datetime | None) -> bool:
    """Return whether a price says what is asked for: without a start that is given, one that has begun does."""
    has_begun = there.starts <= asked.starts if given_start is None else there.starts == given_start
    alike = replace(asked, id=there.id, starts=there.starts, set_by=there.set_by)
    return has_begun and there.is_in_force(max(there.starts, asked.starts)) and alike == there
