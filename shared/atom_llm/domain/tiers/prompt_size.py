"""The size of a prompt in tokens: an estimate for choosing a model, and an upper bound for holding its cost."""

from collections.abc import Mapping, Sequence
from typing import Final

from atom_llm.domain.pricing.token_estimate import TOKENS_PER_MESSAGE, estimated_tokens

SAMPLE: Final = 4_096  # characters of each of the pieces that a long text is judged by
PIECES: Final = 4

# A token of a byte-level vocabulary is at least one byte, so that a request has never more tokens than bytes, whatever
# its fields are. On top comes what the provider puts around it: a message's framing, its own instructions for tools
# (Anthropic's take up to 804).
MOST_TOKENS_PER_MESSAGE: Final = 16
MOST_TOKENS_AROUND: Final = 1_024

# About and at most, by the capability that an attachment needs. A picture is 85 to 1,445 tokens at OpenAI, at most
# 4,784 at Anthropic and 258 a tile at Google; the small GPT-4o counts 48,169 for eight tiles.
ABOUT: Final[Mapping[str, int]] = {"vision": 765, "audio_input": 600, "pdf_input": 8_000, "video_input": 10_000}
AT_MOST: Final[Mapping[str, int]] = {
    "vision": 48_200,
    "audio_input": 120_000,  # 6 MB of WAV are a minute, of compressed speech an hour: 32 tokens a second
    "pdf_input": 300_000,  # a hundred pages, each as text and as a picture
    "video_input": 300_000,
}


REMEMBERED: Final = 10_000  # estimates; a megabyte
_KNOWN: Final[dict[int, int]] = {}


def about(texts: Sequence[str], messages: int, attachments: Mapping[str, int], counted: int = 0) -> int:
    """Return an estimate of a prompt's tokens, by script; a long text is judged by pieces of it."""
    total = sum(_estimated(text) for text in texts) + messages * TOKENS_PER_MESSAGE + counted
    return total + sum(ABOUT[each] * count for each, count in attachments.items())


def at_most(size: int, messages: int, attachments: Mapping[str, int]) -> int:
    """Return a bound on the tokens of a request of `size` bytes (without its attachments) that no provider exceeds."""
    return (
        size
        + messages * MOST_TOKENS_PER_MESSAGE
        + MOST_TOKENS_AROUND
        + sum(AT_MOST[each] * count for each, count in attachments.items())
    )


def _estimated(text: str) -> int:
    length = len(text)
    if length <= SAMPLE * PIECES:
        return _of_piece(text)
    step = (length - SAMPLE) // (PIECES - 1)
    sampled = sum(estimated_tokens(text[start : start + SAMPLE]) for start in range(0, length, step)[:PIECES])
    return sampled * length // (SAMPLE * PIECES)


def _of_piece(text: str) -> int:
    """Return the tokens of a text, remembered by its hash: system prompts and past turns come with every call."""
    known = _KNOWN.get(hash(text))
    if known is None:
        if len(_KNOWN) >= REMEMBERED:
            _KNOWN.clear()
        known = _KNOWN[hash(text)] = estimated_tokens(text)
    return known
