"""Cost real answers of providers through the product's own arithmetic: `python -m local.bodies FILE`.

The file is a JSON list of `{"provider", "api", "model"?, "body", "expected"?}`. A body is a whole answer, or a stream:
its data objects as a list, or its text. `expected` holds token classes and a cost (local.expected_usage).
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from atom_llm.adapters.providers.sse import EventParser
from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.core.errors import InvalidRate, ModelNotFound
from atom_llm.domain.core.money import plain
from atom_llm.domain.core.providers import PROVIDER_BY_ID, provider_id
from atom_llm.domain.pricing.cost import Cost, Terms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.reported import Reported
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.reported_usage import (
    chat_usage,
    cohere_usage,
    embeddings_usage,
    generate_content_usage,
    messages_usage,
    responses_usage,
)
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, ResolvedModel
from local.expected_usage import Finding, differences, expects_no_usage

Json = Mapping[str, Any]

APIS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("chat", "chat_completions", "chat.completions", "completions"), "chat"),
    "messages": "messages",
    **dict.fromkeys(("generate_content", "generatecontent", "stream_generate_content"), "generate_content"),
    "responses": "responses",
    **dict.fromkeys(("embeddings", "embedding", "embed", "embed_content", "batch_embed_contents"), "embeddings"),
}


class Unreadable(Exception):
    """An entry that says nothing that can be costed, and why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one entry came out; it passed when it has no faults."""

    name: str
    found: str
    faults: Sequence[str] = ()


def judge(number: int, entry: object, belief: CatalogueInForce) -> Verdict:
    """Cost one entry and compare; whatever is wrong with it is a fault of it alone."""
    name = f"{number}"
    try:
        if not isinstance(entry, dict):
            raise Unreadable("the entry is no object")
        name = _name(number, entry)
        expected = entry.get("expected")
        reported = _reported(entry)
        if reported is None:
            said = "the provider did not say what was used"
            return Verdict(name, said, () if expects_no_usage(expected) else (said,))
        if expects_no_usage(expected):
            return Verdict(name, _classes(reported.usage), ("expected no usage",))
        found = _finding(entry, reported, belief)
    except Unreadable as error:
        return Verdict(name, "not read", (str(error),))
    told = f"{_classes(found.usage)}; {_told_cost(found)}"
    if not isinstance(expected, dict) or not expected:
        missing = ["expected is no object"] if expected else [] if found.cost else [str(found.fault)]
        return Verdict(name, told, missing)
    return Verdict(name, told, list(differences(expected, found)))


def _name(number: int, entry: Json) -> str:
    words = (entry.get(key) for key in ("id", "name", "provider", "api", "model"))
    return " ".join([f"{number}", *(word for word in words if isinstance(word, str))])


def _reported(entry: Json) -> Reported | None:
    provider, api = _provider(entry), APIS.get(str(entry.get("api")).lower().replace("-", "_"))
    if api is None:
        raise Unreadable(
            f"api is none of chat, messages, generate_content, responses, embeddings: {entry.get('api')!r}"
        )
    body = _body(entry)
    if api == "chat":
        if provider == "cohere" and "choices" not in body:
            return _of_usage(cohere_usage, body.get("usage") or body.get("meta"))
        return chat_usage(provider, body)
    if api == "messages":
        return _of_usage(messages_usage, body.get("usage"))
    if api == "generate_content":
        return generate_content_usage(body)
    return responses_usage(provider, body) if api == "responses" else embeddings_usage(provider, body)


def _of_usage(read: Callable[[Json], Reported | None], usage: object) -> Reported | None:
    return read(usage) if isinstance(usage, dict) else None


def _provider(entry: Json) -> str:
    name = entry.get("provider")
    if not isinstance(name, str) or not name:
        raise Unreadable("the entry names no provider")
    word = name.strip().lower()
    return word if word in PROVIDER_BY_ID else provider_id(word)


def _body(entry: Json) -> Json:
    """The whole answer, or what a stream's events come to as one."""
    body = entry.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body, parse_float=Decimal)
        except ValueError:
            body = list(_events(str(body)))
    if isinstance(body, list):
        events = [event for each in body for event in _of_event(each)]
        if not events:
            raise Unreadable("the stream has no event that can be read")
        return _merged(events)
    if not isinstance(body, dict):
        raise Unreadable("the body is no object, no stream and no text of one")
    return body


def _events(text: str) -> Iterator[object]:
    parser = EventParser()
    for event in [*parser.feed(text.encode()), *parser.end()]:
        yield event.data


def _of_event(each: object) -> Iterator[Json]:
    """An event as an object, as a text of one, or inside of `data`; the sentinel and what is malformed are nothing."""
    if isinstance(each, str):
        text = each.strip()
        try:
            each = json.loads(text.removeprefix("data:"), parse_float=Decimal)
        except ValueError:
            if text.startswith(("event:", "data:")) and "\n" in text:
                yield from (event for data in _events(text) for event in _of_event(data))
            return
    if isinstance(each, dict):
        data = each.get("data")
        if isinstance(data, str | dict) and "choices" not in each:
            yield from _of_event(data)
        else:
            yield each


def _merged(events: Sequence[Json]) -> Json:
    """One answer: the last word on every field, on each count of the usage too, and the candidates of all events."""
    whole: dict[str, Any] = {}
    usage: dict[str, Any] = {}
    candidates: list[Any] = []
    for event in events:
        for part in (event.get("message"), event.get("delta"), event.get("response"), event):
            if isinstance(part, dict):
                whole |= {name: value for name, value in part.items() if value is not None}
                said = part.get("usage")
                usage |= {name: n for name, n in said.items() if n is not None} if isinstance(said, dict) else {}
        if isinstance(event.get("candidates"), list):
            candidates += event["candidates"]
    if usage:
        whole["usage"] = usage
    if candidates:
        whole["candidates"] = candidates
    return whole


def _finding(entry: Json, reported: Reported, belief: CatalogueInForce) -> Finding:
    model = _model(entry)
    found = _row(_provider(entry), model, belief)
    terms = _terms(entry, reported.terms)
    rates = belief.catalogue.rates(found.entry)
    charged, fault = _cost(reported.usage, rates, terms)
    return Finding(found.entry.id, reported.usage, terms.service_tier, charged, fault)


def _model(entry: Json) -> str:
    body = _body(entry)
    names = (entry.get("model"), body.get("model"), body.get("modelVersion"))
    model = next((name for name in names if isinstance(name, str) and name), None)
    if model is None:
        raise Unreadable("neither the entry nor the body names a model")
    return model.removeprefix("models/")


def _row(provider: str, model: str, belief: CatalogueInForce) -> ResolvedModel:
    """The provider's own row of a model, whether or not the provider stands in front of the name."""
    prefixes = {provider, *PROVIDER_BY_ID[provider].catalogue_names} if provider in PROVIDER_BY_ID else {provider}
    first, slash, rest = model.partition("/")
    names = [f"{provider}/{model}"] + ([f"{provider}/{rest}"] if slash and first in prefixes else [])
    near: Sequence[str] = ()
    for name in names:
        try:
            found = belief.find(name)
        except ModelNotFound as error:
            near = near or error.near
            continue
        if found.entry.provider == provider:
            return found
    raise Unreadable(f"the price list has no {names[0]}; near: {', '.join(near) or 'nothing'}")


def _terms(entry: Json, told: Terms) -> Terms:
    """The answer's terms; the entry may add the tier that was asked for, and an instant for off-peak prices."""
    asked, at = entry.get("service_tier"), entry.get("at")
    try:
        instant = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        raise Unreadable(f"at is no instant: {at}") from None
    if instant is not None and instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    tier = told.service_tier or (asked if isinstance(asked, str) and asked != "auto" else None)
    return told._replace(service_tier=tier, at=instant)


def _cost(usage: Usage, rates: Rates, terms: Terms) -> tuple[Cost | None, str | None]:
    try:
        return cost(usage, rates, terms), None
    except InvalidRate as error:
        charged, fault = _cost(usage, rates, terms._replace(service_tier=None))
        return charged, fault or f"at the standard tier: {error.message}"
    except Unpriced as error:
        return None, error.message


def _classes(usage: Usage) -> str:
    return ", ".join(f"{unit} {count}" for unit, count in usage.counts.items()) or "nothing used"


def _told_cost(found: Finding) -> str:
    if found.cost is None:
        return f"no price by {found.model}: {found.fault}"
    note = f" ({found.fault})" if found.fault else ""
    return f"{plain(found.cost.total)} USD by {found.model}{note}"


def main(arguments: list[str]) -> int:
    """Judge every body of a file; the exit code is 0 only when all passed."""
    if len(arguments) != 1:
        print("usage: make bodies FILE=path/to/bodies.json", file=sys.stderr)
        return 2
    try:
        entries = json.loads(Path(arguments[0]).read_text(), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        print(f"{arguments[0]} is not a readable JSON file: {error}", file=sys.stderr)
        return 2
    if isinstance(entries, dict):
        entries = entries.get("bodies")
    if not isinstance(entries, list):
        print(f"{arguments[0]} holds no list of bodies", file=sys.stderr)
        return 2
    belief = seed_prices()
    failed = 0
    for number, entry in enumerate(entries, 1):
        verdict = judge(number, entry, belief)
        failed += bool(verdict.faults)
        print(f"{verdict.name}: {verdict.found}")
        for fault in verdict.faults:
            print(f"  FAILED  {fault}")
    print("Where token classes are expected, those that are not named must be 0; costs must be equal to the digit.")
    print(f"{len(entries) - failed} passed, {failed} failed")
    return 1 if failed or not entries else 0


def seed_prices() -> CatalogueInForce:
    """The price list that the package carries."""
    seed = load_seed()
    return CatalogueInForce(decode(seed.snapshot), None, seed.as_of)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
