"""A provider that repeats the tenant's key, in any spelling and place: no caller hears it, and no log keeps it."""

import io
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx
import pytest

from atom_llm.secret_spellings import letters
from functions.chat.options import LEAST_MS
from testing.chat_world import OPENAI, ChatWorld, asking
from testing.stand_in.server import StandIn

KEY: Final = "Zx9opaque-Tenant_Secret.4711+CANARY/77"  # no shape that a pattern knows

pytestmark = pytest.mark.anyio

SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "swapped case": str.swapcase,
    "spaces": " ".join,
    "line breaks": "\n".join,
    "dashes": "-".join,
    "dots": ".".join,
    "zero-width spaces": "\u200b".join,
    "zero-width joiners": "\u200d".join,
    "soft hyphens": "\u00ad".join,
    "halves": lambda key: f"{key[:19]} … {key[19:]}",
    "without its marks": lambda key: "".join(filter(str.isalnum, key)),
    "percent, marks alone": lambda key: quote(key, safe=""),
    "percent, all": lambda key: "".join(f"%{ord(each):02x}" for each in key),
    "percent, twice": lambda key: "".join(f"%25{ord(each):02X}" for each in key),
    "JSON's escapes": lambda key: "".join(f"\\u{ord(each):04x}" for each in key),
    "JSON's escapes, twice": lambda key: "".join(f"\\\\u{ord(each):04X}" for each in key),
    "Python's escapes": lambda key: "".join(f"\\x{ord(each):02x}" for each in key),
    "HTML's escapes": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "HTML's escapes, hexadecimal": lambda key: "".join(f"&#x{ord(each):x};" for each in key),
    "escaped line breaks": "\\n".join,
    "behind a percent sign": lambda key: f"100%{key}",
    "where a sentence is cut": lambda key: "x" * 480 + key,
    "where reading stops": lambda key: "y" * 1_980 + key,
}


def _error(**error: Any) -> dict[str, Any]:
    return {"error": {"message": "no", "type": "invalid_request_error", **error}}


def _halves(echo: str) -> tuple[str, str]:
    """Return an echo in two parts, no escape of which is torn."""
    middle = max(echo.rfind(mark, 0, len(echo) // 2 + 1) for mark in ("\\", "%", "&"))
    place = middle if middle > 0 else len(echo) // 2
    return echo[:place], echo[place:]


def _answer(content: str, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **more}


PLACES: Final[dict[str, tuple[int, Callable[[str], Any]]]] = {
    "message of a 400": (400, lambda echo: _error(message=f"key {echo} may not")),
    "param of a 400": (400, lambda echo: _error(param=echo)),
    "code of a 400": (400, lambda echo: _error(code=echo)),
    "type of a 422": (422, lambda echo: _error(type=echo)),
    "message of a 401": (401, lambda echo: _error(message=f"key {echo} is not known")),
    "message of a 404": (404, lambda echo: _error(message=f"not for {echo}")),
    "message of a 429": (429, lambda echo: _error(message=f"{echo} is too fast")),
    "message of a 500": (500, lambda echo: _error(message=f"{echo} broke it")),
    "two sentences": (
        400,
        lambda echo: {"error": {"message": _halves(echo)[0], "detail": _halves(echo)[1]}},
    ),
    "error within a success": (200, lambda echo: _error(message=f"key {echo} may not", param=echo)),
    "text of an answer": (200, lambda echo: _answer(f"your key is {echo}")),
    "other fields of an answer": (200, lambda echo: _answer("Hello", system_fingerprint=echo, id=echo)),
}


@pytest.fixture
def world(stand_in: StandIn) -> ChatWorld:
    stand_in.behave()
    chat = ChatWorld(stand_in)
    chat.provider_key("openai", KEY)
    return chat


def leaks(text: str) -> bool:
    """Return whether half of the key can be read out of a text by any of the spellings above."""
    parted = re.sub(r"\\+(?:n|u(?!00)[0-9a-f]{4}|u00ad)", "", text)
    numbers = re.sub(r"\\+u00|\\+x|%(?:25)*|&#x", "", parted).lower()
    half = len(KEY) // 2
    return (
        letters(KEY[:half]) in letters(parted)
        or letters(KEY[:half]) in letters(unquote(unquote(parted)))
        or "".join(f"{ord(each):02x}" for each in KEY[:half]) in numbers.replace(";", "")
        or "".join(f"&#{ord(each)};" for each in KEY[:half]) in text
    )


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_check_itself_sees_every_spelling(spelling: str) -> None:
    assert leaks(SPELLINGS[spelling](KEY))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_an_echoed_key_reaches_neither_a_caller_nor_a_log(
    world: ChatWorld, stand_in: StandIn, log: io.StringIO, capsys: pytest.CaptureFixture[str], place: str, spelling: str
) -> None:
    status, body = PLACES[place]
    stand_in.fault("body", provider="openai", status=status, body=body(SPELLINGS[spelling](KEY)))
    # Little time to wait for a second try after a 429; enough for a busy machine to answer the first.
    headers = {"authorization": f"Bearer {world.service_key()}", "x-llm-timeout-ms": str(2 * LEAST_MS)}
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat/v1", headers=headers) as caller:
        answer = await caller.post("/chat/completions", json=asking(OPENAI))
    assert stand_in.seen("openai"), "the provider was never asked"
    assert not leaks(answer.text)
    assert not leaks(str(dict(answer.headers)))
    assert not leaks(log.getvalue())
    assert not leaks(capsys.readouterr().out)
