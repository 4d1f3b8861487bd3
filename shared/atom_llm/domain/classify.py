"""How much model a prompt needs: a score from its length, its words and its task, and the reasons for it.

The score is that of the tiers' design: length +1/3/5/8, vocabulary simple −2, moderate +1, technical +3, code +3,
advanced +5, a code fence +3, the task +2, small talk −1. Five rules decide what counts, each measured on the labelled
prompts (docs/tiers.md):

- Words count where something is asked, not in the text that it is asked about: not inside of code fences, quotations,
  or the middle of a long text.
- Work that needs little thought however long its text is (translate, summarise, look up) counts an eighth of a text
  above 500 tokens, and never as more than the versatile tier's 2,000.
- A higher class of vocabulary takes the place of "moderate": "explain" tells nothing beside "consensus protocol". Only
  weighing and designing do, beside technical words in a short prompt. A fence takes the place of the code inside of
  it. Of several advanced terms the second also counts as technical, which it is.
- A word that is also an everyday word counts beside others alone: "python" beside "function", "architecture" beside
  "distributed", "design" beside "database".
- A short turn that says nothing by itself ("go on", "fix it") is as hard as what it goes back to.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.signs import Found, folded, signs
from atom_llm.domain.tiers import BOUNDS, Tier, tier_of
from atom_llm.domain.turn import HEAD, SHORT, ends, last_turn, outside_fences, turns_before, without_quotes
from atom_llm.domain.vocabulary import Sign

LENGTHS: Final = ((5_000, 8), (2_000, 5), (500, 3), (100, 1))  # tokens above which a prompt has such a score

SIMPLE: Final = -2
MODERATE: Final = 1
TECHNICAL: Final = 3
CODE: Final = 3
ADVANCED: Final = 5
FENCED: Final = 3
TASK: Final = 2
CHAT: Final = -1
PICTURE: Final = 1
UNKNOWN: Final = 1

LIGHT_FROM: Final = 500  # tokens up to which also light work counts as long as it is
LIGHT_SHARE: Final = 8  # above, so many tokens of a text that needs little thought count as one
LIGHT_MOST: Final = BOUNDS[Tier.VERSATILE].tokens or 0
TURN_BY_ITSELF: Final = 40  # tokens above which a turn says by itself what it wants
CHAT_MOST: Final = 60  # tokens; more is no small talk
ASKED_IN_SHORT: Final = 60  # tokens of a question of fact
UNKNOWN_FROM: Final = 14  # tokens from which on a text without any known word is taken for everyday work
ASKED: Final = 300  # characters; what somebody asks of a long text is shorter than its paragraphs
TURNS_BACK: Final = 4
EVIDENCE: Final = 3  # words shown of each signal


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason: what it is, what it adds to the score, and where it was seen."""

    name: str
    weight: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Classification:
    """How much model a prompt needs, and why. `tokens` are those that count, an estimate; `confidence` is between
    0 and 1, and smaller where the neighbouring tier is as likely; docs/tiers.md has how often each was right."""

    tier: Tier
    score: int
    tokens: int
    signals: tuple[Signal, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read out of a turn."""

    found: Found
    is_fenced: bool
    is_question: bool
    is_long: bool
    points_back: bool
    code_marks: tuple[str, ...]


def classify_prompt(prompt: str) -> Classification:
    """The tier of a single text."""
    return classify([{"role": "user", "content": prompt}])


def classify(messages: Sequence[Mapping[str, Any]]) -> Classification:
    """The tier of a conversation: of its last user turn, with what that goes back to and what followed it."""
    turn, start = last_turn(messages)
    read = _read(turn.text, turn.result)
    tokens, calls = turn.tokens, turn.calls
    inherited = False
    if start and not calls and _goes_back(read, turn.tokens):
        for place, earlier in enumerate(turns_before(messages, start)):
            if place == TURNS_BACK:
                break
            before = _read(earlier.text, earlier.result)
            read, inherited = _joined(read, before), True
            tokens, calls = tokens + earlier.tokens, calls + earlier.calls
            if not _goes_back(before, earlier.tokens):
                break
    return _judged(read, tokens, calls, turn.pictures, inherited=inherited)


# ---------------------------------------------------------------- reading

_WORK: Final = (Sign.ANALYSE, Sign.REASON, Sign.PROOF)
_ASKING: Final = (
    *_WORK, Sign.CONFINED, Sign.EASY, Sign.EVERYDAY, Sign.COMPOSE, Sign.DESIGN, Sign.CODE, Sign.ADVANCED,
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
_QUESTION_MARKS: Final = ("?", "?", "؟", "¿")
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


def _read(text: str, result: str) -> _Read:
    outside, inside = outside_fences(text)
    is_fenced = bool(inside.strip())
    is_long = len(outside) > SHORT
    asked, found = _asked(outside) if is_long else _confined(outside)
    small = folded(asked)
    points_back = bool(_POINTS_BACK.search(small))
    is_question = bool(_QUESTION.search(small)) or bool(is_long and _ASKED_AT_THE_END.search(asked))
    marks = () if is_fenced else _code_marks(outside[:HEAD] + result)
    return _Read(found, is_fenced, is_question, is_long or len(inside) > SHORT, points_back, marks)


def _code_marks(text: str) -> tuple[str, ...]:
    return tuple(mark.strip() for mark in _CODE_MARKS if mark in text) if _LOOKS_LIKE_CODE.search(text) else ()


def _confined(text: str) -> tuple[str, Found]:
    """What is asked in a short text: without quotations, and without what "translate this:" is followed by."""
    asked = without_quotes(text)
    found = signs(asked)
    before, colon, rest = asked.partition(":")
    if colon and rest.strip() and Sign.CONFINED in found:
        short = signs(before)
        if Sign.CONFINED in short:
            return before, short
    return asked, found


def _asked(text: str) -> tuple[str, Found]:
    """What is asked at the beginning or the end of a long text."""
    first, last = ends(text)
    at_last = signs(without_quotes(last)) if len(last) < ASKED else {}
    asks_last = _is_asking(at_last) or bool(len(last) < ASKED and _ASKED_AT_THE_END.search(last))
    if asks_last and len(first) >= ASKED:
        return last, at_last
    at_first = _confined(first)[1]
    asks_first = len(first) < ASKED and _is_asking(at_first)
    if asks_first and asks_last and len(last) < len(first) + ASKED / 2 and Sign.CONFINED not in at_first:
        return f"{first}\n{last}", _union(at_first, at_last)
    return (last, at_last) if asks_last and not asks_first else (first, at_first)


def _is_asking(found: Found) -> bool:
    return any(sign in found for sign in _ASKING)


def _goes_back(read: _Read, tokens: int) -> bool:
    """Whether a turn is only understood by what came before."""
    says_nothing = not read.is_fenced and not any(
        sign in read.found for sign in (Sign.CHAT, Sign.EASY, Sign.CONFINED, Sign.CODE, Sign.ADVANCED, Sign.PROOF)
    )
    changes_subject = read.is_question and not read.found and not read.points_back
    return tokens <= TURN_BY_ITSELF and says_nothing and not changes_subject


def _joined(turn: _Read, earlier: _Read) -> _Read:
    """A turn with what it goes back to."""
    return _Read(
        _union(earlier.found, turn.found),
        turn.is_fenced or earlier.is_fenced,
        is_question=False,
        is_long=turn.is_long or earlier.is_long,
        points_back=True,
        code_marks=turn.code_marks or earlier.code_marks,
    )


def _union(one: Found, other: Found) -> Found:
    return {sign: tuple(dict.fromkeys((*one.get(sign, ()), *other.get(sign, ())))) for sign in {**one, **other}}


# ---------------------------------------------------------------- judging


def _judged(read: _Read, tokens: int, calls: int, pictures: int, *, inherited: bool) -> Classification:
    found = read.found
    code = _code_evidence(read)
    advanced = [*found.get(Sign.ADVANCED, ())]
    technical = [*found.get(Sign.TECHNICAL, ())]
    is_agentic = calls > 0
    task, evidence = _task(read, code, technical, advanced, is_agentic=is_agentic)
    is_light = _is_light(read, task, code, technical, advanced, tokens)
    if pictures and not _words(found, Sign.CONFINED, Sign.EASY):
        is_light = False
    if is_light and task == "code":
        task = ""  # what a thing of programming is, rather than a program
    if is_light and read.is_question and Sign.CONFINED not in found and not read.is_long:
        technical, advanced = technical or advanced, []  # what something is, rather than how it is made
    if code or technical or advanced:
        technical = [*technical, *found.get(Sign.BESIDE, ())] if advanced or technical or read.is_fenced else technical
    counted = _counted(tokens, read, is_light=is_light)
    told: list[Signal] = []
    _length(told, counted, tokens)
    if is_light:
        _add(told, "simple", SIMPLE, _words(found, Sign.CONFINED, Sign.EASY) or ("a question of fact",))
    proofs = found.get(Sign.PROOF, ())
    if advanced or proofs:
        _add(told, "advanced", ADVANCED, (*advanced, *proofs))
        technical = [*technical, *advanced[1:], *(advanced[:1] if proofs else ())]
    if technical:
        _add(told, "technical", TECHNICAL, technical)
    if read.is_fenced:
        _add(told, "code fence", FENCED, (code or ("```",))[:1])
    elif code:
        _add(told, "code", CODE, code)
    everyday = _words(found, Sign.EVERYDAY, Sign.COMPOSE, Sign.ANALYSE, Sign.DESIGN)
    weighed = _words(found, Sign.COMPOSE, Sign.ANALYSE, Sign.DESIGN)
    if code or advanced or proofs or read.is_fenced:
        everyday = ()
    elif technical:
        everyday = weighed if counted <= LIGHT_FROM else ()
    if everyday:
        _add(told, "moderate", MODERATE, everyday)
    if task:
        _add(told, task, TASK, evidence)
    elif Sign.CHAT in found and tokens <= CHAT_MOST and not (code or technical or advanced or everyday):
        _add(told, "small talk", CHAT, found[Sign.CHAT])
    if pictures:
        _add(told, "picture", PICTURE, (f"{pictures} attached",))
    if not found and not read.is_question and tokens >= UNKNOWN_FROM and not told:
        _add(told, "unknown", UNKNOWN, ("no word of the vocabulary",))
    score = sum(signal.weight for signal in told)
    tier = tier_of(counted, score)
    return Classification(
        tier, score, counted, tuple(told), _confidence(tier, counted, score, told, inherited=inherited)
    )


def _code_evidence(read: _Read) -> tuple[str, ...]:
    found = read.found
    surely = tuple(found.get(Sign.CODE, ()))
    if surely or len(read.code_marks) >= 2:
        return surely or read.code_marks
    names, things = found.get(Sign.LANGUAGE, ()), found.get(Sign.THING, ())
    return (*names, *things) if names and things else ()


def _task(
    read: _Read, code: Sequence[str], technical: Sequence[str], advanced: Sequence[str], *, is_agentic: bool
) -> tuple[str, Sequence[str]]:
    """What kind of work it is, and by which words; none for everyday work."""
    found = read.found
    confined = Sign.CONFINED in found
    if is_agentic:
        return "agentic", ("tool calls",)
    if code or read.is_fenced:
        return "code", tuple(code) or ("```",)
    if Sign.PROOF in found or Sign.REASON in found:
        return "reasoning", _words(found, Sign.PROOF, Sign.REASON)
    weighed = found.get(Sign.ANALYSE, ())
    if weighed and not (confined and len(weighed) == 1 and not technical and not advanced):
        return "analysis", weighed
    if Sign.DESIGN in found and (technical or advanced):
        return "analysis", found[Sign.DESIGN]
    if Sign.COMPOSE in found and not confined and not (Sign.EASY in found and not found.get(Sign.EVERYDAY)):
        return "composition", found[Sign.COMPOSE]
    return "", ()


def _is_light(
    read: _Read, task: str, code: Sequence[str], technical: Sequence[str], advanced: Sequence[str], tokens: int
) -> bool:
    """Whether it is work that needs little thought: on a given text, or a question of fact."""
    found = read.found
    if task and not (task == "code" and read.is_question and not read.is_fenced and Sign.REASON not in found):
        return False
    if Sign.CONFINED in found:
        return True
    if Sign.EASY in found and not code:
        return True
    if read.is_long:
        return read.is_question
    is_everyday = Sign.EVERYDAY in found or Sign.COMPOSE in found
    if read.is_question and tokens <= ASKED_IN_SHORT and (not is_everyday or code or technical or advanced):
        return True
    return Sign.CHAT in found and not is_everyday and tokens <= CHAT_MOST and not code


def _counted(tokens: int, read: _Read, *, is_light: bool) -> int:
    """The tokens that count: all, or the share of them that light work is."""
    if not is_light or tokens <= LIGHT_FROM:
        return tokens
    return min(max(LIGHT_FROM, tokens // LIGHT_SHARE), LIGHT_MOST)


def _length(told: list[Signal], counted: int, tokens: int) -> None:
    for least, weight in LENGTHS:
        if counted > least:
            shown = f"{tokens:,} tokens" if counted == tokens else f"{counted:,} of {tokens:,} tokens count"
            told.append(Signal("length", weight, shown))
            return


def _words(found: Found, *wanted: Sign) -> tuple[str, ...]:
    return tuple(word for sign in wanted for word in found.get(sign, ()))


def _add(told: list[Signal], name: str, weight: int, evidence: Sequence[str]) -> None:
    told.append(Signal(name, weight, ", ".join(dict.fromkeys(evidence[:EVIDENCE]))))


def _confidence(tier: Tier, tokens: int, score: int, told: Sequence[Signal], *, inherited: bool) -> float:
    """Less for each way in which it may well be the neighbouring tier."""
    bounds, below = BOUNDS[tier], [each for lower, each in BOUNDS.items() if lower < tier]
    at_bound = bounds.score == score or any(each.score is not None and score == each.score + 1 for each in below[-1:])
    near = bounds.tokens is not None and tokens * 10 > bounds.tokens * 9
    doubts = (
        (0.05, at_bound),
        (0.05, near),
        (0.1, inherited),
        (0.1, len(told) == 1),
        (0.3, not told or any(signal.name == "unknown" for signal in told)),
    )
    return round(0.95 - sum(weight for weight, holds in doubts if holds), 2)
