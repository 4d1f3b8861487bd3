"""The request of a token endpoint, a form (RFC 6749, 4; RFC 8693, 2.1), read by hand: it may come from anybody."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.exceptions import HTTPException

from atom_llm.domain.core.errors import InvalidRequest, TooLarge
from atom_llm.domain.tenancy.identity.tokens import MAX_TOKEN
from atom_llm.domain.tenancy.service_keys import Scope

FORM: Final = "application/x-www-form-urlencoded"
CLIENT: Final = "client_credentials"  # RFC 6749, 4.4
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPE: Final = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN: Final = f"{_TYPE}access_token"
SUBJECT_TYPES: Final = (f"{_TYPE}jwt", ACCESS_TOKEN, f"{_TYPE}id_token")
MAX_FORM: Final = 2 * MAX_TOKEN  # bytes
MAX_FIELDS: Final = 20
MAX_SCOPE: Final = 500  # characters
_KNOWN: Final = (
    *("grant_type", "subject_token", "subject_token_type", "requested_token_type", "scope"),
    *("audience", "resource", "client_id"),
)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a client asks for: a key for a token, with some of its scopes; with none, all of them."""

    subject_token: str
    scopes: frozenset[Scope]

    def __repr__(self) -> str:
        """Leave the token out: a repr ends up in logs."""
        return f"TokenRequest(scopes={sorted(self.scopes)!r})"


async def token_request(request: Request) -> TokenRequest:
    """Read a request for an exchange; raises `InvalidRequest` naming the field, and `HTTPException` 415."""
    fields = await _form(request)
    if fields.get("grant_type") != EXCHANGE:
        raise InvalidRequest("grant_type", f"must be {EXCHANGE}")
    if fields.get("subject_token_type") not in SUBJECT_TYPES:
        raise InvalidRequest("subject_token_type", f"must be one of {', '.join(SUBJECT_TYPES)}")
    if fields.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequest("requested_token_type", f"can be {ACCESS_TOKEN} alone")
    if not fields.get("subject_token"):
        raise InvalidRequest("subject_token", "must be given")
    return TokenRequest(fields["subject_token"], _scopes(fields.get("scope", "")))


async def client_request(request: Request) -> frozenset[Scope]:
    """Return the scopes that a client asks for which is known otherwise than by a token; raises as above."""
    fields = await _form(request)
    if fields.get("grant_type") != CLIENT:
        raise InvalidRequest("grant_type", f"must be {CLIENT}")
    if beside := next((name for name in fields if name not in ("grant_type", "scope")), None):
        raise InvalidRequest(beside, "is not a parameter of this route")
    return _scopes(fields.get("scope", ""))


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, f"send the body as {FORM}")
    body = await request.body()
    if len(body) > MAX_FORM:
        raise TooLarge(f"the body is larger than {MAX_FORM:,} bytes", max_bytes=MAX_FORM)
    return _fields(body)


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise InvalidRequest("body", "is not a form") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name not in _KNOWN:
            raise InvalidRequest(name[:64] if name.isprintable() else "body", "is not a parameter of this route")
        if name in fields:
            raise InvalidRequest(name, "is given twice")
        fields[name] = value
    return fields


def _scopes(text: str) -> frozenset[Scope]:
    if len(text) > MAX_SCOPE:
        raise InvalidRequest("scope", f"has more than {MAX_SCOPE} characters")
    try:
        return frozenset(Scope(word) for word in text.split())
    except ValueError:
        raise InvalidRequest("scope", f"names what is none of {', '.join(Scope)}") from None


def documented() -> dict[str, Any]:
    """Return the OpenAPI description of the form."""
    properties = {
        "grant_type": {"type": "string", "enum": [EXCHANGE]},
        "subject_token": {"type": "string", "maxLength": MAX_TOKEN, "description": "A token of a trusted issuer."},
        "subject_token_type": {"type": "string", "enum": list(SUBJECT_TYPES)},
        "requested_token_type": {"type": "string", "enum": [ACCESS_TOKEN]},
        "scope": {"type": "string", "maxLength": MAX_SCOPE, "description": "Some of its scopes; by default all."},
        **{name: {"type": "string", "maxLength": 255} for name in ("audience", "resource", "client_id")},
    }
    return _documented("TokenRequest", properties, ["grant_type", "subject_token", "subject_token_type"])


def client_documented() -> dict[str, Any]:
    """Return the OpenAPI description of the form of a client that is known otherwise."""
    properties = {
        "grant_type": {"type": "string", "enum": [CLIENT]},
        "scope": {"type": "string", "maxLength": MAX_SCOPE, "description": "Some of its scopes; by default all."},
    }
    return _documented("ClientRequest", properties, ["grant_type"])


def _documented(title: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "title": title,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}
