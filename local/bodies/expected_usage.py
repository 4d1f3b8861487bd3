"""The usage and cost that an entry expects of a call, in whichever usual words, against those found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import decimal, plain
from atom_llm.domain.pricing.cost import Cost, side
from atom_llm.domain.pricing.rates import service_tier
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import MAX_COUNT, Quantity, Usage

NESTED: Final = frozenset({"usage", "tokens", "classes", "token_classes", "units", "counts"})
REMARKS: Final = frozenset({"why", "note", "notes", "comment", "source", "arithmetic"})

_PROMPT: Final = tuple(unit for unit in RATES_OF_TOKENS if side(unit, "") == "input")
_COMPLETION: Final = tuple(unit for unit in RATES_OF_TOKENS if side(unit, "") == "output")
_READS: Final = (Unit.CACHE_READ, Unit.CACHE_READ_EXPLICIT)
_WRITES: Final = (Unit.CACHE_WRITE_5M, Unit.CACHE_WRITE_1H, Unit.CACHE_WRITE_12H, Unit.CACHE_WRITE_AUDIO)
# Words that are not a unit's own name, for the units that they hold together.
_WORDS: Final[Mapping[str, tuple[Unit, ...]]] = {
    **dict.fromkeys(("uncached_input", "fresh_input", "text_input", "input_text"), (Unit.INPUT,)),
    **dict.fromkeys(("text_output", "output_text"), (Unit.OUTPUT,)),
    **dict.fromkeys(("cache_read", "cached", "cached_input", "cache_read_input", "input_cached", "cache_hit"), _READS),
    "explicit_cache_read": (Unit.CACHE_READ_EXPLICIT,),
    **dict.fromkeys(("cache_write", "cache_creation", "cache_creation_input"), _WRITES),
    **dict.fromkeys(("cache_creation_5m", "ephemeral_5m_input", "cache_write_30m"), (Unit.CACHE_WRITE_5M,)),
    **dict.fromkeys(("cache_creation_1h", "ephemeral_1h_input"), (Unit.CACHE_WRITE_1H,)),
    **dict.fromkeys(("thinking", "thoughts", "output_reasoning", "reasoning_output"), (Unit.REASONING,)),
    "audio": (Unit.INPUT_AUDIO, Unit.OUTPUT_AUDIO),
    "image": (Unit.INPUT_IMAGE, Unit.OUTPUT_IMAGE),
    "video": (Unit.INPUT_VIDEO, Unit.OUTPUT_VIDEO),
    **{
        f"{medium}_{way}": (Unit(f"{way}_{medium}"),)
        for medium in ("audio", "image", "video")
        for way in ("input", "output")
    },
    **dict.fromkeys(("cached_audio", "cache_audio_read"), (Unit.CACHE_READ_AUDIO,)),
    **dict.fromkeys(("cached_image", "cache_image_read"), (Unit.CACHE_READ_IMAGE,)),
    **dict.fromkeys(("web_search", "web_search_requests", "searches"), (Unit.WEB_SEARCHES,)),
    "search_units": (Unit.QUERIES,),
}
# Words for the whole prompt or completion, which count everything in it whatever else is named.
_WHOLES: Final[Mapping[str, tuple[Unit, ...]]] = {
    **dict.fromkeys(("prompt_tokens", "prompt", "input_total", "total_input", "total_input_tokens"), _PROMPT),
    **dict.fromkeys(("completion_tokens", "completion", "output_total", "total_output"), _COMPLETION),
    **dict.fromkeys(("total_output_tokens",), _COMPLETION),
    "total_tokens": (*_PROMPT, *_COMPLETION),
}
_COSTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("cost", "cost_usd", "total", "total_cost", "total_cost_usd", "total_usd", "usd", "cost_total"), "total"
    ),
    **dict.fromkeys(("input_cost", "cost_input", "input_cost_usd", "prompt_cost"), "input"),
    **dict.fromkeys(("output_cost", "cost_output", "output_cost_usd", "completion_cost"), "output"),
    **dict.fromkeys(("extra_cost", "cost_extra", "extra_cost_usd"), "extra"),
}
_SIDES: Final[Mapping[str, str]] = {**_COSTS, **{name: name for name in ("total", "input", "output", "extra")}}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for a body. `cost` None: it has no price, for the reason that `fault` gives."""

    model: str
    usage: Usage
    service_tier: str | None
    cost: Cost | None
    fault: str | None = None


@dataclass(slots=True)
class _Wanted:
    counts: dict[str, tuple[tuple[Unit, ...], Any]] = field(default_factory=dict)
    costs: dict[str, tuple[str, Any]] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def expects_no_usage(expected: object) -> bool:
    """Return whether the expectation is that the provider reported no usage: `{"usage": null}`."""
    return isinstance(expected, Mapping) and any(name in expected and expected[name] is None for name in NESTED)


def differences(expected: Mapping[str, Any], found: Finding) -> Iterator[str]:
    """Yield each way in which the finding differs from the expectation, a key that means nothing here included.

    A word for several units (`cache_read`, `prompt_tokens`) does not count those that another key names. Where any
    token class is given, those that are not must be 0; what is bought beside tokens is compared only where it is given.
    """
    wanted = _Wanted()
    _read(expected, wanted, in_usage=False)
    for key in wanted.unknown:
        yield f"expected has a key that is not understood: {key}"
    named = {units[0] for units, _ in wanted.counts.values() if len(units) == 1}
    mentioned: set[Unit] = set()
    for key, (units, value) in wanted.counts.items():
        is_group = len(units) > 1 and key not in _WHOLES
        taken = [unit for unit in units if unit not in named] if is_group else units
        mentioned.update(units)
        actual = sum(found.usage.counts.get(unit, 0) for unit in taken)
        number = _number(value)
        if number is None:
            yield f"{key}: expected {value!r}, which is no count"
        elif number != actual:
            yield f"{key}: expected {number}, found {actual}"
    if mentioned & RATES_OF_TOKENS.keys():
        for unit, count in found.usage.counts.items():
            if unit in RATES_OF_TOKENS and unit not in mentioned:
                yield f"{unit}: not expected, found {count}"
    yield from _cost_differences(wanted.costs, found)
    yield from _other_differences(wanted.others, found)


def _read(expected: Mapping[str, Any], wanted: _Wanted, *, in_usage: bool) -> None:
    for key, value in expected.items():
        units = _units(key)
        if key in NESTED and isinstance(value, Mapping):
            _read(value, wanted, in_usage=True)
        elif not in_usage and key in _COSTS and isinstance(value, Mapping):
            for name, amount in value.items():
                if name in _SIDES:
                    wanted.costs[f"{key}.{name}"] = (_SIDES[name], amount)
                elif name not in REMARKS and name != "currency":
                    wanted.unknown.append(f"{key}.{name}")
        elif not in_usage and key in _COSTS:
            wanted.costs[key] = (_COSTS[key], value)
        elif units:
            wanted.counts[key] = (units, value)
        elif key in ("model", "service_tier", "context_tokens", "currency"):
            wanted.others[key] = value
        elif key not in REMARKS:
            wanted.unknown.append(key)


def _units(key: str) -> tuple[Unit, ...]:
    if key in _WHOLES:
        return _WHOLES[key]
    for word in (key, key.removesuffix("_tokens")):
        if word in _WORDS:
            return _WORDS[word]
        if word in Unit:
            return (Unit(word),)
    return ()


def _cost_differences(costs: Mapping[str, tuple[str, Any]], found: Finding) -> Iterator[str]:
    for key, (name, value) in costs.items():
        if value is None:
            if found.cost is not None:
                yield f"{key}: expected no price, found {plain(getattr(found.cost, name))}"
            continue
        amount = _amount(value)
        if amount is None:
            yield f"{key}: expected {value!r}, which is no amount"
        elif found.cost is None:
            yield f"{key}: expected {amount}, found no price: {found.fault}"
        elif getattr(found.cost, name) != amount:
            yield f"{key}: expected {amount}, found {plain(getattr(found.cost, name))}"


def _other_differences(others: Mapping[str, Any], found: Finding) -> Iterator[str]:
    for key, value in others.items():
        if key == "model" and value not in (found.model, found.model.partition("/")[2]):
            yield f"model: expected {value}, found {found.model}"
        elif key == "context_tokens" and _number(value) != found.usage.context_tokens:
            yield f"context_tokens: expected {value}, found {found.usage.context_tokens}"
        elif key == "service_tier" and _tier(value) != _tier(found.service_tier):
            yield f"service_tier: expected {value}, found {found.service_tier}"
        elif key == "currency" and value != "USD":
            yield f"currency: expected {value}, found USD"


def _tier(name: object) -> str | None:
    try:
        return service_tier(name if isinstance(name, str) else None)
    except InvalidRate:
        return str(name)


def _number(value: object) -> Quantity | None:
    number = _amount(value)
    if number is None or abs(number) > MAX_COUNT:
        return None
    return int(number) if number == number.to_integral_value() else number


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = decimal(value.removeprefix("$") if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
