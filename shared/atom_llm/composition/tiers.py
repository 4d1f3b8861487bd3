"""The services of cognitive tiers, built from the ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.ledger import LedgerServices
from atom_llm.composition.ports import Ports

if TYPE_CHECKING:
    from atom_llm.services.tiers.choose_tier import TierChooser
    from atom_llm.services.tiers.read_preferences import PreferenceReader
    from atom_llm.services.tiers.set_preferences import PreferenceSetter


class TierServices:
    """The services of tenants' preferences, and of the tier of a call."""

    def __init__(self, ports: Ports, ledger: LedgerServices) -> None:
        self._ports = ports
        self._ledger = ledger

    @cached_property
    def preference_reader(self) -> "PreferenceReader":
        """The preferences of tenants, as calls need them."""
        from atom_llm.services.tiers.read_preferences import PreferenceReader

        return PreferenceReader(self._ports.preferences, self._ports.clock)

    @cached_property
    def preference_setter(self) -> "PreferenceSetter":
        """The use cases of preferences, with the budget that goes with them."""
        from atom_llm.services.tiers.set_preferences import PreferenceSetter

        return PreferenceSetter(self._ports.preferences, self._ledger.budget_setter, self._ports.clock)

    @cached_property
    def tier_chooser(self) -> "TierChooser":
        """The choice of a call's tier."""
        from atom_llm.services.tiers.choose_tier import TierChooser

        return TierChooser(self.preference_reader)
