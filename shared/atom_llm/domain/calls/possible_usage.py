"""The most that a call can have used: a provider's figure that request and model cannot have caused is not believed."""

from collections.abc import Mapping
from typing import Final

from atom_llm.domain.pricing.reported import OtherModelUsage, ReportedUsage
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import Quantity, Usage
from atom_llm.domain.providers.guardrails import UNITS, most_units
from atom_llm.domain.providers.server_tools import SERVER_ROUNDS
from atom_llm.domain.routing.candidates import CallRequirements, Candidate
from atom_llm.domain.routing.media_demand import LEAST_BILLED_S

ROUNDS: Final = SERVER_ROUNDS + 2  # whole windows that one call may read: the first, those of tools, a compaction
THOUGHT: Final = 2  # times the output limit, for the providers that count thinking beside it
USUAL_WINDOW: Final = 2_000_000  # tokens, where none is published: as long as the longest
MOST_PIECES: Final = 1_000  # searches, look-ups, pictures: more than any one call buys of either
MOST_SECONDS_A_BYTE: Final = 1  # of a recording; a codec's silence takes two bytes and more
MOST_A_CHARACTER: Final = 2  # characters that one is billed as

BEYOND: Final = "bounded, for the provider reported more than the call can have used"

_PRODUCED: Final = frozenset({Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO})
_ASSESSED: Final = frozenset(UNITS.values())


def possible_usage(
    candidate: Candidate, requirements: CallRequirements, reported: ReportedUsage
) -> tuple[ReportedUsage, str | None]:
    """Return the usage with every count within what the call makes possible, and the words that mark it.

    So is that of other models, whose windows and limits nobody looks up: theirs may be as long as the longest. The
    provider's own object stays as it is. None for the words where every count was possible.
    """
    limits = candidate.entry.limits
    prompt = ROUNDS * max(limits.max_input_tokens or USUAL_WINDOW, requirements.most_tokens)
    limit = max(candidate.output_limit, limits.max_output_tokens or 0)
    answer = THOUGHT * limit * requirements.choices or prompt
    usage, beyond = _bounded(reported.usage, prompt, answer, requirements)
    others: list[OtherModelUsage] = []
    for each in reported.others:
        longest = max(prompt, answer, ROUNDS * USUAL_WINDOW)
        bounded, more = _bounded(each.usage, longest, longest, requirements)
        others.append(OtherModelUsage(each.model, bounded))
        beyond += more
    if not beyond:
        return reported, None
    return reported._replace(usage=usage, others=tuple(others)), f"{BEYOND}: {', '.join(dict.fromkeys(beyond))}"


def possible_output(candidate: Candidate, requirements: CallRequirements, spoken: int, thought: int) -> int:
    """Return the output tokens of an answer whose texts are estimated: no more than all its choices were allowed.

    Thoughts that were heard are bounded by themselves, for the providers that count thinking beside the limit.
    """
    most = candidate.output_limit * requirements.choices
    return min(spoken, most) + min(thought, (THOUGHT - 1) * most)


def was_bounded(note: str | None) -> bool:
    """Return whether a bill's note says that its usage was bounded."""
    return note is not None and BEYOND in note


def _bounded(usage: Usage, prompt: int, answer: int, requirements: CallRequirements) -> tuple[Usage, list[str]]:
    """Return usage with no count above what is possible, and the units that were."""
    bought: Mapping[Unit, int] = {}
    counts: dict[Unit, Quantity] = {}
    beyond: list[str] = []
    for unit, count in usage.counts.items():
        if unit in RATES_OF_TOKENS:
            most = answer if unit in _PRODUCED else prompt
        else:
            bought = bought or _bought(prompt, answer, requirements)
            most = bought.get(unit, MOST_PIECES)
        counts[unit] = min(count, most)
        if count > most:
            beyond.append(unit.value)
    return (Usage(counts, min(usage.context_tokens, prompt)), beyond) if beyond else (usage, beyond)


def _bought(prompt: int, answer: int, requirements: CallRequirements) -> dict[Unit, int]:
    """Return the most of what is measured otherwise than by the piece."""
    assessed = most_units(prompt, answer, has_pictures=True).counts
    most = {unit: int(assessed[unit]) for unit in _ASSESSED}
    if (media := requirements.media) is not None:
        most[Unit.CHARACTERS] = MOST_A_CHARACTER * media.characters
        most[Unit.AUDIO_SECONDS] = max(MOST_SECONDS_A_BYTE * media.recorded_bytes, LEAST_BILLED_S)
    return most
