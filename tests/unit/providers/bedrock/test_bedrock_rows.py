"""Bedrock's rows in a region: what can be called there, at the price that holds there, and the rest elsewhere."""

import pytest

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.bedrock_rows import ELSEWHERE
from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.core.providers import profiles_of


def in_region(region: str) -> Catalogue:
    return decode(load_seed().snapshot, (), region)


def price(catalogue: Catalogue, model: str) -> object:
    entry = catalogue.get(model)
    assert entry is not None
    assert entry.provider == "bedrock"
    return (entry.published or {})["input_cost_per_token"]


@pytest.mark.parametrize(
    ("region", "profiles"),
    [
        ("us-east-1", {"us", "global"}),
        ("us-gov-west-1", {"us-gov"}),
        ("eu-north-1", {"eu", "global"}),
        ("ap-northeast-1", {"jp", "apac", "global"}),
        ("ap-southeast-1", {"apac", "global"}),
        ("me-south-1", {"global"}),
    ],
)
def test_a_region_has_its_profiles(region: str, profiles: set[str]) -> None:
    assert profiles_of(region) == profiles
    called = {row.name.partition(".")[0] for row in in_region(region).by_provider["bedrock"]}
    assert called & {"us", "us-gov", "eu", "apac", "jp", "au", "global"} <= profiles


def test_a_profile_has_the_price_of_its_own_row() -> None:
    assert price(in_region("eu-central-1"), "bedrock/eu.amazon.nova-pro-v1:0") == "1.05e-06"
    assert price(in_region("us-east-1"), "bedrock/us.amazon.nova-pro-v1:0") == "8e-07"
    assert in_region("us-east-1").get("bedrock/eu.amazon.nova-pro-v1:0") is None


def test_a_region_with_a_price_of_its_own_has_that() -> None:
    plain = decode(load_seed().snapshot)
    london = plain.get("bedrock/eu-west-2/meta.llama3-8b-instruct-v1:0")
    assert london is not None
    assert (
        price(in_region("eu-west-2"), "bedrock/meta.llama3-8b-instruct-v1:0")
        == (london.published or {})["input_cost_per_token"]
    )
    assert price(in_region("us-east-1"), "bedrock/meta.llama3-8b-instruct-v1:0") != price(
        in_region("eu-west-2"), "bedrock/meta.llama3-8b-instruct-v1:0"
    )


def test_what_cannot_be_called_is_listed_elsewhere() -> None:
    catalogue = in_region("eu-central-1")
    called = catalogue.by_provider["bedrock"]
    assert {row.mode for row in called} == {"chat", "embedding", "guardrail"}
    assert not any("/" in row.name for row in called)
    elsewhere = {row.name for row in catalogue.by_provider[ELSEWHERE]}
    assert "amazon.titan-embed-image-v1" in elsewhere
    assert any("month-commitment" in name for name in elsewhere)


def test_embeddings_of_texts_are_called_under_their_own_ids_and_profiles_at_their_places_price() -> None:
    called = {row.name for row in in_region("us-gov-west-1").by_provider["bedrock"] if row.mode == "embedding"}
    assert called == {
        *("amazon.titan-embed-g1-text-02", "amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0"),
        *("cohere.embed-english-v3", "cohere.embed-multilingual-v3", "cohere.embed-v4:0"),
    }
    assert price(in_region("us-gov-west-1"), "bedrock/amazon.titan-embed-text-v2:0") == "1.1e-07"
    assert price(in_region("us-east-1"), "bedrock/amazon.titan-embed-text-v2:0") == "2e-08"
    assert price(in_region("us-east-1"), "bedrock/us.cohere.embed-v4:0") == "1.2e-07"


def test_no_row_is_lost_and_without_a_region_none_is_moved() -> None:
    plain = decode(load_seed().snapshot)
    assert "." not in plain.version
    assert {row.provider for row in plain} >= {"bedrock", "bedrock_converse"}
    keys = {row.source_key for row in plain}
    assert {row.source_key for row in in_region("eu-central-1")} <= keys
    assert in_region("eu-central-1").snapshot_version == plain.version != in_region("eu-central-1").version
