"""Open attempts and ledger rows as items: a call's row stays below the kilobyte that a write unit is.

A row leaves out what its key says or what follows exactly from the rest: its instants but the first stand as seconds
after that one, and lines of the usual rates as unit and rate. Rows of earlier builds, which spell all of it, are read
as well.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import Item
from atom_llm.domain.core.ids import CallId, ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.core.money import EXACT, ONE
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.cost import CostLine, PricingTerms
from atom_llm.domain.pricing.units import Side, Unit
from atom_llm.domain.pricing.usage import Quantity

_TERMS: Final = PricingTerms._field_defaults
_LEFT_OUT: Final = frozenset({"tenant", "call_id", "label", "deadline"})
_MICROSECOND: Final = timedelta(microseconds=1)

# Where a line of these units is charged, and by which published rate, unless it says otherwise: a part of the format.
_USUAL: Final[Mapping[Unit, tuple[Side, str]]] = {
    Unit.INPUT: ("input", "input_cost_per_token"),
    Unit.CACHE_READ: ("input", "cache_read_input_token_cost"),
    Unit.CACHE_WRITE_5M: ("input", "cache_creation_input_token_cost"),
    Unit.OUTPUT: ("output", "output_cost_per_token"),
    Unit.REASONING: ("output", "output_cost_per_token"),
}


def attempt_item(attempt: Attempt) -> Item:
    """Return an attempt as an item without its keys; empty fields are left out."""
    item = {
        "tenant": str(attempt.tenant),
        "call_id": str(attempt.call_id),
        "label": attempt.label,
        "service_key": str(attempt.service_key),
        "provider": attempt.provider,
        "model": attempt.model,
        "asked": attempt.model_asked if attempt.model_asked != attempt.model else None,
        "price_version": attempt.price_version,
        "opened_at": attempt.opened_at.isoformat(),
        "deadline": attempt.deadline.isoformat(),
        "hold": attempt.hold,
        "estimate": attempt.estimate,
        "windows": [f"{ref.scope} {ref.window}" for ref in attempt.windows] or None,
        "provider_key": attempt.provider_key,
        "tier": attempt.tier,
        "tags": dict(attempt.tags) or None,
        "correction": attempt.is_correction or None,
        "note": attempt.note,
        "maker": attempt.maker,
        "own_price": attempt.own_price,
        "end_user": attempt.end_user.user,
        "session": attempt.end_user.session,
        "team": attempt.team,
        "hold_factor": attempt.hold_factor if attempt.hold_factor != ONE else None,
        "hold_tokens": attempt.hold_tokens or None,
        "estimate_tokens": attempt.estimate_tokens or None,
    }
    return {name: value for name, value in item.items() if value is not None}


def attempt_of(item: Mapping[str, Any]) -> Attempt:
    """Read the attempt of an item, open or ended."""
    return Attempt(
        tenant=TenantId(item["tenant"]),
        call_id=CallId(item["call_id"]),
        label=item["label"],
        service_key=ServiceKeyId(item["service_key"]),
        provider=item["provider"],
        model=item["model"],
        model_asked=item.get("asked", item["model"]),
        price_version=item["price_version"],
        opened_at=datetime.fromisoformat(item["opened_at"]),
        deadline=datetime.fromisoformat(item["deadline"]),
        hold=item["hold"],
        estimate=item["estimate"],
        windows=tuple(WindowRef(*text.rsplit(" ", 1)) for text in item.get("windows", ())),
        provider_key=ProviderKeyId(item["provider_key"]) if "provider_key" in item else None,
        tier=item.get("tier"),
        tags=item.get("tags", {}),
        is_correction=item.get("correction", False),
        note=item.get("note"),
        maker=item.get("maker"),
        own_price=item.get("own_price"),
        end_user=EndUser(item.get("end_user"), item.get("session")),
        team=item.get("team"),
        hold_factor=item.get("hold_factor", ONE),
        hold_tokens=int(item.get("hold_tokens", 0)),
        estimate_tokens=int(item.get("estimate_tokens", 0)),
    )


def row_item(row: LedgerRow) -> Item:
    """Return a row as an item without its keys: the attempt and its settlement."""
    attempt, ended = row.attempt, row.settlement
    opened = attempt.opened_at
    terms = {name: value for name, value in ended.terms._asdict().items() if value != _TERMS[name]}
    if ended.terms.at is not None:
        terms["at"] = _seconds(ended.terms.at - opened)
    of_attempt = {name: value for name, value in attempt_item(attempt).items() if name not in _LEFT_OUT}
    if ended.latency_ms is not None:  # its process lived to write it: nobody asks any more which one
        of_attempt.pop("maker", None)
    if attempt.model.startswith(f"{attempt.provider}/"):
        del of_attempt["provider"]
    item = {
        "lives_s": _seconds(attempt.deadline - opened),
        "status": str(ended.status),
        "took_s": _seconds(ended.settled_at - opened),
        "cost": ended.cost,
        "usage": _spelt(dict(ended.usage)) if ended.usage else None,
        "context": ended.context_tokens or None,
        "raw": _spelt(ended.raw_usage) if ended.raw_usage is not None else None,
        "lines": _spelt([_short(line, ended.usage) for line in ended.lines]) if ended.lines else None,
        "terms": _spelt(terms) if terms else None,
        "latency_ms": ended.latency_ms,
        "first_token_ms": ended.first_token_ms,
        "reason": ended.reason,
    }
    return of_attempt | {name: value for name, value in item.items() if value is not None}


def row_of(item: Mapping[str, Any]) -> LedgerRow:
    """Read the row of an item, with its keys."""
    attempt = attempt_of(item if "tenant" in item else _spelt_out(item))
    opened = attempt.opened_at
    terms = json.loads(item.get("terms", "{}"))
    if "at" in terms:
        terms["at"] = opened + _span(terms["at"]) if "took_s" in item else datetime.fromisoformat(terms["at"])
    latency, first_token = item.get("latency_ms"), item.get("first_token_ms")
    usage = {Unit(name): _quantity(value) for name, value in json.loads(item.get("usage", "{}")).items()}
    settlement = Settlement(
        status=AttemptStatus(item["status"]),
        settled_at=opened + _span(item["took_s"]) if "took_s" in item else datetime.fromisoformat(item["settled_at"]),
        cost=item["cost"],
        usage=usage,
        context_tokens=int(item.get("context", 0)),
        raw_usage=json.loads(item["raw"]) if "raw" in item else None,
        lines=tuple(_line(fields, usage) for fields in json.loads(item.get("lines", "[]"))),
        terms=PricingTerms(**terms),
        latency_ms=None if latency is None else int(latency),
        first_token_ms=None if first_token is None else int(first_token),
        reason=item.get("reason"),
    )
    return LedgerRow(attempt, settlement, is_marked="posted" in item, of_earlier_build="tenant" in item)


def _spelt_out(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row's item with what its key and its other attributes say of its attempt."""
    tenant, call_id, label = keys.row_named(item["pk"], item["sk"])
    deadline = datetime.fromisoformat(item["opened_at"]) + _span(item["lives_s"])
    of_key = {"tenant": tenant, "call_id": call_id, "label": label, "deadline": deadline.isoformat()}
    return {"provider": item["model"].partition("/")[0], **item, **of_key}


def _short(line: CostLine, usage: Mapping[Unit, Quantity]) -> list[Any]:
    """Return a line's unit and rate where the rest follows from them, else all of it."""
    short = [line.unit, line.rate]
    is_usual = line.unit in _USUAL and line.unit in usage and _usual(line.unit, line.rate, usage) == line
    return short if is_usual else list(line)


def _usual(unit: Unit, rate: Decimal, usage: Mapping[Unit, Quantity]) -> CostLine:
    side, key = _USUAL[unit]
    return CostLine(unit, side, usage[unit], rate, key, ONE, EXACT.multiply(rate, usage[unit]))


def _line(fields: list[Any], usage: Mapping[Unit, Quantity]) -> CostLine:
    unit, *rest = fields
    if len(rest) == 1:
        return _usual(Unit(unit), Decimal(rest[0]), usage)
    side, quantity, rate, rate_key, multiplier, amount = rest
    return CostLine(
        Unit(unit), side, _quantity(quantity), Decimal(rate), rate_key, Decimal(multiplier), Decimal(amount)
    )


def _seconds(span: timedelta) -> Decimal:
    """Return a span in seconds, to the microsecond that instants have."""
    return Decimal(span // _MICROSECOND).scaleb(-6).normalize()


def _span(seconds: str | Decimal) -> timedelta:
    return int(Decimal(seconds).scaleb(6)) * _MICROSECOND


def _quantity(value: int | str) -> int | Decimal:
    """Read a quantity: whole ones are JSON numbers, fractions of a second or credit are text."""
    return value if isinstance(value, int) else Decimal(value)


def _spelt(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)
