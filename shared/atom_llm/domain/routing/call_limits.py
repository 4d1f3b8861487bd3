"""Time limits of the parts of a call, and the limit on its output where the caller sets none."""

from dataclasses import dataclass
from typing import Final

LEAST_DEADLINE_S: Final = 1.0  # what a caller may ask for
MOST_DEADLINE_S: Final = 900.0  # a Lambda lives no longer
LEAST_ATTEMPT_S: Final = 0.25  # with less left nothing is begun
LOOKED_AFTER: Final = 2 / 3  # of the time from which a first token may be too late, to find out whether it is
FAR_LATER: Final = 2.0  # times what 99 of 100 first tokens of the model take


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Limits in seconds and in tokens. `deadline_s` is to the first token over all attempts, or to a whole answer.

    The limits of one attempt leave room for another within the deadline; they stretch and shrink with the deadline that
    a caller asks for.
    """

    deadline_s: float = 60.0
    connect_s: float = 5.0  # TLS to another continent takes one
    first_byte_s: float = 20.0  # to a stream's headers, which providers send when they begin
    first_token_s: float = 30.0  # a model that thinks first sends its thoughts, or pings
    idle_s: float = 30.0  # between two pieces of a stream
    answer_s: float = 45.0  # to a whole answer
    usage_s: float = 2.0  # between a stream's finish reason and its usage
    drain_s: float = 3.0  # for a stream whose caller has left: its end tells what it cost
    max_output_tokens: int = 32_768  # held for, and sent, where the caller sets no limit and the model's is higher

    late_s: float = 15.0  # to a first token; one that is later than that, and far later than usual, is not waited for
    usual_first_byte: float = 0.0  # seconds, the deployment's own, where these are of a caller's deadline

    @property
    def telling_silence_s(self) -> float:
        """Return the seconds from which a silence says something of a provider: half of what any call waits for it."""
        return (self.usual_first_byte or self.first_byte_s) / 2

    def too_late_s(self, usual_s: float | None, left_s: float) -> float | None:
        """Return the seconds after which a first token is too late for a model whose usual ones take `usual_s` at most.

        None where it is waited for as ever: nothing is known of the model, its usual ones take as long, or the
        deadline, in `left_s`, leaves no useful second try.
        """
        if usual_s is None:
            return None
        late_s = max(self.late_s, FAR_LATER * usual_s)
        return late_s if late_s < self.first_token_s and left_s - late_s >= self.late_s else None

    def within(self, deadline_s: float) -> "CallLimits":
        """Return the limits scaled to a deadline of the caller's own."""
        factor = deadline_s / self.deadline_s
        return CallLimits(
            deadline_s=deadline_s,
            connect_s=min(self.connect_s, deadline_s),
            first_byte_s=self.first_byte_s * factor,
            first_token_s=self.first_token_s * factor,
            idle_s=self.idle_s,
            answer_s=self.answer_s * factor,
            usage_s=self.usage_s,
            drain_s=self.drain_s,
            max_output_tokens=self.max_output_tokens,
            late_s=self.late_s,
            usual_first_byte=self.usual_first_byte or self.first_byte_s,
        )
