"""Compute a call's cost again, offline: `make proof FILE=call.json`, an answer of `GET /api/byok/usage/calls/{id}`.

Three checks an attempt, none of which takes our word for another: each line is multiplied out with Python's decimals
alone, each rate is looked up in the row that its source published, and the engine costs the provider's classes anew.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Context, Decimal, Inexact
from pathlib import Path
from typing import Any

from atom_llm.domain.catalogue.own_prices import OwnPrice, own_rates
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.providers import has_inclusive_thresholds
from atom_llm.domain.ledger.rows import MAX_AMOUNT, ledger_amount, own_usage
from atom_llm.domain.pricing.cost import CostLine, PricingTerms, Unpriced, cost, is_of_other_model
from atom_llm.domain.pricing.first_party_rates import priced_as, published_for_all, with_first_party_rates
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.units import Unit

EXACTLY = Context(prec=200, traps=[Inexact])


def main(path: str) -> int:
    """Print the sum of each attempt; returns 1 when one of them differs from the answer's, or the file holds none."""
    try:
        answer = json.loads(Path(path).read_text(), parse_float=Decimal)
    except (OSError, ValueError) as error:
        return _refuse(path, str(error))
    call = answer.get("data", answer) if isinstance(answer, dict) else answer
    if not isinstance(call, dict) or not call.keys() >= {"call_id", "cost_usd", "attempts"}:
        problem = answer.get("message") if isinstance(answer, dict) else None
        return _refuse(path, f"it says {problem!r}" if problem else "it has no `attempts` of a `call_id`")
    faults = list(_faults(call))
    for fault in faults:
        print(f"DIFFERS  {fault}")
    print(f"{'not proved' if faults else 'proved'}: {call['call_id']} cost {call['cost_usd']} USD")
    return 1 if faults else 0


def _refuse(path: str, fault: str) -> int:
    print(f"{path} is no answer of GET /api/byok/usage/calls/{{call_id}}: {fault}", file=sys.stderr)
    return 1


def _faults(call: Mapping[str, Any]) -> Iterator[str]:
    total = Decimal(0)
    for attempt in call["attempts"]:
        total = EXACTLY.add(total, Decimal(attempt["cost_usd"]))
        proof = attempt["proof"]
        if proof is None:
            print(f"attempt {attempt['attempt']}: {attempt['status']}, {attempt['cost_usd']} USD ({attempt['reason']})")
            continue
        print(f"attempt {attempt['attempt']}: {attempt['model']}, prices {proof['price']['version']}")
        lines = [*_multiplied(proof), *_published(attempt, proof)]
        for fault in [*lines, *_charged(attempt, proof), *_costed(attempt, proof)]:
            yield f"attempt {attempt['attempt']}: {fault}"
    if total != Decimal(call["cost_usd"]):
        yield f"the attempts come to {total}, the call says {call['cost_usd']}"


def _multiplied(proof: Mapping[str, Any]) -> Iterator[str]:
    for line in proof["lines"]:
        product = EXACTLY.multiply(Decimal(line["quantity"]), Decimal(line["rate_usd"]))
        product = EXACTLY.multiply(product, Decimal(line["multiplier"]))
        print(f"  {line['quantity']:>10} {line['unit']:<16} x {line['rate_usd']} x {line['multiplier']} = {product:f}")
        if product != Decimal(line["amount_usd"]):
            yield f"{line['unit']}: {product} is not {line['amount_usd']}"


def _charged(attempt: Mapping[str, Any], proof: Mapping[str, Any]) -> Iterator[str]:
    """Yield a fault where the total is neither what the lines come to nor the bound that it is said to be."""
    lines, total = _summed(proof), Decimal(proof["total_usd"])
    if proof["charged_at"] == "lines":
        if ledger_amount(lines) != total:
            yield f"the lines come to {lines}, not {total}"
        return
    print(f"  the lines come to {lines:f}; charged at {total:f} ({attempt['reason']})")
    held = ledger_amount(EXACTLY.multiply(total, Decimal(proof["hold_factor"])))
    if proof["charged_at"] == "hold" and held != Decimal(attempt["held_usd"]):
        yield f"{total} is not the worst case: {attempt['held_usd']} were held, {proof['hold_factor']} times that"
    if proof["charged_at"] == "most" and not lines > total == MAX_AMOUNT:
        yield f"{total} is not the most that an attempt can cost"
    if not attempt["reason"]:
        yield "it is not said why it is not charged at what the lines come to"


def _summed(proof: Mapping[str, Any]) -> Decimal:
    total = Decimal(0)
    for line in proof["lines"]:
        total = EXACTLY.add(total, Decimal(line["amount_usd"]))
    return total


def _published(attempt: Mapping[str, Any], proof: Mapping[str, Any]) -> Iterator[str]:
    """Yield a fault for every rate that its source has not published, as that very number: the row's, or the provider
    for all its models, or the own price.
    """
    published, own = _published_row(proof), _own_price(proof)
    if published is None:
        print("  the row's snapshot is gone; its rates are not compared with what was published")
        return
    rates = {Decimal(str(value)) for value in _leaves(published)}
    rates |= set(published_for_all(*_priced_as(attempt, published), rates))
    if own is not None:
        rates = {EXACTLY.multiply(each, own.factor) for each in rates} if own.factor is not None else rates
        rates |= {Decimal(each) for each in (own.rates or {}).values()}
    for line in proof["lines"]:
        if is_of_other_model(_line(line)):
            print(f"  {line['rate_key']} is another model's: its row is not in this proof")
        elif Decimal(line["rate_usd"]) not in rates:
            yield f"{line['unit']}: no published rate is {line['rate_usd']}"


def _costed(attempt: Mapping[str, Any], proof: Mapping[str, Any]) -> Iterator[str]:
    """Yield a fault where the engine costs the same classes otherwise at the published rates, or at the own price.

    What other models used for the call is left at what it came to.
    """
    published, own = _published_row(proof), _own_price(proof)
    if published is None:
        return
    terms = dict(proof["terms"])
    if "at" in terms:
        terms["at"] = datetime.fromisoformat(terms["at"])
    units = {Unit(name): _quantity(text) for name, text in proof["units"].items()}
    usage, others = own_usage(units, proof["context_tokens"], tuple(map(_line, proof["lines"])))
    provider, name = _priced_as(attempt, published)
    inclusive = has_inclusive_thresholds(provider)
    try:
        rates = read_rates(published, inclusive_thresholds=inclusive)
        rates = with_first_party_rates(rates, provider, name)
        rates = rates if own is None else own_rates(own, rates)
        total = cost(usage, rates, PricingTerms(**terms)).total
    except Unpriced as error:
        print(f"  {error.message}")
        total = error.priced.total
        if _is_below_worst_case(attempt, proof):
            yield f"{error.message}, and less than its worst case is charged"
    except AtomError as error:
        yield f"the engine refuses it: {error.message}"
        return
    if EXACTLY.add(total, others) != _summed(proof):
        yield f"the engine comes to {EXACTLY.add(total, others)}, the lines to {_summed(proof)}"


def _is_below_worst_case(attempt: Mapping[str, Any], proof: Mapping[str, Any]) -> bool:
    held = EXACTLY.multiply(Decimal(proof["total_usd"]), Decimal(proof["hold_factor"]))
    return held < Decimal(attempt["held_usd"]) and proof["charged_at"] != "most"


def _line(told: Mapping[str, Any]) -> CostLine:
    amounts = (Decimal(told[name]) for name in ("multiplier", "amount_usd"))
    rate, quantity = Decimal(told["rate_usd"]), _quantity(told["quantity"])
    return CostLine(Unit(told["unit"]), told["side"], quantity, rate, told["rate_key"], *amounts)


def _priced_as(attempt: Mapping[str, Any], published: Mapping[str, Any]) -> tuple[str, str]:
    return priced_as(attempt["provider"], attempt["model"].partition("/")[2], published)


def _published_row(proof: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the row that the list publishes: an empty one of a model that its tenant added, None where it is gone."""
    published: Mapping[str, Any] | None = proof["price"]["published"]
    told = proof["own_price"]
    return {} if published is None and told is not None and told["price"]["model"] is not None else published


def _own_price(proof: Mapping[str, Any]) -> OwnPrice | None:
    """Return the own price that a cost rests on, as far as it changes rates."""
    if proof["own_price"] is None:
        return None
    told = proof["own_price"]["price"]
    factor = None if told["factor"] is None else Decimal(told["factor"])
    tenant, key, starts = TenantId(""), ServiceKeyId(told["set_by"]), datetime.fromisoformat(told["from_instant"])
    return OwnPrice(told["id"], tenant, told["models"], starts, key, factor=factor, rates=told["rates"])


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, int | Decimal | str) and not isinstance(value, bool) and _is_number(value):
        yield value


def _is_number(value: object) -> bool:
    text = str(value)
    return text.replace(".", "", 1).replace("e-", "", 1).replace("E-", "", 1).isdigit()


def _quantity(text: str) -> int | Decimal:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
