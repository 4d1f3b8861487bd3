"""What a route that changes something says to the audit log."""

from secrets import token_bytes
from typing import Annotated

from fastapi import Depends, Request

from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.tenancy.audit import Action, AuditEntry
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.http.auth import CurrentCaller
from atom_llm.http.deps import CurrentContainer


class Auditor:
    """Writes entries in the name of the caller of one request."""

    def __init__(self, container: CurrentContainer, caller: Caller, origin: str | None) -> None:
        self._container = container
        self._caller = caller
        self._origin = origin

    def __call__(self, action: Action, subject: str, tenant: TenantId | None = None) -> None:
        """Say what was changed; `tenant` is whose it is, the caller's own unless an operator acts for another."""
        now = self._container.clock()
        entry = AuditEntry(
            id=ulid(now, token_bytes(RANDOM_BYTES)),
            tenant=tenant or self._caller.tenant,
            at=now,
            actor=self._caller.key_id,
            action=action,
            subject=subject,
            origin=self._origin,
        )
        self._container.ports.audit_log.record(entry)


def auditor(request: Request, container: CurrentContainer, caller: CurrentCaller) -> Auditor:
    """The auditor of a request; behind API Gateway the client's address is the gateway's word, not a header's."""
    return Auditor(container, caller, request.client.host if request.client else None)


Audit = Annotated[Auditor, Depends(auditor)]
