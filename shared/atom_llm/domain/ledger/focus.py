"""A day's usage in the columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification.

A row a class of usage: quantity, unit, rate and cost at the day's prices; what a cell of the ledger came to beyond that
(length and service tiers, prices that changed within the day, corrections) is a row of its own, an adjustment, so that
rows come to the ledger exactly. Amounts are in US dollars.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import EXACT, TOKENS_PER_MILLION, exact_sum, plain
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.core.spreadsheets import inert
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.pricing.cost import CostLine, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import Usage

FOCUS_VERSION: Final = "1.2"
COLUMNS: Final = (
    *("AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType"),
    *("BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "CapacityReservationId"),
    *("CapacityReservationStatus", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency"),
    *("ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId"),
    *("CommitmentDiscountName", "CommitmentDiscountQuantity", "CommitmentDiscountStatus", "CommitmentDiscountType"),
    *("CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice"),
    *("EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory"),
    *("PricingCurrency", "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost"),
    *("PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId"),
    *("RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName"),
    *("ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName"),
    *("SubAccountType", "Tags", "x_ProviderKeyId"),
)
DECIMALS: Final = frozenset(
    name for name in COLUMNS if name.endswith(("Cost", "Quantity", "UnitPrice")) and not name.startswith("Commitment")
)

TOKENS: Final = "Tokens"
_MILLION_TOKENS: Final = "1000000 Tokens"
# What units that are no tokens are called: FOCUS writes them capitalised, in the plural.
_UNIT_WORDS: Final[Mapping[Unit, str]] = {
    Unit.CHARACTERS: "Characters",
    Unit.OUTPUT_CHARACTERS: "Characters",
    Unit.AUDIO_SECONDS: "Seconds",
    Unit.VIDEO_SECONDS: "Seconds",
    Unit.INPUT_VIDEO_SECONDS: "Seconds",
    Unit.SECONDS: "Seconds",
    Unit.IMAGES: "Images",
    Unit.INPUT_IMAGES: "Images",
    Unit.PIXELS: "Pixels",
    Unit.PAGES: "Pages",
    Unit.ANNOTATED_PAGES: "Pages",
    Unit.CREDITS: "Credits",
    Unit.TEXT_MESSAGES: "Messages",
    Unit.REQUESTS: "Requests",
    Unit.QUERIES: "Queries",
    Unit.WEB_SEARCHES: "Queries",
    Unit.MAPS_QUERIES: "Queries",
    Unit.CODE_SESSIONS: "Sessions",
}
_OTHER_UNITS: Final = "Units"

FocusRow = dict[str, str]
RatesOfFocus = Callable[[str], Rates | None]


@dataclass(frozen=True, slots=True)
class FocusAccount:
    """Whose usage it is: the tenant, and the names of its service keys by id."""

    tenant: str
    name: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FocusCell:
    """A cell of the ledger's sums, and the day (UTC) that it is of."""

    day: date
    provider: str
    model: str
    service_key: str
    provider_key: str | None
    tags: tuple[tuple[str, str], ...]


def focus_rows(
    account: FocusAccount, cell: FocusCell, sums: Sums, paid: RatesOfFocus, listed: RatesOfFocus
) -> Iterator[FocusRow]:
    """Yield the rows of a cell: a class of usage each, and what is left of its cost; they come to it exactly.

    `paid` are the rates that the tenant's calls are charged at, `listed` the list's.
    """
    common = _common(account, cell)
    lines = _lines(cell, sums, paid)
    own = {line.unit: line for line in _lines(cell, sums, listed)}
    for line in lines:
        yield common | _charge(cell, line, own.get(line.unit, line))
    rest = EXACT.subtract(sums.cost, exact_sum(line.amount for line in lines))
    if rest:
        yield common | _adjustment(cell, rest)


def decimal_text(amount: Decimal) -> str:
    """Return a decimal with a point in it: readers that guess a column's type take whole numbers for integers."""
    text = plain(amount)
    return text if "." in text else f"{text}.0"


def _lines(cell: FocusCell, sums: Sums, rates_of: RatesOfFocus) -> tuple[CostLine, ...]:
    rates = rates_of(cell.model)
    if rates is None or not sums.units:
        return ()
    try:
        return cost(Usage({unit: number for unit, number in sums.units.items() if number}, 0), rates).lines
    except Unpriced as error:
        return error.priced.lines
    except InvalidRate:
        return ()


def _common(account: FocusAccount, cell: FocusCell) -> FocusRow:
    month, known = cell.day.replace(day=1), PROVIDER_BY_ID.get(cell.provider)
    following = (month + timedelta(days=31)).replace(day=1)
    provider = known.display_name if known is not None else cell.provider
    return dict.fromkeys(COLUMNS, "") | {
        "BillingAccountId": account.tenant,
        "BillingAccountName": inert(account.name),
        "BillingAccountType": "Tenant",
        "BillingCurrency": "USD",
        "BillingPeriodStart": _midnight(month),
        "BillingPeriodEnd": _midnight(following),
        "ChargePeriodStart": _midnight(cell.day),
        "ChargePeriodEnd": _midnight(cell.day + timedelta(days=1)),
        "InvoiceIssuerName": provider,
        "PricingCurrency": "USD",
        "ProviderName": provider,
        "PublisherName": provider,
        "ResourceId": cell.model,
        "ResourceName": cell.model,
        "ResourceType": "Model",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": f"{provider} API",
        "ServiceSubcategory": "Generative AI",
        "SubAccountId": cell.service_key,
        "SubAccountName": inert(account.keys.get(cell.service_key) or cell.service_key),
        "SubAccountType": "Service key",
        "Tags": json.dumps(dict(cell.tags), ensure_ascii=False),
        "x_ProviderKeyId": cell.provider_key or "",
    }


def _charge(cell: FocusCell, line: CostLine, listed: CostLine) -> FocusRow:
    is_token = line.unit in RATES_OF_TOKENS
    unit = TOKENS if is_token else _UNIT_WORDS.get(line.unit, _OTHER_UNITS)
    number = Decimal(line.quantity)
    priced = number.scaleb(-6, EXACT) if is_token else number
    factor = TOKENS_PER_MILLION if is_token else Decimal(1)
    paid, at_list = (_rate(each, factor) for each in (line, listed))
    words = line.unit.replace("_", " ")
    costs = decimal_text(line.amount)
    return {
        "BilledCost": costs,
        "ContractedCost": costs,
        "EffectiveCost": costs,
        "PricingCurrencyEffectiveCost": costs,
        "ListCost": decimal_text(listed.amount),
        "ContractedUnitPrice": paid,
        "PricingCurrencyContractedUnitPrice": paid,
        "ListUnitPrice": at_list,
        "PricingCurrencyListUnitPrice": at_list,
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{cell.model}, {words}",
        "ChargeFrequency": "Usage-Based",
        "ConsumedQuantity": decimal_text(number),
        "ConsumedUnit": unit,
        "PricingCategory": "Standard",
        "PricingQuantity": decimal_text(priced),
        "PricingUnit": _MILLION_TOKENS if is_token else unit,
        "SkuId": cell.model,
        "SkuMeter": f"{words} {TOKENS.lower()}" if is_token else words,
        "SkuPriceDetails": json.dumps({"x_Class": str(line.unit), "x_Rate": line.rate_key}),
        "SkuPriceId": f"{cell.model}/{line.unit}",
    }


def _adjustment(cell: FocusCell, amount: Decimal) -> FocusRow:
    costs = decimal_text(amount)
    return {
        "BilledCost": costs,
        "ContractedCost": costs,
        "EffectiveCost": costs,
        "ListCost": costs,
        "PricingCurrencyEffectiveCost": costs,
        "ChargeCategory": "Adjustment",
        "ChargeDescription": f"{cell.model}, length and service tiers, changed prices and corrections of the day",
        "ChargeFrequency": "One-Time",
    }


def _rate(line: CostLine, factor: Decimal) -> str:
    return decimal_text(EXACT.multiply(EXACT.multiply(line.rate, line.multiplier), factor))


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
