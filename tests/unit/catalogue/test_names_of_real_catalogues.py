"""Names looked up in the catalogues as they were really published."""

from collections.abc import Mapping

import pytest

from atom_llm.domain.catalogue.asked_name import sold_as, words_sold
from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.names import NamedRow, NameIndex, provider_words
from atom_llm.domain.catalogue.spelling import folded, own_words
from atom_llm.domain.core.providers import provider_id
from testing import real_data


def index_of(entries: Mapping[str, ModelEntry]) -> NameIndex:
    providers = {entry.provider: entry.provider for entry in entries.values()}
    rows = (NamedRow(each.id, each.source_key, each.provider, each.first_party) for each in entries.values())
    return NameIndex(rows, provider_words(providers))


@pytest.fixture(scope="module")
def november() -> NameIndex:
    return index_of(real_data.litellm_of(real_data.NOVEMBER).entries)


@pytest.fixture(scope="module")
def july() -> NameIndex:
    return index_of(real_data.litellm_of(real_data.JULY_24).entries)


def test_a_key_is_found_by_the_words_that_it_is_sold_as() -> None:
    entries = real_data.litellm_of(real_data.JULY_24).entries.values()
    words = provider_words({entry.provider: entry for entry in entries})
    assert all(words_sold(e.source_key) == sold_as(e.source_key, e.provider, words).words for e in entries)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("mistral-large-latest", "mistral/mistral-large-latest"),
        ("qwen-max", "qwen/qwen-max"),
        ("glm-4.6", "zhipu/glm-4.6"),
        ("deepseek-v3.2", "deepseek/deepseek-v3.2"),
        ("gpt-4", "openai/gpt-4"),
        ("gpt-4o", "openai/gpt-4o"),
        ("z-ai/glm-4.6", "zhipu/glm-4.6"),
    ],
)
def test_a_name_means_the_vendor_s_own_row_where_it_exists(november: NameIndex, name: str, row: str) -> None:
    found = november.resolve(name)
    assert found is not None
    assert found.id == row


def test_a_is_nothing(november: NameIndex) -> None:
    assert november.resolve("a") is None


@pytest.mark.parametrize("names", ["july", "november"])
def test_two_spellings_of_claude_3_5_sonnet_are_one_model(names: str, request: pytest.FixtureRequest) -> None:
    each: NameIndex = request.getfixturevalue(names)
    found = each.resolve("claude-3.5-sonnet")
    assert found is not None
    assert found == each.resolve("claude-3-5-sonnet")


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-4-5",
        "claude-sonnet-4.5",
        "anthropic/claude-sonnet-4.5",
        "anthropic/claude-4.5-sonnet",
        "claude-4.5-sonnet",
        "Claude Sonnet 4.5",
    ],
)
def test_the_undated_spellings_of_claude_sonnet_4_5_are_one_row(november: NameIndex, name: str) -> None:
    found = november.resolve(name)
    assert found is not None
    assert found.id == "anthropic/claude-sonnet-4-5"


@pytest.mark.parametrize("name", ["anthropic/claude-4.5-sonnet-20250929", "claude-sonnet-4-5-20250929-thinking-32k"])
def test_its_dated_spellings_are_its_dated_row(november: NameIndex, name: str) -> None:
    found = november.resolve(name)
    assert found is not None
    assert found.id == "anthropic/claude-sonnet-4-5-20250929"


def test_the_hosts_of_claude_sonnet_4_5_are_told_beside_it(november: NameIndex) -> None:
    found = november.resolve("claude-sonnet-4.5")
    assert found is not None
    assert any(each.startswith("vertex_ai/claude-sonnet-4-5") for each in found.also)


@pytest.mark.parametrize("name", ["vertex_ai/claude-sonnet-4.5", "vertex_ai/claude-4.5-sonnet"])
def test_a_host_s_name_keeps_the_search_among_its_rows_of_every_family(november: NameIndex, name: str) -> None:
    found = november.resolve(name)
    assert found is not None
    assert found.id.startswith("vertex_ai/claude-sonnet-4-5")


def test_a_provider_that_the_catalogue_lacks_is_not_replaced_by_another(november: NameIndex) -> None:
    assert november.resolve("openrouter/auto") is None


GOLDEN = [(real_data.GOLDEN_DECEMBER, real_data.MARCH), (real_data.GOLDEN_APRIL, real_data.JULY_24)]


@pytest.mark.parametrize(("golden", "prices"), GOLDEN)
def test_a_leaderboard_s_name_leads_a_caller_to_the_row_that_a_person_chose_or_to_that_very_name_at_a_host(
    golden: str, prices: str
) -> None:
    entries = real_data.litellm_of(prices).entries
    names, by_id = index_of(entries), entries
    rows = [
        row for row in real_data.json_of(golden)["rows"] if row["litellm"] and row["tier"] <= 2 and row["first_party"]
    ]
    found = {row["arena"]: names.resolve(row["arena"]) for row in rows}
    wrong = {}
    for row in rows:
        actual = found[row["arena"]]
        if actual is None or by_id[actual.id].source_key in (row["arena"], row["litellm"]):
            continue
        if actual.match != "host" or own_words(by_id[actual.id].source_key) != folded(row["arena"]):
            wrong[row["arena"]] = (row["litellm"], actual)
    assert wrong == {}
    assert sum(each is not None for each in found.values()) > 60


@pytest.mark.parametrize(("golden", "prices"), GOLDEN)
def test_names_without_a_row_are_left_unmatched(golden: str, prices: str) -> None:
    names = index_of(real_data.litellm_of(prices).entries)
    rows = [row["arena"] for row in real_data.json_of(golden)["rows"] if row["litellm"] is None]
    assert {name: found.id for name in rows if (found := names.resolve(name))} == {}


def test_provider_names_in_front_of_a_slash_are_ours_and_the_price_file_s() -> None:
    words = provider_words({"openai": (), "google": (), "zhipu": ()})
    assert words["gemini"] == words["google"] == provider_id("gemini") == "google"
    assert words["zai"] == "zhipu"


def test_a_name_longer_than_any_model_s_means_nothing() -> None:
    index = NameIndex([NamedRow("acme/m", "m", "acme", first_party=True)], {})
    assert index.resolve("m" + "-high" * 60) is None
    assert index.near("m-" * 10_000) == ()
