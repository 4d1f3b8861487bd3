"""The wire model of the token endpoint's answer (RFC 8693, 2.2.1)."""

from typing import Literal

from atom_llm.http.schemas import ControlModel


class TokenOut(ControlModel):
    """A service key for a token; `expires_in` is in seconds."""

    access_token: str
    issued_token_type: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
