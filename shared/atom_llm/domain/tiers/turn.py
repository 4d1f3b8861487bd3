"""The part of a conversation that counts for its tier: the last user turn with its context."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.pricing.token_estimate import ATTACHMENT_TOKENS, TOKENS_PER_MESSAGE, estimated_tokens

Message = Mapping[str, Any]

WHOLE: Final = 192  # characters up to which a text is estimated whole; longer ones by samples of it
SAMPLE: Final = 40  # characters of one
SAMPLES: Final = 3
SAMPLES_OF_LONG: Final = 20
LONG: Final = 2_048  # characters
RESULT: Final = 700  # characters that are looked at of what a tool answered
MANY: Final = 64  # texts that follow a turn of which each is estimated; more, or longer ones, are judged as one
LONG_TOGETHER: Final = 20_480  # characters; a tier's last bound is about as long

# What is attached, by the type of its part, as the length of what has to be worked through; a picture is looked at.
CAPABILITY_OF_PART: Final = {"input_audio": "audio_input", "file": "pdf_input", "video_url": "video_input"}
PICTURE: Final = "image_url"

FENCE: Final = "```"


@dataclass(frozen=True, slots=True)
class UserTurn:
    """A user's turn: its text, how many tokens it is with everything that followed it, and what stands beside it.

    `calls` are the tool calls that followed it, `result` the beginning of the last answer of a tool.
    """

    text: str
    tokens: int
    calls: int = 0
    pictures: int = 0
    result: str = ""


def last_turn(messages: Sequence[Message]) -> tuple[UserTurn, int]:
    """Return the last user turn and the place of its first message; the last message where there is no such turn."""
    end = len(messages)
    place = next((at for at in range(end - 1, -1, -1) if _role(messages[at]) == "user"), end - 1)
    if place < 0:
        return UserTurn("", 0), 0
    start = place
    while start > 0 and _role(messages[start - 1]) == "user":  # several messages in a row are one turn
        start -= 1
    return _turn(messages[start : place + 1], messages[place + 1 :]), start


def turns_before(messages: Sequence[Message], start: int) -> Iterator[UserTurn]:
    """Yield the user's earlier turns, the latest first, each with what followed it."""
    end = start
    for place in range(start - 1, -1, -1):
        if _role(messages[place]) == "user":
            yield _turn(messages[place : place + 1], messages[place + 1 : end])
            end = place


def tokens_of(text: str) -> int:
    """Estimate the tokens of a text: a long one by small samples of it, for a tier is wider than their error."""
    length = len(text)
    if length <= WHOLE:
        return estimated_tokens(text)
    samples = SAMPLES if length <= LONG else SAMPLES_OF_LONG
    step = (length - SAMPLE) // (samples - 1)
    sampled = sum(estimated_tokens(text[at * step : at * step + SAMPLE]) for at in range(samples))
    return sampled * length // (SAMPLE * samples)


def _turn(own: Sequence[Message], following: Sequence[Message]) -> UserTurn:
    texts = [text for message in own for text in _texts(message)]
    types = [kind for message in own for kind in _attached(message)]
    text = "\n\n".join(texts) if len(texts) > 1 else texts[0] if texts else ""
    tokens = tokens_of(text) + sum(ATTACHMENT_TOKENS[CAPABILITY_OF_PART[kind]] for kind in types if kind != PICTURE)
    calls = sum(len(each) for message in following if isinstance(each := message.get("tool_calls"), list))
    results = [text for message in following[-1:] if calls for text in _texts(message)]
    result = results[0][:RESULT] if results else ""
    return UserTurn(text, tokens + _tokens_following(following), calls, types.count(PICTURE), result)


def _tokens_following(messages: Sequence[Message]) -> int:
    texts = [text for message in messages for text in (*_texts(message), *_called(message))]
    if len(texts) <= MANY and sum(map(len, texts)) <= LONG_TOGETHER:
        return sum(tokens_of(text) for text in texts) + len(messages) * TOKENS_PER_MESSAGE
    joined = "\n".join(texts)
    return tokens_of(joined) + len(messages) * TOKENS_PER_MESSAGE


def _role(message: Message) -> object:
    return message.get("role")


def _texts(message: Message) -> Iterator[str]:
    content = message.get("content")
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, Mapping) and isinstance(text := part.get("text"), str):
                yield text


def _attached(message: Message) -> Iterator[str]:
    content = message.get("content")
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, Mapping) else None
        if isinstance(kind, str) and (kind == PICTURE or kind in CAPABILITY_OF_PART):
            yield kind


def _called(message: Message) -> Iterator[str]:
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping) and isinstance(arguments := function.get("arguments"), str):
            yield arguments


# Instruction and material

SHORT: Final = 600  # characters up to which a text is an instruction as a whole
HEAD: Final = 400  # characters that are looked at of the beginning of a longer one, and of its end
END: Final = 300

_QUOTED: Final = re.compile(
    '"[^"]{12,2000}"|“[^”]{12,2000}”|«[^»]{12,2000}»|„[^“”]{12,2000}[“”]|「[^」]{4,2000}」|『[^』]{4,2000}』'
)
_QUOTES: Final = re.compile('["“«„「『]')


def outside_fences(text: str) -> tuple[str, str]:
    """Split a text into what stands outside of code fences and what stands inside of them."""
    if FENCE not in text:
        return text, ""
    pieces = text.split(FENCE)
    return "\n\n".join(pieces[0::2]), "\n".join(pieces[1::2])


def without_quotes(text: str) -> str:
    """Return a text without its quotations; the whole where nothing else is there."""
    if not _QUOTES.search(text):
        return text
    rest = _QUOTED.sub(" ", text)
    return rest if rest.strip(' \n:.,"') else text


def ends(text: str) -> tuple[str, str]:
    """Return the first and the last paragraph of a long text, cut to the length of an instruction (`HEAD`, `END`)."""
    head = text[: HEAD * 2].lstrip()
    first = head.partition("\n\n")[0] if "\n\n" in head[:HEAD] else head.partition("\n")[0]
    tail = text[-END * 2 :].rstrip()
    last = tail.rpartition("\n\n")[2] if "\n\n" in tail[-END:] else tail.rpartition("\n")[2]
    return first[:HEAD], last[-END:]
