"""The models that a tenant can call, and the plan of a call."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from atom_llm.domain.routing.chat_request import MAX_MODEL, chat_request
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.body import json_body
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.routed.responses import problem_responses
from functions.chat import present, schemas
from functions.chat.messages.request import messages_request
from functions.chat.messages.schemas import ModelPageOut
from functions.chat.models.model_pages import MAX_PAGE, USUAL_PAGE, Listed, model_info, page_of
from functions.chat.openai_responses.asked import responses_asked
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

    With `anthropic-version`, the body is one of `POST /v1/messages`; with `input` for `messages`, of `POST
    /v1/responses`.
    """
    (content, size), options = await json_body(request), call_options(request.headers)
    if request.state.dialect == "anthropic":
        asked = messages_request(content, size, request.headers)
    elif isinstance(content, dict) and "input" in content and "messages" not in content:
        asked = (await responses_asked(request, content, size)).chat
    else:
        asked = chat_request(content, size)
    return present.route(await container.calls.llm.plan(caller, asked, options))


@router.get(
    "/models",
    summary="The models that can be called now",
    response_model=schemas.CallableModelsOut,
    responses=problem_responses(403, 422, dialect="openai"),
)
def models(
    request: Request,
    container: CurrentContainer,
    caller: CurrentCaller,
    limit: Annotated[int | None, Query(ge=1, le=MAX_PAGE)] = None,
    after_id: Annotated[str | None, Query(max_length=MAX_MODEL)] = None,
    before_id: Annotated[str | None, Query(max_length=MAX_MODEL)] = None,
) -> Any:
    """List the models of providers for which the tenant has a key that works, and that the caller's allow-lists let
    pass, `auto` and the tiers before them.

    With `anthropic-version`, the list is in Anthropic's shape, and a page has 20 where no limit is given.
    """
    callable_models, is_anthropics = container.registry.callable_models, request.state.dialect == "anthropic"
    lists = container.routing.allow_list_book.of_caller(caller)
    found: list[Listed] = [*callable_models.names(caller.tenant, lists), *callable_models.of(caller.tenant, lists)]
    size = USUAL_PAGE if limit is None and is_anthropics else limit
    page = page_of(found, limit=size, after_id=after_id, before_id=before_id)
    if is_anthropics:
        infos = [model_info(each) for each in page.models]
        return _as_it_is(ModelPageOut(data=infos, has_more=page.has_more, first_id=page.first_id, last_id=page.last_id))
    return schemas.CallableModelsOut(
        object="list",
        data=[present.callable_model(each) for each in page.models],
        has_more=page.has_more,
        first_id=page.first_id,
        last_id=page.last_id,
    )


@router.get(
    "/models/{model:path}",
    summary="One of them",
    response_model=schemas.CallableModelOut,
    responses=problem_responses(403, 404, 422, dialect="openai"),
)
def model(
    request: Request,
    container: CurrentContainer,
    caller: CurrentCaller,
    model: Annotated[str, Path(max_length=MAX_MODEL)],
) -> Any:
    """Show a model by id or by any known spelling; in Anthropic's shape with `anthropic-version`."""
    lists = container.routing.allow_list_book.of_caller(caller)
    found = container.registry.callable_models.find(caller.tenant, model, lists)
    return _as_it_is(model_info(found)) if request.state.dialect == "anthropic" else present.callable_model(found)


def _as_it_is(content: BaseModel) -> JSONResponse:
    """Return a response past the route's own model, which is OpenAI's."""
    return JSONResponse(content.model_dump(mode="json"))
