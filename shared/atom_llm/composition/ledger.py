"""The services of the ledger, built from the ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.catalogue import CatalogueServices
from atom_llm.composition.ports import Ports
from atom_llm.composition.tenancy import TenancyServices

if TYPE_CHECKING:
    from atom_llm.domain.core.ids import TenantId
    from atom_llm.services.ledger.budgets.budget_alerts import AlertSender
    from atom_llm.services.ledger.budgets.budget_book import BudgetBook
    from atom_llm.services.ledger.budgets.budgets_of_caller import BudgetsOfCaller
    from atom_llm.services.ledger.budgets.known_scopes import KnownScopes
    from atom_llm.services.ledger.budgets.late_spending import LateSpending
    from atom_llm.services.ledger.budgets.narrowed_holds import NarrowedHolds
    from atom_llm.services.ledger.budgets.near_limits import NearLimits
    from atom_llm.services.ledger.budgets.set_budget import BudgetSetter
    from atom_llm.services.ledger.budgets.set_team import TeamSetter
    from atom_llm.services.ledger.budgets.spending import Spending
    from atom_llm.services.ledger.correct_spending import Corrections
    from atom_llm.services.ledger.daily_check import DailyCheck
    from atom_llm.services.ledger.price_alerts.set_price_alerts import PriceAlertSetter
    from atom_llm.services.ledger.price_alerts.tell_tenants import PriceAlerter
    from atom_llm.services.ledger.reconciliation.reconcile_usage import UsageReconciler
    from atom_llm.services.ledger.reports.read_usage import UsageReader
    from atom_llm.services.ledger.reports.usage_exports import UsageExports
    from atom_llm.services.ledger.reports.write_exports import ExportWriter
    from atom_llm.services.ledger.roll_up import RollUp


class LedgerServices:
    """The services of money: holds, settlements, sums and budgets."""

    def __init__(self, ports: Ports, catalogue: CatalogueServices, tenancy: TenancyServices) -> None:
        """Take the ports, `catalogue` for the models that budgets name, and `tenancy` for the calendars of budgets'
        windows and the owners of service keys."""
        self._ports = ports
        self._catalogue = catalogue
        self._tenancy = tenancy

    @cached_property
    def spending(self) -> "Spending":
        """The holds and settlements of attempts."""
        from atom_llm.services.ledger.budgets.spending import Spending

        ports = self._ports
        return Spending(
            ports.ledger, ports.budget_windows, self.budget_book, self.narrowed_holds, ports.clock, ports.executor
        )

    @cached_property
    def narrowed_holds(self) -> "NarrowedHolds":
        """The models that were billed above their holds."""
        from atom_llm.services.ledger.budgets.narrowed_holds import NarrowedHolds

        return NarrowedHolds(self._ports.narrowings, self._ports.clock, self._ports.executor)

    @cached_property
    def budget_book(self) -> "BudgetBook":
        """The budgets that a call counts against."""
        from atom_llm.services.ledger.budgets.budget_book import BudgetBook

        ports = self._ports
        return BudgetBook(ports.budget_settings, ports.teams, self._tenancy.calendars, ports.clock)

    @cached_property
    def budget_setter(self) -> "BudgetSetter":
        """The use cases of budgets."""
        from atom_llm.services.ledger.budgets.set_budget import BudgetSetter

        ports = self._ports
        return BudgetSetter(
            ports.budget_settings,
            ports.budget_windows,
            ports.ledger,
            ports.usage_sums,
            ports.teams,
            ports.young_budgets,
            self.budget_book,
            self.known_scopes,
            ports.clock,
        )

    @cached_property
    def known_scopes(self) -> "KnownScopes":
        """The check of the scopes that requests name."""
        from atom_llm.services.ledger.budgets.known_scopes import KnownScopes

        owner, names = self._tenancy.issued_service_keys.owner, self._tenancy.end_user_names.in_books
        return KnownScopes(self._ports.teams, owner, names, self._catalogue.known_models.ids)

    @cached_property
    def team_setter(self) -> "TeamSetter":
        """The use cases of teams."""
        from atom_llm.services.ledger.budgets.set_team import TeamSetter

        tenancy, ports = self._tenancy, self._ports
        owner, names = tenancy.issued_service_keys.owner, tenancy.end_user_names.in_books
        return TeamSetter(ports.teams, self.budget_book, owner, names, self._listed, ports.clock)

    def _listed(self, tenant: "TenantId") -> set[str]:
        return {each.scope for each in self._ports.allow_lists.of(tenant)}

    @cached_property
    def budgets_of_caller(self) -> "BudgetsOfCaller":
        """The budgets that a caller's calls count in, as they stand."""
        from atom_llm.services.ledger.budgets.budgets_of_caller import BudgetsOfCaller

        ports, names = self._ports, self._tenancy.end_user_names.in_books
        return BudgetsOfCaller(self.budget_book, ports.budget_windows, ports.usage_sums, names, ports.clock)

    @cached_property
    def near_limits(self) -> "NearLimits":
        """The steps that begin before budgets are full."""
        from atom_llm.services.ledger.budgets.near_limits import NearLimits

        ports, names = self._ports, self._tenancy.end_user_names.in_books
        return NearLimits(self.budget_book, ports.budget_windows, names, ports.clock)

    @cached_property
    def corrections(self) -> "Corrections":
        """The corrections of calls' costs."""
        from atom_llm.services.ledger.correct_spending import Corrections

        ports = self._ports
        return Corrections(ports.ledger, ports.budget_windows, ports.clock)

    @cached_property
    def usage_reader(self) -> "UsageReader":
        """The usage and spending of tenants."""
        from atom_llm.services.ledger.reports.read_usage import UsageReader

        ports = self._ports
        return UsageReader(ports.ledger, ports.usage_sums, ports.clock)

    @cached_property
    def usage_exports(self) -> "UsageExports":
        """The exports that tenants ask for."""
        from atom_llm.services.ledger.reports.usage_exports import UsageExports

        return UsageExports(self._ports.usage_exports, self._ports.clock)

    @cached_property
    def export_writer(self) -> "ExportWriter":
        """The writing of exports, of all tenants."""
        from atom_llm.services.ledger.reports.write_exports import ExportWriter

        ports = self._ports
        return ExportWriter(ports.usage_exports, ports.ledger, ports.usage_sums, ports.clock)

    @cached_property
    def usage_reconciler(self) -> "UsageReconciler":
        """The comparison of providers' bills with the ledger."""
        from atom_llm.services.ledger.reconciliation.reconcile_usage import UsageReconciler

        ports = self._ports
        return UsageReconciler(ports.ledger, ports.usage_sums, ports.clock)

    @cached_property
    def roll_up(self) -> "RollUp":
        """The roll-up of the ledger into the sums, with alerts for budgets that are reached."""
        from atom_llm.services.ledger.roll_up import RollUp

        ports = self._ports
        return RollUp(ports.ledger, ports.budget_windows, ports.usage_sums, self._alert_sender, ports.clock)

    @cached_property
    def late_spending(self) -> "LateSpending":
        """The later looks at budgets that were set a moment ago."""
        from atom_llm.services.ledger.budgets.late_spending import LateSpending

        ports = self._ports
        return LateSpending(
            ports.young_budgets,
            ports.budget_settings,
            ports.budget_windows,
            ports.ledger,
            ports.usage_sums,
            ports.teams,
            self._alert_sender,
            self._tenancy.calendars,
            ports.clock,
        )

    @cached_property
    def _alert_sender(self) -> "AlertSender":
        from atom_llm.services.ledger.budgets.budget_alerts import AlertSender

        ports, calendars = self._ports, self._tenancy.calendars
        return AlertSender(ports.budget_settings, ports.budget_windows, ports.budget_alerts, calendars, ports.clock)

    @cached_property
    def price_alerter(self) -> "PriceAlerter":
        """The telling of changed prices."""
        from atom_llm.services.ledger.price_alerts.tell_tenants import PriceAlerter

        ports = self._ports
        return PriceAlerter(
            ports.price_book,
            ports.own_prices,
            ports.ledger,
            ports.usage_sums,
            ports.price_alert_settings,
            ports.price_alert_log,
            ports.price_alerts,
            lambda after: (each.id for each in ports.tenants.all(after=after) if each.deleted_at is None),
            ports.clock,
        )

    @cached_property
    def price_alert_setter(self) -> "PriceAlertSetter":
        """The use cases of tenants' settings of price alerts."""
        from atom_llm.services.ledger.price_alerts.set_price_alerts import PriceAlertSetter

        ports = self._ports
        return PriceAlertSetter(ports.price_alert_settings, ports.price_alert_log, ports.clock)

    @cached_property
    def daily_check(self) -> "DailyCheck":
        """The check of ledger, sums and budgets against each other, for all tenants."""
        from atom_llm.services.ledger.check_sums import SumChecker
        from atom_llm.services.ledger.daily_check import DailyCheck

        ports, calendars = self._ports, self._tenancy.calendars
        checker = SumChecker(
            ports.ledger, ports.usage_sums, ports.budget_settings, ports.budget_windows, calendars, ports.clock
        )
        return DailyCheck(checker, ports.check_log, self._tenancy.directory.everyone, ports.clock)
