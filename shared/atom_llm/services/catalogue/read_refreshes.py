"""The state of refreshes, and the proposals that they hold back until confirmed."""

from collections.abc import Mapping

from atom_llm.domain.catalogue.quarantine import HeldProposal, decode_quarantine
from atom_llm.domain.catalogue.refresh import RefreshState
from atom_llm.ports.catalogue import RefreshJournal


class RefreshReader:
    """The state that refreshes share, for reading."""

    def __init__(self, journal: RefreshJournal) -> None:
        self._journal = journal

    def state(self) -> RefreshState:
        """Return the state of the sources and of the last refresh that succeeded."""
        return self._journal.state()

    def held(self) -> Mapping[str, HeldProposal]:
        """Return the proposals in quarantine by subject."""
        return decode_quarantine(self._journal.quarantine()).held
