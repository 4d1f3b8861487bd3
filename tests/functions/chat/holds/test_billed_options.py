"""Every option of the table of what a hold covers, through the front door under a hard budget: bounded, or refused."""

import base64
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from atom_llm.domain.ledger.budgets import TENANT_SCOPE
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.routing.billed_options import BILLED_OPTIONS
from testing.audit import SOMEBODY
from testing.chat_world import HELLO, OURS, ChatWorld, served
from testing.stand_in.server import StandIn

HAIKU, OPUS = "anthropic/claude-haiku-4-5-20251001", "anthropic/claude-opus-5"
FLASH, GEMINI_3 = "google/gemini-2.5-flash", "google/gemini-3-flash-preview"
MINI, QWEN, OSS = "openai/gpt-4o-mini", "qwen/qwen-plus", "groq/openai/gpt-oss-120b"
COHERE, MISTRAL, GLM = "cohere/command-r7b-12-2024", "mistral/mistral-medium-3-5", "zhipu/glm-4.6"
PROVIDERS: Final = (
    *("openai", "anthropic", "google", "mistral", "cohere", "deepseek", "minimax", "qwen", "zhipu", "groq"),
)
Options = dict[str, Any]
BYTES: Final = base64.b64encode(bytes(3_000)).decode()


SPOKEN: Final = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}}


def tool(kind: str, **more: Any) -> Options:
    return {"tools": [{"type": kind, "name": "t", **more}]}


def native(*tools: Options) -> Options:
    return {"tools": list(tools)}


def part(part: Options) -> Options:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}, part]}]}


# Nothing bounds them: by the row of the table, each model and options with the field that the refusal names.
UNBOUNDED: Final[dict[tuple[str, str], list[tuple[str, Options, str]]]] = {
    ("anthropic", "other tools of its own"): [(HAIKU, tool("telepathy_20280101"), "tools.0.type")],
    ("google", "searches and maps since Gemini 3"): [
        (GEMINI_3, {"web_search_options": {}}, "web_search_options"),
        (GEMINI_3, native({"googleSearch": {}}), "tools.0.googleSearch"),
        (GEMINI_3, native({"googleMaps": {}}), "tools.0.googleMaps"),
        (FLASH, native({"telepathy": {}}), "tools.0.telepathy"),
    ],
    ("qwen", "`enable_search`, `search_options`"): [
        (QWEN, {"enable_search": True}, "enable_search"),
        (QWEN, {"search_options": {"forced_search": True}}, "search_options"),
    ],
    ("groq", "compound models, `search_settings`"): [
        (OSS, {"search_settings": {"country": "germany"}}, "search_settings"),
        (OSS, {"compound_custom": {"tools": {"enabled_tools": ["web_search"]}}}, "compound_custom"),
    ],
    ("cohere", "`connectors`"): [(COHERE, {"connectors": [{"id": "web-search"}]}, "connectors")],
    ("every other", "tools that are no functions"): [
        (model, tool("web_search", web_search={}), "tools.0.type")
        for model in (MINI, MISTRAL, QWEN, OSS, COHERE, GLM, "deepseek/deepseek-v4-pro", "minimax/MiniMax-M3")
    ],
    # Of rows whose other options are bounded.
    ("anthropic", "`advisor_*`"): [(HAIKU, tool("advisor_20260301", model="nobody"), "tools.0.model")],
    ("anthropic", "`fallbacks`"): [
        (HAIKU, {"fallbacks": [{"model": "nobody"}]}, "fallbacks.0.model"),
        (HAIKU, {"fallbacks": "default"}, "fallbacks"),
    ],
}

# Bounded before the call: each is held for beyond the same request without it.
BOUNDED: Final[dict[tuple[str, str], list[tuple[str, Options]]]] = {
    ("anthropic", "`web_search_options`, `web_search_*`"): [
        (HAIKU, {"web_search_options": {}}),
        (HAIKU, tool("web_search_20250305")),
    ],
    ("anthropic", "`web_fetch_*`"): [(HAIKU, tool("web_fetch_20250910"))],
    ("anthropic", "`advisor_*`"): [(HAIKU, tool("advisor_20260301", model="claude-opus-5"))],
    ("anthropic", "`fallbacks`"): [(HAIKU, {"fallbacks": [{"model": "claude-opus-5"}]})],
    ("anthropic", "`code_execution_*`, `mcp_servers`, `tool_search_tool_*`"): [
        (HAIKU, tool("code_execution_20250825")),
        (HAIKU, {"mcp_servers": [{"type": "url", "url": "https://mcp.example.com", "name": "m"}]}),
        (HAIKU, tool("tool_search_tool_regex_20251119")),
    ],
    ("anthropic", "`bash_*`, `computer_*`, `text_editor_*`, `memory_*`"): [
        (HAIKU, tool("bash_20250124")),
        (HAIKU, tool("computer_20250124", display_width_px=1024, display_height_px=768)),
        (HAIKU, tool("text_editor_20250728")),
        (HAIKU, tool("memory_20250818")),
    ],
    ("anthropic", "`context_management`"): [(HAIKU, {"context_management": {"edits": [{"type": "compact_20260112"}]}})],
    ("anthropic", "`speed`, a workspace's place"): [(OPUS, {"speed": "fast"})],
    ("google", "searches and maps up to Gemini 2.5"): [
        (FLASH, {"web_search_options": {}}),
        (FLASH, native({"googleSearch": {}})),
        (FLASH, native({"googleMaps": {}})),
    ],
    ("google", "`codeExecution`, `urlContext`, `fileSearch`, `cachedContent`, `extra_body`"): [
        (FLASH, native({"codeExecution": {}})),
        (FLASH, native({"urlContext": {}})),
        (FLASH, native({"fileSearch": {}})),
        (FLASH, {"cachedContent": "cachedContents/1"}),
        (FLASH, {"extra_body": {"google": {"cached_content": "cachedContents/1"}}}),
    ],
    ("google", "sound and pictures in the answer"): [("google/lyria-3.5", SPOKEN)],
    ("openai", "`web_search_options`, `*-search-*` models"): [
        ("openai/gpt-4o-mini-search-preview", {"web_search_options": {}}),
    ],
    ("openai", "`modalities`, `audio`"): [
        ("openai/gpt-audio", SPOKEN),
    ],
    ("openai", "`prediction`"): [(MINI, {"prediction": {"type": "content", "content": "x" * 5_000}})],
    ("every", "answers sold by the piece (songs)"): [("google/lyria-3.5", SPOKEN)],
    ("every", "`n`"): [(MINI, {"n": 4})],
    ("every", "`service_tier`"): [(MINI, {"service_tier": "priority"})],
    ("every", "cached prompts, thoughts"): [(MINI, {"prompt_cache_key": "k"})],
    ("every", "pictures"): [
        (MINI, part({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{BYTES}"}}))
    ],
    ("every", "recordings, films, PDFs in the request"): [
        (FLASH, part({"type": "input_audio", "input_audio": {"data": BYTES, "format": "wav"}})),
        (
            HAIKU,
            part({"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{BYTES}"}}),
        ),
    ],
    ("every", "texts as files"): [
        (HAIKU, part({"type": "file", "file": {"filename": "a.txt", "file_data": f"data:text/plain;base64,{BYTES}"}})),
    ],
    ("every", "files by address or id"): [(HAIKU, part({"type": "file", "file": {"file_id": "file-1"}}))],
}
NO_DEARER: Final = {  # are in every hold of the model
    "cached prompts, thoughts",
    "`service_tier`",
    "sound and pictures in the answer",
    "answers sold by the piece (songs)",
}


@pytest.fixture(scope="module")
def served_once(stand_in: StandIn) -> Iterator[ChatWorld]:
    with served(ChatWorld(stand_in)) as served_world:
        for provider in PROVIDERS:
            served_world.provider_key(provider)
        yield served_world


@pytest.fixture
def world(served_once: ChatWorld) -> ChatWorld:
    served_once.stand_in.behave()
    served_once.container.ledger.budget_setter.clear(OURS, TENANT_SCOPE, WindowKind.DAY, SOMEBODY)
    return served_once


def asks(caller: httpx.Client, model: str, options: Options, **headers: str) -> httpx.Response:
    body = {"model": model, "messages": HELLO, "max_tokens": 20, **options}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.post("/chat/completions", json=body, headers=named)


def leaves(world: ChatWorld, room: Decimal) -> None:
    """Set a hard budget that has so much room."""
    world.clock.pass_s(0.001)
    state = world.money.state(tenant=OURS)
    world.budget(str(room + (state.spent if state else 0)))


def hold(world: ChatWorld, caller: httpx.Client, model: str, options: Options) -> Decimal:
    """What a call is held for, as the refusal of one says that does not fit."""
    leaves(world, Decimal("0.0000001"))
    refused = asks(caller, model, options)
    assert refused.status_code == 402
    return Decimal(refused.json()["error"]["message"].partition("it may cost ")[2].partition(" USD")[0])


def cases(table: dict[tuple[str, str], list[Any]]) -> list[Any]:
    return [
        pytest.param(option, *case, id=f"{provider} {option} {place}")
        for (provider, option), of_row in table.items()
        for place, case in enumerate(of_row)
    ]


def test_every_row_of_the_table_is_asked_for_here() -> None:
    elsewhere = {"bedrock"}  # which tests/functions/chat/bedrock asks, by a role
    of_this_door = [each for each in BILLED_OPTIONS if "/v1/" not in each.option and each.provider not in elsewhere]
    assert {(each.provider, each.option) for each in of_this_door} == UNBOUNDED.keys() | BOUNDED.keys()


@pytest.mark.parametrize("limited_by", ["a hard budget", "the caller's limit"])
@pytest.mark.parametrize(("option", "model", "options", "field"), cases(UNBOUNDED))
def test_what_nothing_bounds_is_a_402_that_names_its_field_and_reaches_no_provider(
    world: ChatWorld, caller: httpx.Client, limited_by: str, option: str, model: str, options: Options, field: str
) -> None:
    if limited_by == "a hard budget":
        leaves(world, Decimal(1_000))
        refused = asks(caller, model, options)
    else:
        refused = asks(caller, model, options, x_llm_max_cost_usd="1000")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["param"]) == (402, "unbounded_option", field)
    assert (field in error["message"], world.stand_in.calls, world.open_attempts()) == (True, [], 0)


@pytest.mark.parametrize(("option", "model", "options"), cases(BOUNDED))
def test_what_is_bounded_is_held_for_and_has_to_fit_into_a_hard_budget(
    world: ChatWorld, caller: httpx.Client, option: str, model: str, options: Options
) -> None:
    held, plain = hold(world, caller, model, options), hold(world, caller, model, {})
    assert held > plain or option in NO_DEARER
    leaves(world, held - Decimal("0.000001"))
    refused = asks(caller, model, options)
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "budget_exceeded")
    assert (world.stand_in.calls, world.open_attempts()) == ([], 0)
    leaves(world, held)
    assert asks(caller, model, options).status_code != 402
    assert len(world.stand_in.calls) >= 1


def test_a_song_is_held_for_and_charged_by_the_piece_though_its_tokens_are_free(
    world: ChatWorld, caller: httpx.Client
) -> None:
    model = "google/lyria-3.5"  # $0.08 a song
    assert hold(world, caller, model, SPOKEN) == Decimal("0.08")
    leaves(world, Decimal("0.08"))
    answer = asks(caller, model, SPOKEN)
    assert (answer.status_code, answer.headers["x-llm-cost-usd"]) == (200, "0.08")
    settled = world.rows()[-1].settlement
    assert [(line.unit, line.rate_key, str(line.amount)) for line in settled.lines if line.amount] == [
        ("images", "output_cost_per_image", "0.08")
    ]
    assert settled.reason == "a piece for each choice, which the provider does not count"
