"""The names that filters of questions give: providers, modes and models, refused where there is no such thing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from atom_llm.domain.catalogue.names import provider_words
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.choices import MAX_SHOWN, check_choice
from atom_llm.domain.core.errors import InvalidRequest, ModelNotFound
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce

AUTOMATIC: Final = "auto"  # begins what asks for no model by name


def provider_named(in_force: CatalogueInForce, name: str) -> str:
    """Return the id of a provider of the catalogue, by any word for it; raises `InvalidRequest`."""
    known = in_force.catalogue.by_provider
    identity = provider_words(known).get(name.lower(), name)
    check_choice("provider", identity, known)
    return identity


def mode_named(in_force: CatalogueInForce, name: str) -> str:
    """Return a mode that rows of the catalogue have; raises `InvalidRequest`."""
    check_choice("mode", name, in_force.modes)
    return name


def check_asked_model(in_force: CatalogueInForce, own: OwnPrices, name: str, at: datetime) -> None:
    """Raise `InvalidRequest`, with near names, for what no call can have asked for or been answered by: neither `auto`
    nor a model, by any spelling or as its tenant's own, nor a chain of those."""
    for each in (part.strip() for part in name.split(",")):
        if each.startswith(AUTOMATIC) or own.added(each, in_force.catalogue, at) is not None:
            continue
        try:
            in_force.named(each)
        except ModelNotFound as error:
            raise no_model(each, error.near) from None


def no_model(name: str, near: Sequence[str]) -> InvalidRequest:
    """Return the refusal of a model that is none, with the names that are near to it."""
    others = f"; near it are {', '.join(near)}" if near else ""
    return InvalidRequest("model", f"names nothing as {name[:MAX_SHOWN]!r}{others}")
