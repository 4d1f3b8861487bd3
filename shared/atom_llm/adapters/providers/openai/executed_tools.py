"""The tools that a model has used on its provider's servers, which its messages tell and no usage object counts.

So Groq's `executed_tools` (console.groq.com/docs/tool-use/built-in-tools), each of which is billed by the use. They are
counted beside the usage, where what has no price is told (`unknown_counters`).
"""

from typing import Any, Final

from atom_llm.domain.pricing.reported import ReportedUsage

FIELD: Final = "executed_tools"
MOST: Final = 1_000  # of one answer that are counted
LONGEST_KIND: Final = 40  # characters


class ExecutedTools:
    """The uses of an answer's tools, whole or piece by piece: a piece may tell of a use that another one began."""

    __slots__ = ("_uses",)

    def __init__(self) -> None:
        """Begin with none."""
        self._uses: dict[tuple[int, object], str] = {}

    def note(self, choice: int, message: Any) -> None:
        """Note the uses that a choice's message, or a piece of it, tells."""
        told = message.get(FIELD) if isinstance(message, dict) else None
        for place, use in enumerate(told if isinstance(told, list) else ()):
            kind = use.get("type") if isinstance(use, dict) else None
            if isinstance(kind, str) and len(self._uses) < MOST:
                number = use.get("index", place)
                self._uses[choice, number if isinstance(number, int) else place] = kind[:LONGEST_KIND]

    def beside(self, reported: ReportedUsage | None) -> ReportedUsage | None:
        """Return reported usage with the number of uses of each kind beside the provider's own counts."""
        if reported is None or not self._uses:
            return reported
        counts: dict[str, int] = {}
        for kind in self._uses.values():
            counts[kind] = counts.get(kind, 0) + 1
        return reported._replace(raw={**reported.raw, FIELD: counts})
