"""Recognisable provider keys through every route and failure: afterwards they are in the vault, and nowhere else."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.observability import logger
from tests.functions.byok.byok_world import OURS, PREFIX, THEIRS, ByokWorld

pytestmark = pytest.mark.anyio

# One of each shape, and one of none: what redaction knows must not be all that keeps a key out of the log.
CANARIES = {
    "openai": "sk-proj-CANARY0123456789abcdef",
    "anthropic": "sk-ant-api03-CANARY_0123-456789",
    "google": "AIzaSyCANARY0123456789abcdefghijklmnopq",
    "groq": "gsk_CANARY0123456789abcdef",
    "mistral": "CANARYwithoutanyshape0123456789",
    "meta": "LLM|1234567890|CANARY-0123456789",
    "zhipu": "0123456789abcdef0123456789abcdef.CANARY01",
    "cohere": "CANARYcohere0123456789abcdefghijklmnopqr",
}
ROTATED = "sk-proj-CANARYrotated456789abcdef"
FAULTS = ("sound", "the vault is down", "a table is silent", "a route breaks", "the provider breaks")


@pytest.fixture
def talkative(log: io.StringIO) -> Iterator[io.StringIO]:
    """The log at its most verbose, that of every library too."""
    before, root = logger().log_level, logging.getLogger()
    other, handler = root.level, logging.StreamHandler(log)
    logger().setLevel(logging.DEBUG)
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield log
    root.removeHandler(handler)
    root.setLevel(other)
    logger().setLevel(before)


class BreakingProber:
    """A prober whose error has the key in it, as a careless library's would."""

    def probe(self, provider: str, plaintext: str) -> Any:
        raise RuntimeError(f"cannot send the header authorization: Bearer {plaintext}")


def fail(byok: ByokWorld, fault: str) -> None:
    """Let everything from now on go wrong in one way."""
    match fault:
        case "the vault is down":
            byok.secrets.is_down = True
        case "a table is silent":
            _broken(byok, StoreUnavailable, "keys-table: UpdateItem: Throttling")
        case "a route breaks":
            _broken(byok, RuntimeError, "index out of range")
        case "the provider breaks":
            byok.ports.key_prober = BreakingProber()


def _broken(byok: ByokWorld, error: type[Exception], message: str) -> None:
    def fails(*_: object, **__: object) -> Any:
        raise error(message)  # each time a new one: the traceback of one that is raised again grows

    for name in ("of", "find", "lease", "change"):
        setattr(byok.provider_keys, name, fails)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_stored_key_is_in_the_vault_and_nowhere_else(
    byok: ByokWorld, talkative: io.StringIO, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    answers: list[httpx.Response] = []
    ids: list[str] = []
    for provider, plaintext in CANARIES.items():
        given = {"provider": provider, "api_key": plaintext, "validate": True}
        answers.append(await byok.ask("POST", "/keys", json=given))
        ids.append(answers[-1].json()["data"]["id"])
    assert all(plaintext in byok.secrets.everything() for plaintext in CANARIES.values())
    fail(byok, fault)
    for key_id in [ids[0], ids[4], "01M844DZG0AD5WNQ0VF9ZREJAS"]:
        for tenant in (OURS, THEIRS):
            for method, path in routes():
                body = _body_of(path)
                target = filled(path, key_id) if "{" in path else path
                if method != "DELETE":
                    answers.append(await byok.ask(method, target, tenant=tenant, json=body))
    answers += [await byok.ask("DELETE", f"/keys/{key_id}") for key_id in ids]
    written = talkative.getvalue() + "".join(capsys.readouterr())
    assert written
    for kept in (written, *(answer.text + str(answer.headers) for answer in answers), _items(byok)):
        assert "CANARY" not in kept
    if fault == "sound":
        assert not any(plaintext in byok.secrets.everything() for plaintext in CANARIES.values())


@pytest.mark.parametrize("plaintext", CANARIES.values())
async def test_a_key_in_a_wrong_place_is_repeated_nowhere(
    byok: ByokWorld, talkative: io.StringIO, capsys: pytest.CaptureFixture[str], plaintext: str
) -> None:
    known = [
        await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": f"{plaintext} "}),
        await byok.ask("POST", "/keys", json={"provider": plaintext, "api_key": plaintext}),
        await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": [plaintext]}),
        await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": plaintext}),
        await byok.ask("POST", "/service-keys", json={"scopes": [plaintext]}),
    ]
    assert {answer.status_code for answer in known} == {422}
    for kept in (talkative.getvalue(), "".join(capsys.readouterr()), *(answer.text for answer in known)):
        assert "CANARY" not in kept


async def test_what_holds_a_key_in_memory_does_not_show_it(byok: ByokWorld) -> None:
    await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": CANARIES["openai"]})
    (in_hand,) = byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", "openai/gpt-4o")
    assert "CANARY" not in f"{in_hand} {in_hand!r} {vars(byok.container.tenancy.provider_key_ring)!r}"
    found = byok.provider_keys.find(OURS, ProviderKeyId(in_hand.key.key_id))
    assert "CANARY" not in repr(found)


def _body_of(path: str) -> dict[str, Any] | None:
    if path.endswith("/rotate"):
        return {"api_key": ROTATED, "validate": True}
    if path == "/keys":
        return {"provider": "openai", "api_key": ROTATED, "validate": True}
    return {"label": "still mine"} if path == "/keys/{key_id}" else None


def _items(byok: ByokWorld) -> str:
    """Everything that is stored outside of the vault."""
    stored = (byok.provider_keys.keys, byok.provider_keys.pointers, byok.audit.all, byok.keys.stored)
    return repr(stored) + repr(byok.money.rows())


def routes() -> Iterator[tuple[str, str]]:
    """Every route of byok: method, and path without the prefix."""
    for each in iter_route_contexts(ByokWorld().app.own().routed.routes):
        path = str(each.path).removeprefix(PREFIX)
        for method in sorted((each.methods or set()) - {"HEAD"}):
            if path not in ("/health", "/openapi.json"):
                yield method, path


def filled(path: str, identity: str) -> str:
    return path[: path.index("{")] + identity + path[path.index("}") + 1 :]
