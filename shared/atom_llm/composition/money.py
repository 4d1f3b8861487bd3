"""Money."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.catalogue import CatalogueParts

if TYPE_CHECKING:
    from atom_llm.services.ledger.budget_book import BudgetBook
    from atom_llm.services.ledger.check_sums import SumChecker
    from atom_llm.services.ledger.roll_up import RollUp
    from atom_llm.services.ledger.set_budget import BudgetSetter
    from atom_llm.services.ledger.spending import Spending
    from atom_llm.services.tenancy.tenant_zones import TenantZones


class MoneyParts(CatalogueParts):
    """What holds, settles, sums up and compares."""

    @cached_property
    def zone_of(self) -> "TenantZones":
        """In which time zone a tenant's days begin."""
        from atom_llm.services.tenancy.tenant_zones import TenantZones

        return TenantZones(self.tenants, self.clock)

    @cached_property
    def spending(self) -> "Spending":
        """Holds and settles."""
        from atom_llm.services.ledger.spending import Spending

        return Spending(self.ledger, self.budget_windows, self.budget_book, self.clock, self._side_by_side)

    @cached_property
    def roll_up(self) -> "RollUp":
        """Brings the ledger into the sums."""
        from atom_llm.services.ledger.budget_alerts import AlertSender
        from atom_llm.services.ledger.roll_up import RollUp

        money = self._money
        alerts = AlertSender(money.settings, money.windows, money.alerts, self.zone_of, self.clock)
        return RollUp(money.ledger, money.windows, money.sums, alerts, self.clock)

    @cached_property
    def budget_setter(self) -> "BudgetSetter":
        """Sets and shows budgets."""
        from atom_llm.services.ledger.set_budget import BudgetSetter

        money = self._money
        return BudgetSetter(money.settings, money.windows, money.ledger, money.sums, self.budget_book, self.clock)

    @cached_property
    def sum_checker(self) -> "SumChecker":
        """Compares ledger, sums and budgets."""
        from atom_llm.services.ledger.check_sums import SumChecker

        money = self._money
        return SumChecker(money.ledger, money.sums, money.settings, money.windows, self.zone_of, self.clock)

    @cached_property
    def budget_book(self) -> "BudgetBook":
        """Which budgets a call counts against."""
        from atom_llm.services.ledger.budget_book import BudgetBook

        return BudgetBook(self._money.settings, self.zone_of, self.clock)
