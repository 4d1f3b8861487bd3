"""Budgets as they were set, and teams, in memory."""

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import Budget
from atom_llm.domain.ledger.scopes import Team
from testing.fakes.audited import AuditedRecords


class BudgetSettingsInMemory(AuditedRecords[Budget]):
    """Implements `BudgetSettings`."""

    def put(self, budget: Budget, entry: AuditEntry) -> None:
        place = (budget.tenant, budget.scope, budget.kept_as)
        if place in self.set and self.set[place].revision > budget.revision:
            raise Conflict("the budget was set by somebody else at the same time")
        self.keep(place, budget, entry)

    def delete(self, tenant: TenantId, scope: str, kept_as: str, entry: AuditEntry) -> bool:
        return self.drop((tenant, scope, kept_as), entry)


class TeamsInMemory(AuditedRecords[Team]):
    """Implements `TeamStore`."""

    def put(self, tenant: TenantId, team: Team, entry: AuditEntry) -> None:
        self.keep((tenant, team.id), team, entry)

    def delete(self, tenant: TenantId, team_id: str, entry: AuditEntry) -> bool:
        return self.drop((tenant, team_id), entry)
