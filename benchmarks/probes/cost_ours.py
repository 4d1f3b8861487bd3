"""The mix of calls through this service's cost engine, and through the floor: two rates from a dict."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.catalogue.own_prices import OwnPrice, OwnPrices
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.providers import reasons_on_top
from atom_llm.domain.pricing.cost import Cost, PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.usage import disjoint
from benchmarks.mix import MIX, Call
from benchmarks.timing import once_us, per_call_us

AT = datetime(2026, 11, 12, 12, tzinfo=UTC)
DISCOUNT = OwnPrice("one", TenantId("tenant"), "*", AT, ServiceKeyId("key"), factor=Decimal("0.85"))


def main() -> None:
    """Measure every call of the mix."""
    snapshot = Path(json.loads(sys.argv[1])["snapshot"]).read_bytes()
    catalogue = decode(snapshot)
    priced(catalogue, MIX[0])  # what is first in the process is not what is first for a row
    fresh = decode(snapshot)
    report = {call.model: _measured(catalogue, fresh, call) for call in MIX}
    print(json.dumps(report))


def _measured(catalogue: Catalogue, fresh: Catalogue, call: Call) -> dict[str, Any]:
    first = once_us(lambda: priced(fresh, call))
    entry = catalogue.get(call.model)
    assert entry is not None
    usage, rates = disjoint(call.usage, additive=reasons_on_top(entry.provider)), catalogue.rates(entry)
    terms = PricingTerms(service_tier=call.service_tier, at=AT)
    try:
        total = float(cost(usage, rates, terms).total)
    except Unpriced:
        total = None
    own = OwnPrices([DISCOUNT])
    table = {call.model: {"input": 1e-06, "output": 2e-06}}
    return {
        "cost_us": per_call_us(lambda: cost(usage, rates, terms)) if total is not None else None,
        "own_us": per_call_us(lambda: cost(usage, own.rates_of(catalogue, AT)(entry), terms))
        if total is not None
        else None,
        "call_us": per_call_us(lambda: priced(catalogue, call)) if total is not None else None,
        "floor_us": per_call_us(lambda: _bare(table, call)),
        "first_us": first,
        "total": total,
    }


def priced(catalogue: Catalogue, call: Call) -> Cost | None:
    """Price one call from its name and its reported usage to its breakdown."""
    entry = catalogue.get(call.model)
    assert entry is not None
    usage = disjoint(call.usage, additive=reasons_on_top(entry.provider))
    return cost(usage, catalogue.rates(entry), PricingTerms(service_tier=call.service_tier, at=AT))


def _bare(table: dict[str, dict[str, float]], call: Call) -> float:
    rates, usage = table[call.model], call.usage
    return usage["input_tokens"] * rates["input"] + usage.get("output_tokens", 0) * rates["output"]


main()
