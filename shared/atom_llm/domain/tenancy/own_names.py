"""Own names: the names that a service key's callers insist on, and the models that stand for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest

MAX_OWN_NAMES: Final = 50  # of one service key
MAX_OWN_NAME: Final = 256  # characters of a name, and of what stands for it
ANY_NAME: Final = "*"  # stands for every name that is not one of the others, of chats alone
FIELD: Final = "own_names"


class NameUsed(NamedTuple):
    """A name that a caller gave, and the model, or chain of models, that stands for it."""

    name: str
    target: str


@dataclass(frozen=True, slots=True)
class OwnNames:
    """The models by name. What stands for a name is called as it is, and is never itself looked up: no loop is
    possible."""

    targets: Mapping[str, str] = field(default_factory=dict)

    def used(self, names: Iterable[str], *, is_chat: bool) -> list[NameUsed]:
        """Return those of a caller's names that another model stands for, in their order."""
        found = ((name, self._target(name, is_chat=is_chat)) for name in names)
        return [NameUsed(name, target) for name, target in found if target is not None]

    def standing_for(self, names: Iterable[str], *, is_chat: bool) -> tuple[str, ...]:
        """Return the names to be called in place of a caller's, each once; a chain takes its name's place."""
        called: list[str] = []
        for name in names:
            target = self._target(name, is_chat=is_chat)
            called += [name] if target is None else [each.strip() for each in target.split(",")]
        return tuple(dict.fromkeys(called))

    def _target(self, name: str, *, is_chat: bool) -> str | None:
        target = self.targets.get(name)
        return self.targets.get(ANY_NAME) if target is None and is_chat else target


NO_OWN_NAMES: Final = OwnNames()


def own_names(given: Mapping[str, str]) -> OwnNames:
    """Return own names as they are kept; raises `InvalidRequest` naming the one that is malformed.

    Whether what stands for them can be called at all is another question.
    """
    if len(given) > MAX_OWN_NAMES:
        raise InvalidRequest(FIELD, f"has more than {MAX_OWN_NAMES} names")
    kept: dict[str, str] = {}
    for name, target in given.items():
        spelt = name.strip()
        place = f"{FIELD}.{spelt[:64]}"
        if not spelt or not spelt.isprintable() or len(spelt) > MAX_OWN_NAME or "," in spelt:
            raise InvalidRequest(place, f"must be one name of 1 to {MAX_OWN_NAME} printable characters")
        if ANY_NAME in spelt and spelt != ANY_NAME:
            raise InvalidRequest(place, f"has a {ANY_NAME} beside other characters; alone it stands for any name")
        if not target.strip() or not target.isprintable() or len(target) > MAX_OWN_NAME:
            raise InvalidRequest(place, f"must stand for a model, or a chain of 1 to {MAX_OWN_NAME} characters")
        if spelt in kept:
            raise InvalidRequest(place, "is named twice")
        kept[spelt] = target.strip()
    return OwnNames(kept) if kept else NO_OWN_NAMES
