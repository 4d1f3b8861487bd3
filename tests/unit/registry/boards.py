"""Leaderboards for tests: the real ones, and small ones made up."""

from functools import cache

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.names import NamedRow, NameIndex
from atom_llm.domain.registry.board import Board, BoardRow
from local import boards
from testing import real_data


@cache
def real(name: str) -> Board:
    """A real board; the test is skipped where it is absent."""
    return boards.read(real_data.path_of(name))


def made_up(*rows: BoardRow, filler: int = 60) -> Board:
    """A board that passes its gate: the given rows among models that nobody sells."""
    others = (BoardRow(f"nobody-sells-{number}", 1000.0 + 5 * number) for number in range(filler))
    return Board((*rows, *others))


def index_of(*entries: ModelEntry) -> NameIndex:
    """The names of some rows."""
    return NameIndex((NamedRow(e.id, e.source_key, e.provider, e.first_party) for e in entries), {})
