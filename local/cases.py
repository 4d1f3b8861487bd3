"""Run a file of expected-cost cases through the product's own arithmetic: `python -m local.cases FILE`."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from atom_llm.domain.core.errors import InvalidRate, InvalidUsage
from atom_llm.domain.core.money import plain
from atom_llm.domain.core.providers import has_inclusive_thresholds
from atom_llm.domain.pricing.cost import Cost, PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.usage import USAGE_FIELDS, disjoint

RELATIVE_TOLERANCE = Decimal("1e-9")  # what the case files state for cases without a tolerance of their own
TERMS_IN_USAGE = {"speed", "image_size", "resolution", "quality", "max_results", "inference_geo", "search_context_size"}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of one case; `fault` is None when it passed."""

    case_id: str
    fault: str | None
    refused: bool = False


def judge(case: Mapping[str, Any]) -> CaseResult:
    """Price one case and compare.

    The oracles bill 0 for what has no price. Ours refuses, and the refusal carries the part that is priced: such a
    case passes when that part is what the oracle billed, and is counted as refused.
    """
    must_refuse = case.get("raises")
    try:
        answer = _priced(case)
    except Unpriced as refusal:
        fault = None if must_refuse else _difference(case, refusal.priced)
        return CaseResult(case["id"], fault, refused=True)
    except (InvalidUsage, InvalidRate) as refusal:
        return CaseResult(case["id"], None if must_refuse else f"refused: {refusal}", refused=True)
    if must_refuse:
        return CaseResult(case["id"], f"expected a refusal ({must_refuse}), actual total {plain(answer.total)}")
    return CaseResult(case["id"], _difference(case, answer))


def _priced(case: Mapping[str, Any]) -> Cost:
    usage = case["usage"]
    unknown = usage.keys() - USAGE_FIELDS - TERMS_IN_USAGE
    if unknown:
        raise InvalidUsage(min(unknown), "is not a known usage field")
    at = datetime.fromisoformat(case["at"]) if case.get("at") else None
    terms = PricingTerms(
        service_tier=case.get("service_tier"),
        at=at.replace(tzinfo=at.tzinfo or UTC) if at else None,
        data_residency=case.get("data_residency"),
        endpoint_location=case.get("vertex_location"),
        inference_geo=usage.get("inference_geo") or case.get("inference_geo"),
        speed=usage.get("speed") or case.get("speed"),
        variant=usage.get("resolution") or usage.get("image_size"),
        search_context=usage.get("search_context_size", "medium"),
        max_results=usage.get("max_results", 0),
    )
    rates = read_rates(case["rates"], inclusive_thresholds=has_inclusive_thresholds(case["provider"]))
    return cost(disjoint(usage, additive=case.get("convention") == "additive"), rates, terms)


def _difference(case: Mapping[str, Any], answer: Cost) -> str | None:
    actual = {"input": answer.input, "output": answer.output, "total": answer.total}
    tolerance = case.get("tolerance", {})
    for name, text in case["expected"].items():
        expected = Decimal(str(text))
        allowed = tolerance.get(name) if isinstance(tolerance, Mapping) else tolerance
        limit = Decimal(str(allowed)) if allowed is not None else abs(expected) * RELATIVE_TOLERANCE
        if abs(actual[name] - expected) > limit:
            return f"{name}: expected {plain(expected)}, actual {plain(actual[name])}"
    return None


def main(arguments: list[str]) -> int:
    """Judge every case of a file; the exit code is 0 only when all passed."""
    if len(arguments) != 1:
        print("usage: make cases FILE=path/to/cost_cases.json", file=sys.stderr)
        return 2
    try:
        cases = list(json.loads(Path(arguments[0]).read_text(), parse_float=Decimal)["cases"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{arguments[0]} is not a readable case file: {error}", file=sys.stderr)
        return 2
    results = [judge(case) for case in cases]
    failed = [result for result in results if result.fault]
    for result in failed:
        print(f"{result.case_id}: {result.fault}")
    unpriced = [result.case_id for result in results if result.refused and not result.fault]
    if unpriced:
        print(f"refused, as it should be: {', '.join(unpriced)}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
