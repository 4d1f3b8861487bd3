"""The most that a provider can bill for a request as it reaches it: a stand-in's usage at its worst.

It reads the provider's own words alone, and knows nothing of holds: a token a byte, every tool used as often as it may
be, every result as large as it may be, every token written to a cache for an hour.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]

SEARCH_RESULT: Final = 25_000  # tokens of ten results
ROUNDS: Final = 10  # that Anthropic's servers go on by themselves


def text_tokens(body: Mapping[str, Any]) -> int:
    """Return a token for every byte of a request."""
    return len(json.dumps(body, ensure_ascii=False).encode())


def anthropic_bill(body: Mapping[str, Any], windows: Mapping[str, int], most_output: Mapping[str, int]) -> Json:
    """Return a usage object; `windows` and `most_output` are the limits of all models by name."""
    window = windows[body["model"]]
    prompt, output = text_tokens(body), int(body["max_tokens"])
    searches = rounds = brought = 0
    loops, runs = bool(body.get("mcp_servers")), list[Json]()
    for tool in body.get("tools") or ():
        kind, uses = str(tool.get("type", "")), int(tool.get("max_uses") or 1_000)
        if kind.startswith("web_search_"):
            searches, rounds, brought = searches + uses, rounds + uses, brought + uses * SEARCH_RESULT
        elif kind.startswith("web_fetch_"):
            rounds, brought = rounds + uses, brought + uses * int(tool.get("max_content_tokens") or window)
        elif kind.startswith("advisor_"):
            limit = int(tool.get("max_tokens") or most_output[tool["model"]])
            advice = _hour(min(windows[tool["model"]], prompt + output + brought), limit)
            runs += [{"type": "advisor_message", "model": tool["model"], **advice}] * uses
        elif kind.startswith(("code_execution_", "tool_search_tool_", "mcp_toolset")):
            loops = True
    if body.get("context_management"):
        runs.append({"type": "compaction", **_hour(min(window, prompt + brought), most_output[body["model"]])})
    rounds = ROUNDS if loops else min(rounds, ROUNDS)

    def whole(within: int) -> Json:
        steps = range(rounds + 1)
        read = (prompt + (0 if not step else within if loops else brought * step // rounds) for step in steps)
        return _hour(sum(min(within, each) for each in read), output)

    own = whole(window)
    usage: Json = {**own, "inference_geo": "us", "server_tool_use": {"web_search_requests": searches}}
    if body.get("speed"):
        usage["speed"] = body["speed"]
    if body.get("fallbacks"):
        runs.append({"type": "message", "model": body["model"], **own})
        others = [each["model"] for each in body["fallbacks"]]
        runs += [{"type": "fallback_message", "model": name, **whole(windows[name])} for name in others]
    return {**usage, "iterations": runs} if runs else usage


def _hour(prompt: int, output: int) -> Json:
    written = {"ephemeral_1h_input_tokens": prompt, "ephemeral_5m_input_tokens": 0}
    counts = {"input_tokens": 0, "cache_creation_input_tokens": prompt, "cache_creation": written}
    return {**counts, "output_tokens": output}


def openai_bill(body: Mapping[str, Any], *, hears: bool, speaks: bool, searches: bool) -> Json:
    """Return an answer with its usage, for OpenAI and those that speak like it."""
    prompt = text_tokens(body) + (SEARCH_RESULT if searches else 0)
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 0
    output = int(limit) * int(body.get("n") or 1) + len(str(body.get("prediction") or "").encode())
    usage: Json = {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output}
    if hears:
        usage["prompt_tokens_details"] = {"audio_tokens": prompt}
    if speaks:
        usage["completion_tokens_details"] = {"audio_tokens": output}
    tier = body.get("service_tier")
    return {"model": body["model"], "usage": usage, "service_tier": "priority" if tier in (None, "auto") else tier}


def gemini_bill(body: Mapping[str, Any], model: str, window: int) -> Json:
    """Return an answer with its usage and grounding."""
    config, tools = body.get("generationConfig") or {}, body.get("tools") or ()
    names = {str(name) for tool in tools for name in tool}
    prompt = text_tokens(body)
    grounded, mapped = "googleSearch" in names, "googleMaps" in names
    given = window if names & {"codeExecution", "urlContext", "fileSearch"} else 0
    given += SEARCH_RESULT if grounded or mapped else 0
    output = int(config.get("maxOutputTokens", 0)) * int(config.get("candidateCount") or 1)
    usage: Json = {
        "promptTokenCount": prompt,
        "toolUsePromptTokenCount": given,
        "candidatesTokenCount": output,
        "totalTokenCount": prompt + given + output,
    }
    groundings = [{"webSearchQueries": ["one", "two"], "groundingChunks": [{"web": {}}]}] if grounded else []
    groundings += [{"groundingChunks": [{"maps": {}}]}] if mapped else []
    candidates = [{"groundingMetadata": each} for each in groundings]
    return {"modelVersion": model, "usageMetadata": usage, "candidates": candidates}


def cohere_bill(body: Mapping[str, Any]) -> Json:
    """Return a usage object."""
    return {"billed_units": {"input_tokens": text_tokens(body), "output_tokens": int(body.get("max_tokens") or 0)}}
