"""Every option that a provider can bill for beside the tokens of a plain prompt and answer, with what bounds it.

docs/security.md shows this table; `option_bounds` reads the options, `hold` prices them.
"""

from typing import Final, NamedTuple


class BilledOption(NamedTuple):
    """An option of a request at a provider: what it bills, what bounds it before the call, and the test of it."""

    provider: str
    option: str
    bills: str
    bound: str
    test: str


_REFUSED: Final = "nothing: refused under a hard budget or a cost limit, by its field"
_OPTIONS: Final = "test_option_bounds.py"
_TOOLS: Final = "test_anthropic_tools.py"
_PROPERTY: Final = "test_holds.py"
_RESPONSES: Final = "test_native.py"

BILLED_OPTIONS: Final = (
    BilledOption(
        "anthropic",
        "`web_search_options`, `web_search_*`",
        "searches, their results, rounds",
        "`max_uses` set on the request (5), 25,000 tokens a result, the window",
        _OPTIONS,
    ),
    BilledOption(
        "anthropic",
        "`web_fetch_*`",
        "pages, rounds",
        "`max_uses` (5) and `max_content_tokens` (25,000) set on the request",
        _TOOLS,
    ),
    BilledOption(
        "anthropic",
        "`advisor_*`",
        "another model's prompt and answer",
        "`max_uses` set on the request (2), the transcript, the advisor's output limit",
        _OPTIONS,
    ),
    BilledOption(
        "anthropic", "`fallbacks`", "every model named", "each model's own worst case; `default` is refused", _OPTIONS
    ),
    BilledOption(
        "anthropic",
        "`code_execution_*`, `mcp_servers`, `tool_search_tool_*`",
        "results, rounds",
        "10 rounds of Anthropic's servers, each a window",
        _PROPERTY,
    ),
    BilledOption(
        "anthropic",
        "`bash_*`, `computer_*`, `text_editor_*`, `memory_*`",
        "tokens of their definitions",
        "the request's bytes; the caller runs them",
        _OPTIONS,
    ),
    BilledOption(
        "anthropic",
        "`context_management`",
        "a compaction",
        "a further round, and an answer of the model's output limit",
        _PROPERTY,
    ),
    BilledOption("anthropic", "`speed`, a workspace's place", "a multiplier", "the published multiplier", _PROPERTY),
    BilledOption("anthropic", "other tools of its own", "unknown", _REFUSED, _OPTIONS),
    BilledOption(
        "google",
        "searches and maps up to Gemini 2.5",
        "one search, one look-up of places",
        "billed by the prompt",
        _OPTIONS,
    ),
    BilledOption("google", "searches and maps since Gemini 3", "every query", _REFUSED, _OPTIONS),
    BilledOption(
        "google",
        "`codeExecution`, `urlContext`, `fileSearch`, `cachedContent`, `extra_body`",
        "what they bring into the prompt",
        "the window",
        _PROPERTY,
    ),
    BilledOption(
        "google",
        "sound and pictures in the answer",
        "their tokens",
        "the output limit, at the dearest class",
        _PROPERTY,
    ),
    BilledOption(
        "openai",
        "`web_search_options`, `*-search-*` models",
        "one search and its results",
        "one search a call, 25,000 tokens",
        _PROPERTY,
    ),
    BilledOption(
        "openai", "`modalities`, `audio`", "sound in the answer", "the output limit, at the dearest class", _PROPERTY
    ),
    BilledOption(
        "openai", "`prediction`", "what of it is rejected", "its bytes, on top of the output limit", _PROPERTY
    ),
    BilledOption(
        "openai",
        "`output_format` `svg` in `/v1/images/generations`",
        "another model's tokens",
        _REFUSED,
        "test_openai_media.py",
    ),
    BilledOption(
        "openai",
        "`web_search*` and `tool_search` in `/v1/responses`",
        "searches, their results, rounds",
        "`max_tool_calls` set on the request (5), 25,000 tokens a result, the window",
        _RESPONSES,
    ),
    BilledOption(
        "openai",
        "`previous_response_id`, `conversation`, files by id in `/v1/responses`",
        "what they bring into the prompt",
        "the window",
        _RESPONSES,
    ),
    BilledOption(
        "openai",
        "other tools that OpenAI runs, and `prompt`, in `/v1/responses`",
        "fees, pictures, containers, whatever the prompt names",
        _REFUSED,
        _RESPONSES,
    ),
    BilledOption(
        "bedrock",
        "`guardrailConfig`",
        "units of text and pictures, each policy's",
        "every policy: a unit for 1,000 bytes of prompt and 1,000 characters of answer, 128 a token; 20 pictures",
        "test_guardrails.py",
    ),
    BilledOption("qwen", "`enable_search`, `search_options`", "searches", _REFUSED, _OPTIONS),
    BilledOption("groq", "compound models, `search_settings`", "other models, tools", _REFUSED, _OPTIONS),
    BilledOption("cohere", "`connectors`", "searches", _REFUSED, _OPTIONS),
    BilledOption("every other", "tools that are no functions", "their uses", _REFUSED, _OPTIONS),
    BilledOption(
        "every",
        "answers sold by the piece (songs)",
        "a piece a choice",
        "one a choice, held and charged: usage objects count none",
        "test_billed_options.py",
    ),
    BilledOption("every", "`n`", "every choice", "the output limit of each", _PROPERTY),
    BilledOption(
        "every",
        "`service_tier`",
        "the tier's rates",
        "the dearest of the tier asked for and the standard one; at OpenAI, where none is asked for, priority too",
        _PROPERTY,
    ),
    BilledOption(
        "every",
        "cached prompts, thoughts",
        "reads, writes for up to an hour, reasoning",
        "the dearest class of each side",
        _PROPERTY,
    ),
    BilledOption("every", "pictures", "their tokens", "48,200 each", _OPTIONS),
    BilledOption(
        "every",
        "recordings, films, PDFs in the request",
        "their tokens",
        "120,000, 300,000, 300,000 each, or a token for every 16, 16, 1 bytes; the window",
        _OPTIONS,
    ),
    BilledOption("every", "texts as files", "their tokens", "their bytes; the window", _OPTIONS),
    BilledOption("every", "files by address or id", "their tokens", "the window", _OPTIONS),
)
