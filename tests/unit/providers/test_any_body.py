"""Whatever a caller puts into a request: each dialect translates it or says what is wrong with it, and never breaks."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.token_estimate import prompt_tokens_about, prompt_tokens_at_most
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.routing.chat_request import chat_request

ABLE = frozenset(
    ("function_calling", "vision", "response_schema", "reasoning", "prompt_caching", "audio_input", "tool_choice")
)
MODELS = {
    "openai": "gpt-5",
    "anthropic": "claude-sonnet-4-5",
    "google": "gemini-2.5-flash",
    "cohere": "command-a-03-2025",
    "mistral": "mistral-large-latest",
    "minimax": "MiniMax-M2",
    "deepseek": "deepseek-chat",
    "zhipu": "glm-4.6",
}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
PARAMETERS = {"type": "object", "properties": {"x": {"type": "integer"}}}
WHOLE: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, PICTURE]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "a", "content": "18"},
        {"role": "user", "content": "And now?"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": PARAMETERS}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
    "stop": ["a"],
    "temperature": 0.5,
    "reasoning_effort": "low",
    "max_tokens": 100,
    "n": 1,
    "logprobs": True,
    "top_logprobs": 2,
    "parallel_tool_calls": False,
    "stream_options": {"include_usage": True},
    "user": "u",
    "metadata": {"a": "b"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "web_search_options": {"search_context_size": "low"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**12) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every node of a JSON value but the root."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inner for found in ((*path, key), *places(value, (*path, key)))]


PLACES = places(WHOLE)


@pytest.mark.parametrize("provider", MODELS)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3), stream=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_node_of_a_request_may_be_anything(
    provider: str, changes: list[tuple[tuple[Any, ...], Any]], stream: bool
) -> None:
    body = copy.deepcopy(WHOLE)
    for path, value in changes:
        node: Any = body
        for key in path[:-1]:
            node = node[key] if isinstance(node, dict | list) and _has(node, key) else None
        if isinstance(node, dict | list) and _has(node, path[-1]):
            node[path[-1]] = value
    target = Target(PROVIDER_BY_ID[provider], MODELS[provider], ABLE, 32_000)
    dialect = DIALECTS[provider]
    try:
        request = chat_request(body)
        prompt_tokens_about(request.texts, request.messages, request.attachments)
        prompt_tokens_at_most(request.size, request.messages)
        dialect.refuses(target, request.body)
        wire = dialect.chat(target, request.body, stream=stream)
    except AtomError:
        return
    json.dumps(wire.body)


def _has(node: Any, key: Any) -> bool:
    return key in node if isinstance(node, dict) else isinstance(key, int) and key < len(node)
