"""Features of each generation of Google's models; the catalogue lacks them, and the API answers 400 to the rest.

Google: `ai.google.dev/gemini-api/docs/thinking`, `…/gemini-3` and `…/whats-new-gemini-3.6`. What is only measured:
penalties, probabilities and several candidates are "not enabled for this model" on every model since 2.5, 2.5 and 3. A
name that says no generation (`gemini-pro-latest`) is taken for the newest.
"""

import re
from functools import lru_cache
from typing import Final

from atom_llm.domain.providers.exchange import Target

Version = tuple[int, int]

NEWEST: Final[Version] = (99, 0)
BEFORE_THINKING: Final[Version] = (2, 0)
MOST_CHOICES: Final = 8  # of `candidateCount`, where there is more than one

_VERSION: Final = re.compile(r"gemini-(?:live-)?(\d{1,2})(?:\.(\d{1,2}))?(?:-|\Z)")
_OLD: Final = ("gemini-exp-", "gemini-gemma-", "gemma-", "learnlm-")
_IMAGE: Final = ("-image", "nano-banana")


@lru_cache(maxsize=512)
def version(model: str) -> Version:
    """Return a model's generation."""
    found = _VERSION.match(model)
    if found is not None:
        return int(found[1]), int(found[2] or 0)
    return BEFORE_THINKING if model.startswith(_OLD) else NEWEST


def thinks_by_level(model: str) -> bool:
    """Return whether the depth of thought is a word; before it was a number of tokens."""
    return version(model) >= (3, 0) or is_gemma_4(model)


def thinks_by_budget(model: str) -> bool:
    """Return whether the depth of thought is a number of tokens."""
    return (2, 5) <= version(model) < (3, 0)


def least_level(target: Target) -> str:
    """Return the least depth of thought that a model takes."""
    model = target.model
    is_small = "flash-lite" in model or is_gemma_4(model) or ("flash" in model and version(model) < (3, 7))
    return "minimal" if is_small or "minimal_reasoning_effort" in target.capabilities else "low"


def is_gemma_4(model: str) -> bool:
    """Return whether it is of the open family that thinks minimally or much, with nothing between."""
    return model.startswith("gemma-4")


def signs_calls(model: str) -> bool:
    """Return whether a call of a tool is refused when it comes back without the signature of the thoughts behind it."""
    return version(model) >= (3, 0)


def takes_sampling(model: str) -> bool:
    """Return whether temperature, `topP` and `topK` count; since 3.6 they are ignored, and announced to be a 400."""
    return version(model) < (3, 6)


def takes_penalties(model: str) -> bool:
    """Return whether presence and frequency penalties are enabled; a request with either is a 400 elsewhere."""
    return version(model) < (2, 5) and "gemma" not in model


def tells_logprobs(model: str) -> bool:
    """Return whether the probabilities of tokens are told; of the Gemini API's present models none does."""
    return takes_penalties(model)


def most_choices(model: str) -> int:
    """Return the answers that one call gives at most."""
    return MOST_CHOICES if version(model) < (3, 0) and not makes_images(model) else 1


def continues_an_answer(model: str) -> bool:
    """Return whether a conversation may end with the model's own words."""
    return version(model) < (3, 0)


def formats_beside_tools(model: str) -> bool:
    """Return whether an answer can be held to JSON while the model may also call tools."""
    return version(model) >= (3, 0)


def fetches_addresses(model: str) -> bool:
    """Return whether Google fetches a public address (since January 2026, not for the family 2.0), up to 100 MB."""
    return version(model) >= (2, 5)


def takes_media_in_results(model: str) -> bool:
    """Return whether a tool's result can have pictures in it."""
    return version(model) >= (3, 0)


def takes_system(target: Target) -> bool:
    """Return whether instructions have a place of their own."""
    return not target.model.startswith("gemma-") or "system_messages" in target.capabilities


def makes_images(model: str) -> bool:
    """Return whether a model answers in pictures too; the capabilities do not say so."""
    return any(word in model for word in _IMAGE)
