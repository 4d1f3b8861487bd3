"""The clients of the matrix, cheapest first."""

from collections.abc import Sequence
from typing import Final

from tests.clients.matrix import THINGS, Client

BY_SCHEMA: Final = ("stream", "structured")  # all that instructor has


def _python(name: str, door: str, script: str = "", things: Sequence[str] = THINGS) -> Client:
    return Client(name, door, name, f"python/{(script or name).replace('-', '_')}_client.py", things)


CLIENTS: Final[Sequence[Client]] = (
    _python("openai-python", "chat", "openai"),
    _python("openai-python", "responses", "openai"),
    Client("openai-node", "chat", "openai-node", "openai_node.mjs"),
    _python("anthropic-python", "messages", "anthropic"),
    Client("anthropic-typescript", "messages", "anthropic-typescript", "anthropic_typescript.mjs"),
    Client(
        "Vercel AI SDK, openai-compatible", "chat", "vercel-ai", "vercel_ai.mjs", settings={"PROVIDER": "compatible"}
    ),
    Client("Vercel AI SDK, openai.chat", "chat", "vercel-ai", "vercel_ai.mjs"),
    Client("Vercel AI SDK, openai", "responses", "vercel-ai", "vercel_ai.mjs"),
    Client("Vercel AI SDK, anthropic", "messages", "vercel-ai", "vercel_ai.mjs"),
    Client(
        "Vercel AI SDK 6, openai-compatible",
        "chat",
        "vercel-ai-6",
        "vercel_ai.mjs",
        settings={"PROVIDER": "compatible"},
    ),
    Client("Vercel AI SDK 6, openai", "responses", "vercel-ai-6", "vercel_ai.mjs"),
    Client("Vercel AI SDK 6, anthropic", "messages", "vercel-ai-6", "vercel_ai.mjs"),
    _python("langchain-openai", "chat", "langchain"),
    _python("langchain-openai", "responses", "langchain"),
    _python("langchain-anthropic", "messages", "langchain"),
    _python("pydantic-ai", "chat"),
    _python("pydantic-ai", "responses"),
    _python("pydantic-ai", "messages"),
    _python("openai-agents", "chat"),
    _python("openai-agents", "responses"),
    _python("instructor", "chat", things=BY_SCHEMA),
    _python("instructor", "responses", things=BY_SCHEMA),
    _python("instructor", "messages", things=BY_SCHEMA),
    _python("llama-index", "chat"),
    _python("llama-index", "responses"),
    _python("llama-index", "messages"),
    _python("haystack", "chat"),
    _python("haystack", "responses"),
    _python("litellm", "chat"),
    _python("litellm", "messages"),
    _python("llm", "chat"),
    _python("llm", "responses"),
    _python("smolagents", "chat"),
    _python("dspy", "chat", things=("chat", "structured")),
    _python("aider", "chat", things=("chat", "stream")),
    _python("crewai", "chat"),
    _python("crewai", "messages"),
)
