"""Token counts of texts, estimated by script without a vocabulary."""

import re
from collections.abc import Iterable
from math import ceil
from typing import Final

METHOD: Final = "estimate-by-script"

# Chat framing of OpenAI's models (their cookbook's token counting): three tokens a message, three to prime the reply.
TOKENS_PER_MESSAGE: Final = 3
TOKENS_OF_REPLY: Final = 3
TOKENS_PER_IMAGE: Final = 765  # a 1024 x 1024 picture at high detail in OpenAI's 512-pixel tiles: 85 + 4 x 170

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
    """Return an estimate of a text's tokens; never less than one for a text that is not empty."""
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


def estimated_prompt_tokens(texts: Iterable[str], *, messages: int, images: int = 0) -> int:
    """Return an estimate of a conversation's tokens: its texts, its framing and its pictures."""
    content = sum(estimated_tokens(text) for text in texts)
    framing = messages * TOKENS_PER_MESSAGE + TOKENS_OF_REPLY if messages else 0
    return content + framing + images * TOKENS_PER_IMAGE
