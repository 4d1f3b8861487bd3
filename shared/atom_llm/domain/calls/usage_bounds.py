"""Bounds on what a provider says was used: a figure that request and model cannot have caused is not believed."""

from typing import Final

from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import Quantity, Usage
from atom_llm.domain.providers.server_tools import SERVER_ROUNDS
from atom_llm.domain.routing.candidates import CallRequirements, Candidate

ROUNDS: Final = SERVER_ROUNDS + 2  # whole windows that one call may read: the first, those of tools, a compaction
THOUGHT: Final = 2  # times the output limit, for the providers that count thinking beside it
USUAL_WINDOW: Final = 2_000_000  # tokens, where none is published: as long as the longest

BEYOND: Final = "bounded, for the provider reported more than the call can have used"

_PRODUCED: Final = frozenset({Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO})


def bounded_usage(
    candidate: Candidate, requirements: CallRequirements, reported: ReportedUsage
) -> tuple[ReportedUsage, str | None]:
    """Return the usage with every count of tokens within what the call makes possible, and the words that mark it.

    The provider's own object stays as it is. None for the words where every count was possible.
    """
    limits = candidate.entry.limits
    prompt = ROUNDS * max(limits.max_input_tokens or USUAL_WINDOW, requirements.most_tokens)
    limit = max(candidate.output_limit, limits.max_output_tokens or 0)
    answer = THOUGHT * limit * requirements.choices or prompt
    counts: dict[Unit, Quantity] = {}
    beyond: list[str] = []
    for unit, count in reported.usage.counts.items():
        most = answer if unit in _PRODUCED else prompt
        is_beyond = unit in RATES_OF_TOKENS and count > most
        counts[unit] = most if is_beyond else count
        if is_beyond:
            beyond.append(unit.value)
    if not beyond:
        return reported, None
    usage = Usage(counts, min(reported.usage.context_tokens, prompt))
    return reported._replace(usage=usage), f"{BEYOND}: {', '.join(beyond)}"


def was_bounded(note: str | None) -> bool:
    """Return whether a bill's note says that its usage was bounded."""
    return note is not None and BEYOND in note
