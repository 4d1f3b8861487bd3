"""A model's circuit: closed while calls succeed, open after they failed, then half open for one probe at a time.

The rules are those of docs/routing.md, "Breaker": `(circuit, event, now, policy) → circuit`, stored with one
conditional write.

A success of a healthy circuit is news for nobody and is not written. Each process counts its own and tells of them when
it has something to write, so that a failure never comes alone: it says how many successes the same process saw before
it. What follows for a thousand processes is what would follow if one process saw all of their calls, by sampling:

- Failures in a row: one that comes after a success of its own process begins a new row. Where a tenth of all calls
  fail nearly every failure does, and the row stays short however many processes there are; where everything fails
  each process begins one row at most, and the next round of failures opens the circuit.
- The share of failures: what each process tells is a fair sample of its calls, however rarely it makes one. At most
  `most_carried` successes are told of at once, so that a long good past does not outweigh a bad present.

The price: a process that fails alone (its own network, say) opens the circuit for all. It costs the others one pause,
for any of them may probe.

Where failures say which tenant has seen them, the circuit opens only if it would open without any one tenant's: what
one tenant alone meets (its key, its account, what it asks) is no outage for others (`model_circuits.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """The bounds at which a circuit opens and closes: docs/routing.md, "Breaker", then those for many processes."""

    failures_in_a_row: int = 5
    least_calls: int = 10  # of a window, before its share of failures says anything
    failing_share: float = 0.5
    window: timedelta = timedelta(seconds=60)
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(seconds=5)  # a provider that works again is to serve again within ten
    closing_successes: int = 2
    trial: timedelta = timedelta(
        seconds=30
    )  # after closing: one failure opens it again, so that none that flaps is hammered

    slice: timedelta = timedelta(seconds=10)  # how exactly the window is kept: six counts, of 50 to 60 s
    row_forgotten: timedelta = timedelta(minutes=5)  # opening for a row that slow keeps nobody away: a pause is shorter
    most_carried: int = 10  # successes told of at once; half of it tells any share near a half from a smaller one
    doubtful_row: int = 3  # from here on a success is written too, to take the row back before it opens the circuit
    lease: timedelta = timedelta(seconds=5)  # of a probe; the next one does not wait for a probe that hangs

    most_tenants: int = 16  # whose failures are told apart, of a row and of a slice; those of others are not counted


POLICY: Final = CircuitPolicy()


@dataclass(frozen=True, slots=True)
class WindowSlice:
    """The calls of a part of the window, which began at `start`; `seen_by` shares its failures out among tenants."""

    start: datetime
    calls: int
    failures: int
    seen_by: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A tenant's failures in a row of several tenants', the last of them at `failed_at`."""

    tenant: str
    failures: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls pass. `row` is the number of failures in a row, the last of them at `failed_at`; `seen_by` shares it out.

    One that probes have closed, at `closed_at`, is on trial for a while, and remembers its `openings`.
    """

    row: int = 0
    failed_at: datetime | None = None
    slices: tuple[WindowSlice, ...] = ()
    closed_at: datetime | None = None
    openings: int = 0
    seen_by: tuple[SeenRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """The holder of the one probe, and the instant until which no other may probe."""

    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """No call passes until `until`; from then on the circuit is half open: one probe passes at a time.

    `openings` in a row double the pause; `successes` are of probes since it opened.
    """

    until: datetime
    openings: int
    successes: int = 0
    lease: Lease | None = None


Circuit = Closed | Open
CircuitPhase = Literal["closed", "open", "half_open"]
HEALTHY: Final = Closed()


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Calls that succeeded since their process wrote last."""

    calls: int = 1


@dataclass(frozen=True, slots=True)
class Failed:
    """Calls that failed, after `after` successes that their process had not told of; `tenant` is whose calls they were.

    A circuit is told of all failures with their tenants, or of none.
    """

    calls: int = 1
    after: int = 0
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class ProbeTaken:
    """A process takes the lease to probe."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class ProbeGivenBack:
    """The probe is no evidence about the model: it was not sent, or its own request was at fault."""

    holder: str


@dataclass(frozen=True, slots=True)
class ProbeSucceeded:
    """A probe was answered."""

    holder: str


@dataclass(frozen=True, slots=True)
class ProbeFailed:
    """A probe failed as the calls before it had."""

    holder: str


CircuitEvent = Succeeded | Failed | ProbeTaken | ProbeGivenBack | ProbeSucceeded | ProbeFailed


@dataclass(frozen=True, slots=True)
class Pass:
    """Every call may pass."""


@dataclass(frozen=True, slots=True)
class ProbePermit:
    """One call may pass, if it takes the lease."""


@dataclass(frozen=True, slots=True)
class Wait:
    """No call may pass until an instant."""

    until: datetime


Permission = Pass | ProbePermit | Wait


def phase_of(circuit: Circuit, now: datetime) -> CircuitPhase:
    """Return a circuit's phase, by its usual name."""
    match circuit:
        case Closed():
            return "closed"
        case Open(until=until):
            return "open" if now < until else "half_open"


def permits(circuit: Circuit, now: datetime) -> Permission:
    """Return the permission that a circuit gives a call at an instant."""
    match circuit:
        case Closed():
            return Pass()
        case Open(until=until) if now < until:
            return Wait(until)
        case Open(lease=Lease(until=until)) if now < until:
            return Wait(until)
        case Open():
            return ProbePermit()


def after(circuit: Circuit, event: CircuitEvent, now: datetime, policy: CircuitPolicy = POLICY) -> Circuit:
    """Return the circuit after an event. An open one is moved by probes alone: other calls began before it opened.

    A probe that succeeds after its lease still counts where the circuit is half open, or a model whose calls all take
    longer than a lease would never be let in again. One that fails counts while no other has taken its place: it began
    before that one, and says less of the provider as it is.
    """
    match circuit, event:
        case Closed(), Succeeded(calls):
            closed_at, openings = _trial(circuit, now, policy)
            return Closed(slices=_counted(circuit, calls, 0, now, policy), closed_at=closed_at, openings=openings)
        case Closed(), ProbeSucceeded():
            return after(circuit, Succeeded(), now, policy)
        case Closed(), ProbeFailed():
            return circuit  # it began before the probes that closed it
        case Closed(), Failed():
            failing = _failed(circuit, event, now, policy)
            return opened(failing, now, policy) if _is_failing(failing, policy) else failing
        case Open(), ProbeTaken(lease) if isinstance(permits(circuit, now), ProbePermit):
            return replace(circuit, lease=lease)
        case Open(), ProbeGivenBack(holder) if holds(circuit, holder):
            return replace(circuit, lease=None)
        case Open(), ProbeSucceeded(holder) if _counts(circuit, holder, now):
            if circuit.successes + 1 >= policy.closing_successes:
                return Closed(closed_at=now, openings=circuit.openings)
            others = None if holds(circuit, holder) else circuit.lease
            return replace(circuit, successes=circuit.successes + 1, lease=others)
        case Open(), ProbeFailed(holder) if holds(circuit, holder):
            return opened(circuit, now, policy)
        case _:
            return circuit


def is_doubtful(circuit: Circuit, policy: CircuitPolicy = POLICY) -> bool:
    """Return whether a success is news: it takes back a row of failures that is on its way to open the circuit."""
    return isinstance(circuit, Closed) and _row_of_others(circuit) >= policy.doubtful_row


def holds(circuit: Circuit, holder: str) -> bool:
    """Return whether a holder has the lease to probe, or had it and nobody else took it since."""
    return isinstance(circuit, Open) and circuit.lease is not None and circuit.lease.holder == holder


def _counts(circuit: Open, holder: str, now: datetime) -> bool:
    return now >= circuit.until or holds(circuit, holder)


def _trial(circuit: Closed, now: datetime, policy: CircuitPolicy) -> tuple[datetime | None, int]:
    """Return the instant since which a circuit is on trial and its openings before; None and 0 when it is over."""
    is_on_trial = circuit.closed_at is not None and now < circuit.closed_at + policy.trial
    return (circuit.closed_at, circuit.openings) if is_on_trial else (None, 0)


def _failed(circuit: Closed, event: Failed, now: datetime, policy: CircuitPolicy) -> Closed:
    """Return a closed circuit with more failures, whatever follows from them."""
    calls, tenant = event.calls, event.tenant
    closed_at, openings = _trial(circuit, now, policy)
    if tenant is None:
        is_old = circuit.failed_at is not None and now - circuit.failed_at >= policy.row_forgotten
        row = calls if event.after or is_old else circuit.row + calls
        return Closed(row, now, _counted(circuit, event.after + calls, calls, now, policy), closed_at, openings)
    rows = {each.tenant: each for each in circuit.seen_by if now - each.failed_at < policy.row_forgotten}
    if event.after:
        rows = {}
    if tenant in rows or len(rows) < policy.most_tenants:
        before = rows[tenant].failures if tenant in rows else 0
        rows[tenant] = SeenRow(tenant, before + calls, now)
    slices = _counted(circuit, event.after + calls, calls, now, policy, tenant)
    seen_by = tuple(rows.values())
    return Closed(sum(each.failures for each in seen_by), now, slices, closed_at, openings, seen_by)


def _counted(
    circuit: Closed, calls: int, failures: int, now: datetime, policy: CircuitPolicy, tenant: str | None = None
) -> tuple[WindowSlice, ...]:
    """Return the slices of the window that ends now, with more calls in the newest."""
    began = _start(now, policy)
    recent = {each.start: each for each in circuit.slices if each.start > now - policy.window}
    there = recent.get(began, WindowSlice(began, 0, 0))
    seen_by = dict(there.seen_by)
    if tenant is not None:
        if tenant not in seen_by and len(seen_by) >= policy.most_tenants:
            failures = 0
        else:
            seen_by[tenant] = seen_by.get(tenant, 0) + failures
    recent[began] = WindowSlice(began, there.calls + calls, there.failures + failures, tuple(seen_by.items()))
    return tuple(recent[start] for start in sorted(recent))


def _start(now: datetime, policy: CircuitPolicy) -> datetime:
    """Return the beginning of the slice of an instant, the same in every process."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return now - (now - epoch) % policy.slice


def _is_failing(circuit: Closed, policy: CircuitPolicy) -> bool:
    """Return whether a circuit has to open: whichever tenant's failures are left out, the others' are too many."""
    calls = sum(each.calls for each in circuit.slices)
    failures = sum(each.failures for each in circuit.slices)

    def says_so(row: int, left_out: int) -> bool:
        others = failures - left_out
        if circuit.closed_at is not None and others:
            return True
        of_calls = calls - left_out
        share_says_so = of_calls >= policy.least_calls and others >= policy.failing_share * of_calls
        return share_says_so or row >= policy.failures_in_a_row

    return all(says_so(row, left_out) for row, left_out in _each_left_out(circuit))


def _each_left_out(circuit: Closed) -> Iterator[tuple[int, int]]:
    """Iterate over the tenants that have seen failures: the row without theirs, and how many those in the window are.

    Where no tenant is known nobody is left out.
    """
    rows = {each.tenant: each.failures for each in circuit.seen_by}
    windows: dict[str, int] = {}
    for each in circuit.slices:
        for tenant, failures in each.seen_by:
            windows[tenant] = windows.get(tenant, 0) + failures
    tenants = rows.keys() | windows.keys()
    if not tenants:
        yield circuit.row, 0
    for tenant in tenants:
        yield circuit.row - rows.get(tenant, 0), windows.get(tenant, 0)


def _row_of_others(circuit: Closed) -> int:
    """Return the row without the tenant that has most of it."""
    return circuit.row - max((each.failures for each in circuit.seen_by), default=0)


def opened(circuit: Circuit, now: datetime, policy: CircuitPolicy = POLICY) -> Open:
    """Return a circuit opened once more, for twice as long as the time before."""
    openings, pause = circuit.openings + 1, policy.first_pause
    for _ in range(openings - 1):
        pause = min(policy.longest_pause, pause * 2)
        if pause == policy.longest_pause:
            break
    return Open(now + pause, openings)
