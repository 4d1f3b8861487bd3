"""LLMService: models for a Python caller, whether it is a route of ours or another Lambda of the account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

from atom_llm.domain.core.ids import RANDOM_BYTES, CallId, ulid
from atom_llm.domain.ledger.end_users import EndUser, end_user_of
from atom_llm.domain.providers.exchange import Json, NativeRequest
from atom_llm.domain.routing.allow_lists import Asker
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.routing.chat_request import ChatRequest, chat_request
from atom_llm.domain.routing.embeddings_request import embeddings_request
from atom_llm.domain.routing.media_request import MediaRequest
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.ports.core import Clock, Runtime
from atom_llm.services.calls.byok_handler import BYOKHandler, CompletedCall
from atom_llm.services.calls.call import Call, HasLeft, stays
from atom_llm.services.calls.call_stream import CallStream
from atom_llm.services.routing.plan_call import AskedBy, Plan, Planner, PlanRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

    from atom_llm.services.calls.structured_answer import StructuredAnswer


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Options of a caller beside its request.

    They are tags for the books, the most it may cost in USD, the deadline in seconds, whether a stream is held back
    until it is whole, and the agent's session that it belongs to (`names_run`: a run, by the caller's own word).
    """

    tags: Mapping[str, str]
    max_cost: Decimal | None = None
    deadline_s: float | None = None
    buffer: bool = False
    session: str | None = None
    names_run: bool = False


NO_OPTIONS: Final = CallOptions({})


class LLMService:
    """The facade over planning and calling. Request bodies are OpenAI's; every method raises `AtomError`."""

    def __init__(
        self, planner: Planner, handler: BYOKHandler, runtime: Runtime, limits: CallLimits, clock: Clock
    ) -> None:
        """Take the parts; `limits` are the environment's: a caller's deadline stretches or shrinks them."""
        self._planner = planner
        self._handler = handler
        self._runtime = runtime
        self._limits = limits
        self._clock = clock

    async def complete(self, caller: Caller, body: object, options: CallOptions = NO_OPTIONS) -> CompletedCall:
        """Return a whole chat answer. `body` is a chat completion request; the caller awaits the answer's `settled`."""
        return await self._handler.whole(self.chat_call(caller, chat_request(body), options))

    async def stream(self, caller: Caller, body: object, options: CallOptions = NO_OPTIONS) -> CallStream:
        """Return a chat answer as it comes, once its first content is there; `chunks()` is all of it, then settled."""
        call = self.chat_call(caller, chat_request(body), options)
        return await self.open_stream(call, buffer=options.buffer)

    def chat_call(self, caller: Caller, request: ChatRequest, options: CallOptions, has_left: HasLeft = stays) -> Call:
        """Return the call of a request that was read already, with its id; nothing is asked or spent yet."""
        end_user = _end_user(caller, request.body, request.native, options)
        return self._call(caller, self._chat(caller, request, end_user, options), end_user, options, has_left)

    async def open_stream(self, call: Call, *, buffer: bool) -> CallStream:
        """Return the stream of a call, once its first content is there, or with `buffer` all of it."""
        return CallStream(self._handler, self._runtime, await self._handler.open(call, buffer=buffer))

    async def answer(
        self, caller: Caller, request: ChatRequest, options: CallOptions, has_left: HasLeft = stays
    ) -> CompletedCall:
        """Return a whole chat answer to a request that was read already."""
        return await self._handler.whole(self.chat_call(caller, request, options, has_left))

    async def embed(
        self, caller: Caller, body: object, options: CallOptions = NO_OPTIONS, has_left: HasLeft = stays
    ) -> CompletedCall:
        """Return embeddings. `body` is an embeddings request."""
        request = embeddings_request(body)
        called = replace(request, models=caller.own_names.standing_for(request.models, is_chat=False))
        end_user = _end_user(caller, request.body, None, options)
        by = _asked_by(caller, request.models, end_user, options, is_chat=False)
        wanted = self._planner.embeddings(caller.tenant, called, options.max_cost, by)
        return await self._handler.embed(self._call(caller, wanted, end_user, options, has_left))

    async def make(
        self, caller: Caller, request: MediaRequest, options: CallOptions = NO_OPTIONS, has_left: HasLeft = stays
    ) -> CompletedCall:
        """Return a moderation, pictures, speech or a transcript, to a request that was read already."""
        called = replace(request, models=caller.own_names.standing_for(request.models, is_chat=False))
        end_user = _end_user(caller, request.body, None, options)
        by = _asked_by(caller, request.models, end_user, options, is_chat=False)
        wanted = self._planner.media(caller.tenant, called, options.max_cost, by)
        return await self._handler.make(self._call(caller, wanted, end_user, options, has_left), request.mode)

    async def structured[Model: "BaseModel"](
        self,
        caller: Caller,
        body: Mapping[str, Any],
        response_model: type[Model],
        options: CallOptions = NO_OPTIONS,
    ) -> "StructuredAnswer[Model]":
        """Return an instance of a pydantic model. An invalid answer is shown to the model once more, with its faults.

        Raises `UnusableAnswer` naming the faults when the second one is invalid too; both calls are billed.
        """
        from atom_llm.services.calls.structured_answer import structured_answer

        return await structured_answer(lambda asked: self.complete(caller, asked, options), body, response_model)

    async def route(self, caller: Caller, body: object, options: CallOptions = NO_OPTIONS) -> Plan:
        """Return the plan of a chat call: nothing is spent, and no provider is called."""
        return await self.plan(caller, chat_request(body), options)

    async def plan(self, caller: Caller, request: ChatRequest, options: CallOptions = NO_OPTIONS) -> Plan:
        """Return the plan of a chat request that was read already."""
        wanted = self._chat(caller, request, _end_user(caller, request.body, request.native, options), options)
        return await self._runtime.in_thread(lambda: self._planner.plan(wanted, explain=True))

    async def estimate(self, caller: Caller, body: object) -> Decimal | None:
        """Return the expected USD of a chat call at the model that would answer it; None where none would."""
        plan = await self.route(caller, body)
        return plan.candidates[0].expected if plan.candidates else None

    def deadline_s(self, options: CallOptions) -> float:
        """Return the seconds in which a call with these options has to be answered."""
        return self._limits.deadline_s if options.deadline_s is None else options.deadline_s

    def _chat(self, caller: Caller, request: ChatRequest, end_user: EndUser, options: CallOptions) -> PlanRequest:
        """Return the plan request of a chat, for the models that stand for the caller's names."""
        models = caller.own_names.standing_for(request.models, is_chat=True)
        called = request if models == request.models else replace(request, models=models)
        by = _asked_by(caller, request.models, end_user, options, is_chat=True)
        return self._planner.chat(caller.tenant, called, options.max_cost, by)

    def _call(
        self, caller: Caller, wanted: PlanRequest, end_user: EndUser, options: CallOptions, has_left: HasLeft
    ) -> Call:
        now = self._clock()
        return Call(
            call_id=CallId(ulid(now, token_bytes(RANDOM_BYTES))),
            caller=caller,
            wanted=wanted,
            limits=self._limits if options.deadline_s is None else self._limits.within(options.deadline_s),
            tags=options.tags,
            opened_at=now,
            has_left=has_left,
            end_user=end_user,
            names_run=options.names_run,
        )


def _end_user(caller: Caller, body: Json, native: NativeRequest | None, options: CallOptions) -> EndUser:
    """Return the end user and the session that a request names, in its caller's own words.

    A caller whom somebody vouches for is the end user itself, whatever it says.
    """
    said = end_user_of(body if native is None else native.body, options.session)
    return said if caller.person is None else EndUser(caller.person, said.session)


def _asked_by(
    caller: Caller, names: tuple[str, ...], end_user: EndUser, options: CallOptions, *, is_chat: bool
) -> AskedBy:
    """Return who asks, and the names that were given, where others stand for them."""
    used = caller.own_names.used(names, is_chat=is_chat)
    asker = Asker(caller.key_id, end_user.user, caller.team, end_user.session, options.tags)
    return AskedBy(asker, names if used else (), tuple(used))
