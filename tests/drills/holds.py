"""Requests with any options at any provider: what the stand-in bills at its worst, against what was held."""

import sys
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Final

from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.adapters.seed import load_seed
from atom_llm.domain.calls.billing import UNCOUNTED, Bill, exact_bill
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.token_estimate import prompt_tokens_at_most
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.providers.reported_usage import chat_usage, cohere_usage, generate_content_usage, messages_usage
from atom_llm.domain.routing.candidates import CallRequirements, Candidate, RoutingContext, weigh
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.routing.option_bounds import billed_options
from atom_llm.services.routing.plan_call import target_of, with_limit
from testing.stand_in.worst_bill import anthropic_bill, cohere_bill, gemini_bill, openai_bill

CATALOGUE = decode(load_seed().snapshot)
TODAY = date(2026, 11, 23)
CHAT = {
    provider: [
        entry
        for entry in CATALOGUE.by_provider.get(provider, ())
        if entry.mode == "chat" and not entry.is_deprecated(TODAY) and entry.limits.max_input_tokens
    ]
    for provider in PROVIDER_BY_ID
}
_SHAPES: Final = {"web_search_options": ("openai", "google", "anthropic"), "enable_search": ("qwen",)}
ADVISORS: Final = ("claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5")


@dataclass
class Held:
    """The outcome of so many requests; `above` are those that were billed for more than was held."""

    held: int = 0
    unbounded: int = 0
    refused: int = 0
    above: list[str] = field(default_factory=list)


def drill(requests: int, seed: int) -> Held:
    """Generate requests and compare each with the worst bill of it."""
    chance, outcome = Random(seed), Held()
    providers = [provider for provider in sorted(CHAT) if CHAT[provider]]
    for number in range(requests):
        entry = chance.choice(CHAT[providers[number % len(providers)]])
        _compare(entry, _body(entry, chance), chance, outcome)
    return outcome


def _compare(entry: ModelEntry, body: Json, chance: Random, outcome: Held) -> None:
    found = worst_bill(entry, body, chance.choice((500, 32_768)))
    if found is None:
        outcome.refused += 1
        return
    candidate, bill = found
    if bill is None:
        outcome.unbounded += 1
        return
    outcome.held += 1
    if bill.cost > candidate.hold or bill.note not in (None, UNCOUNTED):
        options = {name: value for name, value in body.items() if name != "messages"}
        outcome.above.append(f"{bill.cost} > {candidate.hold} ({bill.note}) for {options}"[:400])


def worst_bill(entry: ModelEntry, body: Json, most_output: int = 32_768) -> tuple[Candidate, Bill | None] | None:
    """Return the candidate of a request and the most that its provider can bill; None where it is refused.

    The bill is None where nothing bounds an option.
    """
    try:
        request = chat_request(body)
    except InvalidRequest:
        return None
    requirements = CallRequirements(
        "chat",
        100,
        prompt_tokens_at_most(request.size, request.messages),
        most_output,
        PricingTerms(service_tier=request.service_tier),
        output_limit=request.output_limit,
        choices=request.choices,
        most_attached=request.most_attached,
        options=billed_options(request.body),
    )
    dialect = DIALECTS[entry.provider]
    context = RoutingContext(
        has_key=lambda _: True,
        refuses=lambda each: dialect.refuses(target_of(each), request.body),
        is_open=lambda _: False,
        beside=lambda provider, name: CATALOGUE.get(f"{provider}/{name}"),
    )
    candidate = weigh(entry, CATALOGUE.rates, requirements, context)
    if not isinstance(candidate, Candidate):
        return None
    if candidate.unbounded is not None:
        return candidate, None
    try:
        sent = dialect.chat(target_of(entry), with_limit(request.body, candidate, requirements), stream=False)
    except (InvalidRequest, ProviderFailure):
        return None
    reported = _worst(entry, sent.body)
    assert reported is not None
    return candidate, exact_bill(candidate, requirements, reported)


def _worst(entry: ModelEntry, sent: Any) -> ReportedUsage | None:
    window = entry.limits.max_input_tokens or 0
    match entry.provider:
        case "anthropic":
            limits = {each.name: each.limits for each in CATALOGUE.by_provider["anthropic"]}
            windows = {name: each.max_input_tokens or 1_000_000 for name, each in limits.items()}
            outputs = {name: each.max_output_tokens or 4_096 for name, each in limits.items()}
            return messages_usage(anthropic_bill(sent, windows, outputs))
        case "google":
            return generate_content_usage(gemini_bill(sent, entry.name, window))
        case "cohere":
            return cohere_usage(cohere_bill(sent))
        case provider:
            hears, speaks = "audio_input" in entry.capabilities, "audio" in (sent.get("modalities") or ())
            searches = "-search-" in entry.name or "web_search_options" in sent
            return chat_usage(provider, openai_bill(sent, hears=hears, speaks=speaks, searches=searches))


def _body(entry: ModelEntry, chance: Random) -> Json:
    words = "words " * chance.randrange(1, 400)
    body: Json = {"model": entry.id, "messages": [{"role": "user", "content": words}]}
    if chance.random() < 0.7:
        body["max_tokens"] = chance.randrange(1, entry.limits.max_output_tokens or 4_096)
    body |= {name: value for name, value in _options(entry.provider, chance).items() if chance.random() < 0.15}
    tools = [tool for tool in _tools(entry.provider, chance) if chance.random() < 0.2]
    return body | {"tools": tools} if tools else body


def _options(provider: str, chance: Random) -> Json:
    every = {
        "n": chance.randrange(1, 5),
        "service_tier": chance.choice(("auto", "default", "flex", "priority")),
        "web_search_options": chance.choice(({}, {"search_context_size": chance.choice(("low", "medium", "high"))})),
        "prediction": {"type": "content", "content": "x" * chance.randrange(1, 5_000)},
        "modalities": ["text", "audio"],
        "enable_search": True,
        "cachedContent": "cachedContents/1",
    }
    anthropics = {
        "speed": "fast",
        "fallbacks": [{"model": chance.choice(ADVISORS)}],
        "context_management": {"edits": [{"type": "compact_20260112"}]},
        "mcp_servers": [{"type": "url", "url": "https://mcp.example.com", "name": "m"}],
    }
    if provider == "anthropic":
        return every | anthropics
    return {name: value for name, value in every.items() if name not in _SHAPES or provider in _SHAPES[name]}


def _tools(provider: str, chance: Random) -> list[Json]:
    uses = {} if chance.random() < 0.5 else {"max_uses": chance.randrange(1, 30)}
    own: dict[str, list[Json]] = {
        "anthropic": [
            {"type": "web_search_20250305", "name": "web_search", **uses},
            {"type": "web_fetch_20250910", "name": "web_fetch", **uses},
            {"type": "advisor_20260301", "name": "advisor", "model": chance.choice(ADVISORS), **uses},
            {"type": "code_execution_20250825", "name": "code_execution"},
            {"type": "bash_20250124", "name": "bash"},
        ],
        "google": [{"googleSearch": {}}, {"googleMaps": {}}, {"codeExecution": {}}, {"urlContext": {}}],
    }
    function = {"name": "f", "parameters": {"type": "object", "properties": {}}}
    return [{"type": "function", "function": function}, *own.get(provider, [{"type": "web_search"}])]


if __name__ == "__main__":
    found = drill(40_000, seed=1)
    counts = f"held {found.held:,}, unbounded {found.unbounded:,}, refused {found.refused:,}, above {len(found.above)}"
    sys.stdout.write("\n".join([counts, *found.above[:10], ""]))
    raise SystemExit(bool(found.above))
