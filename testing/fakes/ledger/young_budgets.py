"""Young budgets in memory."""

from collections.abc import Mapping

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import BudgetUnit
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.ledger.young_budgets import YoungBudget
from testing.fakes.reached import Reached, nobody_asks

Place = tuple[TenantId, str, BudgetUnit, WindowKind]


class YoungBudgetsInMemory:
    """Implements `YoungBudgetStore`."""

    def __init__(self, reached: Reached = nobody_asks) -> None:
        self.reached = reached
        self.noted: dict[Place, YoungBudget] = {}

    def all(self) -> list[YoungBudget]:
        return [self.noted[place] for place in sorted(self.noted)]

    def put(self, young: YoungBudget) -> None:
        self.reached("note young")
        self.noted[_place(young)] = young
        self.reached("noted young")

    def replace(self, seen: YoungBudget, by: YoungBudget | None) -> None:
        self.reached("replace young")
        there = self.noted.get(_place(seen))
        if there is not None and there.id == seen.id:
            del self.noted[_place(seen)]
            self.noted |= {} if by is None else {_place(by): by}
        self.reached("replaced young")

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        gone = [place for place in self.noted if place[0] == tenant]
        for place in gone:
            del self.noted[place]
        return {"young_budgets_deleted": len(gone)}


def _place(young: YoungBudget) -> Place:
    return young.tenant, young.scope, young.unit, young.window
