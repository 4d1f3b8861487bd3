"""The units of text and pictures that the policies of a Bedrock guardrail assess, as they are told and at most.

AWS bills them beside the model (aws.amazon.com/bedrock/pricing), each policy's by itself; the price list has them as a
row of their own.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.pricing.reported import OtherModelUsage
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Quantity, Usage
from atom_llm.domain.providers.reported_counts import count, inner

ROW: Final = "guardrails"  # of the price list: `bedrock/guardrails`
OPTION: Final = "guardrailConfig"  # the request's field that names a guardrail

# By AWS's names in an answer's trace (botocore's `GuardrailUsage`).
UNITS_OF_TEXT: Final[Mapping[str, Unit]] = {
    "topicPolicyUnits": Unit.TOPIC_POLICY,
    "contentPolicyUnits": Unit.CONTENT_POLICY,
    "wordPolicyUnits": Unit.WORD_POLICY,
    "sensitiveInformationPolicyUnits": Unit.SENSITIVE_INFORMATION_POLICY,
    "sensitiveInformationPolicyFreeUnits": Unit.SENSITIVE_INFORMATION_POLICY_FREE,
    "contextualGroundingPolicyUnits": Unit.CONTEXTUAL_GROUNDING_POLICY,
    "automatedReasoningPolicyUnits": Unit.AUTOMATED_REASONING_POLICY,
}
UNITS: Final = {**UNITS_OF_TEXT, "contentPolicyImageUnits": Unit.CONTENT_POLICY_IMAGE}

CHARACTERS_A_UNIT: Final = 1_000
# The longest tokens that are known are 128 blanks. A stream is assessed piece by piece, each a unit at the least: room
# for pieces of eight tokens.
CHARACTERS_A_TOKEN: Final = 128
MOST_PICTURES: Final = 20  # that a guardrail takes in a request (AWS's quota)


def units_told(content: Mapping[str, Any]) -> dict[str, int]:
    """Return the units that policies have assessed, by AWS's names, from the trace of an answer or its `metadata`."""
    found: Counter[str] = Counter()
    guardrail = inner(inner(content, "trace"), "guardrail")
    assessed = list(inner(guardrail, "inputAssessment").values())
    for each in inner(guardrail, "outputAssessments").values():
        assessed += each if isinstance(each, list) else ()
    for assessment in assessed:
        if isinstance(assessment, dict):
            for name, units in inner(inner(assessment, "invocationMetrics"), "usage").items():
                found[name] += count(units) or 0
    return {name: units for name, units in found.items() if units}


def usage_of(units: Mapping[str, int]) -> tuple[OtherModelUsage, ...]:
    """Return told units as usage of the price list's row; those of a name that is not known are left out."""
    counts: dict[Unit, Quantity] = {UNITS[name]: number for name, number in units.items() if name in UNITS}
    return (OtherModelUsage(ROW, Usage(counts, 0)),) if counts else ()


def most_units(prompt_characters: int, output_tokens: int, *, has_pictures: bool) -> Usage:
    """Return the units that a request can cause at most: every policy assesses all of its prompt and of its answer."""
    characters = prompt_characters + output_tokens * CHARACTERS_A_TOKEN
    counts: dict[Unit, Quantity] = dict.fromkeys(UNITS_OF_TEXT.values(), -(-characters // CHARACTERS_A_UNIT) + 1)
    if has_pictures:
        counts[Unit.CONTENT_POLICY_IMAGE] = MOST_PICTURES
    return Usage(counts, 0)
