"""Reading a turn: the request in its text, told apart from the material, with its words and its form."""

import re
from dataclasses import dataclass
from typing import Final

from atom_llm.domain.tiers.signs import Found, folded, signs
from atom_llm.domain.tiers.turn import HEAD, SHORT, ends, outside_fences, without_quotes
from atom_llm.domain.tiers.vocabulary import WorkKind

ASKED: Final = 300  # characters; what somebody asks of a long text is shorter than its paragraphs

_ASKING: Final = (
    WorkKind.ANALYSE, WorkKind.REASON, WorkKind.PROOF, WorkKind.CONFINED, WorkKind.EASY,
    WorkKind.EVERYDAY, WorkKind.COMPOSE, WorkKind.DESIGN, WorkKind.CODE, WorkKind.ADVANCED,
)  # fmt: skip

# How questions of fact begin, at the beginning of a sentence.
_QUESTION: Final = re.compile(
    r"(?:^|[.!?:;\n¿\"]\s*)(?:and |so |but |und |et |y |e |а |и )?(?:"
    r"who|whose|when|where|which|what(?: is| are| was| were| s|'s|’s)"
    r"|how (?:many|much|old|far|tall|long|big|high|often)"
    r"|is|are|was|were|does|did|do|can|has|have"
    r"|wer|wann|wo|wie (?:heisst|viel|viele|alt|hoch|weit|gross|lange)|was (?:ist|sind|bedeutet|heisst)|in welche\w*"
    r"|welche\w*|ist|sind|hat|gibt"
    r"|qui|quand|ou|quel\w*|combien|est-ce"
    r"|quien|cuando|donde|cual\w*|cuant\w*|en que|que (?:es|significa)"
    r"|quem|quando|onde|qual|quais|quant\w*|o que (?:e|significa)"
    r"|chi|dove|quale|quali|cos'?e"
    r"|кто|когда|где|како[йе]|какая|какие|сколько|что такое"
    r"|kim|ne zaman|nerede|hangi|kac"
    r"|wie is|wat is|wanneer|waar|hoeveel|kto|kiedy|gdzie|ile|co to"
    r")\b"
)
# What something is, rather than which: it takes an explanation.
_CONCEPT: Final = re.compile(
    r"(?:^|[.!?:;\n¿\"]\s*)(?:what(?: is| are|'s|’s) (?!the|your|my|today|this|that|it|its|\d)"
    r"|was (?:ist|sind) (?!der|die|das|dein|mein|heute|\d)|qu'est-ce|c'est quoi"
    r"|que (?:es|son) (?!el|la|los|las|tu|mi|\d)"
    r"|o que (?:e|sao) |(?:che )?cos'?e |что такое )"
)
_CONCEPT_ELSEWHERE: Final = re.compile(r"とは何|是什么[??]?$|[이가란] 뭐|무엇|ما هو|ما هي|क्या (?:है|होता)|nedir")
_ASKED_AT_THE_END: Final = re.compile(r"(?:[??؟]|か[。?]?|니[?]?|nedir|neresi)\s*$")

# Words that stand for what was said before; without one, a question without a known word is a new subject.
_POINTS_BACK: Final = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|he|she|you sure|sure|still|again|instead"
    r"|the (?:first|second|last) one"
    r"|das|es|dies\w*|damit|dabei|daran|sicher|noch|ca|cela|celui|celle|sur|encore|eso|esto|ese|esa|seguro|todavia"
    r"|isso|isto|certeza|ainda|questo|quello|sicuro|ancora|это|этот|эту|они|уверен\w*|опять|bu|bunu|emin|hala)\b"
    r"|[它这那]|それ|これ|あれ|그것|이것|그게|이게|هذا|ذلك|यह|वह|इस"
)

# What only programs look like; two of them are code, whether in a fence or not.
_CODE_MARKS: Final = (
    "def ", "):\n", "return ", "function(", "function (", "=> ", "();", ");", "{\n", "}\n", "#include", "console.log",
    "System.out", "</", "public ", "static ", "SELECT ", " FROM ", " JOIN ", "const ", "let ", "var ", "import ",
    "Traceback (", "\tat ", "Exception", "&&", "!=", "==", "->", "self.", "fn ", "func ", "<?php", "std::", "nullptr",
)  # fmt: skip
_LOOKS_LIKE_CODE: Final = re.compile(r"[{}=<>]|\)[:;]|\(\)|SELECT |Exception|&&")


@dataclass(frozen=True, slots=True)
class TurnReading:
    """The findings in a turn. `asked` is the part of its text that says what to do, `small` the same folded.

    `is_question`: it begins, or after a long text ends, as a question of fact does. `is_long`: there is a longer text
    to do something with. `code_marks` are marks that only programs have.
    """

    found: Found
    asked: str
    small: str
    is_question: bool
    is_fenced: bool
    is_long: bool
    code_marks: tuple[str, ...]

    @property
    def is_concept(self) -> bool:
        """Return whether it asks what something is."""
        return bool(_CONCEPT.search(self.small)) or (
            not self.asked.isascii() and bool(_CONCEPT_ELSEWHERE.search(self.asked))
        )

    @property
    def points_back(self) -> bool:
        """Return whether it speaks of something that was said before."""
        return bool(_POINTS_BACK.search(self.small))

    def after(self, earlier: "TurnReading") -> "TurnReading":
        """Join the turn with the earlier one that it goes back to."""
        return TurnReading(
            _union(earlier.found, self.found),
            earlier.asked,
            earlier.small,
            is_question=False,
            is_fenced=self.is_fenced or earlier.is_fenced,
            is_long=self.is_long or earlier.is_long,
            code_marks=self.code_marks or earlier.code_marks,
        )


def read(text: str, result: str = "") -> TurnReading:
    """Read a turn's text; `result` is the beginning of what a tool answered to it."""
    outside, inside = outside_fences(text)
    is_fenced = bool(inside.strip())
    is_long = len(outside) > SHORT
    asked, found = _asked(outside) if is_long else _confined(outside)
    marks = () if is_fenced else _code_marks(outside[:HEAD] + result)
    small = folded(asked)
    is_question = bool(_QUESTION.search(small)) or bool(is_long and _ASKED_AT_THE_END.search(asked))
    return TurnReading(found, asked, small, is_question, is_fenced, is_long or len(inside) > SHORT, marks)


def _code_marks(text: str) -> tuple[str, ...]:
    return tuple(mark.strip() for mark in _CODE_MARKS if mark in text) if _LOOKS_LIKE_CODE.search(text) else ()


def _confined(text: str) -> tuple[str, Found]:
    """Return what is asked in a short text, without quotations and the material that follows "translate this:"."""
    asked = without_quotes(text)
    found = signs(asked)
    before, colon, rest = asked.partition(":")
    if colon and rest.strip() and WorkKind.CONFINED in found:
        short = signs(before)
        if WorkKind.CONFINED in short:
            return before, short
    return asked, found


def _asked(text: str) -> tuple[str, Found]:
    """Return what is asked at the beginning or the end of a long text."""
    first, last = ends(text)
    is_short = len(first) < ASKED
    at_first = _confined(first)[1] if is_short else {}
    if WorkKind.CONFINED in at_first:
        return first, at_first
    at_last = signs(without_quotes(last)) if len(last) < ASKED else {}
    asks_last = _is_asking(at_last) or bool(len(last) < ASKED and _ASKED_AT_THE_END.search(last))
    asks_first = _is_asking(at_first)
    if asks_first and asks_last and len(last) < len(first) + ASKED / 2:
        return f"{first}\n{last}", _union(at_first, at_last)
    if asks_last and not asks_first:
        return last, at_last
    return first, at_first if is_short else _confined(first)[1]


def _is_asking(found: Found) -> bool:
    return any(sign in found for sign in _ASKING)


def _union(one: Found, other: Found) -> Found:
    return {sign: tuple(dict.fromkeys((*one.get(sign, ()), *other.get(sign, ())))) for sign in {**one, **other}}
