"""The cognitive tier of a prompt: a score from its length, its words and its task, with the reasons for it.

The score is that of the tiers' design: length +1/3/5/8, vocabulary simple −2, moderate +1, technical +3, code +3,
advanced +5, a code fence +3, the task +2, small talk −1. Five rules decide what counts, measured on the labelled
prompts (docs/tiers.md):

- Words count where something is asked, not in the text that it is asked about: not inside of code fences, quotations,
  or the middle of a long text.
- Work that needs little thought however long its text is (translate, summarise, look up) counts an eighth of a text
  above 500 tokens, and never as more than the versatile tier's 2,000.
- A higher class of vocabulary takes the place of "moderate": "explain" tells nothing beside "consensus protocol".
  Only weighing and designing do, beside technical words in a short prompt. A fence takes the place of the code inside
  of it. Of several advanced terms the second also counts as technical, which it is.
- A word that is also an everyday word counts beside others alone: "python" beside "function", "architecture" beside
  "distributed", "design" beside "database".
- A short turn that says nothing by itself ("go on", "fix it") is as hard as what it goes back to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.tiers.reading import TurnReading, read
from atom_llm.domain.tiers.signs import Found
from atom_llm.domain.tiers.tier import BOUNDS, TIERS, Tier, tier_of
from atom_llm.domain.tiers.turn import FENCE, last_turn, turns_before
from atom_llm.domain.tiers.vocabulary import WorkKind

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
ASKED_IN_SHORT: Final = 14  # tokens of a question of fact
ASKED_OF_TERMS: Final = 60  # tokens of a question what a term means
UNKNOWN_FROM: Final = 14  # tokens from which on a text without any known word is taken for everyday work
TURNS_BACK: Final = 4
CODE_MARKS: Final = 2  # of what only programs look like: one may be a smiley or an arrow
EVIDENCE: Final = 3  # words shown of each signal

CODE_TASK: Final = "code"

# The confidence of a judgement that nothing speaks against, and what each doubt takes from it.
SURE: Final = 0.95
AT_A_BOUND: Final = 0.05
LITTLE_SAID: Final = 0.1
NOTHING_KNOWN: Final = 0.3
NEARLY: Final = 0.9  # of a tier's tokens


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason: its name, its weight in the score, and the words it was seen in."""

    name: str
    weight: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Classification:
    """The tier of a prompt, with the reasons for it. `tokens` are those that count, an estimate.

    `confidence` is between 0 and 1, and smaller where the neighbouring tier is as likely; docs/tiers.md has how often
    each was right.
    """

    tier: Tier
    score: int
    tokens: int
    signals: tuple[Signal, ...]
    confidence: float


def classify_prompt(prompt: str) -> Classification:
    """Classify a single text."""
    return classify([{"role": "user", "content": prompt}])


def classify(messages: Sequence[Mapping[str, Any]]) -> Classification:
    """Classify a conversation by its last user turn, with what that goes back to and what followed it."""
    turn, start = last_turn(messages)
    reading = read(turn.text, turn.result)
    tokens, calls = turn.tokens, turn.calls
    inherited = False
    if start and not calls and _goes_back(reading, turn.tokens):
        for place, earlier in enumerate(turns_before(messages, start)):
            if place == TURNS_BACK:
                break
            before = read(earlier.text, earlier.result)
            reading, inherited = reading.after(before), True
            tokens, calls = tokens + earlier.tokens, calls + earlier.calls
            if not _goes_back(before, earlier.tokens):
                break
    return _judged(reading, tokens, calls, turn.pictures, inherited=inherited)


def _goes_back(reading: TurnReading, tokens: int) -> bool:
    """Return whether a turn is only understood by what came before."""
    says_nothing = not reading.is_fenced and not any(
        sign in reading.found
        for sign in (WorkKind.CHAT, WorkKind.EASY, WorkKind.CONFINED, WorkKind.CODE, WorkKind.ADVANCED, WorkKind.PROOF)
    )
    changes_subject = reading.is_question and not reading.found and not reading.points_back
    return tokens <= TURN_BY_ITSELF and says_nothing and not changes_subject


@dataclass(frozen=True, slots=True)
class _Terms:
    """The words of a reading that are terms, after the words that they need beside them were looked for."""

    code: tuple[str, ...]
    technical: tuple[str, ...]
    advanced: tuple[str, ...]
    proofs: tuple[str, ...]

    @property
    def are_there(self) -> bool:
        """Return whether there is any but a proof."""
        return bool(self.code or self.technical or self.advanced)


def _judged(reading: TurnReading, tokens: int, calls: int, pictures: int, *, inherited: bool) -> Classification:
    terms = _terms(reading)
    task, why = _task(reading, terms, calls)
    is_light = _is_light(reading, task, terms, tokens)
    if pictures and not _words(reading.found, WorkKind.CONFINED, WorkKind.EASY):
        is_light = False
    if is_light and task == CODE_TASK:
        task = ""  # what a thing of programming is, rather than a program
    counted = _counted(tokens, is_light=is_light)
    told = [*_length(counted, tokens)]
    told += _vocabulary(reading, _weighty(reading, terms, is_light=is_light), counted, is_light=is_light)
    if task:
        told.append(_signal(task, TASK, why))
    elif WorkKind.CHAT in reading.found and tokens <= CHAT_MOST and not (terms.are_there or _has(told, "moderate")):
        told.append(_signal("small talk", CHAT, reading.found[WorkKind.CHAT]))
    if pictures:
        told.append(_signal("picture", PICTURE, (f"{pictures} attached",)))
    if not told:
        told += _unsaid(reading, tokens)
    score = sum(signal.weight for signal in told)
    tier = tier_of(counted, score)
    return Classification(tier, score, counted, tuple(told), _confidence(tier, counted, score, told, inherited))


def _terms(reading: TurnReading) -> _Terms:
    found = reading.found
    code = tuple(found.get(WorkKind.CODE, ()))
    if not code and len(reading.code_marks) >= CODE_MARKS:
        code = reading.code_marks
    if not code and WorkKind.LANGUAGE in found and WorkKind.THING in found:
        code = _words(found, WorkKind.LANGUAGE, WorkKind.THING)
    technical, advanced = _words(found, WorkKind.TECHNICAL), _words(found, WorkKind.ADVANCED)
    return _Terms(code, technical, advanced, _words(found, WorkKind.PROOF))


def _weighty(reading: TurnReading, terms: _Terms, *, is_light: bool) -> _Terms:
    """Return the terms as they count: with words that are terms beside others, and with what advanced ones imply."""
    technical, advanced = terms.technical, terms.advanced
    if is_light and reading.is_question and WorkKind.CONFINED not in reading.found and not reading.is_long:
        technical, advanced = technical or advanced, ()  # what something is, rather than how it is made
    if technical or advanced or (terms.code and reading.is_fenced):
        technical += _words(reading.found, WorkKind.BESIDE)
    technical += advanced if terms.proofs else advanced[1:]
    return _Terms(terms.code, technical, advanced, terms.proofs)


def _task(reading: TurnReading, terms: _Terms, calls: int) -> tuple[str, Sequence[str]]:
    """Return the kind of work and the words that tell it; none for everyday work."""
    found = reading.found
    if calls:
        return "agentic", (f"{calls} tool calls",)
    if terms.code or reading.is_fenced:
        return CODE_TASK, terms.code or (FENCE,)
    if WorkKind.PROOF in found or WorkKind.REASON in found:
        return "reasoning", _words(found, WorkKind.PROOF, WorkKind.REASON)
    weighed = found.get(WorkKind.ANALYSE, ())
    is_confined = WorkKind.CONFINED in found
    if weighed and not (is_confined and len(weighed) == 1 and not terms.are_there):  # "summarise this analysis"
        return "analysis", weighed
    if WorkKind.DESIGN in found and terms.are_there:
        return "analysis", found[WorkKind.DESIGN]
    if WorkKind.COMPOSE in found and not is_confined and (WorkKind.EASY not in found or WorkKind.EVERYDAY in found):
        return "composition", found[WorkKind.COMPOSE]
    return "", ()


def _is_light(reading: TurnReading, task: str, terms: _Terms, tokens: int) -> bool:
    """Return whether it is work that needs little thought: on a given text, or a question of fact."""
    found = reading.found
    asks_about_code = (
        task == CODE_TASK and reading.is_question and not reading.is_fenced and WorkKind.REASON not in found
    )
    if task and not asks_about_code:
        return False
    if WorkKind.CONFINED in found or (WorkKind.EASY in found and not terms.code):
        return True
    if reading.is_long:
        return reading.is_question
    is_everyday = WorkKind.EVERYDAY in found or WorkKind.COMPOSE in found
    if reading.is_question and tokens <= (ASKED_OF_TERMS if terms.are_there else ASKED_IN_SHORT):
        return terms.are_there or not (is_everyday or reading.is_concept)
    return WorkKind.CHAT in found and not is_everyday and tokens <= CHAT_MOST and not terms.code


def _vocabulary(reading: TurnReading, terms: _Terms, counted: int, *, is_light: bool) -> Iterator[Signal]:
    found = reading.found
    if is_light:
        yield _signal("simple", SIMPLE, _words(found, WorkKind.CONFINED, WorkKind.EASY) or ("a question of fact",))
    if terms.advanced or terms.proofs:
        yield _signal("advanced", ADVANCED, (*terms.advanced, *terms.proofs))
    if terms.technical:
        yield _signal("technical", TECHNICAL, terms.technical)
    if reading.is_fenced:
        yield _signal("code fence", FENCED, terms.code or (FENCE,))
    elif terms.code:
        yield _signal("code", CODE, terms.code)
    if terms.code or terms.advanced or terms.proofs or reading.is_fenced:
        return
    moderate = _words(found, WorkKind.COMPOSE, WorkKind.ANALYSE, WorkKind.DESIGN)
    if not terms.technical:
        moderate = (*_words(found, WorkKind.EVERYDAY), *moderate)
    elif counted > LIGHT_FROM:
        return
    if moderate:
        yield _signal("moderate", MODERATE, moderate)


def _unsaid(reading: TurnReading, tokens: int) -> Iterator[Signal]:
    """Yield the signals that remain for a turn in which nothing else was found."""
    if reading.is_concept:
        yield _signal("moderate", MODERATE, ("what something is",))
    elif not reading.found and tokens >= UNKNOWN_FROM:
        yield _signal("unknown", UNKNOWN, ("no word of the vocabulary",))


def _counted(tokens: int, *, is_light: bool) -> int:
    """Return the tokens that count: all, or the share of them that light work is."""
    if not is_light or tokens <= LIGHT_FROM:
        return tokens
    return min(max(LIGHT_FROM, tokens // LIGHT_SHARE), LIGHT_MOST)


def _length(counted: int, tokens: int) -> Iterator[Signal]:
    weight = next((weight for least, weight in LENGTHS if counted > least), 0)
    if weight:
        shown = f"{tokens:,} tokens" if counted == tokens else f"{counted:,} of {tokens:,} tokens count"
        yield Signal("length", weight, shown)


def _words(found: Found, *wanted: WorkKind) -> tuple[str, ...]:
    return tuple(word for sign in wanted for word in found.get(sign, ()))


def _signal(name: str, weight: int, evidence: Sequence[str]) -> Signal:
    return Signal(name, weight, ", ".join(dict.fromkeys(evidence[:EVIDENCE])))


def _has(told: Sequence[Signal], name: str) -> bool:
    return any(signal.name == name for signal in told)


def _confidence(tier: Tier, tokens: int, score: int, told: Sequence[Signal], inherited: bool) -> float:
    """Return the confidence, which falls with each way in which it may well be the neighbouring tier."""
    bounds = BOUNDS[tier]
    is_at_bound = score == bounds.score or (tier.rank > 0 and score == (BOUNDS[TIERS[tier.rank - 1]].score or 0) + 1)
    is_nearly_too_long = bounds.tokens is not None and tokens > NEARLY * bounds.tokens
    doubts = (
        (AT_A_BOUND, is_at_bound),
        (AT_A_BOUND, is_nearly_too_long),
        (LITTLE_SAID, inherited),
        (LITTLE_SAID, len(told) == 1),
        (NOTHING_KNOWN, not told or _has(told, "unknown")),
    )
    return round(SURE - sum(doubt for doubt, holds in doubts if holds), 2)
