"""Circuits, rate limits and idempotent requests in memory, with the stores' own outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from atom_llm.domain.calls.idempotency import IdempotencyRecord
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.rate_limit import PAID_OFF, AdvanceWrite, LimitStep, PaidUntil, RestartWrite
from atom_llm.ports.routing import ModelKey, StoredCircuit


class CircuitsInMemory:
    """Implements `CircuitStore`; `asked` and `written` count requests."""

    def __init__(self) -> None:
        self.stored: dict[ModelKey, StoredCircuit] = {}
        self.asked = 0
        self.written = 0
        self.fails_with: StoreUnavailable | None = None
        self._lock = Lock()

    def load(self, models: Sequence[ModelKey]) -> Mapping[ModelKey, StoredCircuit]:
        self.asked += 1
        if self.fails_with is not None:
            raise self.fails_with
        return {model: self.stored[model] for model in models if model in self.stored}

    def save(
        self, model: ModelKey, changed: StoredCircuit, *, before: str, forget_at: datetime
    ) -> StoredCircuit | None:
        self.written += 1
        if self.fails_with is not None:
            raise self.fails_with
        with self._lock:
            there = self.stored.get(model, StoredCircuit())
            if there.revision == changed.revision:
                return None
            if there.revision != before:
                return there
            self.stored[model] = changed
            return None


class RateLimitsInMemory:
    """Implements `RateLimitStore`; `written` counts requests."""

    def __init__(self) -> None:
        self.stored: dict[str, PaidUntil] = {}
        self.written = 0
        self.fails_with: StoreUnavailable | None = None
        self._lock = Lock()

    def take(
        self, subject: str, requests: LimitStep | None, tokens: LimitStep | None, forget_at: datetime
    ) -> tuple[bool, PaidUntil]:
        self.written += 1
        if self.fails_with is not None:
            raise self.fails_with
        with self._lock:
            there = self.stored.get(subject, PaidUntil())
            moved_requests, moved_tokens = _moved(there.requests, requests), _moved(there.tokens, tokens)
            if moved_requests is None or moved_tokens is None:
                return False, there
            self.stored[subject] = PaidUntil(moved_requests, moved_tokens)
            return True, self.stored[subject]

    def correct(self, subject: str, tokens: int) -> PaidUntil | None:
        self.written += 1
        if self.fails_with is not None:
            raise self.fails_with
        with self._lock:
            there = self.stored.get(subject)
            if there is None or there.tokens == PAID_OFF:
                return None
            self.stored[subject] = replace(there, tokens=there.tokens + tokens)
            return self.stored[subject]


class IdempotencyInMemory:
    """Implements `IdempotencyStore`."""

    def __init__(self) -> None:
        self.records: dict[tuple[TenantId, str], IdempotencyRecord] = {}
        self.answers: dict[tuple[TenantId, str, str], bytes] = {}
        self.fails_with: StoreUnavailable | None = None
        self._lock = Lock()

    def begin(
        self, tenant: TenantId, name: str, record: IdempotencyRecord, *, over: str | None
    ) -> IdempotencyRecord | None:
        if self.fails_with is not None:
            raise self.fails_with
        with self._lock:
            there = self.records.get((tenant, name))
            if there is None and over is not None:
                raise StoreUnavailable("an idempotent request was forgotten at this moment")
            if there is not None and there.token not in (over, record.token):
                return there
            self.records[tenant, name] = record
            return None

    def finish(self, tenant: TenantId, name: str, record: IdempotencyRecord, answer: bytes | None) -> bool:
        if self.fails_with is not None:
            raise self.fails_with
        with self._lock:
            there = self.records.get((tenant, name))
            if there is None or there.token != record.token:
                return False
            self.records[tenant, name] = replace(record, parts=0 if answer is None else 1)
            if answer is not None:
                self.answers[tenant, name, record.token] = answer
            return True

    def answer(self, tenant: TenantId, name: str, record: IdempotencyRecord) -> bytes | None:
        if self.fails_with is not None:
            raise self.fails_with
        return self.answers.get((tenant, name, record.token))

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        with self._lock:
            doomed = [place for place in self.records if place[0] == tenant]
            for place in doomed:
                del self.records[place]
            self.answers = {place: answer for place, answer in self.answers.items() if place[0] != tenant}
            return {"idempotent_answers_deleted": len(doomed)}


def _moved(there: int, step: LimitStep | None) -> int | None:
    """Return the instant after a conditional write; None where its condition fails."""
    match step:
        case None:
            return there
        case RestartWrite(to, below):
            return to if there < below else None
        case AdvanceWrite(by, at_least, at_most):
            return there + by if at_least <= there <= at_most else None
