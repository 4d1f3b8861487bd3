"""End users: the people and the agents' sessions behind a call, as its caller names them, bounded for the books."""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from atom_llm.domain.core.header_text import header_text

MAX_END_USER: Final = 64  # characters of a name in the books; OpenAI's own bound on `safety_identifier`
MAX_READ: Final = 4_096  # characters of a name that are looked at
MAX_A_DAY: Final = 500  # users, and as many sessions, of a tenant that the sums of a day tell apart
OTHERS: Final = f"(others, beyond the first {MAX_A_DAY} of the day)"  # the group of all further ones
HASHED: Final = "sha256-"  # how a hashed name begins
HASH_DIGITS: Final = 32  # of a SHA-256 in hex
_HASH: Final = re.compile(rf"{HASHED}[0-9a-f]{{{HASH_DIGITS}}}")

EndUserKind = Literal["user", "session"]

# Where agents say which session a request belongs to, the first that is there. `x-client-request-id` says it too, at
# some, and something else at others.
RUN: Final = "x-llm-run-id"  # a caller's own word for the run that a request is a part of
SESSION_HEADERS: Final = ("x-claude-code-session-id", "session-id", "x-session-affinity", "x-session-id")
RUN_HEADERS: Final = frozenset({RUN, *SESSION_HEADERS})


@dataclass(frozen=True, slots=True)
class EndUser:
    """The names of a call's end user and of its agent's session, None where its caller names none."""

    user: str | None = None
    session: str | None = None


NOBODY: Final = EndUser()


def session_of(headers: Mapping[str, str]) -> str | None:
    """Return the session that a request's headers name; their names are lower case."""
    return next((found for name in SESSION_HEADERS if (found := _in_header(headers, name))), None)


def run_of(headers: Mapping[str, str]) -> str | None:
    """Return the run that a request's headers name, by the caller's own word or as its agent's session."""
    return _in_header(headers, RUN) or session_of(headers)


def end_user_of(body: Mapping[str, Any], session: str | None = None) -> EndUser:
    """Return the end user that a request names: `safety_identifier`, else `user`, else `metadata.user_id`.

    The session is the one given, else that of `metadata.user_id` (Claude Code spells a JSON object there), of
    `client_metadata.session_id`, or `prompt_cache_key`, in which agents send theirs. What is no text names nobody.
    """
    device, of_metadata = _parts(_text(_inside(body, "metadata", "user_id")))
    user = _text(body.get("safety_identifier")) or _text(body.get("user")) or device
    found = session or of_metadata or _text(_inside(body, "client_metadata", "session_id"))
    found = found or _text(body.get("prompt_cache_key"))
    return EndUser(user, found) if user or found else NOBODY


def bounded(name: str) -> str:
    """Return a name as the books have it: itself, or its hash where it is too long, unprintable or one of ours."""
    is_plain = len(name) <= MAX_END_USER and name.isprintable() and not name.startswith("(others")
    return name if is_plain else _spelt(sha256(name.encode(errors="replace")).hexdigest())


def hashed(name: str, pepper: bytes, tenant: str) -> str:
    """Return the keyed hash of a name, for a tenant whose books shall not have it; another one at every tenant."""
    message = b"end user\0" + tenant.encode() + b"\0" + name.encode(errors="replace")
    return _spelt(hmac.digest(pepper, message, sha256).hex())


def is_hash(name: str) -> bool:
    """Return whether a name is one that the books have hashed, as reports show it."""
    return _HASH.fullmatch(name) is not None


def _spelt(digest: str) -> str:
    return HASHED + digest[:HASH_DIGITS]


def _parts(user_id: str | None) -> tuple[str | None, str | None]:
    """Return the user and the session of `metadata.user_id`, which some agents spell as one JSON object."""
    if user_id is None or not user_id.startswith("{"):
        return user_id, None
    try:
        said = json.loads(user_id)
    except ValueError:
        return user_id, None
    return _text(said.get("account_uuid")) or _text(said.get("device_id")), _text(said.get("session_id"))


def _inside(body: Mapping[str, Any], name: str, field: str) -> object:
    found = body.get(name)
    return found.get(field) if isinstance(found, dict) else None


def _in_header(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(name)
    return None if value is None else _text(header_text(value))


def _text(value: object) -> str | None:
    return value.strip()[:MAX_READ] or None if isinstance(value, str) else None
