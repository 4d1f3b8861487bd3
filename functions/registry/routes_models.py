"""Models by capability, cost and quality."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from atom_llm.composition import Container
from atom_llm.domain.core.money import given_decimal, plain
from atom_llm.domain.registry.search import SearchPosition, SearchQuery
from atom_llm.domain.registry.search_rows import UNPRICED
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import MAX_FIGURE_DIGITS, Paging, cursor
from atom_llm.http.routed.responses import problem_responses
from functions.registry import present, schemas

router = APIRouter(prefix="/models", tags=["models"], dependencies=[requires(None)])

NOTHING: Final = "nothing"  # of a cursor whose row has no token price
Score = Annotated[float | None, Query(ge=0, le=100)]
Capabilities = Annotated[
    list[str] | None,
    Query(
        max_length=schemas.MAX_CAPABILITIES,
        description="All of these: repeated, or separated by commas.",
        examples=["vision,function_calling"],
    ),
]
Provider = Annotated[str | None, Query(max_length=schemas.MAX_NAME, examples=["openai"])]
Mode = Annotated[str | None, Query(max_length=64, examples=["chat"])]


@router.get("/by-quality", summary="Models by quality", responses=problem_responses(422))
def by_quality(
    container: CurrentContainer,
    paging: Paging,
    min_quality: Score = None,
    max_quality: Score = None,
    capabilities: Capabilities = None,
    provider: Provider = None,
    mode: Mode = None,
    include_deprecated: bool = False,
) -> Success[schemas.FoundModelsOut]:
    """List models, the best first; of equals the vendor's own row, then the cheapest. Filters come before the page."""
    wanted = SearchQuery(
        provider=provider,
        mode=mode,
        capabilities=_words(capabilities),
        min_quality=0.0 if min_quality is None else min_quality,  # without a score there is no place in this order
        max_quality=max_quality,
        include_deprecated=include_deprecated,
    )
    return _page(container, wanted, paging)


@router.get("/search", summary="Search models", responses=problem_responses(422))
def search(
    container: CurrentContainer,
    paging: Paging,
    query: Annotated[str, Query(max_length=schemas.MAX_QUERY, examples=["claude sonet"])] = "",
    provider: Provider = None,
    capabilities: Capabilities = None,
    min_quality: Score = None,
    min_context: Annotated[int | None, Query(ge=0, le=schemas.MAX_CONTEXT, description="Tokens.")] = None,
    max_price: Annotated[
        schemas.TokenPrice | None,
        Query(description="USD per token, blended three input to one output.", examples=[0.000005]),
    ] = None,
    mode: Mode = None,
    include_deprecated: bool = False,
) -> Success[schemas.FoundModelsOut]:
    """Search by name, typos forgiven, and by all filters at once; ranked, with reasons. Unknowns pass no bound."""
    wanted = SearchQuery(
        query=query,
        provider=provider,
        mode=mode,
        capabilities=_words(capabilities),
        min_quality=min_quality,
        min_context=min_context,
        max_price=max_price,
        include_deprecated=include_deprecated,
    )
    return _page(container, wanted, paging)


@router.get("/{model:path}", summary="A model", responses=problem_responses(404, 422))
def model(container: CurrentContainer, model: schemas.ModelName) -> Success[schemas.RegistryModelOut]:
    """Show a model by id or any known spelling: capabilities, limits, price, quality, and the others who sell it."""
    return success(present.model(container.registry.llm_registry.model(model)), container.clock())


def _page(container: Container, wanted: SearchQuery, paging: Paging) -> Success[schemas.FoundModelsOut]:
    page = container.registry.llm_registry.search(wanted, limit=paging.limit, after=_after(paging))
    last = None if page.is_last or not page.hits else page.hits[-1].position
    data = schemas.FoundModelsOut(
        total=page.total,
        items=[present.found_model(hit) for hit in page.hits],
        next_cursor=None if last is None else _cursor(last),
    )
    return success(data, container.clock())


def _cursor(position: SearchPosition) -> str:
    price = plain(position.price) if position.price.is_finite() else NOTHING
    return cursor(
        closeness=position.closeness, below=position.below, host=int(position.is_host), price=price, id=position.id
    )


def _after(paging: Paging) -> SearchPosition | None:
    start = paging.position(closeness=int, below=int, host=int, price=str, id=str)
    if start is None:
        return None
    given = start["price"]
    price = UNPRICED if given == NOTHING else given_decimal("cursor", given, MAX_FIGURE_DIGITS)
    return SearchPosition(start["closeness"], start["below"], bool(start["host"]), price, start["id"])


def _words(given: list[str] | None) -> frozenset[str]:
    """Capabilities, each parameter of which may name several, separated by commas."""
    return frozenset(word.strip() for each in given or () for word in each.split(",") if word.strip())
