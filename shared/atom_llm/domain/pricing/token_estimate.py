"""Token counts of texts and of prompts: estimated by script without a vocabulary, and at most, for holding a cost."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import ceil
from typing import Final

METHOD: Final = "estimate-by-script"

# Chat framing of OpenAI's models (their cookbook's token counting): three tokens a message, three to prime the reply.
TOKENS_PER_MESSAGE: Final = 3
TOKENS_OF_REPLY: Final = 3
TOKENS_PER_IMAGE: Final = 765  # a 1024 x 1024 picture at high detail in OpenAI's 512-pixel tiles: 85 + 4 x 170

# Beyond so many characters a conversation is judged by windows of it at even distances, all its texts taken together.
# The distance is a power of two windows: what is looked at of one that grows was looked at before, and is remembered.
WINDOW: Final = 160  # characters
WINDOWS: Final = 128
LONG: Final = WINDOW * WINDOWS

# A token of a byte-level vocabulary is at least one byte, so that a request has never more tokens than bytes, whatever
# its fields are. On top comes what the provider puts around it: a message's framing, its own instructions for tools
# (Anthropic's take up to 804).
MOST_TOKENS_PER_MESSAGE: Final = 16
MOST_TOKENS_AROUND: Final = 1_024

# About and at most, by the capability that an attachment needs. A picture is 85 to 1,445 tokens at OpenAI, at most
# 4,784 at Anthropic and 258 a tile at Google; the small GPT-4o counts 48,169 for eight tiles.
ATTACHMENT_TOKENS: Final[Mapping[str, int]] = {
    "vision": TOKENS_PER_IMAGE,
    "audio_input": 600,
    "pdf_input": 8_000,
    "video_input": 10_000,
}
MOST_ATTACHMENT_TOKENS: Final[Mapping[str, int]] = {
    "vision": 48_200,
    "audio_input": 120_000,  # 6 MB of WAV are a minute, of compressed speech an hour: 32 tokens a second
    "pdf_input": 300_000,  # a hundred pages, each as text and as a picture
    "video_input": 300_000,
}
# Bytes of an attachment's content that make a token at the most: compressed speech has 750 bytes a second, video of the
# least quality 12,500 for 300 tokens. A token of a text has a byte at the least, one of a page of a PDF more.
BYTES_PER_TOKEN: Final[Mapping[str, int]] = {"audio_input": 16, "pdf_input": 1, "video_input": 16}
MOST_ELSEWHERE: Final = 10_000_000  # tokens of a file that only its address or id is known of: the window bounds it


REMEMBERED: Final = 10_000  # estimates; a megabyte
_KNOWN: Final[dict[int, int]] = {}

# What byte-pair vocabularies of 100k to 200k entries do to each kind of text; characters a token, fitted against
# cl100k (docs/performance.md has the error by script). Words up to eight Latin letters are mostly whole tokens.
WHOLE_WORD_LETTERS: Final = 8
LATIN_LETTERS_PER_TOKEN: Final = 5.0
ACCENTED_LETTERS_PER_TOKEN: Final = 2.9
DIGITS_PER_TOKEN: Final = 3
CHARACTERS_PER_TOKEN: Final = {
    "greek_cyrillic": 2.1,
    "semitic_indic": 1.2,
    "hangul": 0.95,
    "kana": 1.0,
    "han": 0.85,
    "other": 0.6,
}

SINGLE_SPACES: Final = (" ", "\t", "\r")  # part of the word that follows; a longer run or a line break is a token

# No alternative tries a run again at each of its places: a text takes as long as it is, whatever it is made of.
_PIECE: Final = re.compile(
    r"(?P<latin>[A-Za-z]+(?![\u00c0-\u024f]))"
    r"|(?P<accented>[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+)"
    r"|(?P<digits>[0-9]+)"
    r"|(?P<greek_cyrillic>[\u0370-\u052f]+)"
    r"|(?P<semitic_indic>[\u0590-\u0fff]+)"
    r"|(?P<hangul>[\u1100-\u11ff\uac00-\ud7af]+)"
    r"|(?P<kana>[\u3040-\u30ff]+)"
    r"|(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)"
    r"|(?P<blank>[ \t\r\n\f\v]+)"
    r"|(?P<marks>[!-/:-@\[-`{-~]+)"
    r"|(?P<other>[^\x00-\x7f])"
    r"|(?P<control>.)",
    re.DOTALL,
)


def estimated_tokens(text: str) -> int:
    """Return an estimate of a text's tokens, read whole; never less than one for a text that is not empty."""
    total = 0.0
    for match in _PIECE.finditer(text):
        kind, length = match.lastgroup, match.end() - match.start()
        if kind == "latin":
            total += 1 if length <= WHOLE_WORD_LETTERS else length / LATIN_LETTERS_PER_TOKEN
        elif kind == "accented":
            total += max(1.0, length / ACCENTED_LETTERS_PER_TOKEN)
        elif kind == "digits":
            total += ceil(length / DIGITS_PER_TOKEN)
        elif kind == "marks":
            total += ceil(length / 2)
        elif kind in CHARACTERS_PER_TOKEN:
            total += length / CHARACTERS_PER_TOKEN[kind]
        elif kind != "blank" or match[0] not in SINGLE_SPACES:
            total += 1
    return ceil(total)


def tokens_of_texts(texts: Sequence[str]) -> int:
    """Return an estimate of the tokens of a conversation's texts, by windows of it where together they are `LONG`.

    It depends on nothing but the texts, and takes no longer for longer ones.
    """
    ends = tuple(accumulate(map(len, texts)))
    total = ends[-1] if ends else 0
    if total <= LONG:
        return sum(map(_of_piece, texts))
    distance = WINDOW
    while distance * WINDOWS < total:
        distance *= 2
    sampled = looked_at = 0
    for start in range(0, total, distance):
        for piece in _pieces(texts, ends, start, min(start + WINDOW, total)):
            sampled += _of_piece(piece)
            looked_at += len(piece)
    return ceil(sampled * total / looked_at)


def estimated_prompt_tokens(texts: Sequence[str], *, messages: int, images: int = 0) -> int:
    """Return an estimate of a conversation's tokens: its texts, its framing and its pictures."""
    framing = messages * TOKENS_PER_MESSAGE + TOKENS_OF_REPLY if messages else 0
    return tokens_of_texts(texts) + framing + images * TOKENS_PER_IMAGE


def prompt_tokens_about(texts: Sequence[str], messages: int, attachments: Mapping[str, int], counted: int = 0) -> int:
    """Return an estimate of a prompt's tokens, by script; a long conversation is judged by windows of it."""
    total = tokens_of_texts(texts) + messages * TOKENS_PER_MESSAGE + counted
    return total + sum(ATTACHMENT_TOKENS[each] * count for each, count in attachments.items())


def prompt_tokens_at_most(size: int, messages: int) -> int:
    """Return a bound on the tokens of a request of `size` bytes (without its attachments) that no provider exceeds."""
    return size + messages * MOST_TOKENS_PER_MESSAGE + MOST_TOKENS_AROUND


def attached_tokens_at_most(capability: str, size: int | None, *, is_text: bool = False) -> int:
    """Return a bound on the tokens of an attachment by the capability that it needs.

    `size` are the bytes of its content, None where they are elsewhere; a text has a byte a token at the least.
    """
    if capability == "vision":
        return MOST_ATTACHMENT_TOKENS[capability]
    if size is None:
        return MOST_ELSEWHERE
    return size if is_text else max(MOST_ATTACHMENT_TOKENS[capability], size // BYTES_PER_TOKEN[capability])


def _pieces(texts: Sequence[str], ends: Sequence[int], start: int, end: int) -> Iterator[str]:
    """Yield what stands between two places of all texts together, text by text; `ends` are where each of them ends."""
    at = bisect_right(ends, start)
    while start < end:
        text, begins = texts[at], ends[at] - len(texts[at])
        if piece := text[start - begins : end - begins]:
            yield piece
        start = ends[at]
        at += 1


def _of_piece(text: str) -> int:
    """Return the tokens of a text, remembered by its hash: system prompts and past turns come with every call."""
    known = _KNOWN.get(hash(text))
    if known is None:
        if len(_KNOWN) >= REMEMBERED:
            _KNOWN.clear()
        known = _KNOWN[hash(text)] = estimated_tokens(text)
    return known
