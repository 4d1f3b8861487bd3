"""Open attempts and ledger rows as items, kept small: a call's row is a kilobyte or two of its write units."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb.table import Item
from atom_llm.domain.core.ids import CallId, ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.core.money import ONE
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.cost import CostLine, PricingTerms
from atom_llm.domain.pricing.units import Unit

_TERMS: Final = PricingTerms._field_defaults


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
    ended = row.settlement
    terms = {name: value for name, value in ended.terms._asdict().items() if value != _TERMS[name]}
    item = {
        "status": str(ended.status),
        "settled_at": ended.settled_at.isoformat(),
        "cost": ended.cost,
        "usage": _spelt(dict(ended.usage)) if ended.usage else None,
        "context": ended.context_tokens or None,
        "raw": _spelt(ended.raw_usage) if ended.raw_usage is not None else None,
        "lines": _spelt([list(line) for line in ended.lines]) if ended.lines else None,
        "terms": _spelt(terms) if terms else None,
        "latency_ms": ended.latency_ms,
        "first_token_ms": ended.first_token_ms,
        "reason": ended.reason,
    }
    return attempt_item(row.attempt) | {name: value for name, value in item.items() if value is not None}


def row_of(item: Mapping[str, Any]) -> LedgerRow:
    """Read the row of an item."""
    terms = json.loads(item.get("terms", "{}"))
    if "at" in terms:
        terms["at"] = datetime.fromisoformat(terms["at"])
    latency, first_token = item.get("latency_ms"), item.get("first_token_ms")
    settlement = Settlement(
        status=AttemptStatus(item["status"]),
        settled_at=datetime.fromisoformat(item["settled_at"]),
        cost=item["cost"],
        usage={Unit(name): _quantity(value) for name, value in json.loads(item.get("usage", "{}")).items()},
        context_tokens=int(item.get("context", 0)),
        raw_usage=json.loads(item["raw"]) if "raw" in item else None,
        lines=tuple(_line(fields) for fields in json.loads(item.get("lines", "[]"))),
        terms=PricingTerms(**terms),
        latency_ms=None if latency is None else int(latency),
        first_token_ms=None if first_token is None else int(first_token),
        reason=item.get("reason"),
    )
    return LedgerRow(attempt_of(item), settlement, is_posted="posted" in item)


def _line(fields: list[Any]) -> CostLine:
    unit, side, quantity, rate, rate_key, multiplier, amount = fields
    return CostLine(
        Unit(unit), side, _quantity(quantity), Decimal(rate), rate_key, Decimal(multiplier), Decimal(amount)
    )


def _quantity(value: int | str) -> int | Decimal:
    """Read a quantity: whole ones are JSON numbers, fractions of a second or credit are text."""
    return value if isinstance(value, int) else Decimal(value)


def _spelt(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
