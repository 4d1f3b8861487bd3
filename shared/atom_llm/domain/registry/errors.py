"""The errors of leaderboards, and of syncs that meet."""

from typing import ClassVar

from atom_llm.domain.core.errors import Conflict, UpstreamFailed


class QualityConflict(Conflict):
    """Another sync has put its set of scores in force meanwhile."""

    code: ClassVar[str] = "quality_conflict"


class BoardRefused(UpstreamFailed):
    """A leaderboard that may not replace the one in force, which stays."""

    code: ClassVar[str] = "board_refused"
