"""The usage that providers report of pictures, speech and transcripts, as disjoint classes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.pricing.reported import OtherModelUsage, ReportedUsage
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Quantity, Usage, disjoint
from atom_llm.domain.providers.reported_counts import MAX_REPORTED, count, counted, first, inner
from atom_llm.domain.providers.reported_usage import chat_usage

LEAST_SECONDS: Final[Mapping[str, int]] = {"groq": 10}  # console.groq.com/docs/speech-to-text: billed of any recording


def picture_usage(usage: object, pictures: int, drawing: object = None) -> ReportedUsage:
    """Return the tokens of pictures, where they are told, or else the number of pictures that came.

    All tokens of the answer are a picture's unless it says how many are text. `drawing` is what another model used to
    write an SVG, beside the picture that it is drawn from (`openai.types.images_response.SvgUsage`).
    """
    told = usage if isinstance(usage, dict) else {}
    prompt, produced = first(told, "input_tokens") or 0, first(told, "output_tokens") or 0
    found, raw = Usage({Unit.IMAGES: pictures}, 0), told or {"images": pictures}
    if prompt or produced:
        details = inner(told, "input_tokens_details")
        read = count(details.get("image_tokens")) or 0
        text = count(inner(told, "output_tokens_details", "output_token_details").get("text_tokens")) or 0
        parts = {
            "input_image_tokens": read,
            "output_image_tokens": max(produced - text, 0),
            "cache_read_tokens": count(details.get("cached_tokens")) or 0,
            "cache_image_read_tokens": count(inner(details, "cached_tokens_details").get("image_tokens")) or 0,
        }
        parts = {name: number for name, number in parts.items() if number}
        found = counted(max(prompt, read), produced, None, parts) or found
    drawn = drawing if isinstance(drawing, dict) else {}
    by, of_drawing = drawn.get("model"), chat_usage("openai", {"usage": drawn})
    if not isinstance(by, str) or of_drawing is None:
        return ReportedUsage(found, raw)
    return ReportedUsage(found, {**raw, "svg_usage": drawn}, others=(OtherModelUsage(by, of_drawing.usage),))


def spoken_characters(text: str) -> ReportedUsage:
    """Return the characters of a text that was spoken, as they are sold."""
    return ReportedUsage(Usage({Unit.CHARACTERS: len(text)}, 0), {"characters": len(text)})


def speech_usage(usage: object) -> ReportedUsage | None:
    """Return the tokens of speech, all of whose answer is sound; None where none are told."""
    told = usage if isinstance(usage, dict) else {}
    prompt, produced = first(told, "input_tokens", "prompt_tokens"), first(told, "output_tokens")
    if prompt is None and produced is None:
        return None
    made = produced or 0
    fields = {"input_tokens": prompt or 0, "output_tokens": made, "output_audio_tokens": made}
    return ReportedUsage(disjoint(fields), told)


def transcript_usage(provider: str, content: Mapping[str, Any]) -> ReportedUsage | None:
    """Return the seconds or the tokens of a transcript, whichever its provider bills; None where it tells neither."""
    usage = inner(content, "usage")
    seconds = usage.get("seconds", usage.get("prompt_audio_seconds", content.get("duration")))
    if usage.get("type") != "tokens" and (heard := _seconds(seconds)) is not None:
        billed = max(heard, Decimal(LEAST_SECONDS.get(provider, 0)))
        return ReportedUsage(Usage({Unit.AUDIO_SECONDS: billed} if billed else {}, 0), usage or {"seconds": str(heard)})
    prompt, produced = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    if prompt is None and produced is None:
        return None
    details = inner(usage, "input_token_details", "input_tokens_details")
    text = count(details.get("text_tokens")) or 0
    audio = count(details.get("audio_tokens"))
    whole = prompt or 0
    heard_tokens = max(whole - text, 0) if audio is None else min(audio, whole)
    counts: dict[Unit, Quantity] = {
        Unit.INPUT: whole - heard_tokens,
        Unit.INPUT_AUDIO: heard_tokens,
        Unit.OUTPUT: produced or 0,
    }
    return ReportedUsage(Usage({unit: number for unit, number in counts.items() if number}, whole), usage)


def _seconds(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    seconds = Decimal(str(value))
    return seconds if seconds.is_finite() and 0 <= seconds <= MAX_REPORTED else None
