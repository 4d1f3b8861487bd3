"""The models that a called name stands for: those that it names, and nothing that is only near."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NoReturn

from atom_llm.domain.catalogue.asked_name import fine_tune
from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.names import NAMED
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce


def called_models(in_force: CatalogueInForce, name: str, added: ModelEntry | None = None) -> Sequence[ModelEntry]:
    """Return the rows that a call by this name may go to: one, or for a bare name the same model at each provider.

    A row of a provider that is not called is returned where it is the one that is named: the plan says why it is left
    out. `added` is a model of that name that the tenant itself has added; of a bare name, listed ones precede it.
    Raises `ModelNotFound` for a name that is only near to rows, with those of them that can be called.
    """
    if added is not None and (name == added.id or not in_force.callable_names.named(name)):
        return [added]
    exactly = in_force.exactly(name) or in_force.catalogue.aliased(name)
    if exactly is not None and "/" in name:
        return [exactly]
    named = (in_force.catalogue.get(row.id) for row in in_force.callable_names.named(name))
    found = _one_each((row for row in named if row is not None), name)
    if "/" in name:
        found = found[:1]
    tuned = fine_tune(name)
    if tuned is not None:
        if not found:
            _nowhere(in_force, name)
        return [replace(row, id=f"{row.provider}/{tuned}") for row in found]
    if found:
        return found
    return [exactly] if exactly is not None else [_elsewhere(in_force, name)]


def _one_each(rows: Iterable[ModelEntry], name: str) -> list[ModelEntry]:
    """Return one row of each provider: in the caller's own words, and of equal ones that under the provider's name.

    The source lists some models twice, under two spellings, or under their bare name too.
    """
    own = name.strip().lower().rpartition("/")[2]
    found: dict[str, ModelEntry] = {}
    for row in sorted(rows, key=lambda row: (row.name.lower() != own, "/" not in row.id)):
        found.setdefault(row.provider, row)
    return list(found.values())


def _elsewhere(in_force: CatalogueInForce, name: str) -> ModelEntry:
    """The row that a name names at a provider that it says itself, and that is not called."""
    resolution = in_force.names.resolve(name)
    entry = in_force.catalogue.get(resolution.id) if resolution is not None and resolution.match in NAMED else None
    if entry is None:
        _nowhere(in_force, name)
    return entry


def _nowhere(in_force: CatalogueInForce, name: str) -> NoReturn:
    raise ModelNotFound(name, in_force.callable_names.near(name))
