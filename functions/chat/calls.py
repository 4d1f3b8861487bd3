"""A call from its request to its response, the same in every dialect that callers speak."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.routing.chat_request import ChatRequest
from atom_llm.services.calls.byok_handler import CompletedCall
from atom_llm.services.calls.call import HasLeft
from atom_llm.services.calls.llm_service import CallOptions
from functions.chat.options import call_options
from functions.chat.repeats import answer_without_repeating
from functions.chat.responses import CallerDialect, StreamedAnswer, WholeAnswer, gone, has_left, opened, under_way


async def answered(request: Request, asked: ChatRequest, dialect: CallerDialect) -> Response:
    """Return the response to a chat request, whole or streamed as it asks; raises the `AtomError` of a call without."""
    container: Container = request.app.state.container()
    options = call_options(request.headers)

    async def answer() -> Response:
        llm, caller = container.calls.llm, request.state.caller
        if not asked.stream:
            return await whole(request, options, partial(llm.answer, caller, asked), dialect)
        leaving = under_way(gone(request.receive))
        try:
            call = llm.chat_call(caller, asked, options, leaving.done)
            opening = under_way(llm.open_stream(call, buffer=options.buffer))
            await opened(opening)
        except BaseException:
            leaving.cancel()
            raise
        return StreamedAnswer(call, opening, leaving, dialect)

    return await once(request, options, answer)


async def once(request: Request, options: CallOptions, answer: Callable[[], Awaitable[Response]]) -> Response:
    """Return an answer, or that of the request which this one repeats, by its Idempotency-Key or by itself."""
    container: Container = request.app.state.container()
    return await answer_without_repeating(request, container, container.calls.llm.deadline_s(options), answer)


async def whole(
    request: Request,
    options: CallOptions,
    ask: Callable[[CallOptions, HasLeft], Awaitable[CompletedCall]],
    dialect: CallerDialect,
) -> Response:
    """Return a whole answer; whether its caller is still there is asked before a second attempt."""
    return WholeAnswer(await ask(options, partial(has_left, request.receive)), dialect)
