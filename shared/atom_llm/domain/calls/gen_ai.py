"""An attempt in OpenTelemetry's words for generative AI (semantic conventions, `gen_ai.*`), and in ours beside them."""

from collections.abc import Mapping
from typing import Final

from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import quantity

Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute]

# The conventions' names of providers where they are not ours.
_PROVIDERS: Final[Mapping[str, str]] = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "google": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
}
_OPERATIONS: Final[Mapping[str | None, str]] = {"embedding": "embeddings", "responses": "chat", None: "chat"}
_CACHE_READS: Final = frozenset(
    {Unit.CACHE_READ, Unit.CACHE_READ_EXPLICIT, Unit.CACHE_READ_AUDIO, Unit.CACHE_READ_IMAGE}
)
_CACHE_WRITES: Final = frozenset(
    {Unit.CACHE_WRITE_5M, Unit.CACHE_WRITE_1H, Unit.CACHE_WRITE_12H, Unit.CACHE_WRITE_AUDIO}
)
_OUTPUTS: Final = frozenset({Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO})
_REASONING: Final = frozenset({Unit.REASONING})
_INPUTS: Final = frozenset(RATES_OF_TOKENS) - _OUTPUTS - {Unit.CITATION}


def operation_of(mode: str | None) -> str:
    """Return the conventions' name of what a model of a mode of the catalogue does; the mode where they have none."""
    return _OPERATIONS.get(mode, mode or "chat")


def attributes_of(row: LedgerRow, mode: str | None, *, is_stream: bool) -> dict[str, Attribute]:
    """Return the attributes of an attempt: names and numbers of ours and the catalogue's, nothing of prompt or answer.

    Tokens are whole classes: `input` includes what was read from and written to a cache. The cost is a text, exact.
    """
    attempt, ended = row.attempt, row.settlement
    counts = ended.usage
    told: dict[str, Attribute | None] = {
        "gen_ai.operation.name": operation_of(mode),
        "gen_ai.provider.name": _PROVIDERS.get(attempt.provider, attempt.provider),
        "gen_ai.request.model": attempt.model,
        "gen_ai.request.stream": is_stream,
        "gen_ai.usage.input_tokens": quantity(counts, _INPUTS),
        "gen_ai.usage.output_tokens": quantity(counts, _OUTPUTS),
        "gen_ai.usage.cache_read.input_tokens": quantity(counts, _CACHE_READS) or None,
        "gen_ai.usage.cache_creation.input_tokens": quantity(counts, _CACHE_WRITES) or None,
        "gen_ai.usage.reasoning.output_tokens": quantity(counts, _REASONING) or None,
        "gen_ai.response.time_to_first_chunk": None if ended.first_token_ms is None else ended.first_token_ms / 1000,
        "error.type": _error_type(row),
        "atom_llm.call_id": attempt.call_id,
        "atom_llm.attempt": attempt.label,
        "atom_llm.tenant": attempt.tenant,
        "atom_llm.service_key": attempt.service_key,
        "atom_llm.tier": attempt.tier,
        "atom_llm.status": ended.status.value,
        "atom_llm.cost_usd": format(ended.cost, "f"),
        "atom_llm.price_version": attempt.price_version,
    }
    return {name: value for name, value in told.items() if value is not None}


def _error_type(row: LedgerRow) -> str | None:
    """Return the kind of a failure, as the row's reason begins with it."""
    reason = row.settlement.reason
    if row.settlement.status is not AttemptStatus.FAILED or reason is None:
        return None
    return reason.partition(":")[0]
