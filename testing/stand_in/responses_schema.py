"""The schema of a request to OpenAI's Responses API, as strict as OpenAI's own SDK types it."""

from collections.abc import Mapping, Sequence
from typing import Final

import jsonschema_rs

from testing.stand_in.schemas import ANY, TEXT, Json, closed, listed, nullable, one_of, part

LEAST_OUTPUT: Final = 16  # tokens of `max_output_tokens`

_FLAG: Final[Json] = {"type": "boolean"}
_STATUS: Final[Json] = {"enum": ["in_progress", "completed", "incomplete"]}


def _id(prefix: str) -> Json:
    return {"type": "string", "pattern": f"^{prefix}", "maxLength": 64}


def _item(kind: str, required: Sequence[str], prefix: str, **more: Json) -> Json:
    head = {"type": {"const": kind}, "id": nullable(_id(prefix)), "status": nullable(_STATUS)}
    return closed(["type", *required], **head, **more)


_PICTURE: Final = part(
    "input_image",
    image_url=nullable(TEXT),
    file_id=nullable(TEXT),
    detail={"enum": ["auto", "low", "high", "original"]},
)
_FILE: Final = part(
    "input_file", file_id=nullable(TEXT), file_data=TEXT, file_url=TEXT, filename=TEXT, detail={"enum": ["low", "high"]}
)
_ASKED: Final = one_of(part("input_text", text=TEXT), _PICTURE, _FILE)
_ANSWERED: Final = one_of(
    part("output_text", text=TEXT, annotations=listed(ANY), logprobs=ANY), part("refusal", refusal=TEXT)
)
_SUMMARY: Final = listed(closed(["type", "text"], type={"const": "summary_text"}, text=TEXT))
_THOUGHT: Final = nullable(listed(closed(["type", "text"], type={"const": "reasoning_text"}, text=TEXT)))
_CALLED: Final[Mapping[str, Json]] = {"call_id": TEXT, "name": TEXT, "namespace": TEXT, "caller": ANY}
_OUTPUT: Final = one_of(TEXT, listed(_ASKED))
_OTHER_ITEMS: Final = (
    *("item_reference", "web_search_call", "file_search_call", "computer_call", "computer_call_output"),
    *("code_interpreter_call", "image_generation_call", "local_shell_call", "local_shell_call_output", "shell_call"),
    *("shell_call_output", "apply_patch_call", "apply_patch_call_output", "mcp_list_tools", "mcp_call"),
    *("mcp_approval_request", "mcp_approval_response", "tool_search_call", "tool_search_output", "compaction"),
    "additional_tools",
)
_ITEM: Final = one_of(
    closed(
        ["role", "content"],
        type={"const": "message"},
        id=_id("msg_"),
        status=nullable(_STATUS),
        role={"enum": ["user", "system", "developer"]},
        content=one_of(TEXT, listed(_ASKED)),
        phase=ANY,
    ),
    closed(
        ["role", "content"],
        type={"const": "message"},
        id=_id("msg_"),
        status=nullable(_STATUS),
        role={"const": "assistant"},
        content=one_of(TEXT, listed(one_of(_ANSWERED, part("input_text", text=TEXT)))),
        phase=ANY,
    ),
    _item("reasoning", ["summary"], "rs_", summary=_SUMMARY, content=_THOUGHT, encrypted_content=nullable(TEXT)),
    _item("function_call", ["call_id", "name", "arguments"], "fc_", arguments=TEXT, **_CALLED),
    _item("function_call_output", ["call_id", "output"], "fco_", output=_OUTPUT, **_CALLED),
    _item("custom_tool_call", ["call_id", "name", "input"], "ctc_", input=TEXT, **_CALLED),
    _item("custom_tool_call_output", ["call_id", "output"], "ctco_", output=_OUTPUT, **_CALLED),
    {"type": "object", "required": ["type"], "properties": {"type": {"enum": list(_OTHER_ITEMS)}}},
)

_FUNCTION: Final = closed(
    ["type", "name"],
    type={"const": "function"},
    name={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"},
    description=nullable(TEXT),
    parameters=nullable({"type": "object"}),
    strict=nullable(_FLAG),
    defer_loading=_FLAG,
    allowed_callers=ANY,
    output_schema=ANY,
)
_CUSTOM: Final = closed(
    ["type", "name"], type={"const": "custom"}, name=TEXT, description=TEXT, format=ANY, defer_loading=_FLAG
)
_HOSTED: Final = {
    "web_search": ["filters", "search_context_size", "user_location", "external_web_access", "search_content_types"],
    "web_search_2025_08_26": ["filters", "search_context_size", "user_location"],
    "web_search_preview": ["search_context_size", "user_location", "search_content_types"],
    "file_search": ["vector_store_ids", "filters", "max_num_results", "ranking_options"],
    "code_interpreter": ["container", "allowed_callers"],
    "image_generation": ["action", "background", "model", "quality", "size", "partial_images", "output_format"],
    "mcp": ["server_label", "server_url", "connector_id", "allowed_tools", "headers", "require_approval"],
    "tool_search": ["description", "execution", "parameters"],
    "computer_use_preview": ["display_height", "display_width", "environment"],
    **{kind: [] for kind in ("computer", "local_shell", "apply_patch", "programmatic_tool_calling")},
    "shell": ["environment", "allowed_callers"],
}
_TOOL: Final = one_of(
    _FUNCTION,
    _CUSTOM,
    closed(
        ["type", "name", "description", "tools"],
        type={"const": "namespace"},
        name=TEXT,
        description=TEXT,
        tools=listed(one_of(_FUNCTION, _CUSTOM)),
    ),
    *(closed(["type"], type={"const": kind}, **dict.fromkeys(fields, ANY)) for kind, fields in _HOSTED.items()),
)
_FORMAT: Final = one_of(
    closed(["type"], type={"enum": ["text", "json_object"]}),
    closed(
        ["type", "name", "schema"],
        type={"const": "json_schema"},
        name={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"},
        description=TEXT,
        schema={"type": "object"},
        strict=nullable(_FLAG),
    ),
)
_INCLUDABLE: Final = (
    *("file_search_call.results", "web_search_call.results", "web_search_call.action.sources"),
    *("message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs"),
    *("reasoning.encrypted_content", "message.output_text.logprobs"),
)
REQUEST: Final = jsonschema_rs.validator_for(
    closed(
        ["model"],
        model=TEXT,
        input=one_of(TEXT, listed(_ITEM)),
        instructions=nullable(TEXT),
        stream=nullable(_FLAG),
        stream_options=nullable(closed(include_obfuscation=_FLAG)),
        tools=listed(_TOOL),
        tool_choice=one_of({"enum": ["none", "auto", "required"]}, {"type": "object", "required": ["type"]}),
        parallel_tool_calls=nullable(_FLAG),
        max_tool_calls=nullable({"type": "integer", "minimum": 1}),
        text=closed(format=_FORMAT, verbosity=nullable({"enum": ["low", "medium", "high"]})),
        reasoning=nullable(
            closed(
                effort=nullable({"enum": ["none", "minimal", "low", "medium", "high", "xhigh", "max"]}),
                summary=nullable({"enum": ["auto", "concise", "detailed"]}),
                generate_summary=nullable({"enum": ["auto", "concise", "detailed"]}),
                context=ANY,
            )
        ),
        max_output_tokens=nullable({"type": "integer", "minimum": LEAST_OUTPUT}),
        temperature=nullable({"type": "number", "minimum": 0, "maximum": 2}),
        top_p=nullable({"type": "number", "minimum": 0, "maximum": 1}),
        top_logprobs=nullable({"type": "integer", "minimum": 0, "maximum": 20}),
        include=nullable(listed({"enum": list(_INCLUDABLE)})),
        metadata=nullable({"type": "object", "maxProperties": 16, "additionalProperties": TEXT}),
        store=nullable(_FLAG),
        background=nullable(_FLAG),
        truncation=nullable({"enum": ["auto", "disabled"]}),
        service_tier=nullable({"enum": ["auto", "default", "flex", "scale", "priority"]}),
        previous_response_id=nullable(TEXT),
        prompt_cache_retention=nullable({"enum": ["in_memory", "24h"]}),
        **dict.fromkeys(("user", "safety_identifier", "prompt_cache_key"), TEXT),
        **dict.fromkeys(
            ("conversation", "prompt", "context_management", "client_metadata", "prompt_cache_options"), ANY
        ),
    )
)
