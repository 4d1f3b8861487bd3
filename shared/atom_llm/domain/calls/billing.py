"""The bill of an attempt: exact by its provider's count, as far as that can be, or an estimate that says so."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from atom_llm.domain.calls.possible_usage import possible_output, possible_usage
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.rows import MAX_AMOUNT, MAX_RAW_USAGE
from atom_llm.domain.pricing.cost import Cost, CostLine, PricingTerms, Unpriced, cost, of_model
from atom_llm.domain.pricing.rates import service_tier
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.token_estimate import tokens_of_texts
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Quantity, Usage
from atom_llm.domain.providers.chunks import parts_of
from atom_llm.domain.providers.exchange import Json, ProviderAnswer
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.unknown_counters import unknown_counters
from atom_llm.domain.routing.candidates import CallRequirements, Candidate

_SPELLING: Final = json.JSONEncoder(default=str)

NO_USAGE: Final = Usage({}, 0)

UNCOUNTED: Final = "a piece for each choice, which the provider does not count"
UNKNOWN: Final = "not charged, for nobody here knows what they count"
CUT_SHORT: Final = "estimated: the answer was not counted to its end"
NOT_TOLD: Final = "estimated: the provider did not say what was used"


class Bill(NamedTuple):
    """An amount in USD with all that it was computed from; `note` names the part that is no exact price, if any."""

    cost: Decimal = ZERO
    usage: Usage = NO_USAGE
    raw: Mapping[str, Any] | None = None
    lines: tuple[CostLine, ...] = ()
    terms: PricingTerms = PricingTerms()
    note: str | None = None


NOTHING: Final = Bill()


class Thoughts(NamedTuple):
    """What was heard of a model's thoughts, and the tokens that it usually thinks before it answers."""

    heard: str = ""
    usual: int = 0


UNHEARD: Final = Thoughts()


def exact_bill(candidate: Candidate, requirements: CallRequirements, reported: ReportedUsage) -> Bill:
    """Return the bill of a provider's own count, each model's usage at its own rates.

    A unit that has no price was bought all the same: the attempt is charged at least its hold. A service tier that is
    unknown is charged at the standard tier, and what the call cannot have used is not. The note says so.
    """
    reported, bound = possible_usage(candidate, requirements, reported)
    terms, notes = _terms(requirements.terms, reported.terms), [bound] if bound else []
    counts = _with_pieces(reported.usage.counts, candidate, requirements)
    if counts is not reported.usage.counts:
        reported = reported._replace(usage=Usage(counts, reported.usage.context_tokens))
        notes.append(UNCOUNTED)
    try:
        service_tier(terms.service_tier)
    except InvalidRate as error:
        terms = terms._replace(service_tier=None)
        notes.append(f"charged at the standard tier: {error.message}")
    costs, faults = [], []
    for model, usage in ((None, reported.usage), *reported.others):
        rates = candidate.rates if model is None else candidate.rates_beside(model)
        if rates is None:
            faults.append(f"no price for {model}")
            continue
        try:
            found = cost(usage, rates, terms)
        except Unpriced as error:
            found = error.priced
            faults.append(error.message)
        costs.append(found if model is None else _named(found, model))
    unknown = unknown_counters(reported.raw)
    if unknown:
        notes.append(f"{UNKNOWN}: {', '.join(unknown)}")
    total = _sum(each.total for each in costs)
    if faults:
        total = max(total, candidate.hold)
        notes.append(f"charged at its hold: {'; '.join(faults)}")
    if total > MAX_AMOUNT:
        total = MAX_AMOUNT
        notes.append(f"charged at the most that an attempt can cost, {MAX_AMOUNT:,} USD")
    lines = tuple(line for each in costs for line in each.lines)
    return Bill(total, _whole_usage(reported), _bounded(reported.raw, unknown), lines, terms, "; ".join(notes) or None)


def expected_bill(candidate: Candidate, requirements: CallRequirements) -> Bill:
    """Return the bill of an answer that was asked for and never heard: the prompt and an answer of the usual length."""
    if requirements.media is not None:
        return _expected_media(candidate, requirements, "estimated: the provider was not heard to its end")
    counts: dict[Unit, Quantity] = {Unit.INPUT: requirements.about_tokens} if requirements.about_tokens else {}
    if output := min(requirements.expected_output, candidate.output_limit) * requirements.choices:
        counts[Unit.OUTPUT] = output
    usage = Usage(_with_pieces(counts, candidate, requirements), requirements.about_tokens)
    found = cost(usage, candidate.rates, requirements.terms)
    note = "estimated: the provider was not heard to its end"
    return Bill(min(found.total, candidate.hold), usage, None, found.lines, requirements.terms, note)


def _with_pieces(
    counts: Mapping[Unit, Quantity], candidate: Candidate, requirements: CallRequirements
) -> Mapping[Unit, Quantity]:
    """Return counts with a piece for each choice where the model sells them; the same counts where it does not."""
    if not candidate.rates.sells_pieces or Unit.IMAGES in counts:
        return counts
    return {**counts, Unit.IMAGES: requirements.choices}


def _expected_media(candidate: Candidate, requirements: CallRequirements, note: str) -> Bill:
    """Return the bill of what was expected, where nobody counted it; what is free for certain is no estimate."""
    if requirements.mode == "moderation" and candidate.hold == ZERO:
        usage = Usage({Unit.INPUT: requirements.about_tokens} if requirements.about_tokens else {}, 0)
        return Bill(ZERO, usage, None, cost(usage, candidate.rates, requirements.terms).lines, requirements.terms)
    return Bill(min(candidate.expected, candidate.hold), NO_USAGE, None, (), requirements.terms, note)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def _named(found: Cost, model: str) -> Cost:
    """Return a cost with the model's name before the keys of its rates."""
    return found._replace(lines=tuple(of_model(line, model) for line in found.lines))


def _whole_usage(reported: ReportedUsage) -> Usage:
    """Return what all models of a call used together; its prompt is the longest of theirs."""
    if not reported.others:
        return reported.usage
    counts: dict[Unit, Quantity] = {}
    usages = (reported.usage, *(each.usage for each in reported.others))
    for usage in usages:
        for unit, quantity in usage.counts.items():
            counts[unit] = counts.get(unit, 0) + quantity
    return Usage(counts, max(usage.context_tokens for usage in usages))


def estimated_bill(
    candidate: Candidate,
    requirements: CallRequirements,
    produced: str,
    reported: ReportedUsage | None,
    thoughts: Thoughts = UNHEARD,
) -> Bill:
    """Return the bill of an answer not counted to its end: the usage reported, and the text that came, by estimate.

    The text is no longer than the request allowed, by whatever vocabulary it was made. What a model thinks out of sight
    before it answers is billed too: of what is usual, as much as was neither heard nor reported. What is estimated
    raises no bill above the attempt's hold.
    """
    heard = tokens_of_texts((thoughts.heard,))
    output = possible_output(candidate, requirements, max(0, tokens_of_texts((produced,)) - heard), heard)
    unheard = max(0, thoughts.usual - heard)
    unheard = min(unheard, max(0, candidate.output_limit * requirements.choices - output))
    if reported is not None:
        told = exact_bill(candidate, requirements, reported)
        known = reported._replace(usage=_with_thoughts(_with_output(reported.usage, output), unheard))
        bill = exact_bill(candidate, requirements, known)
        most = max(told.cost, candidate.hold)
        note = "; ".join([CUT_SHORT, *([bill.note] if bill.note else [])])
        return bill._replace(cost=min(bill.cost, most), note=note)
    if requirements.media is not None:
        return _expected_media(candidate, requirements, NOT_TOLD)
    counts: dict[Unit, Quantity] = {Unit.INPUT: requirements.about_tokens} if requirements.about_tokens else {}
    if output:
        counts[Unit.OUTPUT] = output
    produced_usage = _with_thoughts(Usage(counts, requirements.about_tokens), unheard)
    usage = Usage(_with_pieces(produced_usage.counts, candidate, requirements), produced_usage.context_tokens)
    found = cost(usage, candidate.rates, requirements.terms)
    return Bill(min(found.total, candidate.hold), usage, None, found.lines, requirements.terms, NOT_TOLD)


def whole_bill(candidate: Candidate, requirements: CallRequirements, answer: ProviderAnswer) -> Bill:
    """Return the bill of a whole answer: exact where it was counted."""
    if answer.reported is None:
        produced, thoughts = _heard((answer.body,))
        return estimated_bill(candidate, requirements, produced, None, thoughts)
    return exact_bill(candidate, requirements, answer.reported)


def broken_bill(
    candidate: Candidate, requirements: CallRequirements, reported: ReportedUsage | None, chunks: Sequence[Json]
) -> Bill:
    """Return the bill of a stream that broke: nothing where the provider had neither counted nor answered."""
    produced, thoughts = _heard(chunks)
    if reported is None and not produced:
        return NOTHING
    return estimated_bill(candidate, requirements, produced, reported, thoughts)


def _heard(chunks: Iterable[Json]) -> tuple[str, Thoughts]:
    """Return the texts of an answer or of a stream's chunks, and those of them that are thoughts."""
    parts = [part for chunk in chunks for part in parts_of(chunk)]
    thought = "".join(text for text, is_thought in parts if is_thought)
    return "".join(text for text, _ in parts), Thoughts(thought)


def failed_bill(candidate: Candidate, requirements: CallRequirements, failure: ProviderFailure) -> Bill:
    """Return the bill of a whole answer that failed: what it counts, or what is expected where it was not heard to its
    end: its provider has answered, or may still."""
    if failure.reported is not None:
        return exact_bill(candidate, requirements, failure.reported)
    may_be_billed = failure.was_begun or (failure.kind is FailureKind.SILENT and failure.was_sent)
    return expected_bill(candidate, requirements) if may_be_billed else NOTHING


def was_estimated(note: str | None) -> bool:
    """Return whether a bill's note says that nobody counted its answer to the end."""
    return note is not None and note.startswith((CUT_SHORT, NOT_TOLD))


def has_unknown_counters(note: str | None) -> bool:
    """Return whether a bill's note says that its provider counted something that nobody here knows."""
    return note is not None and UNKNOWN in note


def _with_output(usage: Usage, output: int) -> Usage:
    """Raise usage to at least so many output tokens: a provider's last report may be older than the text after it."""
    produced = usage.counts.get(Unit.OUTPUT, 0) + usage.counts.get(Unit.REASONING, 0)
    if produced >= output:
        return usage
    more = output - int(produced)
    counts = {**usage.counts, Unit.OUTPUT: usage.counts.get(Unit.OUTPUT, 0) + more}
    return Usage(counts, usage.context_tokens)


def _with_thoughts(usage: Usage, unheard: int) -> Usage:
    """Return usage with thoughts of which nothing was heard, unless some are reported."""
    if not unheard or Unit.REASONING in usage.counts:
        return usage
    return Usage({**usage.counts, Unit.REASONING: unheard}, usage.context_tokens)


def _terms(asked: PricingTerms, told: PricingTerms) -> PricingTerms:
    """Return the terms that an answer is charged under: the provider's, and those asked for where it is silent."""
    return told._replace(at=asked.at, service_tier=told.service_tier or _asked_tier(asked.service_tier))


def _asked_tier(tier: str | None) -> str | None:
    return None if tier == "auto" else tier


def _bounded(raw: Mapping[str, Any], unknown: Mapping[str, int]) -> Mapping[str, Any]:
    """Cut a provider's usage object down to the room in a ledger row: its numbers before its details.

    Counters that are not known stay, by their places.
    """
    if len(_SPELLING.encode(raw)) <= MAX_RAW_USAGE:
        return raw
    kept = {name: value for name, value in raw.items() if isinstance(value, int | float) and len(name) <= 64}
    return dict(unknown) | dict(list(kept.items())[:30])
