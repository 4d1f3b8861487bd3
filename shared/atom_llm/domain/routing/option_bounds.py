"""The most that the options of a request can be billed for at each provider, beside its prompt and its answer.

`domain/routing/billed_options.py` lists every option with what bounds it; docs/security.md shows the list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from atom_llm.domain.core.providers import RESPONSES, kin_of
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.exchange import Json, NativeRequest
from atom_llm.domain.providers.google_usage import is_billed_by_prompt
from atom_llm.domain.providers.guardrails import OPTION
from atom_llm.domain.providers.responses_tools import BOUNDED, MAX_CALLS, SEARCHES, calls_at_most, hosted_tools
from atom_llm.domain.providers.server_tools import (
    RESULT_TOKENS,
    SEARCHES_BY_CONTEXT,
    SERVER_ROUNDS,
    USUAL_SEARCHES,
    anthropic_tool,
    bounds_of,
)

SEARCHING_MODEL: Final = "-search-"  # `gpt-4o-search-preview`, `gpt-5-search-api`: every call is a search, and billed


class OtherModel(NamedTuple):
    """Another model that a request names: `uses` calls of it, `field` names it; `output_limit` is its own, if any."""

    model: str
    field: str
    uses: int = 1
    output_limit: int | None = None


@dataclass(slots=True)
class OptionBounds:
    """The bounds of what a request's options can cause.

    `units` are bought beside tokens; `rounds` are the times that the prompt is read again, `brought` the tokens that
    results bring into it, `fills_window` where nothing but the window bounds them. `more_output` are tokens beyond the
    output limit, `output_units` the classes that output can be of beside text. `unbounded` is the field of an option
    that nothing bounds. `is_assessed`: a guardrail assesses prompt and answer.
    """

    units: dict[Unit, int] = field(default_factory=dict)
    rounds: int = 0
    brought: int = 0
    fills_window: bool = False
    more_output: int = 0
    compacts: bool = False
    output_units: tuple[Unit, ...] = ()
    advisors: tuple[OtherModel, ...] = ()
    fallbacks: tuple[OtherModel, ...] = ()
    speed: str | None = None
    search_context: str | None = None
    is_assessed: bool = False
    unbounded: str | None = None

    def buys(self, unit: Unit, quantity: int) -> None:
        """Add so many of a unit."""
        self.units[unit] = self.units.get(unit, 0) + quantity

    def leaves_open(self, where: str) -> None:
        """Note the first field of an option that nothing bounds."""
        self.unbounded = self.unbounded or where


# The fields of a request that can be billed for more than the tokens of prompt and answer, at any provider.
OPTION_FIELDS: Final = frozenset(
    {
        *("web_search_options", "modalities", "audio", "prediction"),
        *("mcp_servers", "fallbacks", "context_management", "speed"),
        *("cachedContent", "cached_content", "google", "extra_body"),
        OPTION,
        *("enable_search", "search_options", "search_settings", "compound_custom", "connectors", "plugins"),
    }
)

# Fields of requests in their callers' own dialects.
_NATIVE_FIELDS: Final[Mapping[str, Sequence[str]]] = {
    "anthropic": ("mcp_servers", "fallbacks", "context_management", "speed"),
    RESPONSES: ("previous_response_id", "conversation", "prompt", "context_management"),
}
_PLAIN: Final = (None, "custom")
_OPAQUE: Final = "opaque_input"  # of a request to the Responses API: what stands behind ids and addresses


def billed_options(body: Json) -> Json:
    """Return the fields of a request that can be billed for more than its tokens; most requests have none."""
    found = {name: body[name] for name in OPTION_FIELDS & body.keys() if body[name] is not None}
    tools = body.get("tools")
    if isinstance(tools, list) and not all(map(_is_function, tools)):
        found["tools"] = tools
    return found


def billed_natively(native: NativeRequest) -> Json:
    """Return the same of a request in its caller's own dialect; plain tools are no option."""
    body = native.body
    found = {name: body[name] for name in _NATIVE_FIELDS[native.style] if body.get(name) is not None}
    tools = body.get("tools")
    if native.style == RESPONSES:
        if any(hosted_tools(tools)):
            found |= {"tools": tools, MAX_CALLS: calls_at_most(body)}
        if any(where.startswith("input") for where in native.beyond):
            found[_OPAQUE] = True
        return {RESPONSES: found} if found else {}
    if isinstance(tools, list) and any(isinstance(tool, dict) and tool.get("type") not in _PLAIN for tool in tools):
        found["tools"] = tools
    return found


def option_bounds(provider: str, model: str, options: Mapping[str, Any]) -> OptionBounds:
    """Return the bounds of a request's options (`billed_options`) at a model of a provider."""
    bounds = OptionBounds()
    if RESPONSES in options:
        _read_responses(options[RESPONSES], bounds)
    elif options:
        _READERS.get(kin_of(provider), _read_openai_like)(model, options, bounds)
    if provider == "openai" and SEARCHING_MODEL in model and Unit.WEB_SEARCHES not in bounds.units:
        _add_search(bounds)
    if provider == "groq" and "compound" in model:
        bounds.leaves_open("model")  # it calls other models, and tools with a price each, as it likes
    return bounds


def _is_function(tool: object) -> bool:
    return isinstance(tool, dict) and (
        tool.get("type") in ("function", "custom") or (tool.get("type") is None and "function" in tool)
    )


def _own_tools(options: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """Yield the tools that are no functions of the caller's, with their fields."""
    for place, tool in enumerate(options.get("tools") or ()):
        if isinstance(tool, dict) and not _is_function(tool):
            yield f"tools.{place}", tool


def _read_anthropic(model: str, options: Mapping[str, Any], bounds: OptionBounds) -> None:
    searching = options.get("web_search_options")
    if searching is not None:
        size = searching.get("search_context_size") if isinstance(searching, dict) else None
        uses = SEARCHES_BY_CONTEXT.get(size, USUAL_SEARCHES) if isinstance(size, str) else USUAL_SEARCHES
        bounds.buys(Unit.WEB_SEARCHES, uses)
        bounds.rounds += uses
        bounds.brought += uses * RESULT_TOKENS
    for where, tool in _own_tools(options):
        _read_anthropics_tool(where, tool, bounds)
    if options.get("mcp_servers"):
        _let_loop(bounds)
    fallbacks = options.get("fallbacks")
    if isinstance(fallbacks, list):
        bounds.fallbacks = tuple(_others(fallbacks, "fallbacks", bounds))
    elif fallbacks is not None:
        bounds.leaves_open("fallbacks")
    if options.get("context_management"):
        bounds.compacts = True
    speed = options.get("speed")
    bounds.speed = speed if isinstance(speed, str) else None
    bounds.rounds = min(bounds.rounds, SERVER_ROUNDS)


def _read_anthropics_tool(where: str, tool: Json, bounds: OptionBounds) -> None:
    known = anthropic_tool(tool.get("type"))
    if known is None:
        if tool.get("type") is not None or "input_schema" not in tool:
            bounds.leaves_open(f"{where}.type")
        return
    if not known.runs_at_provider:
        return
    set_on_request = bounds_of(tool)
    uses = set_on_request.get("max_uses", 0)
    if known.is_advisor:
        bounds.advisors += tuple(_others([{**tool, "uses": uses}], where, bounds))
        bounds.rounds += uses
        bounds.brought += uses * RESULT_TOKENS
    elif uses:
        bounds.rounds += uses
        bounds.brought += uses * set_on_request.get("max_content_tokens", RESULT_TOKENS)
        if known.is_search:
            bounds.buys(Unit.WEB_SEARCHES, uses)
    else:
        _let_loop(bounds)


def _let_loop(bounds: OptionBounds) -> None:
    bounds.rounds, bounds.fills_window = SERVER_ROUNDS, True


def _others(given: list[Any], where: str, bounds: OptionBounds) -> Iterator[OtherModel]:
    for place, each in enumerate(given):
        named = each.get("model") if isinstance(each, dict) else None
        at = f"{where}.model" if where.startswith("tools") else f"{where}.{place}.model"
        if not isinstance(named, str) or not named:
            bounds.leaves_open(at)
            continue
        limit = each.get("max_tokens")
        if each.get("speed") == "fast":
            bounds.speed = "fast"
        yield OtherModel(named, at, each.get("uses", 1), limit if type(limit) is int and limit > 0 else None)


_GOOGLE_SEARCHES: Final = frozenset(
    {"googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval", "enterpriseWebSearch"}
)
_GOOGLE_MAPS: Final = frozenset({"googleMaps", "google_maps"})
_GOOGLE_READERS: Final = frozenset(
    {"codeExecution", "code_execution", "urlContext", "url_context", "fileSearch", "file_search"}
)
_GOOGLE_CLIENTS: Final = frozenset(
    {"functionDeclarations", "function_declarations", "computerUse", "computer_use"},
)


def _read_google(model: str, options: Mapping[str, Any], bounds: OptionBounds) -> None:
    grounded = ["web_search_options"] if options.get("web_search_options") is not None else []
    for where, tool in _own_tools(options):
        for name in tool:
            if name in _GOOGLE_SEARCHES or name in _GOOGLE_MAPS:
                grounded.append(f"{where}.{name}")
                if name in _GOOGLE_MAPS:
                    bounds.units[Unit.MAPS_QUERIES] = 1
            elif name in _GOOGLE_READERS:
                bounds.fills_window = True
            elif name not in _GOOGLE_CLIENTS:
                bounds.leaves_open(f"{where}.{name}")
    if grounded:
        bounds.units[Unit.WEB_SEARCHES] = 1
        bounds.brought += RESULT_TOKENS
        if not is_billed_by_prompt(model):
            bounds.leaves_open(grounded[0])  # since Gemini 3 each query is billed, and no field bounds them
    if any(options.get(name) for name in ("cachedContent", "cached_content", "google", "extra_body")):
        bounds.fills_window = True  # a cached prompt may stand in them, which the request does not show
    bounds.output_units = (Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE)


def _read_openai(model: str, options: Mapping[str, Any], bounds: OptionBounds) -> None:
    searching = options.get("web_search_options")
    if searching is not None:
        _add_search(bounds)
        size = searching.get("search_context_size") if isinstance(searching, dict) else None
        bounds.search_context = size if isinstance(size, str) else None
    if options.get("audio") or "audio" in (options.get("modalities") or ()):
        bounds.output_units = (Unit.OUTPUT_AUDIO,)
    if options.get("prediction"):
        bounds.more_output = len(str(options["prediction"]).encode())  # what of it is rejected is billed as output
    for where, tool in _own_tools(options):
        bounds.leaves_open(f"{where}.type" if "type" in tool else where)


def _read_responses(options: Json, bounds: OptionBounds) -> None:
    """Read OpenAI's own tools by the bound on their calls; each call reads the prompt again, with what it brought."""
    calls = options.get(MAX_CALLS) or 0
    for where, tool in hosted_tools(options.get("tools")):
        if tool.get("type") not in BOUNDED:
            bounds.leaves_open(f"{where}.type")
            continue
        bounds.rounds = calls
        if tool.get("type") in SEARCHES:
            bounds.units[Unit.WEB_SEARCHES] = calls
            bounds.brought = calls * RESULT_TOKENS
            size = tool.get("search_context_size")
            bounds.search_context = size if isinstance(size, str) else bounds.search_context
    if options.get("prompt") is not None:
        bounds.leaves_open("prompt")  # it may name a model, and tools
    if any(options.get(name) for name in ("previous_response_id", "conversation", _OPAQUE)):
        bounds.fills_window = True
    bounds.compacts = bool(options.get("context_management"))


def _add_search(bounds: OptionBounds) -> None:
    bounds.units[Unit.WEB_SEARCHES] = 1
    bounds.brought += RESULT_TOKENS


def _read_openai_like(model: str, options: Mapping[str, Any], bounds: OptionBounds) -> None:
    """Their searches, code and browsers are billed by use, as often as the model likes."""
    for name in ("enable_search", "search_options", "search_settings", "compound_custom", "connectors", "plugins"):
        if options.get(name):
            bounds.leaves_open(name)
    for where, tool in _own_tools(options):
        bounds.leaves_open(f"{where}.type" if "type" in tool else where)


def _read_bedrock(model: str, options: Mapping[str, Any], bounds: OptionBounds) -> None:
    bounds.is_assessed = OPTION in options
    _read_openai_like(model, options, bounds)


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any], OptionBounds], None]]] = {
    "anthropic": _read_anthropic,
    "bedrock": _read_bedrock,
    "google": _read_google,
    "openai": _read_openai,
}
