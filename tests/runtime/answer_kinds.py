"""A kind of answer that a function gives, and what it has to have caused when it is out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from testing.lambda_runtime.account import Account, CallingTenant
from testing.lambda_runtime.events import Event

Events = Callable[[Account, CallingTenant], Sequence[Event]]
Caused = Callable[[Account, CallingTenant], object]


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """A fault of the stand-in: its name, whose it is, how often it is shown, and its parameters."""

    name: str
    provider: str = "openai"
    times: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """One row of the table: who is asked what, while what goes wrong, and what is expected.

    The last event's answer is of this kind, those before it lead up to it. `status` is None for what is no HTTP answer.
    `caused` reads from the tables what the answer caused, and must find `expected` there at the moment of the freeze.
    `needs` are files of the shared data.
    """

    name: str
    function: str
    status: int | None
    events: Events
    caused: Caused
    expected: object
    faults: tuple[Misbehaviour, ...] = ()
    providers: tuple[str, ...] = ("openai", "anthropic")
    variables: Mapping[str, str] = field(default_factory=dict)
    limit: RateLimit = UNLIMITED
    budget: str = "100"
    is_operators: bool = False
    needs: tuple[str, ...] = ()
