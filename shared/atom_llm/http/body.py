"""Checks of a body before anything parses it; each is linear, for the caller is not known yet."""

import json
import math
import re
import sys
from email.message import Message
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request

from atom_llm.domain.core.errors import EncodedBody, InvalidRequest, MalformedBody
from atom_llm.http.headers import IDENTITY
from atom_llm.quick_json import parsed

JSON_TYPE: Final = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)
MAX_FIELD: Final = 200  # characters of a field's name in an error
MAX_JSON_DEPTH: Final = 64  # brackets inside brackets; real requests have a tenth

# Possessive, and an unfinished string runs to the end: backtracking here would let 30 KB of quotes cost seconds.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))

_ESCAPE: Final = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F]..|.)", re.DOTALL)
_HALF_ESCAPE: Final = 6  # bytes; a whole pair has twelve, any other escape two of them
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_PAIRED: Final = re.compile(rb"(?:[^\\]++|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\(?!u[dD][89a-fA-F]).)*+\\?", re.DOTALL)

# Whatever Python's parser takes and a double does not hold has one of these in it; most texts have none.
_NO_DOUBLE: Final = re.compile(rb"[0-9][eE]\+?[0-9]{3}|[0-9]{200}")
_LARGEST: Final = int(sys.float_info.max)


def check_encoding(headers: Headers) -> None:
    """Raise `EncodedBody` where a body is said to be compressed, by any coding."""
    for told in headers.getlist("content-encoding"):
        if any(coding.strip().lower() not in ("", IDENTITY) for coding in told.split(",")):
            raise EncodedBody


def check_body(body: bytes) -> None:
    """Raise `MalformedBody` or `InvalidRequest` for what no JSON of ours holds.

    That is deep nesting, other encodings, half a character, and numbers that no double holds.
    """
    try:
        body.decode()  # json.loads would let encoded surrogates pass
    except UnicodeDecodeError:
        raise MalformedBody("body", "is not UTF-8") from None
    if b"\0" in body:  # JSON in UTF-16 or UTF-32, which the checks below would misread
        raise MalformedBody("body", "is not UTF-8")
    if body.count(b"[") + body.count(b"{") > MAX_JSON_DEPTH and _is_deep(body):
        raise InvalidRequest("body", f"nests deeper than {MAX_JSON_DEPTH} levels")
    # No UTF-8 can carry half of a surrogate pair: neither a table, nor a provider, nor our own answer.
    if _SURROGATE.search(body) and not _PAIRED.fullmatch(body):
        raise InvalidRequest("body", "holds half of a surrogate pair")
    if b"NaN" in body or b"Infinity" in body or _NO_DOUBLE.search(body):
        _check_numbers(body)


def readable_body(body: bytes) -> bytes:
    """Return a body with U+FFFD for each half of a surrogate pair: conversations hold what models once answered."""
    if _SURROGATE.search(body) is None or _PAIRED.fullmatch(body):
        return body
    return _ESCAPE.sub(lambda found: rb"\ufffd" if len(found[0]) == _HALF_ESCAPE else found[0], body)


def is_form(headers: Headers) -> bool:
    """Return whether a body is said to be a form with files, whose parts its route checks by itself."""
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def without_boundary(headers: Headers, body: bytes) -> bytes:
    """Return a form without the boundary between its parts, which clients draw anew for each try; any other body as it
    is."""
    if not is_form(headers):
        return body
    told = Message()
    told["content-type"] = headers["content-type"]
    boundary = told.get_boundary()
    return body.replace(boundary.encode("latin-1"), b"") if boundary else body


async def json_body(request: Request) -> tuple[object, int]:
    """Parse the body of a route that reads it by itself; returns it with its size in bytes.

    Raises `HTTPException` as FastAPI does where it parses one: 415 for another media type, 400 for malformed JSON.
    """
    if not JSON_TYPE.match(request.headers.get("content-type", "")):
        raise HTTPException(415, "send the body as application/json")
    try:
        content = await request.body()
        return parsed(content), len(content)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is not valid JSON") from None


def _check_numbers(body: bytes) -> None:
    """Raise `MalformedBody` naming the first field whose number is NaN, infinite, or beyond a double."""
    try:
        found = _without_double(json.loads(body, parse_int=_whole), ())
    except (ValueError, RecursionError):
        return  # whoever parses it says so
    if found is not None:
        raise MalformedBody(".".join(found)[:MAX_FIELD] or "body", "is no number that JSON can carry")


def _whole(text: str) -> float:
    """Return the integer that a text spells; infinity for more digits than a double has."""
    return int(text) if len(text) <= sys.float_info.max_10_exp + len("-1") else math.inf


def _without_double(value: object, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the path of the first number in a parsed body that no double holds; None without any."""
    match value:
        case dict():
            inner = ((str(name), each) for name, each in value.items())
        case list():
            inner = ((str(place), each) for place, each in enumerate(value))
        case float():
            return None if math.isfinite(value) else path
        case int():
            return None if abs(value) <= _LARGEST else path
        case _:
            return None
    return next((found for name, each in inner if (found := _without_double(each, (*path, name))) is not None), None)


def _is_deep(body: bytes) -> bool:
    """Return whether brackets outside of strings nest deeper than the limit."""
    depth = 0
    for bracket in _STRING.sub(b"", body).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_JSON_DEPTH:
            return True
    return False
