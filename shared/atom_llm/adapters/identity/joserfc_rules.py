"""The rules by which joserfc reads signed tokens here; the module is imported with the first token."""

from typing import Any, Final

from joserfc.errors import UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from atom_llm.domain.tenancy.identity.tokens import MAX_TOKEN

MAX_HEADER: Final = 2_048  # bytes, decoded


class TokenRules(JWSRegistry):
    """Allow the algorithms that are named, without a warning that EdDSA has a newer name, and any further header.

    A header that nobody knows is no fault (RFC 7515, 4); one that asks for an extension was refused before.
    """

    max_header_length = MAX_HEADER
    max_payload_length = MAX_TOKEN

    def __init__(self, algorithm: str) -> None:
        """Take the one algorithm that may be used."""
        super().__init__(algorithms=[algorithm], strict_check_header=False)
        self._algorithm = algorithm

    def get_alg(self, name: str) -> Any:
        """Return joserfc's implementation of the algorithm; raises `UnsupportedAlgorithmError` for every other."""
        if name != self._algorithm or name not in self.algorithms:
            raise UnsupportedAlgorithmError("another algorithm")
        return self.algorithms[name]
