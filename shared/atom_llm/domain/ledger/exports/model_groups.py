"""The models of an export and of the ledger that are compared together: a bill names the dated model that served."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from atom_llm.domain.catalogue.spelling import same_words

_DATED: Final = re.compile(r"^(?P<stem>.+)-(?P<date>20\d{6})$")
_FINE_TUNED: Final = re.compile(r"^ft[:-](?P<base>[^:]+)(?::.*)?$")  # bills sum up all fine-tunes of a base


def model_groups(provider: str, billed: Collection[str], booked: Collection[str]) -> Mapping[str, str]:
    """Return the group of each name, the provider's and the ledger's own ids alike.

    Names that are spelt alike are one group. A model that one side knows without a date and the other only with dates
    is compared with all of these together: `gpt-5` was asked for, and `gpt-5-2025-08-07` is billed.
    """
    parts = {name: _stem_and_date(name.removeprefix(f"{provider}/")) for name in (*billed, *booked)}
    dates: defaultdict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for side, names in enumerate((billed, booked)):
        for name in names:
            stem, date = parts[name]
            dates[stem][side].add(date)
    together = {
        stem for stem, (left, right) in dates.items() if left and right and left != right and "" in left | right
    }
    return {name: stem if stem in together or not date else f"{stem}-{date}" for name, (stem, date) in parts.items()}


def _stem_and_date(name: str) -> tuple[str, str]:
    tuned = _FINE_TUNED.match(name)
    words = f"ft-{same_words(tuned['base'])}" if tuned else same_words(name)
    found = _DATED.match(words)
    return (found["stem"], found["date"]) if found else (words, "")
