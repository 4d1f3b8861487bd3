"""The wait for a stream's next chunks: each limit counts from its own beginning, whatever else comes meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

from atom_llm.domain.providers.chunks import carries_content
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.routing.call_limits import CallLimits


@dataclass(slots=True)
class StreamPatience:
    """The instants from which a stream's limits count, in seconds of one clock. Idle is a stream without content.

    `began` is when the attempt did, `until` is when the first content must have come, and `whole_by`, for a caller who
    wants all of it at once, when the answer must be whole.
    """

    limits: CallLimits
    until: float
    began: float
    whole_by: float | None = None
    first_token: float | None = None
    last_content: float | None = None
    finished_at: float | None = None
    left_at: float | None = None

    def note(self, chunks: Sequence[Json], now: float, *, is_finished: bool) -> None:
        """Note what came: content begins the idle limit anew, the finish reason begins that of the usage, once."""
        if any(carries_content(chunk) for chunk in chunks):
            self.last_content = now
            if self.first_token is None:
                self.first_token = now
        if is_finished and self.finished_at is None:
            self.finished_at = now

    def left_s(self, now: float) -> float:
        """Return the seconds that the next chunks may take, 0 where their limit is over."""
        limits = self.limits
        if self.left_at is not None:
            until = self.left_at + limits.drain_s
        elif self.finished_at is not None:
            until = self.finished_at + limits.usage_s
        elif self.last_content is not None:
            until = self.last_content + limits.idle_s
        else:
            until = self.until
        if self.whole_by is not None:
            until = min(until, self.whole_by)
        return max(0.0, until - now)
