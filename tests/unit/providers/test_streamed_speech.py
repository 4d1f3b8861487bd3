"""Speech that a provider sends in events: whole, or no answer."""

import json
from base64 import b64encode

import pytest

from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.providers.openai.media import media_answer
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.providers.failures import ProviderFailure

TARGET = Target(PROVIDER_BY_ID["openai"], "gpt-4o-mini-tts", frozenset(), None)
ASKED = {"model": "gpt-4o-mini-tts", "input": "Good morning", "voice": "alloy"}
DONE = json.dumps({"type": "speech.audio.done", "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}})


def delta(sound: bytes) -> str:
    return json.dumps({"type": "speech.audio.delta", "audio": b64encode(sound).decode()})


def spoken(*events: str) -> bytes:
    content = "".join(f"data: {event}\n\n" for event in events).encode()
    answer = media_answer(
        "audio_speech", TARGET, ASKED, HttpAnswer(200, {"content-type": "text/event-stream"}, content)
    )
    assert answer.raw is not None
    return answer.raw.content


def test_pieces_of_sound_are_joined() -> None:
    assert spoken(delta(b"one"), delta(b"two"), DONE) == b"onetwo"


@pytest.mark.parametrize("garbled", ['{"type": "speech.audio.delta", "audio"', "[]", "null"])
def test_sound_with_a_part_that_cannot_be_read_is_no_answer(garbled: str) -> None:
    with pytest.raises(ProviderFailure, match="cannot be read"):
        spoken(delta(b"one"), garbled, DONE)


def test_sound_that_breaks_off_is_no_answer() -> None:
    with pytest.raises(ProviderFailure, match="broke off"):
        spoken(delta(b"one"))
