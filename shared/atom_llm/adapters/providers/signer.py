"""The signature or token that some providers want in place of a key."""

from collections.abc import Mapping
from typing import Final, Protocol

EVENT_STREAM: Final = "application/vnd.amazon.eventstream"  # how AWS frames a stream


class RequestSigner(Protocol):
    """A signer of one provider's requests."""

    async def signed(self, url: str, headers: Mapping[str, str], body: bytes, key: str) -> Mapping[str, str]:
        """Return the headers with what shows who asks; raises `ProviderFailure` where there is nothing to show."""
        ...
