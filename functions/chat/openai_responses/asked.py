"""Requests in the Responses dialect with the ids that they name opened, for the tenant that asks."""

from functools import partial
from typing import Any

from starlette.requests import Request

from atom_llm.composition import Container
from functions.chat.openai_responses.kept import KeptIds
from functions.chat.openai_responses.request import ResponsesRequest, responses_request


async def responses_asked(request: Request, content: Any, size: int) -> ResponsesRequest:
    """Return the request in a body of `size` bytes; raises `InvalidRequest` naming the first wrong field."""
    container: Container = request.app.state.container()
    names_another = isinstance(content, dict) and content.get("previous_response_id") is not None
    if not names_another:
        return responses_request(content, size)
    keeper, tenant = container.calls.kept_responses, request.state.caller.tenant
    open_id = partial(keeper.opened, tenant)
    return await container.runtime.in_thread(lambda: responses_request(content, size, open_id))


async def kept_ids(request: Request, asked: ResponsesRequest) -> KeptIds:
    """Return the ids of an answer, which lead to what its provider keeps."""
    container: Container = request.app.state.container()
    known: tuple[tuple[str, str], ...] = ()
    if asked.previous is not None:
        known = ((asked.previous.response_id, str(asked.given["previous_response_id"])),)
    if not asked.is_kept:
        return KeptIds(None, known)
    keeper, tenant = container.calls.kept_responses, request.state.caller.tenant
    return KeptIds(await container.runtime.in_thread(lambda: keeper.sealer(tenant)), known)
