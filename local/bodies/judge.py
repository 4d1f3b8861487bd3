"""One entry: its answer costed through the product's own arithmetic, and compared with what is expected of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from atom_llm.domain.core.errors import InvalidRate, ModelNotFound
from atom_llm.domain.core.money import plain
from atom_llm.domain.core.providers import BEDROCK, PROVIDER_BY_ID
from atom_llm.domain.pricing.cost import Cost, PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.usage import Usage
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, ResolvedModel
from local.bodies.answer import Json, Unreadable, model_of, provider_of, reported_usage
from local.bodies.expected_usage import Finding, differences, expects_no_usage


@dataclass(frozen=True, slots=True)
class BodyResult:
    """The result for one entry; it passed when it has no faults."""

    name: str
    found: str
    faults: Sequence[str] = ()


def judge(number: int, entry: object, in_force: CatalogueInForce) -> BodyResult:
    """Cost one entry and compare; whatever is wrong with it fails that entry alone."""
    name = f"{number}"
    try:
        if not isinstance(entry, dict):
            raise Unreadable("the entry is no object")
        name = _name(number, entry)
        expected = entry.get("expected")
        reported = reported_usage(entry)
        if reported is None:
            said = "the provider did not say what was used"
            return BodyResult(name, said, () if expects_no_usage(expected) else (said,))
        if expects_no_usage(expected):
            return BodyResult(name, _classes(reported.usage), ("expected no usage",))
        found = _finding(entry, reported, in_force)
    except Unreadable as error:
        return BodyResult(name, "not read", (str(error),))
    told = f"{_classes(found.usage)}; {_told_cost(found)}"
    if not isinstance(expected, dict) or not expected:
        missing = ["expected is no object"] if expected else [] if found.cost else [str(found.fault)]
        return BodyResult(name, told, missing)
    return BodyResult(name, told, list(differences(expected, found)))


# An answer to an alias names the dated snapshot that served, which the price list may not have yet.
_A_DATE: Final = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8})$")


def _name(number: int, entry: Json) -> str:
    words = (entry.get(key) for key in ("id", "name", "provider", "api", "model"))
    return " ".join([f"{number}", *(word for word in words if isinstance(word, str))])


def _finding(entry: Json, reported: ReportedUsage, in_force: CatalogueInForce) -> Finding:
    model = model_of(entry)
    found = _row(provider_of(entry), model, in_force)
    terms = _terms(entry, reported.terms)
    rates = in_force.catalogue.rates(found.entry)
    charged, fault = _cost(reported.usage, rates, terms)
    return Finding(found.entry.id, reported.usage, terms.service_tier, charged, fault)


def _row(provider: str, model: str, in_force: CatalogueInForce) -> ResolvedModel:
    """Return the provider's own row of a model, whether or not the provider stands in front of the name."""
    if provider == BEDROCK.id:
        return _row_of_bedrock(model, in_force)
    prefixes = {provider, *PROVIDER_BY_ID[provider].catalogue_names} if provider in PROVIDER_BY_ID else {provider}
    first, slash, rest = model.partition("/")
    names = [f"{provider}/{model}"] + ([f"{provider}/{rest}"] if slash and first in prefixes else [])
    names += [undated for name in names if (undated := _A_DATE.sub("", name)) != name]
    near: Sequence[str] = ()
    for name in names:
        try:
            found = in_force.find(name)
        except ModelNotFound as error:
            near = near or error.near
            continue
        if found.entry.provider == provider:
            return found
    raise Unreadable(f"the price list has no {names[0]}; near: {', '.join(near) or 'nothing'}")


def _row_of_bedrock(model: str, in_force: CatalogueInForce) -> ResolvedModel:
    """Return the row of a model's or profile's id, also behind a prefix of the provider's or in an ARN."""
    own = in_force.exactly(model)
    name = model.rpartition("/")[2]
    for entry in (own, *(in_force.exactly(f"{each}/{name}") for each in BEDROCK.catalogue_names)):
        if entry is not None and entry.provider in BEDROCK.catalogue_names:
            return ResolvedModel(entry, "exact")
    raise Unreadable(f"the price list has no {BEDROCK.id}/{name}")


def _terms(entry: Json, told: PricingTerms) -> PricingTerms:
    """Return the answer's terms; the entry may add the tier that was asked for, and an instant for off-peak prices."""
    asked, at = entry.get("service_tier"), entry.get("at")
    try:
        instant = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        raise Unreadable(f"at is no instant: {at}") from None
    if instant is not None and instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    tier = told.service_tier or (asked if isinstance(asked, str) and asked != "auto" else None)
    return told._replace(service_tier=tier, at=instant)


def _cost(usage: Usage, rates: Rates, terms: PricingTerms) -> tuple[Cost | None, str | None]:
    try:
        return cost(usage, rates, terms), None
    except InvalidRate as error:
        charged, fault = _cost(usage, rates, terms._replace(service_tier=None))
        return charged, fault or f"at the standard tier: {error.message}"
    except Unpriced as error:
        return None, error.message


def _classes(usage: Usage) -> str:
    return ", ".join(f"{unit} {count}" for unit, count in usage.counts.items()) or "nothing used"


def _told_cost(found: Finding) -> str:
    if found.cost is None:
        return f"no price by {found.model}: {found.fault}"
    note = f" ({found.fault})" if found.fault else ""
    return f"{plain(found.cost.total)} USD by {found.model}{note}"
