"""The ids of responses that a provider keeps, in the place of its own in what it says."""

import re
from collections.abc import Callable
from typing import Final

from atom_llm.domain.calls.kept_response import KeptResponse
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.services.calls.kept_responses import IdSealer

_ID: Final = re.compile(rb'"id"\s*:\s*"(resp_[0-9A-Za-z_-]{1,200})"')
_PREVIOUS: Final = re.compile(rb'("previous_response_id"\s*:\s*")(resp_[0-9A-Za-z_-]{1,200})"')


class KeptIds:
    """The ids of one answer: the provider's own becomes one that leads back to the provider and the key.

    `known` are ids of the provider's for which the caller has ours already; without a sealer nothing is kept.
    """

    def __init__(self, sealer: IdSealer | None, known: tuple[tuple[str, str], ...] = ()) -> None:
        self._sealer = sealer
        self._renamed = [(theirs.encode(), ours.encode()) for theirs, ours in known]
        self._is_found = sealer is None

    @property
    def change_nothing(self) -> bool:
        """Return whether everything goes out as it came."""
        return self._sealer is None and not self._renamed

    def renamed(self, said: bytes, provider: str, key_id: ProviderKeyId) -> bytes:
        """Return what the provider said, with our ids."""
        if not self._is_found and self._sealer is not None:
            found = _ID.search(said)
            if found is not None:
                self._is_found = True
                kept = KeptResponse(provider, key_id, found[1].decode())
                self._renamed.append((found[1], self._sealer.sealed(kept).encode()))
        for theirs, ours in self._renamed:
            said = said.replace(theirs, ours)
        return said


def named_again(said: bytes, kept: KeptResponse, ours: str, sealed: Callable[[KeptResponse], str]) -> bytes:
    """Return what a provider says of a response that it keeps, with the id that the caller has for it, and one for the
    response before it."""
    said = said.replace(kept.response_id.encode(), ours.encode())

    def before(found: re.Match[bytes]) -> bytes:
        previous = KeptResponse(kept.provider, kept.key_id, found[2].decode())
        return found[1] + sealed(previous).encode() + b'"'

    return _PREVIOUS.sub(before, said)
