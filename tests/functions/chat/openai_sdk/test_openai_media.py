"""Moderation, pictures, speech and transcripts through an unmodified OpenAI SDK, at each provider that has them."""

import io
import json
import wave
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import httpx
import openai
import pytest
from openai.types import ModerationImageURLInputParam, ModerationTextInputParam

from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.pricing.units import Unit
from testing.chat_world import ChatWorld, served
from testing.stand_in.media import PICTURE, SOUND, TRANSCRIPT
from testing.stand_in.server import StandIn

MODERATION = "omni-moderation-latest"
RECORDING = ("talk.mp3", b"\xff\xfb\x00\xed" * 5_000, "audio/mpeg")  # bytes that are no text
SHORT = ("ah.mp3", b"\xff\xfb" * 100, "audio/mpeg")


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "groq", "mistral", "google", "minimax"):
            served_world.provider_key(provider)
        yield served_world


@pytest.fixture
def sdk(world: ChatWorld) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=world.url, api_key=world.service_key(), max_retries=0) as client:
        yield client


def billed(world: ChatWorld) -> Decimal:
    """Return the cost of the one call that was made, which its proof comes to and its hold covers."""
    [row] = world.rows()
    assert row.settlement.status is AttemptStatus.SUCCEEDED
    assert row.settlement.reason is None
    assert sum((line.amount for line in row.settlement.lines), Decimal(0)) == row.settlement.cost
    assert row.attempt.hold >= row.settlement.cost
    return row.settlement.cost


# Moderation


@pytest.mark.parametrize("model", [MODERATION, "mistral/mistral-moderation-2603"])
def test_texts_are_moderated_for_an_explicit_zero(sdk: openai.OpenAI, world: ChatWorld, model: str) -> None:
    verdicts = sdk.moderations.create(model=model, input=["a kind word", "do harm"])
    assert [each.flagged for each in verdicts.results] == [False, True]
    assert verdicts.model in (f"openai/{MODERATION}", model)
    assert billed(world) == 0
    [row] = world.rows()
    assert row.attempt.hold == 0


def test_pictures_are_moderated_where_the_model_can_and_no_model_is_openai_s_own_default(
    sdk: openai.OpenAI, world: ChatWorld
) -> None:
    picture: ModerationImageURLInputParam = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    text: ModerationTextInputParam = {"type": "text", "text": "a kind word"}
    mixed: list[ModerationImageURLInputParam | ModerationTextInputParam] = [text, picture]
    found = sdk.moderations.create(input=mixed)
    assert found.model == f"openai/{MODERATION}"
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.moderations.create(model="mistral/mistral-moderation-2603", input=[picture])
    assert refused.value.param == "input"
    assert len(world.stand_in.seen()) == 1


# Pictures


def test_pictures_are_billed_by_the_tokens_that_they_took_and_held_for_by_their_size(
    sdk: openai.OpenAI, world: ChatWorld
) -> None:
    drawn = sdk.images.generate(model="gpt-image-1", prompt="a cat", n=2, size="1024x1024", quality="medium")
    assert drawn.data is not None
    assert [each.b64_json for each in drawn.data] == [PICTURE, PICTURE]
    assert billed(world) == Decimal("0.00006") + Decimal("0.08448")  # 12 × 5 $/M, and 2 × 1,056 × 40 $/M
    [row] = world.rows()
    assert row.settlement.usage == {Unit.INPUT: 12, Unit.OUTPUT_IMAGE: 2112}
    assert row.attempt.hold < Decimal("0.2")


def test_pictures_of_any_size_are_held_for_at_the_dearest(sdk: openai.OpenAI, world: ChatWorld) -> None:
    sdk.images.generate(model="gpt-image-1", prompt="a cat")
    [row] = world.rows()
    assert row.attempt.hold > Decimal("0.25")  # a large one of high quality


def test_pictures_whose_cost_nothing_bounds_are_refused_under_a_hard_budget(
    sdk: openai.OpenAI, world: ChatWorld
) -> None:
    assert sdk.images.generate(model="gpt-image-2", prompt="a cat").data
    world.budget("100")
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.images.generate(model="gpt-image-2", prompt="a cat")
    assert (refused.value.status_code, refused.value.param) == (402, "size")
    assert len(world.stand_in.seen()) == 1


SVG: Final = {"input_tokens": 1_000, "output_tokens": 500, "reasoning_tokens": 200, "total_tokens": 1_500}
SMALL: Final[dict[str, Any]] = {"model": "gpt-image-1", "prompt": "a cat", "size": "1024x1024", "quality": "low"}


def test_what_another_model_used_to_write_an_svg_is_billed_at_that_models_rates(
    sdk: openai.OpenAI, world: ChatWorld
) -> None:
    usage = {"input_tokens": 12, "output_tokens": 272, "total_tokens": 284}
    answer = {"data": [{"b64_json": PICTURE}], "usage": usage, "svg_usage": {"model": "gpt-4o-mini", **SVG}}
    world.stand_in.fault("body", body=json.dumps(answer), times=1)
    sdk.images.generate(**SMALL, extra_body={"output_format": "svg"})
    drawn = Decimal("0.00006") + Decimal("0.01088")  # 12 × 5 $/M, and 272 × 40 $/M
    assert billed(world) == drawn + Decimal("0.00045")  # 1,000 × 0.15 $/M, and 500 × 0.60 $/M
    assert world.rows()[0].settlement.reason is None


def test_an_svg_whose_writing_nothing_bounds_is_refused_under_a_hard_budget(
    sdk: openai.OpenAI, world: ChatWorld
) -> None:
    world.budget("100")
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.images.generate(**SMALL, extra_body={"output_format": "svg"})
    assert (refused.value.status_code, refused.value.param) == (402, "output_format")
    assert sdk.images.generate(**SMALL, extra_body={"output_format": "webp"}).data


def test_gemini_draws_one_picture_of_a_known_shape(sdk: openai.OpenAI, world: ChatWorld) -> None:
    drawn = sdk.images.generate(model="google/gemini-2.5-flash-image", prompt="a cat", size="1536x1024")
    assert [each.b64_json for each in drawn.data or ()] == [PICTURE]
    assert drawn.created == int(world.clock().timestamp())  # of our own: Google says none
    assert billed(world) == Decimal("0.0387024")  # 8 tokens × 0.30 $/M, and 1,290 × 30 $/M
    assert world.stand_in.seen()[0].body["generationConfig"]["imageConfig"] == {"aspectRatio": "3:2"}
    for wrong in ({"n": 2}, {"size": "7x7"}):
        with pytest.raises(openai.APIStatusError) as refused:
            sdk.images.generate(model="google/gemini-2.5-flash-image", prompt="a cat", extra_body=wrong)
        assert refused.value.param == next(iter(wrong))


# Speech


def test_gemini_speaks_wav_or_its_samples_and_nothing_else(sdk: openai.OpenAI, world: ChatWorld) -> None:
    create, model = sdk.audio.speech.create, "google/gemini-2.5-flash-preview-tts"
    pcm = create(model=model, voice="Kore", input="Hello there!", response_format="pcm")
    assert pcm.read() == SOUND
    assert billed(world) == Decimal("0.000484")  # 8 tokens × 0.50 $/M, and 48 of sound × 10 $/M
    spoken = create(model=model, voice="Kore", input="Hello there!", response_format="wav").read()
    with wave.open(io.BytesIO(spoken)) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 24_000)
        assert read.readframes(read.getnframes()) == SOUND
    with pytest.raises(openai.APIStatusError) as refused:
        create(model=model, voice="Kore", input="Hello", response_format="opus")
    assert refused.value.param == "response_format"


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("tts-1", "0.00018"),  # 12 characters × 15 $/M
        ("groq/canopylabs/orpheus-v1-english", "0.000264"),  # × 22 $/M
        ("mistral/voxtral-mini-tts-2603", "0.000192"),  # × 16 $/M
        ("minimax/speech-02-turbo", "0.00072"),  # × 60 $/M
        ("gpt-4o-mini-tts", "0.0012204"),  # 14 tokens × 0.60 $/M, and 101 of sound × 12 $/M
    ],
)
def test_a_text_is_spoken_and_billed_by_its_characters_or_its_tokens(
    sdk: openai.OpenAI, world: ChatWorld, model: str, cost: str
) -> None:
    spoken = sdk.audio.speech.create(model=model, voice="alloy", input="Hello there!", response_format="mp3")
    assert spoken.read() == SOUND
    assert spoken.response.headers["content-type"] == "audio/mpeg"
    assert Decimal(spoken.response.headers["x-llm-cost-usd"]) == billed(world) == Decimal(cost)


def test_speech_whose_length_nothing_bounds_is_refused_under_a_hard_budget(
    sdk: openai.OpenAI, world: ChatWorld
) -> None:
    world.budget("100")
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="Hello")
    assert (refused.value.status_code, refused.value.param) == (402, "input")
    assert sdk.audio.speech.create(model="tts-1", voice="alloy", input="Hello").read() == SOUND


def test_speech_fails_over_to_the_next_model_of_the_chain(sdk: openai.OpenAI, world: ChatWorld) -> None:
    world.stand_in.fault("status", provider="openai", status=503)
    spoken = sdk.audio.speech.create(model="tts-1,mistral/voxtral-mini-tts-2603", voice="alloy", input="Hello")
    assert spoken.response.headers["x-llm-provider"] == "mistral"
    assert spoken.read() == SOUND


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "{}", '{"audio_data": ""}', ""])
@pytest.mark.parametrize("model", ["tts-1", "gpt-4o-mini-tts", "mistral/voxtral-mini-tts-2603"])
def test_what_is_no_sound_is_no_answer_and_is_not_charged(
    sdk: openai.OpenAI, world: ChatWorld, model: str, body: str
) -> None:
    kind = "text/html; charset=utf-8" if body.startswith("<") else "application/json" if body else "audio/mpeg"
    world.stand_in.fault("body", body=body, content_type=kind)
    with pytest.raises(openai.InternalServerError) as failed:
        sdk.audio.speech.create(model=model, voice="alloy", input="Hello")
    assert failed.value.status_code == 502
    assert {(row.settlement.status, row.settlement.cost) for row in world.rows()} == {
        (AttemptStatus.FAILED, Decimal(0))
    }


@pytest.mark.parametrize(
    ("path", "asked", "body"),
    [
        ("/moderations", {"model": MODERATION, "input": ["a", "b"]}, '{"results": []}'),
        ("/moderations", {"model": MODERATION, "input": ["a", "b"]}, '{"results": [{"flagged": false}]}'),
        ("/images/generations", {"model": "gpt-image-1", "prompt": "a cat"}, '{"data": [{}]}'),
        ("/embeddings", {"model": "text-embedding-3-small", "input": "a"}, '{"data": []}'),
        ("/embeddings", {"model": "text-embedding-3-small", "input": ["a", "b"]}, '{"data": [{"embedding": [0.1]}]}'),
        ("/embeddings", {"model": "mistral/mistral-embed", "input": ["a", "b"]}, '{"data": [{"embedding": [0.1]}]}'),
    ],
)
def test_an_answer_to_less_than_was_asked_is_no_answer_and_is_not_charged(
    world: ChatWorld, caller: httpx.Client, path: str, asked: dict[str, object], body: str
) -> None:
    world.stand_in.fault("body", body=body)
    assert caller.post(path, json=asked).status_code == 502
    assert {(row.settlement.status, row.settlement.cost) for row in world.rows()} == {
        (AttemptStatus.FAILED, Decimal(0))
    }


# Transcripts


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("whisper-1", "0.0013"),  # 13 s × 0.0001 $
        ("groq/whisper-large-v3", "0.000382292"),  # 12.4 s × 0.00003083 $
        ("mistral/voxtral-mini-2602", "0.0006"),  # 12 s × 0.00005 $
        ("gpt-4o-transcribe", "0.0004"),  # 124 tokens × 2.50 $/M, and 9 × 10 $/M
    ],
)
def test_a_recording_is_written_down_and_billed_by_its_seconds_or_its_tokens(
    sdk: openai.OpenAI, world: ChatWorld, model: str, cost: str
) -> None:
    written = sdk.audio.transcriptions.create(model=model, file=RECORDING, language="en", temperature=0)
    assert written.text == TRANSCRIPT
    assert billed(world) == Decimal(cost)
    [call] = world.stand_in.seen()
    assert call.body["file"] == {"name": "talk.mp3", "size": len(RECORDING[1])}
    assert call.body["language"] == "en"


def test_groq_bills_ten_seconds_at_least(sdk: openai.OpenAI, world: ChatWorld) -> None:
    sdk.audio.transcriptions.create(model="groq/whisper-large-v3", file=SHORT)
    assert billed(world) == Decimal("0.0003083")


def test_a_transcript_comes_in_every_format_and_counts_in_each(sdk: openai.OpenAI, world: ChatWorld) -> None:
    create = sdk.audio.transcriptions.create
    text, srt, vtt = (
        create(model="whisper-1", file=RECORDING, response_format=wanted) for wanted in ("text", "srt", "vtt")
    )
    assert text == f"{TRANSCRIPT}\n"
    assert srt.startswith("1\n00:00:00,000 --> 00:00:01,500\nHello there.\n\n2\n")
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello there.\n\n")
    verbose = create(model="whisper-1", file=RECORDING, response_format="verbose_json")
    assert (verbose.duration, len(verbose.segments or ())) == (12.4, 2)
    assert {row.settlement.cost for row in world.rows()} == {Decimal("0.0013")}


def test_repeated_fields_of_a_form_reach_the_provider(sdk: openai.OpenAI, world: ChatWorld) -> None:
    sdk.audio.transcriptions.create(
        model="whisper-1",
        file=RECORDING,
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert world.stand_in.seen()[0].body["timestamp_granularities[]"] == ["word", "segment"]


def test_the_same_recording_twice_in_a_run_is_a_repeat_and_another_one_is_none(
    sdk: openai.OpenAI, world: ChatWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    for recording in (RECORDING, SHORT, RECORDING):
        sdk.audio.transcriptions.create(model="whisper-1", file=recording, extra_headers={"x-llm-run-id": "run-1"})
    assert {row.attempt.end_user.session for row in world.rows()} == {"run-1"}
    assert capsys.readouterr().out.count('"RepeatedCallsInRun":[1.0]') == 1


# What all share


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/moderations", {"input": []}, "input"),
        ("/moderations", {"input": [{"type": "video"}]}, "input.0"),
        ("/images/generations", {"model": "gpt-image-1"}, "prompt"),
        ("/images/generations", {"model": "gpt-image-1", "prompt": "a cat", "n": 11}, "n"),
        ("/images/generations", {"model": "gpt-image-1", "prompt": "a cat", "stream": True}, "stream"),
        ("/images/generations", {"prompt": "a cat"}, "model"),
        ("/audio/speech", {"model": "tts-1", "voice": "alloy", "input": "x" * 4097}, "input"),
        ("/audio/speech", {"model": "tts-1", "input": "Hello"}, "voice"),
        ("/audio/speech", {"model": "tts-1", "voice": "alloy", "input": "Hello", "speed": 5}, "speed"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_called(
    world: ChatWorld, caller: httpx.Client, path: str, body: dict[str, object], field: str
) -> None:
    answer = caller.post(path, json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, field)
    assert (world.stand_in.seen(), world.rows()) == ([], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/moderations", {"input": "Hello", "model": None}),
        ("/audio/speech", {"model": "tts-1", "voice": "alloy", "input": "Hello", "speed": None, "instructions": None}),
        ("/images/generations", {**SMALL, "n": None, "stream": None, "size": None}),
    ],
)
def test_a_field_that_is_null_is_one_that_is_left_out(caller: httpx.Client, path: str, body: dict[str, object]) -> None:
    assert caller.post(path, json=body).status_code == 200


def test_a_form_that_is_none_or_lacks_its_file_is_refused(world: ChatWorld, caller: httpx.Client) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b"}
    assert caller.post("/audio/transcriptions", json={}).status_code == 415
    assert caller.post("/audio/transcriptions", content=b"\xff no form", headers=kind).status_code in (400, 422)
    for files, field in (({"model": (None, "whisper-1")}, "file"), ({"file": ("a.mp3", b"x")}, "model")):
        answer = caller.post("/audio/transcriptions", files=files)
        assert (answer.status_code, answer.json()["error"]["param"]) == (422, field)
    assert world.stand_in.seen() == []


@pytest.mark.parametrize(
    ("path", "model"), [("/images/generations", "qwen/qwen-image-2.0"), ("/audio/speech", "gpt-4o")]
)
def test_a_model_that_is_not_called_for_it_says_so(
    world: ChatWorld, caller: httpx.Client, path: str, model: str
) -> None:
    world.provider_key("qwen")
    answer = caller.post(path, json={"model": model, "prompt": "a cat", "voice": "alloy", "input": "Hello"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "capability_missing")


def test_what_a_provider_refuses_or_a_cost_limit_forbids_costs_nothing(world: ChatWorld, caller: httpx.Client) -> None:
    body = {"model": "gpt-image-1", "prompt": "a cat", "size": "7x7", "quality": "low"}
    assert caller.post("/images/generations", json=body).status_code == 400
    limited = {"model": "tts-1-hd", "voice": "alloy", "input": "Hello there"}
    answer = caller.post("/audio/speech", json=limited, headers={"x-llm-max-cost-usd": "0.0001"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "max_cost_exceeded")
    assert {row.settlement.cost for row in world.rows()} == {0}


def test_a_repeat_by_its_key_is_answered_with_the_same_sound(world: ChatWorld, caller: httpx.Client) -> None:
    body, key = {"model": "tts-1", "voice": "alloy", "input": "Hello"}, {"idempotency-key": "spoken-once"}
    first, second = (caller.post("/audio/speech", json=body, headers=key) for _ in range(2))
    assert first.content == second.content == SOUND
    assert second.headers["content-type"] == first.headers["content-type"]
    assert len(world.stand_in.seen()) == 1


def test_an_answer_that_never_came_is_charged_as_expected(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("silence")
    answer = caller.post("/audio/speech", json={"model": "tts-1", "voice": "alloy", "input": "Hello there!"})
    assert answer.status_code == 504
    assert {row.settlement.cost for row in world.rows()} == {Decimal("0.00018")}
