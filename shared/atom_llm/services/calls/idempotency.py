"""Requests that carry an Idempotency-Key: carried out once, also when they come several times at once.

Answers are kept sealed with a key that only the same request brings back (docs/security.md, "Provider keys"): a reader
of the table, even with the pepper in hand, reads nothing of them. Where the table does not answer nothing is carried
out: a request that asks to be carried out once is not carried out at a guess.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from secrets import token_hex
from typing import Final

from atom_llm.domain.calls.idempotency import (
    HEADER,
    LEASE_MARGIN,
    REMEMBERED_FOR,
    AlreadyAnswered,
    Claimable,
    IdempotencyRecord,
    InProgress,
    KeptReply,
    OtherRequest,
    RecordState,
    check_of,
    claim_result,
    name_of,
    packed,
    sealing_key,
    unpacked,
)
from atom_llm.domain.core.errors import AnswerNotKept, IdempotencyMismatch, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.observability import emit, logger
from atom_llm.ports.calls import IdempotencyStore, Seal
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import PepperVault

POLL_EVERY_S: Final = 0.5  # how often whoever waits for another's answer asks again
BEGIN_ATTEMPTS: Final = 4  # of requests that take over what another one abandoned at the same moment


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right, and the duty, to carry a request out: its holder calls `finish` or `abandon`, once."""

    tenant: TenantId
    name: str
    record: IdempotencyRecord
    sealing_key: bytes = field(repr=False)


class IdempotentCalls:
    """The issue of tickets, and of the answers to requests that were carried out. All of it waits for tables."""

    def __init__(
        self,
        store: IdempotencyStore,
        peppers: PepperVault,
        seal: Seal,
        clock: Clock,
        new_token: Callable[[], str] = lambda: token_hex(16),
    ) -> None:
        """Take the stores; `new_token` must never return the same twice."""
        self._store = store
        self._peppers = peppers
        self._seal = seal
        self._clock = clock
        self._new_token = new_token

    def begin(
        self,
        tenant: TenantId,
        key: str,
        digest: bytes,
        within: timedelta,
        remembered_for: timedelta = REMEMBERED_FOR,
    ) -> Ticket | InProgress | KeptReply:
        """Return a ticket; or `InProgress`, to be asked again every `POLL_EVERY_S`; or the kept answer.

        `key` is a checked one, `digest` the SHA-256 of all that makes a request the same: its path and its body.
        `within` is how long it may take to be carried out; a process that died holds others off so long, and a little
        longer. It is known for `remembered_for`. Raises `IdempotencyMismatch`, `AnswerNotKept`, `StoreUnavailable`.
        """
        name = name_of(key)
        version, pepper = self._peppers.current()
        now = self._clock()
        record = IdempotencyRecord(
            check=check_of(pepper, digest),
            pepper_version=version,
            token=self._new_token(),
            state=RecordState.BEGUN,
            lease_until=now + within + LEASE_MARGIN,
            expires_at=now + remembered_for,
        )
        over: str | None = None
        for _ in range(BEGIN_ATTEMPTS):
            there = self._store.begin(tenant, name, record, over=over)
            if there is None:
                return Ticket(tenant, name, record, sealing_key(pepper, tenant, key, record.token, digest))
            its_pepper = self._peppers.pepper(there.pepper_version)
            match claim_result(there, check_of(its_pepper or b"", digest), now):
                case Claimable(token):
                    over = token
                case InProgress() as busy:
                    return busy
                case AlreadyAnswered():
                    return self._answer(tenant, key, name, there, its_pepper, digest)
                case OtherRequest() if its_pepper is None:  # nobody can tell whether it is the same request
                    raise AnswerNotKept("the request was carried out; its answer cannot be opened any more")
                case OtherRequest():
                    raise IdempotencyMismatch(HEADER, "was used for another request; use a new one for each")
        return InProgress(now + timedelta(seconds=POLL_EVERY_S))

    def finish(self, ticket: Ticket, reply: KeptReply, kept_for: timedelta | None = None) -> None:
        """Keep an answer for repeats, for `kept_for` from now on if that is given.

        Its caller gets it also where that cannot be done; the log says so then.
        """
        ended = replace(ticket.record, state=RecordState.DONE)
        if kept_for is not None:
            ended = replace(ended, expires_at=self._clock() + kept_for)
        content = packed(reply)
        sealed = None
        if content is not None:
            sealed = self._seal.close(ticket.sealing_key, content, _about(ticket.tenant, ticket.name))
        try:
            is_ours = self._store.finish(ticket.tenant, ticket.name, ended, sealed)
        except StoreUnavailable as error:
            logger().error("an idempotent answer was not kept: a repeat is carried out again", exc_info=error)
            emit({"IdempotentAnswersNotKept": ("Count", 1)}, {"group": "chat"})
            return
        if not is_ours:
            logger().warning("an idempotent request took longer than its lease, and was carried out again")
            emit({"IdempotentLeasesLost": ("Count", 1)}, {"group": "chat"})

    def abandon(self, ticket: Ticket) -> None:
        """Give a ticket up: a repeat may try anew at once, or else when the lease has run out."""
        try:
            self._store.finish(ticket.tenant, ticket.name, replace(ticket.record, state=RecordState.ABANDONED), None)
        except StoreUnavailable as error:
            logger().warning("an idempotent request is held off until its lease runs out", exc_info=error)

    def _answer(
        self, tenant: TenantId, key: str, name: str, there: IdempotencyRecord, pepper: bytes | None, digest: bytes
    ) -> KeptReply:
        sealed = self._store.answer(tenant, name, there) if there.parts else None
        if sealed is None or pepper is None:
            raise AnswerNotKept("the request was carried out; its answer is not kept")
        opened = self._seal.open(sealing_key(pepper, tenant, key, there.token, digest), sealed, _about(tenant, name))
        if opened is None:
            raise AnswerNotKept("the request was carried out; its answer cannot be opened")
        return unpacked(opened)


def _about(tenant: TenantId, name: str) -> bytes:
    """Return the place that a sealed answer is bound to: moved to another one in the table it does not open."""
    return f"{tenant}/{name}".encode()
