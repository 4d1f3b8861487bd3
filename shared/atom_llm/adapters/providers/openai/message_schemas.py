"""The message schema of each OpenAI-like provider: one row each, from its own API reference or SDK.

A field that a schema does not name is left out of the history that is sent: closed schemas refuse it, open ones may
take it for something else. Answers of ours carry such fields (`refusal`, `annotations`, `reasoning_content`), and an
unmodified SDK sends them back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_TEXT: Final = frozenset({"type", "text"})
_PICTURE: Final = frozenset({"type", "image_url"})
_PROMPTS: Final = frozenset({"system", "developer", "user"})
_RESULTS: Final = _PROMPTS | {"tool"}
_ALL: Final = _RESULTS | {"assistant"}


class ThoughtForm(StrEnum):
    """The form in which a provider takes an assistant's earlier thinking back."""

    NONE = "none"
    REASONING_CONTENT = "reasoning_content"  # a field of the message
    REASONING = "reasoning"  # a field of the message
    THINKING_PART = "thinking_part"  # a part of the content, `{type: thinking, thinking: [{type: text, text}]}`
    THINK_TAGS = "think_tags"  # `<think>…</think>` before the content


@dataclass(frozen=True, slots=True)
class MessageSchema:
    """The messages that a provider takes: fields by role, and the fields of each part of a content.

    `takes_parts` are the roles whose content may be a list of parts; of the others it is a text. A tool's result has
    texts for parts at every provider. `thought` is the form of earlier thinking; `needs_thought_at_calls`: a thinking
    model refuses a turn with tool calls that has none. `id_length`: ids of tool calls are exactly so many ASCII letters
    and digits. `system_leads`: instructions stand at the head alone, in one message; `needs_user`: somebody has to ask;
    `answers_results`: between results and the user's words the assistant speaks; `continues_by_prefix`: an answer to be
    continued is marked so; `reads_arguments`: the arguments of earlier calls are objects in JSON.
    """

    system: frozenset[str] = frozenset({"role", "content"})
    user: frozenset[str] = frozenset({"role", "content"})
    assistant: frozenset[str] = frozenset({"role", "content", "tool_calls"})
    tool: frozenset[str] = frozenset({"role", "content", "tool_call_id"})
    parts: Mapping[str, frozenset[str]] = field(default_factory=lambda: {"text": _TEXT, "image_url": _PICTURE})
    takes_parts: frozenset[str] = _PROMPTS
    thought: ThoughtForm = ThoughtForm.NONE
    needs_thought_at_calls: bool = False
    id_length: int | None = None
    system_leads: bool = False
    answers_results: bool = False
    continues_by_prefix: bool = False
    needs_user: bool = False
    reads_arguments: bool = False

    def fields_of(self, role: str) -> frozenset[str] | None:
        """Return the fields of a role's messages; None for a role that is none of OpenAI's newer ones."""
        match role:
            case "system" | "developer":
                return self.system
            case "user":
                return self.user
            case "assistant":
                return self.assistant
            case "tool":
                return self.tool
            case _:
                return None


_NAMED: Final = frozenset({"role", "content", "name"})

MESSAGE_SCHEMAS: Final[Mapping[str, MessageSchema]] = {
    # platform.openai.com/docs/api-reference/chat/create, `messages`
    "openai": MessageSchema(
        system=_NAMED,
        user=_NAMED,
        takes_parts=_ALL,
        assistant=frozenset({"role", "content", "name", "refusal", "audio", "tool_calls", "function_call"}),
        parts={
            "text": _TEXT,
            "image_url": _PICTURE,
            "input_audio": frozenset({"type", "input_audio"}),
            "file": frozenset({"type", "file"}),
            "refusal": frozenset({"type", "refusal"}),
        },
    ),
    # llama.developer.meta.com/docs/api/chat, `CompletionMessage`
    "meta": MessageSchema(takes_parts=_RESULTS),
    # mistralai's `SystemMessage`, `UserMessage`, `AssistantMessage`, `ToolMessage`: closed
    "mistral": MessageSchema(
        takes_parts=_ALL,
        assistant=frozenset({"role", "content", "tool_calls", "prefix"}),
        tool=frozenset({"role", "content", "tool_call_id", "name"}),
        parts={
            "text": _TEXT,
            "image_url": _PICTURE,
            "input_audio": frozenset({"type", "input_audio"}),
            "document_url": frozenset({"type", "document_url", "document_name"}),
            "thinking": frozenset({"type", "thinking", "closed"}),
        },
        thought=ThoughtForm.THINKING_PART,
        id_length=9,
        system_leads=True,
        needs_user=True,
        answers_results=True,
        continues_by_prefix=True,
    ),
    # api-docs.deepseek.com/api/create-chat-completion and /guides/thinking_mode
    "deepseek": MessageSchema(
        system=_NAMED,
        user=_NAMED,
        assistant=frozenset({"role", "content", "name", "prefix", "reasoning_content", "tool_calls"}),
        parts={"text": _TEXT, "image_url": _PICTURE},
        thought=ThoughtForm.REASONING_CONTENT,
        needs_thought_at_calls=True,
    ),
    # platform.minimax.io/docs/api-reference/text-openai-api: thinking stands in the content and is to stay there
    "minimax": MessageSchema(
        system=_NAMED,
        user=_NAMED,
        assistant=frozenset({"role", "content", "name", "tool_calls"}),
        thought=ThoughtForm.THINK_TAGS,
        system_leads=True,
        needs_user=True,
        reads_arguments=True,
    ),
    # Alibaba Model Studio, OpenAI-compatible mode; explicit caches are marked on text parts
    "qwen": MessageSchema(
        takes_parts=_ALL,
        assistant=frozenset({"role", "content", "tool_calls", "partial"}),
        parts={
            "text": _TEXT | {"cache_control"},
            "image_url": _PICTURE | {"min_pixels", "max_pixels"},
            "input_audio": frozenset({"type", "input_audio"}),
            "video_url": frozenset({"type", "video_url", "fps"}),
            "video": frozenset({"type", "video", "fps"}),
        },
        system_leads=True,
        needs_user=True,
        reads_arguments=True,
    ),
    # docs.z.ai/api-reference/llm/chat-completion
    "zhipu": MessageSchema(
        takes_parts=_RESULTS,
        assistant=frozenset({"role", "content", "tool_calls", "reasoning_content"}),
        parts={
            "text": _TEXT,
            "image_url": _PICTURE,
            "video_url": frozenset({"type", "video_url"}),
            "file_url": frozenset({"type", "file_url"}),
        },
        needs_user=True,
        thought=ThoughtForm.REASONING_CONTENT,
    ),
    # groq's SDK, `ChatCompletion*MessageParam`: closed
    "groq": MessageSchema(
        system=_NAMED,
        user=_NAMED,
        assistant=frozenset({"role", "content", "name", "reasoning", "tool_calls", "function_call"}),
        thought=ThoughtForm.REASONING,
    ),
}

DECLARED: Final = MessageSchema(
    reads_arguments=True,
    system_leads=True,
    takes_parts=_RESULTS,
    parts={"text": _TEXT, "image_url": _PICTURE, "input_audio": frozenset({"type", "input_audio"})},
)
"""Of a server that an operator declares: what vLLM, Ollama and SGLang all take."""
