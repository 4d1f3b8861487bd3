"""What the tests of both native dialects share: recorded bodies, a provider that answers so, and what it was sent."""

import json
from pathlib import Path
from typing import Any

from testing.chat_world import ChatWorld

_RECORDED = Path(__file__).parent / "data" / "bodies.json"


def recorded_whole(provider: str, api: str, field: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the whole answers that were recorded of an API, each with its name; an answer has the `field`."""
    return [(name, body) for name, body in _recorded(provider, api) if isinstance(body, dict) and field in body]


def recorded_streams(provider: str, api: str) -> list[tuple[str, str]]:
    """Return the streams that were recorded of an API, each with its name."""
    return [(name, body) for name, body in _recorded(provider, api) if isinstance(body, str)]


def answers(world: ChatWorld, provider: str, body: str, *, streams: bool = False) -> None:
    """Let a provider answer with exactly this."""
    kind = "text/event-stream" if streams else "application/json"
    world.stand_in.fault("body", provider=provider, status=200, body=body, content_type=kind)


def sent(world: ChatWorld) -> dict[str, Any]:
    """The body that a provider got last."""
    return dict(world.stand_in.calls[-1].body)


def _recorded(provider: str, api: str) -> list[tuple[str, Any]]:
    bodies = json.loads(_RECORDED.read_text())
    return [(each["id"], each["body"]) for each in bodies if (each["provider"], each["api"]) == (provider, api)]
