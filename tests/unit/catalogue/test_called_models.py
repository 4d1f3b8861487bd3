"""A call goes to a model that its caller named, and to nothing that is only near."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, decode, encode
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from testing import real_data

AS_OF = datetime(2026, 11, 28, tzinfo=UTC)
DAY = re.compile(r"(?P<year>20\d\d)(?P<gap>-?)(?P<month>[01]\d)(?P=gap)(?P<day>[0-3]\d)")
MONTH = re.compile(r"(?<=-)(?P<year>2[2-9])(?P<month>0[1-9]|1[0-2])(?=$|-)")
WORDS = ("latest", "preview", "instruct", "it", "fp8", "thinking", "high", "mini")
CLAUDE = re.compile(r"claude-?(\d(?:[.-]?\d)?)-?(opus|sonnet|haiku)")


def in_force(entries: list[ModelEntry]) -> CatalogueInForce:
    return CatalogueInForce(decode(encode(entries)[1]), None, AS_OF)


@pytest.fixture(scope="module")
def newest() -> CatalogueInForce:
    reading = real_data.litellm_of(real_data.NEWEST)
    return in_force([*reading.entries.values(), *reading.aliases.values()])


def letters(name: str) -> str:
    """All that a name says: its last part without case and separators, a Claude's version behind its family.

    Written apart from the product's rules, and blunter.
    """
    last = name.lower().rsplit("/", 1)[-1]
    last = CLAUDE.sub(lambda found: f"claude-{found[2]}-{found[1]}", last)
    return re.sub(r"[^a-z0-9]", "", last.replace("+", "plus"))


def mutations(name: str) -> Iterator[str]:
    """Names beside a name: other dates, no date, one word more or less."""
    for found in DAY.finditer(name):
        try:
            day = date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
        for distance in (-30, -1, 1, 365):
            other = day + timedelta(days=distance)
            yield name[: found.start()] + other.strftime(f"%Y{found['gap']}%m{found['gap']}%d") + name[found.end() :]
        yield name[: found.start()].rstrip("-@") + name[found.end() :]
    for found in MONTH.finditer(name):
        month = int(found["month"])
        for other_month in (month % 12 + 1, (month + 10) % 12 + 1):
            yield f"{name[: found.start('month')]}{other_month:02d}{name[found.end('month') :]}"
        yield name[: found.start()].rstrip("-") + name[found.end() :]
    for word in WORDS:
        yield f"{name}-{word}"
        for piece in (f"-{word}", f":{word}"):
            if piece in name:
                yield name.replace(piece, "")
    yield f"{name}-2025-01-01"
    yield f"{name}-20250101"
    yield f"{name}-2411"


def called(in_force: CatalogueInForce, name: str) -> list[ModelEntry]:
    try:
        return list(called_models(in_force, name))
    except ModelNotFound:
        return []


def spellings(entry: ModelEntry) -> set[str]:
    names = {entry.source_key, entry.source_key.rsplit("/", 1)[-1]}
    return {entry.id, entry.name, *names} if entry.provider in PROVIDER_BY_ID else names


# Every row of the newest file


def test_every_row_that_can_be_called_is_called_by_its_id_and_by_its_name_at_its_provider(
    newest: CatalogueInForce,
) -> None:
    rows = [entry for entry in newest.catalogue if entry.provider in PROVIDER_BY_ID]
    assert len(rows) > 400
    for entry in rows:
        assert entry.name in {each.name for each in called(newest, entry.id)}
        assert [each.provider for each in called(newest, f"{entry.provider}/{entry.name}")] == [entry.provider]
        assert [each.name for each in called(newest, f"{entry.provider}/{entry.name.upper()}")] == [entry.name]


def test_what_is_called_is_what_was_named_for_every_row_and_for_every_name_beside_it(newest: CatalogueInForce) -> None:
    aliases = newest.catalogue.aliases
    targets = {alias.id: newest.catalogue.get(alias.alias_of or "") for alias in aliases}
    meant = {(letters(alias.id), target.id) for alias in aliases if (target := targets[alias.id]) is not None}
    spelt = {spelling for entry in newest.catalogue for spelling in spellings(entry)}
    spelt |= {spelling for alias in aliases for spelling in (alias.id, alias.source_key)}
    asked = spelt.union(*(mutations(spelling) for spelling in spelt))
    answered = {(name, each.id) for name in asked for each in called(newest, name) if each.provider in PROVIDER_BY_ID}
    wrong = {(name, model) for name, model in answered if letters(model) != letters(name)}
    assert {each for each in wrong if (letters(each[0]), each[1]) not in meant} == set()
    assert len(asked) > 80_000
    assert len(answered) > 1_000


def test_a_provider_that_is_named_is_the_one_that_is_called(newest: CatalogueInForce) -> None:
    rows = [entry for entry in newest.catalogue if entry.provider in PROVIDER_BY_ID]
    for entry in rows:
        for name in mutations(entry.id):
            assert {each.provider for each in called(newest, name)} <= {entry.provider} or "/" not in entry.id


# What is near


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("mistral-small-2501", "mistral/mistral-small"),
        ("gpt-4-0125-preview", "openai/gpt-4-0613"),
        ("gpt-3.5-turbo-0613", "openai/gpt-3.5-turbo"),
        ("mistral-large-2411", "mistral/mistral-large-latest"),
        ("mistral-medium-2508", "mistral/mistral-medium"),
        ("gpt-4o-2025-01-01", "openai/gpt-4o"),
        ("gpt-5-chat-2025-08-07", "openai/gpt-5-chat"),
        ("claude-sonnet-4-6-20260217", "anthropic/claude-sonnet-4-6"),
        ("claude-opus-4-5-thinking-32k", "anthropic/claude-opus-4-5"),
        ("gpt-5.1-chat", "openai/gpt-5.1-chat-latest"),
        ("gemini-3.1-pro", "google/gemini-3.1-pro-preview"),
        ("llama-4-scout-17b-16e-instruct", "meta/Llama-4-Scout-17B-16E-Instruct-FP8"),
    ],
)
def test_a_name_that_is_only_near_calls_nothing_and_is_told_what_it_could_call(
    newest: CatalogueInForce, name: str, offered: str
) -> None:
    with pytest.raises(ModelNotFound) as refusal:
        called_models(newest, name)
    assert offered in refusal.value.near
    for each in refusal.value.near:
        entry = newest.catalogue.get(each)
        assert entry is not None
        assert entry.provider in PROVIDER_BY_ID


# Spellings that are called


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("mistral-small-latest", ["mistral/mistral-small-latest"]),
        ("qwen-plus-latest", ["qwen/qwen-plus-latest"]),
        ("anthropic/claude-4.5-sonnet", ["anthropic/claude-sonnet-4-5"]),
        ("Claude Sonnet 4.5", ["anthropic/claude-sonnet-4-5"]),
        ("claude-sonnet-4-5@20250929", ["anthropic/claude-sonnet-4-5-20250929"]),
        ("gemini/gemini-2.5-pro", ["google/gemini-2.5-pro"]),
        ("models/gemini-2.5-pro", ["google/gemini-2.5-pro"]),
        ("gemini-2.5-pro", ["google/gemini-2.5-pro"]),
        ("groq/openai/gpt-oss-120b", ["groq/openai/gpt-oss-120b"]),
        ("openai/gpt-oss-120b", ["groq/openai/gpt-oss-120b"]),
        ("gpt-oss-120b", ["groq/openai/gpt-oss-120b"]),
        ("glm-5.2", ["zhipu/glm-5.2", "mistral/glm-5-2", "qwen/glm-5.2"]),
        ("z-ai/glm-5.2", ["zhipu/glm-5.2"]),
        ("deepseek-chat", ["deepseek/deepseek-chat"]),
        ("openai:gpt-4o", ["openai/gpt-4o"]),
    ],
)
def test_another_spelling_of_an_id_calls_it(newest: CatalogueInForce, name: str, ids: list[str]) -> None:
    assert sorted(each.id for each in called(newest, name)) == sorted(ids)


@pytest.mark.parametrize("name", ["ft:gpt-4o-mini-2024-07-18:org::id", "openai/ft:gpt-4o-mini-2024-07-18:org:my:Id7"])
def test_a_fine_tune_is_called_by_its_whole_name_at_the_price_of_its_base(newest: CatalogueInForce, name: str) -> None:
    (entry,) = called(newest, name)
    assert entry.name == name.removeprefix("openai/")
    assert entry.provider == "openai"
    base = newest.catalogue.get("openai/ft:gpt-4o-mini-2024-07-18")
    assert base is not None
    assert newest.catalogue.rates(entry) == newest.catalogue.rates(base)
    assert newest.costed_by(entry.id) is base


@pytest.mark.parametrize("name", ["ft:gpt-9:org::id", "ft:open-mistral-7b:daf5e488:20240430:c1bed559"])
def test_a_fine_tune_of_a_model_without_such_a_price_calls_nothing(newest: CatalogueInForce, name: str) -> None:
    assert called(newest, name) == []
    assert newest.costed_by(name) is None


@pytest.mark.parametrize("name", ["azure/gpt-4o", "us.anthropic.claude-opus-5", "vertex_ai/gemini-2.5-pro"])
def test_a_row_of_a_provider_that_is_not_called_is_returned_where_the_name_says_it(
    newest: CatalogueInForce, name: str
) -> None:
    (entry,) = called(newest, name)
    assert entry.provider not in PROVIDER_BY_ID
