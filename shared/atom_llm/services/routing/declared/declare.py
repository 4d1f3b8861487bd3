"""Bring tenants to what a document declares: everything is checked before anything is changed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import AtomError, Conflict, InvalidRequest, NotFound
from atom_llm.domain.core.money import plain
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.ledger.price_alerts.set_price_alerts import PriceAlertSetter
from atom_llm.services.routing.declared.document import Change, DeclaredTenant, differences
from atom_llm.services.routing.declared.of_tenant import TenantChanges
from atom_llm.services.routing.declared.places import at_place
from atom_llm.services.tenancy.tenant_directory import TenantDirectory


class Declarer:
    """The use cases of documents: what one would change, and the change."""

    def __init__(self, directory: TenantDirectory, of_tenant: TenantChanges, alerts: PriceAlertSetter) -> None:
        self._directory = directory
        self._of_tenant = of_tenant
        self._alerts = alerts

    def plan(self, document: Sequence[DeclaredTenant], by: Actor) -> list[Change]:
        """Return what a document would change, in the order in which it would be; nothing where it is so already.

        Raises `InvalidRequest` naming the place in the document, `NotFound` for what is none of the actor's business,
        `OperatorOnly` for a tenant that only the operator may make, and `Conflict` for one that was deleted.
        """
        changes: list[Change] = []
        for declared in document:
            with at_place(f"tenants.{declared.id}"):
                changes += self._changes(declared, by)
        return changes

    def apply(self, document: Sequence[DeclaredTenant], by: Actor) -> list[Change]:
        """Change what a document would; raises as `plan` does, before anything was changed.

        Where a table fails amid, the error says how many changes were made: the same document again makes the rest.
        """
        changes = self.plan(document, by)
        for number, change in enumerate(changes):
            try:
                change.act()
            except AtomError as error:
                error.details = {**error.details, "changes_made": number, "changes_planned": len(changes)}
                raise
        return changes

    def _changes(self, declared: DeclaredTenant, by: Actor) -> Iterator[Change]:
        there = self._there(declared, by)
        of_tenant = replace(by, named=declared.id)
        yield from self._record(declared, there, by)
        yield from self._of_tenant.changes(declared, of_tenant)
        if (wanted := declared.price_alerts) is not None:
            before, is_set = self._alerts.of(declared.id)
            told = differences(
                {"enabled": before.enabled, "threshold_usd": plain(before.threshold)},
                {"enabled": wanted.enabled, "threshold_usd": plain(wanted.threshold)},
            )
            if told or not is_set:
                yield Change(
                    declared.id,
                    "change" if is_set else "create",
                    "price_alerts",
                    "",
                    told,
                    lambda: self._alerts.put(wanted, of_tenant),
                )

    def _there(self, declared: DeclaredTenant, by: Actor) -> Tenant | None:
        """Return a tenant's record; None where it is to be made."""
        try:
            found = self._directory.find(by.tenant, declared.id)
        except NotFound:
            if not self._directory.is_operator(by.tenant):
                raise
            return None
        if found.deleted_at is not None:
            raise Conflict("the tenant was deleted", tenant=str(found.id))
        return found

    def _record(self, declared: DeclaredTenant, there: Tenant | None, by: Actor) -> Iterator[Change]:
        name, zone = declared.name, declared.time_zone
        if there is None:
            if name is None:
                raise InvalidRequest("name", "is needed for a tenant that is to be made")
            told = differences({}, {"name": name, "time_zone": zone or "UTC"})
            yield Change(
                declared.id,
                "create",
                "tenant",
                str(declared.id),
                told,
                lambda: self._directory.make(name, zone or "UTC", by, wanted=declared.id),
            )
            return
        asked = {"name": name or there.name, "time_zone": zone or there.time_zone}
        told = differences({"name": there.name, "time_zone": there.time_zone}, asked)
        if told:
            yield Change(
                declared.id,
                "change",
                "tenant",
                str(declared.id),
                told,
                lambda: self._directory.change(declared.id, by, name=name, time_zone=zone),
            )
