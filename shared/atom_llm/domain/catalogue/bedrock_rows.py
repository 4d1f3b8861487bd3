"""Bedrock's rows as they hold in one region: what can be called there, at the price that holds there.

The price list sells a model under its id (`meta.llama3-3-70b-instruct-v1:0`), under the id of an inference profile
(`eu.…`, `global.…`), and where a region has a price of its own under that (`bedrock/eu-west-2/…`).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from atom_llm.domain.core.providers import BEDROCK, PROFILES, profiles_of

# Rows of other regions, of capacity bought ahead, and of what nobody here can call.
ELSEWHERE: Final = "bedrock_elsewhere"
_LISTED_AS: Final = tuple(f'"p":"{name}"' for name in BEDROCK.catalogue_names)
_CALLED: Final = f'"p":"{BEDROCK.id}"'
_CHAT: Final = '"m":"chat"'
_EMBEDDING: Final = '"m":"embedding"'
# Whose bodies are known: `adapters/providers/bedrock/embeddings.py`.
_EMBEDS_TEXTS: Final = re.compile(
    rf"(?:(?:{'|'.join(PROFILES)})\.)?(?:amazon\.titan-embed-(?:g1-)?text-|cohere\.embed-)"
)
_GUARDRAIL: Final = '"m":"guardrail"'  # no model: what its policies cost beside one, wherever that is called


def rows_of_region(lines: Iterable[str], region: str) -> list[str]:
    """Return a snapshot's lines with Bedrock's rows as they hold in a region: `bedrock/<id>` where it can be called."""
    kept: list[str] = []
    called: dict[str, tuple[int, str]] = {}
    profiles = profiles_of(region)
    for line in lines:
        listed_as = next((each for each in _LISTED_AS if each in line), None)
        if listed_as is None:
            kept.append(line)
            continue
        identity, source_key, text = line.split("\t", 2)
        place, _, name = source_key.removeprefix(f"{BEDROCK.id}/").rpartition("/")
        if _GUARDRAIL in text:
            rank = 1
        elif _CHAT in text or (_EMBEDDING in text and _EMBEDS_TEXTS.match(name)):
            rank = _rank(place, name, listed_as == _LISTED_AS[0], region, profiles)
        else:
            rank = 0
        if not rank:
            elsewhere = f"{ELSEWHERE}/{identity.partition('/')[2]}"
            kept.append(f"{elsewhere}\t{source_key}\t{text.replace(listed_as, f'"p":"{ELSEWHERE}"')}")
        elif rank > called.get(name, (0, ""))[0]:
            called[name] = rank, f"{BEDROCK.id}/{name}\t{source_key}\t{text.replace(listed_as, _CALLED)}"
    return _each_once([*kept, *(line for _, line in called.values())])


def _rank(place: str, name: str, is_converse: bool, region: str, profiles: frozenset[str]) -> int:
    """Return 0 for a row that does not hold in the region; of several for one id, the greatest does."""
    prefix, point, _ = name.partition(".")
    if not point or (prefix in PROFILES and prefix not in profiles):
        return 0
    if place:
        return 3 if place == region else 0
    return 1 + is_converse


def _each_once(lines: Iterable[str]) -> list[str]:
    by_id: Mapping[str, str] = {line.partition("\t")[0]: line for line in lines}
    return list(by_id.values())
