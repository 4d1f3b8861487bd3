"""FOCUS rows: what the specification's validator demands of them, and sums that are the ledger's."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.focus import COLUMNS, DECIMALS, FocusAccount, FocusCell, FocusRow, focus_rows
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.ledger.day_prices import DayPrices
from atom_llm.services.ledger.reports.focus_export import FocusPosition, focus_piece
from testing.fakes.catalogue_store import BookInMemory
from testing.fakes.service_keys import NOON
from testing.money_world import KEY, TENANT, in_memory, usd
from testing.packaged_prices import PackagedPricesReader, packaged

DAY = NOON.date()
ACCOUNT = FocusAccount(str(TENANT), "Tenant A", {str(KEY): "checkout"})
CELL = FocusCell(DAY, "openai", "openai/gpt-4o", str(KEY), "01M844DZG0AD5WNQ0VF9ZREJAS", (("team", "a"),))
NUMBER = re.compile(r"^-?\d+\.\d+$")
# Rules of FOCUS 1.2 by name: never null, and null in a row that is no usage.
FILLED = (
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd"),
    *("ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingCurrency"),
    *("ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory", "SubAccountName"),
)
OF_USAGE = (
    *("ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory"),
    *("PricingQuantity", "PricingUnit", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId"),
)


def reader() -> CatalogueReader:
    return PackagedPricesReader(BookInMemory(), lambda: NOON)


def rates() -> DayPrices:
    return DayPrices(reader(), OwnPrices(()), NOON)


def rows(sums: Sums, cell: FocusCell = CELL) -> list[FocusRow]:
    prices = rates()
    return list(focus_rows(ACCOUNT, cell, sums, prices.paid(DAY), prices.listed(DAY)))


@pytest.mark.parametrize(("name", "cell"), [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("a=b", "a=b"), ("-7", "-7")])
def test_a_name_that_a_spreadsheet_would_carry_out_begins_with_an_apostrophe(name: str, cell: str) -> None:
    sums, prices = Sums(cost=usd("0.5")), rates()
    account = FocusAccount(str(TENANT), name, {str(KEY): name})
    [row] = focus_rows(account, CELL, sums, prices.paid(DAY), prices.listed(DAY))
    assert (row["BillingAccountName"], row["SubAccountName"]) == (cell, cell)


CHAT = (Unit.INPUT, Unit.CACHE_READ, Unit.OUTPUT, Unit.REASONING)
USAGES = st.dictionaries(st.sampled_from(CHAT), st.integers(1, 10**9).map(Decimal), min_size=1)


@given(USAGES, st.decimals(0, 1000, places=10))
def test_rows_come_to_the_cell_exactly_and_keep_the_specifications_rules(
    units: dict[Unit, Decimal], paid: Decimal
) -> None:
    found = rows(Sums(calls=1, cost=paid, units=units))
    assert exact_sum(Decimal(row["BilledCost"]) for row in found) == paid
    for row in found:
        assert tuple(row) == COLUMNS
        is_usage = row["ChargeCategory"] == "Usage"
        assert all(row[name] for name in FILLED)
        assert all(bool(row[name]) is is_usage for name in OF_USAGE)
        assert all(NUMBER.match(row[name]) for name in DECIMALS if row[name])
        assert row["ChargeClass"] == row["InvoiceId"] == ""
        assert isinstance(json.loads(row["Tags"]), dict)
        assert row["ChargePeriodStart"] == f"{DAY}T00:00:00Z"
        assert datetime.fromisoformat(row["BillingPeriodStart"]) <= datetime.fromisoformat(row["ChargePeriodStart"])
        assert datetime.fromisoformat(row["ChargePeriodEnd"]) <= datetime.fromisoformat(row["BillingPeriodEnd"])
        if is_usage:
            price, number = Decimal(row["ContractedUnitPrice"]), Decimal(row["PricingQuantity"])
            assert price * number == Decimal(row["ContractedCost"]) == Decimal(row["BilledCost"])
            assert Decimal(row["ListUnitPrice"]) * number == Decimal(row["ListCost"])
            assert Decimal(row["ConsumedQuantity"]) == number * 1_000_000


def test_a_model_without_a_price_is_an_adjustment_as_a_whole() -> None:
    cell = FocusCell(DAY, "openai", "openai/never-heard-of", str(KEY), None, ())
    (row,) = rows(Sums(calls=1, cost=usd("2"), units={Unit.INPUT: Decimal(7)}), cell)
    assert (row["ChargeCategory"], row["BilledCost"], row["Tags"]) == ("Adjustment", "2.0", "{}")


def test_what_cost_nothing_and_used_nothing_is_no_row() -> None:
    assert rows(Sums(failed=3)) == []


def test_every_unit_that_is_no_token_has_a_word_of_the_specifications_form() -> None:
    priced = packaged().catalogue
    for unit in Unit:
        sums = Sums(calls=1, cost=usd("1"), units={unit: Decimal(3)})
        for entry in priced.by_provider["openai"][:40]:
            for row in rows(sums, FocusCell(DAY, "openai", entry.id, str(KEY), None, ())):
                if row["ChargeCategory"] == "Usage":
                    assert re.fullmatch(r"Tokens" if unit in RATES_OF_TOKENS else r"[A-Z][a-z]+s", row["ConsumedUnit"])


def pieces(most: int) -> Iterator[str]:
    world = in_memory()
    for number in range(60):
        model = f"openai/gpt-4o{('', '-mini')[number % 2]}"
        world.spend(usd("0.25"), model=model, tags={"n": str(number % 7)})
        world.clock.pass_s(3600)
    world.roll_up.run()
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    after: FocusPosition | None = None
    while True:
        piece = focus_piece(world.sums, rates(), ACCOUNT, first, last, after, most)
        yield piece.text
        after = piece.next
        if after is None:
            return


@pytest.mark.parametrize("most", [1, 2_500, 20_000])
def test_pieces_one_behind_the_other_are_the_file(most: int) -> None:
    (whole,) = pieces(10**9)
    small = list(pieces(most))
    assert len(small) > 1
    assert "".join(small) == whole
    assert all(len(piece) <= max(most, 3_500) for piece in small)
    billed = [Decimal(row["BilledCost"]) for row in csv.DictReader(StringIO(whole))]
    assert exact_sum(billed) == usd("0.25") * 60
