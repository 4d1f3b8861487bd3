"""The models that a tenant can call, and the plan of a call."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from atom_llm.domain.routing.chat_request import MAX_MODEL, chat_request
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.body import json_body
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.problems import problem_responses
from functions.chat import present, schemas
from functions.chat.messages.request import messages_request
from functions.chat.options import call_options

router = APIRouter(tags=["models"], dependencies=[requires(Scope.CHAT)])


@router.post(
    "/route",
    summary="What a call would do",
    openapi_extra=schemas.by_hand(schemas.ChatIn),
    responses=problem_responses(400, 403, 404, 413, 415, 422, dialect="openai"),
)
async def route(request: Request, container: CurrentContainer, caller: CurrentCaller) -> schemas.RouteOut:
    """Show the models that would be tried, with costs, and the reason against each other one. Spends nothing.

    With `anthropic-version`, the body is one of `POST /v1/messages`.
    """
    content, options = await json_body(request), call_options(request.headers)
    is_anthropics = request.state.dialect == "anthropic"
    asked = messages_request(*content, request.headers) if is_anthropics else chat_request(*content)
    return present.route(await container.calls.llm.plan(caller, asked, options))


@router.get("/models", summary="The models that can be called now", responses=problem_responses(403, dialect="openai"))
def models(container: CurrentContainer, caller: CurrentCaller) -> schemas.CallableModelsOut:
    """List the models of providers for which the tenant has a key that works."""
    found = container.registry.callable_models.of(caller.tenant)
    return schemas.CallableModelsOut(object="list", data=[present.callable_model(each) for each in found])


@router.get("/models/{model:path}", summary="One of them", responses=problem_responses(403, 404, 422, dialect="openai"))
def model(
    container: CurrentContainer, caller: CurrentCaller, model: Annotated[str, Path(max_length=MAX_MODEL)]
) -> schemas.CallableModelOut:
    """Show a model by id or by any known spelling."""
    return present.callable_model(container.registry.callable_models.find(caller.tenant, model))
