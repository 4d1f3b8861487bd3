"""Responses that OpenAI keeps: read, listed, cancelled and deleted, by the ids that their callers were given."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from atom_llm.domain.calls.kept_response import MAX_ID
from atom_llm.domain.providers.exchange import KeptResponseVerb
from atom_llm.domain.tenancy.service_keys import Caller, Scope
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import OpenAIFailure
from atom_llm.http.routed.responses import problem_responses
from functions.chat.openai_responses import schemas
from functions.chat.openai_responses.kept import named_again

# In this dialect a wrong parameter is 400; FastAPI would document a 422 of its own otherwise.
NO_OTHER: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"model": OpenAIFailure, "description": "No other failure."}}

router = APIRouter(
    tags=["responses"],
    dependencies=[requires(Scope.CHAT)],
    responses={**problem_responses(400, 402, 403, 404, 429, 502, 504, dialect="responses"), **NO_OTHER},
)

MAX_INCLUDED: Final = 20
Includable = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]
ResponseId = Annotated[str, Path(min_length=1, max_length=MAX_ID)]
Included = Annotated[
    list[Includable] | None,
    Query(alias="include[]", max_length=MAX_INCLUDED),
]


@router.get("/responses/{response_id}", summary="A response that is kept", response_model=schemas.ResponsesOut)
def kept(container: CurrentContainer, caller: CurrentCaller, response_id: ResponseId, include: Included = None) -> Any:
    """Show a response that OpenAI keeps, asked with the key that made it. Spends nothing."""
    return _asked(container, caller, "GET", response_id, "", {"include[]": include})


@router.delete("/responses/{response_id}", summary="Forget it", response_model=schemas.DeletedOut)
def forget(container: CurrentContainer, caller: CurrentCaller, response_id: ResponseId) -> Any:
    """Have OpenAI forget a response."""
    return _asked(container, caller, "DELETE", response_id, "", {})


@router.get("/responses/{response_id}/input_items", summary="What it answered", response_model=schemas.InputItemsOut)
def input_items(
    container: CurrentContainer,
    caller: CurrentCaller,
    response_id: ResponseId,
    after: Annotated[str | None, Query(max_length=200, pattern=r"^[a-z]{2,6}_[A-Za-z0-9_-]+$")] = None,
    limit: Annotated[int | None, Query(ge=1, le=100)] = None,
    order: Literal["asc", "desc"] | None = None,
    include: Included = None,
) -> Any:
    """List the items that a response answered."""
    asked = {"after": after, "limit": limit, "order": order, "include[]": include}
    return _asked(container, caller, "GET", response_id, "/input_items", asked)


@router.post("/responses/{response_id}/cancel", summary="Cancel it", response_model=schemas.ResponsesOut)
def cancel(container: CurrentContainer, caller: CurrentCaller, response_id: ResponseId) -> Any:
    """Have OpenAI cancel a response; it refuses for those that are not in the background, as none of ours is."""
    return _asked(container, caller, "POST", response_id, "/cancel", {})


def _asked(
    container: CurrentContainer,
    caller: Caller,
    verb: KeptResponseVerb,
    response_id: str,
    below: str,
    query: dict[str, Any],
) -> Response:
    keeper = container.calls.kept_responses
    found = keeper.opened(caller.tenant, response_id)
    given = {name: value for name, value in query.items() if value}
    asked = f"{below}?{urlencode(given, doseq=True)}" if given else below
    said = keeper.ask(caller, verb, found, asked)
    content = named_again(said, found, response_id, keeper.sealer(caller.tenant).sealed)
    return Response(content, media_type="application/json")
