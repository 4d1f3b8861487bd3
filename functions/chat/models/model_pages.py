"""The list of models in pages, and a model in Anthropic's shape: `platform.claude.com/docs/en/api/models-list`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.http.timestamps import timestamp
from atom_llm.services.registry.callable_models import CallableModel, ChosenName
from functions.chat.messages.schemas import ModelInfoOut

USUAL_PAGE: Final = 20
MAX_PAGE: Final = 1_000


Listed = CallableModel | ChosenName


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A part of a list, and whether there is more of it in the direction in which it is walked."""

    models: Sequence[Listed]
    has_more: bool

    @property
    def first_id(self) -> str | None:
        """The id by which the page before this one is asked for; None of an empty page."""
        return id_of(self.models[0]) if self.models else None

    @property
    def last_id(self) -> str | None:
        """The id by which the page behind this one is asked for; None of an empty page."""
        return id_of(self.models[-1]) if self.models else None


def model_info(model: Listed) -> ModelInfoOut:
    """Return a model in Anthropic's shape; its date is that of its row's coming into force."""
    limits = None if isinstance(model, ChosenName) else model.entry.limits
    return ModelInfoOut(
        type="model",
        id=id_of(model),
        display_name=id_of(model),
        created_at=timestamp(model.since),
        lifecycle="active",
        max_input_tokens=None if limits is None else limits.max_input_tokens,
        max_tokens=None if limits is None else limits.max_output_tokens,
    )


def page_of(models: Sequence[Listed], *, limit: int | None, after_id: str | None, before_id: str | None) -> ModelPage:
    """Return a page of a list: the first, the one behind an id, or the one before one; without a limit, all of it.

    Raises `InvalidRequest` for both ids at once, and for one that is not listed.
    """
    places = {id_of(each): place for place, each in enumerate(models)}
    if after_id is not None and before_id is not None:
        raise InvalidRequest("before_id", "goes without after_id")
    for name, given in (("after_id", after_id), ("before_id", before_id)):
        if given is not None and given not in places:
            raise InvalidRequest(name, "is the id of no model in the list")
    size = len(models) if limit is None else limit
    if before_id is not None:
        end = places[before_id]
        start = max(0, end - size)
        return ModelPage(models[start:end], has_more=start > 0)
    start = 0 if after_id is None else places[after_id] + 1
    return ModelPage(models[start : start + size], has_more=start + size < len(models))


def id_of(model: Listed) -> str:
    """Return a listed model's id: `provider/model`, or the name for which one is chosen."""
    return model.name if isinstance(model, ChosenName) else model.entry.id
