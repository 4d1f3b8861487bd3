"""What a call left in the tables, read as another process would."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from atom_llm.domain.core.money import exact_sum, plain
from atom_llm.domain.ledger.budgets import TENANT_SCOPE, WindowRef
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from atom_llm.domain.routing.circuit import HEALTHY, Closed
from testing.lambda_runtime.account import Account, CallingTenant

MODEL = "gpt-4o-mini"  # of OpenAI: the one whose circuit is looked at


@dataclass(frozen=True, slots=True)
class CallTrace:
    """Ledger rows by their status, outcomes told to health, failures in a row at the circuit (-1: it is open), and the
    status of OpenAI's key. `unsettled` is what is still held or open, or does not add up."""

    rows: tuple[str, ...] = ()
    answered: int = 0
    failed: int = 0
    limited: int = 0
    circuit: int = 0
    key: str = "untested"
    unsettled: str = ""


def trace(account: Account, tenant: CallingTenant) -> CallTrace:
    """The trace of all calls of a tenant, where no other one has called."""
    ports = account.services.ports
    rows = _rows(account, tenant)
    minutes = [
        counts
        for provider in ("openai", "anthropic")
        for by_minute in ports.health_log.minutes(provider, 0).values()
        for counts in by_minute.values()
    ]
    circuit = ports.circuits.load([("openai", MODEL)])
    keys = [key for key in ports.provider_keys.of(tenant.id)[0] if key.provider == "openai"]
    stored = circuit["openai", MODEL].circuits.own.get(tenant.id, HEALTHY) if circuit else HEALTHY
    return CallTrace(
        rows=tuple(str(row.settlement.status) for row in rows),
        answered=sum(each.answered for each in minutes),
        failed=sum(each.failed for each in minutes),
        limited=sum(each.limited for each in minutes),
        circuit=stored.row if isinstance(stored, Closed) else -1,
        key=str(keys[0].status) if keys else "none",
        unsettled=_unsettled(account, tenant, rows),
    )


def _rows(account: Account, tenant: CallingTenant) -> list[LedgerRow]:
    now = datetime.now(UTC)
    days = sorted({now.date(), (now - timedelta(minutes=10)).date()})  # a run may cross midnight
    ledger = account.services.ports.ledger
    rows = [row for day in days for row in ledger.rows_of_day(tenant.id, day, behind=None, page_size=100)]
    return sorted(rows, key=lambda row: row.attempt.place)


def _unsettled(account: Account, tenant: CallingTenant, rows: list[LedgerRow]) -> str:
    ports, now = account.services.ports, datetime.now(UTC)
    ended = {row.attempt.place for row in rows}
    still_open = [each for each in ports.ledger.open_attempts_of(tenant.id) if each.place not in ended]
    ref = WindowRef(TENANT_SCOPE, BudgetCalendar(ZoneInfo("UTC")).window(WindowKind.DAY, now).name)
    window = ports.budget_windows.states([(tenant.id, ref)]).get((tenant.id, ref))
    spent = exact_sum(row.settlement.cost for row in rows)
    found = [f"{len(still_open)} attempts open"] if still_open else []
    if window is not None and window.holds:
        found.append(f"{plain(window.held)} USD held")
    if window is not None and window.spent != spent:
        found.append(f"{plain(window.spent)} USD counted, {plain(spent)} USD in the ledger")
    return ", ".join(found)
